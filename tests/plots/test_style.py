from __future__ import annotations

import itertools

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from budgetfit.plots.lettering import fitting, on_color, text_width_in
from budgetfit.plots.style import PALETTE, THEMES, theme_of


def luminance(color: str) -> float:
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_text_is_read_on_its_background(name: str) -> None:
    theme = THEMES[name]  # type: ignore[index]
    assert contrast(theme.ink, theme.paper) >= 7
    assert contrast(theme.quiet, theme.paper) >= 4.5
    for color in (*theme.pictures, theme.empty):
        assert contrast(on_color(color), color) >= 4.5


def test_neighbours_differ_without_colour_too() -> None:
    for one, other in itertools.pairwise((*PALETTE, PALETTE[0])):
        assert contrast(one, other) > 1.25, (one, other)


@pytest.mark.parametrize(
    ("face", "text", "name"),
    [
        ("white", "black", "light"),
        ("#fafafa", "white", "light"),
        ("black", "black", "dark"),
        ("#1e1e1e", "black", "dark"),
        ("none", "white", "dark"),
        ("none", "black", "light"),
    ],
)
def test_the_background_chooses_the_colours(face: str, text: str, name: str) -> None:
    with mpl.rc_context({"text.color": text}):
        ax = Figure(facecolor=face).add_subplot()
        assert theme_of(ax) is THEMES[name]  # type: ignore[index]


def test_long_text_is_shortened_to_its_room() -> None:
    text = "one $ and another $ in a title that is much too long"
    short = fitting(text, 12, 2.0)
    assert short.endswith("...")
    assert text_width_in(short, 12) <= 2.0
    assert fitting(text, 12, 20.0) == text
