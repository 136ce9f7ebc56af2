"""What all plots promise: they draw in the Axes given, inside it, and change nothing else."""

from __future__ import annotations

import itertools
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.text import Text

from budgetfit import UsageError, plots
from tests.plots.cases import FRONTIERS, PLANS, pictures_of
from tests.plots.drawings import drawn, new_axes

FUNCTIONS = ("timeline", "tokens", "frontier", "contact_sheet", "patch_grid")
NAMES = {"frontier": "limits"}
CASES = [
    (function, name)
    for function in FUNCTIONS
    for name in (FRONTIERS if function == "frontier" else PLANS)
]
SIZES = [(10.0, 4.0), (5.5, 3.0)]


def written(ax: Axes) -> list[Text]:
    return [text for text in ax.texts if text.get_text()]


def pixels(canvas: FigureCanvasAgg) -> npt.NDArray[np.uint8]:
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.asarray(canvas.buffer_rgba()).copy()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_draws_in_the_axes_given_and_nowhere_else(function: str) -> None:
    figure = Figure(figsize=(10, 8), dpi=60)
    canvas = FigureCanvasAgg(figure)
    above, below = figure.subplots(2)
    above.plot([1, 2, 3])
    before = pixels(canvas)
    settings, figures = dict(mpl.rcParams), pyplot.get_fignums()
    assert drawn(function, NAMES.get(function, "few"), below) is below
    after = pixels(canvas)
    middle = round(before.shape[0] / 2)
    assert np.array_equal(before[: middle - 25], after[: middle - 25])
    assert not np.array_equal(before[middle:], after[middle:])
    assert (dict(mpl.rcParams), pyplot.get_fignums()) == (settings, figures)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("function", "name"), CASES)
def test_everything_is_inside_and_no_two_texts_overlap(
    function: str, name: str, size: tuple[float, float]
) -> None:
    ax = drawn(function, name, new_axes(*size))
    renderer = ax.get_figure().canvas.get_renderer()  # type: ignore[union-attr]
    # Lines and markers at the ends are some points wide.
    allowed = ax.get_window_extent().padded(4)
    boxes = []
    for artist in [*ax.lines, *ax.patches, *ax.images, *ax.artists, *written(ax)]:
        box = artist.get_window_extent(renderer)
        assert allowed.x0 <= box.x0 <= box.x1 <= allowed.x1, artist
        assert allowed.y0 <= box.y0 <= box.y1 <= allowed.y1, artist
        if isinstance(artist, Text):
            boxes.append((artist.get_text(), box.padded(-1)))
    for (one, box), (other, second) in itertools.combinations(boxes, 2):
        assert not box.overlaps(second), (one, other)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_without_axes_pyplot_has_a_new_figure(function: str) -> None:
    before = pyplot.get_fignums()
    try:
        ax = drawn(function, NAMES.get(function, "few"), None)
        assert len(pyplot.get_fignums()) == len(before) + 1
        assert ax.get_figure() is pyplot.gcf()
        assert pyplot.gcf().axes == [ax]
    finally:
        pyplot.close(pyplot.gcf())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_layout_of_the_figure_is_kept(function: str) -> None:
    figure = Figure(figsize=(10, 8), dpi=60, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2)
    drawn(function, NAMES.get(function, "few"), above)
    above.get_figure().canvas.draw()
    for text in written(above):
        box = text.get_window_extent()
        assert box.y0 >= below.get_window_extent().y1, text


def test_every_moment_has_a_thumbnail() -> None:
    for name, make in PLANS.items():
        ax = drawn("timeline", name, new_axes())
        assert sum(isinstance(each, BboxImage) for each in ax.get_children()) == len(make().frames)


def test_contact_sheet_has_one_scale() -> None:
    plan = PLANS["few"]()
    ax = drawn("contact_sheet", "few", new_axes())
    boxes = [each.get_window_extent() for each in ax.get_children() if isinstance(each, BboxImage)]
    assert len(boxes) == len(plan.pictures)
    scales = [box.width / p.width for box, p in zip(boxes, plan.pictures, strict=True)]
    scales += [box.height / p.height for box, p in zip(boxes, plan.pictures, strict=True)]
    assert scales == pytest.approx([scales[0]] * len(scales))


def test_labels_say_what_the_plan_says() -> None:
    plan = PLANS["few"]()
    texts = {text.get_text() for text in written(drawn("tokens", "few", new_axes()))}
    assert f"{plan.num_tokens:,} of {plan.limits.max_prompt_tokens:,} prompt tokens used" in texts
    assert {"text", "18", "template", "3", "unused", "for the answer", "300"} <= texts
    assert {f"{p.num_tokens:,}" for p in plan.pictures} <= texts
    assert {f"{p.width}×{p.height}" for p in plan.pictures} <= texts
    texts = {text.get_text() for text in written(drawn("contact_sheet", "few", new_axes()))}
    assert {f"{p.num_tokens:,} tokens" for p in plan.pictures} <= texts
    texts = {text.get_text() for text in written(drawn("patch_grid", "one", new_axes()))}
    assert "920 patches + 23 row ends = 943 tokens" in texts


def test_a_frontier_names_its_curves_and_marks() -> None:
    frontier = FRONTIERS["limits"]()
    ax = drawn("frontier", "limits", new_axes())
    texts = {text.get_text() for text in written(ax)}
    assert {"1 image", "2 images", "8 images", "no image limit", "budget: 3,796"} <= texts
    assert {mark.name.replace("320x176", "320×176") for mark in frontier.marks} <= texts
    knees = {curve.knee.num_tokens for curve in frontier.curves if curve.knee}
    assert {f"knee: {num_tokens:,}" for num_tokens in knees} <= texts
    curves = [line for line in ax.lines if len(line.get_xdata()) > 4]  # type: ignore[arg-type]
    assert [list(line.get_ydata()) for line in curves] == [  # type: ignore[arg-type]
        [point.information for point in curve.points] for curve in frontier.curves
    ]


def test_a_row_of_patches_ends_in_one_token() -> None:
    ax = drawn("patch_grid", "one", new_axes())
    squares = [patch for patch in ax.patches if to_rgba(patch.get_facecolor())[3]]
    assert len(squares) == 368 // 16
    assert len({patch.get_facecolor() for patch in squares}) == 2


def test_a_dollar_sign_is_no_formula() -> None:
    plan = PLANS["one"]()
    ax = drawn("tokens", "one", new_axes())
    assert written(ax)
    assert not any(text.get_parse_math() for text in written(ax)), plan


@pytest.mark.parametrize("function", ["tokens", "contact_sheet"])
def test_a_plan_without_pictures_is_drawn(function: str) -> None:
    from tests.render.plans import make_plan

    plan = make_plan([])
    draw = getattr(plots, function)
    ax = draw(plan, ax=new_axes(), **({} if function == "tokens" else {"images": []}))
    ax.get_figure().canvas.draw()
    assert written(ax)


def test_what_cannot_be_drawn_is_refused() -> None:
    plan = PLANS["two"]()
    images = pictures_of(plan)
    with pytest.raises(UsageError, match="index is 2; the plan has 2 pictures"):
        plots.patch_grid(plan, 2, images=images)
    with pytest.raises(UsageError, match="style is 'blue'; choose one of: light, dark"):
        plots.tokens(plan, style="blue")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="1 are given"):
        plots.contact_sheet(plan, images=images[:1])


def ran(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_module_alone_loads_no_matplotlib() -> None:
    code = "import sys, budgetfit.plots; print('matplotlib' in sys.modules)"
    assert ran(code) == "False\n"


def test_without_matplotlib_the_extra_is_named() -> None:
    code = """
import sys
sys.modules["matplotlib"] = None
from budgetfit import MissingExtraError, plots
from tests.render.plans import make_plan
for name in plots.__all__:
    try:
        getattr(plots, name)(make_plan())
    except MissingExtraError as error:
        print(error)
"""
    message = "matplotlib is not installed; install it with: pip install 'budgetfit[report]'\n"
    assert ran(code) == message * 5
