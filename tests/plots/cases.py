"""Plans and pictures that are drawn: generated, so that they are the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from budgetfit.explain.frontier import Frontier, FrontierCurve, FrontierMark, FrontierPoint
from budgetfit.explain.moments import ExplainedMoment
from budgetfit.plans import Plan, PlannedFrame
from budgetfit.tokens.images import ImageGrid
from budgetfit.tokens.sheets import SheetGrid
from tests.render.plans import make_plan, make_sheet_plan

Sizes = Sequence[tuple[int, int]]

FEW: Sizes = [(528, 288), (640, 368), (432, 240), (368, 208), (352, 192), (432, 240)]
MANY: Sizes = [(352, 192) if i % 5 else (224, 128) if i % 10 else (112, 64) for i in range(28)]
PORTRAIT: Sizes = [(336, 592), (352, 640), (384, 688)]
SHEETS = (SheetGrid(3, 2, ImageGrid(8, 5), 1), SheetGrid(4, 3, ImageGrid(6, 4), 1))


def plan_of(sizes: Sizes, *, max_model_len: int = 4096) -> Plan:
    """A plan that fills its context, whose times crowd at the beginning."""
    plan = make_plan(sizes, text_tokens=18, information=0.886)
    room = max(plan.num_tokens + 9, max_model_len - 300)
    frames = tuple(
        PlannedFrame(30 * (i / len(sizes)) ** 2, i, f.width, f.height, f.num_tokens)
        for i, f in enumerate(plan.frames)
    )
    return changed(plan, frames=frames, room=room)


def sheet_plan() -> Plan:
    plan = make_sheet_plan(SHEETS, information=0.942)
    return changed(plan, frames=plan.frames, room=plan.num_tokens + 200)


def changed(plan: Plan, *, frames: tuple[PlannedFrame, ...], room: int) -> Plan:
    limits = replace(plan.limits, max_model_len=room + 300, max_prompt_tokens=room)
    return replace(plan, frames=frames, limits=limits)


def pictures_of(plan: Plan) -> list[Image.Image]:
    return [picture(p.width, p.height, number) for number, p in enumerate(plan.pictures)]


def picture(width: int, height: int, number: int) -> Image.Image:
    """A picture with a hue of its own, dark at the left and bright at the top, in few steps."""
    x, y = np.linspace(0, 7.99, width) // 1, np.linspace(5.99, 0, height)[:, None] // 1
    tint = 0.5 + 0.5 * np.cos(number + np.array([0.0, 2.1, 4.2]))
    pixels = 255 * (0.15 + 0.85 * np.sqrt(x * y / 35))[..., None] * (0.3 + 0.7 * tint)
    return Image.fromarray(pixels.astype(np.uint8))


def moments_of(plan: Plan, number: int = 40) -> tuple[ExplainedMoment, ...]:
    """Moments of half a minute or as long as the frames go, each shown by the nearest frame."""
    times_s = [frame.time_s for frame in plan.frames]
    end_s = max([30.0, *times_s])
    moments = []
    for index in range(number):
        time_s = end_s * index / number
        away = [abs(time_s - other) for other in times_s]
        shown = 1 / (1 + min(away, default=1e9))
        frame = away.index(min(away)) if shown > 0.2 else None
        explained = shown if frame is not None else 0.0
        moments.append(ExplainedMoment(time_s, end_s / number, 1 / number, explained, frame))
    return tuple(moments)


PLANS: dict[str, Callable[[], Plan]] = {
    "one": lambda: plan_of([(640, 368)]),
    "two": lambda: plan_of([(640, 368), (320, 192)]),
    "few": lambda: plan_of(FEW),
    "many": lambda: plan_of(MANY),
    "crowd": lambda: plan_of([(160, 96)] * 60),
    "portrait": lambda: plan_of(PORTRAIT),
    "flat": lambda: plan_of([(1024, 32), (1024, 16)]),
    "sheets": sheet_plan,
}


def frontier_of(limits: Sequence[int | None], *, gap: float = 0.01) -> Frontier:
    """Curves that part where their image limit binds, and marks that crowd at the budget."""
    marks = (
        FrontierMark("this plan", 3790, 28, 0.93),
        FrontierMark("4 equal frames", 3617, 4, 0.35),
        FrontierMark("8 equal frames", 3717, 8, 0.46),
        FrontierMark("16 equal frames", 3605, 16, 0.47),
        FrontierMark("first two frames, 320x176", 483, 2, 0.12),
    )
    return Frontier(tuple(curve_of(limit, gap) for limit in limits), marks, 3796)


def curve_of(limit: int | None, gap: float) -> FrontierCurve:
    plan = plan_of([(640, 368)])
    most = 1.0 if limit is None else 1 - 0.8 ** (limit + 1)
    points = []
    for step in range(16):
        room = round(60 * 1.5**step)
        shown = min(most, 1 / (1 + math.exp(-(step - 7) / 1.4)))
        bound = min(1.0, shown * (1 + gap))
        points.append(FrontierPoint(room, replace(plan, information=shown, best_bound=bound)))
    return FrontierCurve(limit, tuple(points))


FRONTIERS: dict[str, Callable[[], Frontier]] = {
    "alone": lambda: frontier_of([None]),
    "limits": lambda: frontier_of([1, 2, 8, None]),
    "alike": lambda: frontier_of([60, 80, 90, None], gap=0.05),
    "crowd": lambda: frontier_of([1, 2, 3, 4, 5, 6, 8, None]),
}
