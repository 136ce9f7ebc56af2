"""Growth is measured in processes of their own, and drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.solve.growth import Growth, growth_section
from benchmarks.solve.growth_plot import plot_growth
from benchmarks.solve.growth_point import Point, empty_peak_mib, measure_point, peak_mib
from PIL import Image

POINT = Point("random walk 0", 32, 3796, None, 0.5, 0.004, 200.0)


def test_a_point_is_measured_in_its_own_process() -> None:
    ballast = bytearray(b"x") * (400 * 2**20)
    assert peak_mib() > 400
    point = measure_point("random walk 3", 24, 1000, None)
    assert (point.source, point.num_candidates, point.max_images) == ("random walk 3", 24, None)
    assert point.gap <= 1
    assert empty_peak_mib() <= point.peak_mib + 5 < len(ballast) / 2**20


def test_plot_and_table_show_every_point(tmp_path: Path) -> None:
    unproved = replace(POINT, num_candidates=64, gap=0.2, max_images=8)
    growth = Growth((POINT, unproved), (POINT,), 130.0)
    section = growth_section(growth, "plot.png")
    assert [len(table.rows) for table in section.tables] == [2, 1]
    assert [row[-2] for row in section.tables[0].rows] == ["yes", "NO"]
    plot_growth(growth, tmp_path / "new" / "plot.png")
    with Image.open(tmp_path / "new" / "plot.png") as image:
        assert min(image.size) > 500
