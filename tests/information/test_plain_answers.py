"""Videos whose answer is plain to a person, through the public plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageFilter

import budgetfit
from budgetfit.information.legibility import READABLE_WIDTH
from budgetfit.information.strokes import stroke_maps
from budgetfit.plans import Plan
from tests.information.screens import Luma, page, scene

WIDTH, HEIGHT = 960, 540


def plan_of(frames: Sequence[Luma], *, room: int = 1500, max_images: int | None = None) -> Plan:
    """The plan of one frame a second, every one a candidate."""
    images = [Image.fromarray(frame).convert("RGB") for frame in frames]
    return budgetfit.plan(
        (images, [float(second) for second in range(len(frames))]),
        "",
        max_model_len=room + 1,
        max_tokens=1,
        max_images=max_images,
        num_candidates=len(frames),
    )


def seconds(plan: Plan) -> list[int]:
    return [round(frame.time_s) for frame in plan.frames]


def a_scene(seed: int, moved: int = 0) -> Luma:
    return scene(seed, height=HEIGHT, width=WIDTH, moved=moved)


def a_page(seed: int, num_lines: int | None = None) -> Luma:
    return page(seed, height=HEIGHT, width=WIDTH, font_size=16, num_lines=num_lines)


def is_readable(plan: Plan, luma: Luma) -> bool:
    width = float(np.median(np.concatenate([m.stroke_width for m in stroke_maps(luma)])))
    return all(frame.width / WIDTH * width >= READABLE_WIDTH for frame in plan.frames)


def test_text_is_sent_so_large_that_it_can_be_read_or_not_at_all() -> None:
    pages = [a_page(seed) for seed in range(10)]
    plan = plan_of(pages)
    assert is_readable(plan, pages[0])
    assert 1 <= len(plan.frames) < 10
    # The same room shows all of as many scenes, smaller.
    assert len(plan_of([a_scene(seed) for seed in range(10)]).frames) == 10


def test_a_page_among_scenes_gets_the_pixels() -> None:
    frames = [a_scene(1)] * 3 + [a_page(0)] * 3 + [a_scene(2)] * 3
    plan = plan_of(frames, room=700)
    size = {int(frame.time_s) // 3: frame.width for frame in plan.frames}
    assert set(size) == {0, 1, 2}
    assert size[1] > max(size[0], size[2])


def test_a_still_scene_needs_one_picture() -> None:
    plan = plan_of([a_scene(3)] * 12)
    assert len(plan.frames) == 1
    assert plan.information > 0.99


def test_a_still_page_needs_one_picture() -> None:
    plan = plan_of([a_page(3)] * 12)
    assert len(plan.frames) == 1
    assert plan.information > 0.95


def test_a_cut_starts_something_new() -> None:
    plan = plan_of([a_scene(1)] * 5 + [a_scene(2)] * 5, max_images=2)
    first, second = seconds(plan)
    assert first < 5 <= second
    assert plan.information > 0.95


def test_black_frames_are_worth_nothing() -> None:
    black = np.full((HEIGHT, WIDTH), 16, np.uint8)
    plan = plan_of([black] * 4 + [a_scene(5)] + [black] * 4)
    assert seconds(plan) == [4]
    assert plan.information > 0.99


def test_the_sharp_frame_of_a_stretch_is_sent() -> None:
    blurred = np.asarray(Image.fromarray(a_scene(6)).filter(ImageFilter.GaussianBlur(8)))
    frames = [blurred if second % 2 else a_scene(6) for second in range(9)]
    (second,) = seconds(plan_of(frames, max_images=1))
    assert second % 2 == 0


@pytest.mark.parametrize("max_images", [1, 2])
def test_the_middle_of_a_cross_fade_is_not_sent(max_images: int) -> None:
    before, after = a_scene(7).astype(np.float64), a_scene(8).astype(np.float64)
    frames = [
        np.asarray(before * (1 - share) + after * share, np.uint8)
        for share in (0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1)
    ]
    assert 4 not in seconds(plan_of(frames, max_images=max_images))


def test_of_typing_the_last_frame_shows_most() -> None:
    plan = plan_of([a_page(4, num_lines=3 + second // 2) for second in range(16)], max_images=1)
    assert seconds(plan)[0] >= 14
    assert plan.information > 0.8


def test_scrolling_is_not_new_at_every_frame() -> None:
    """Two screens of text pass by in 17 frames; were each one new, 3 would show 3/17."""
    long = page(5, height=2 * HEIGHT, width=WIDTH, font_size=16)
    frames = [long[at : at + HEIGHT] for at in range(0, HEIGHT + 1, HEIGHT // 16)]
    plan = plan_of(frames, room=3000, max_images=3)
    assert is_readable(plan, frames[0])
    assert plan.information > 0.6


def test_a_pan_is_not_new_at_every_frame() -> None:
    """A tenth of the picture over 17 frames."""
    plan = plan_of([a_scene(9, moved=6 * second) for second in range(17)], max_images=3)
    assert plan.information > 0.6
