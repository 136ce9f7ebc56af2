"""``python -m benchmarks.solve``: how long proofs take, other ways beside ours, and growth.

A whole run is written to docs/measured/solve.md; one with ``--quick`` or ``--section`` to out/.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.reports import MEASURED, Section, show, write
from benchmarks.setting import setting
from benchmarks.solve import ours
from benchmarks.solve.extent import QUICK, WHOLE, Extent
from benchmarks.solve.growth import grow, growth_section
from benchmarks.solve.growth_plot import plot_growth
from benchmarks.solve.instances import LEFT_OUT, ROOMS, Instances, instances
from benchmarks.solve.progress import told
from benchmarks.solve.proof_report import proof_section
from benchmarks.solve.proofs import prove
from benchmarks.solve.rival_report import rival_section
from benchmarks.solve.rivals import match, sample
from benchmarks.solve.shares import PROMPT_NUM_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable

_OUT = Path(__file__).resolve().parents[2] / "out"
_PLOT = "solve_growth.png"


def _proofs(extent: Extent, source: Instances, folder: Path) -> Section:
    return proof_section([prove(i) for i in told("proofs", source.found, 20)], source)


def _rivals(extent: Extent, source: Instances, folder: Path) -> Section:
    chosen = sample(source.found, extent.sample_size)
    return rival_section([match(i) for i in told("other ways", chosen)], len(source.found))


def _growth(extent: Extent, source: Instances, folder: Path) -> Section:
    growth = grow(extent.sizes)
    plot_growth(growth, folder / _PLOT)
    return growth_section(growth, _PLOT)


_SECTIONS: dict[str, Callable[[Extent, Instances, Path], Section]] = {
    "proofs": _proofs,
    "rivals": _rivals,
    "growth": _growth,
}


def _source_text(source: Instances, extent: Extent) -> str:
    counts = " and ".join(map(str, extent.num_candidates))
    return (
        f"Instances: {len(source.clips)} clips ({', '.join(source.clips)}), each at {counts} "
        "candidates (fewer where it has fewer frames, and then once), "
        f"max_prompt_tokens {', '.join(map(str, ROOMS))}, at most 2, 8 or any number of images, a "
        f"prompt of {PROMPT_NUM_TOKENS} tokens; pixtral-12b. Left out: {LEFT_OUT} (slow to decode, "
        "and black from end to end). Cannot be decoded: "
        f"{', '.join(source.unreadable) or 'none'}."
    )


def main() -> None:
    """Run the sections, print each when it is done, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.solve", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer clips, candidates and rivals")
    parser.add_argument("--section", choices=_SECTIONS, help="run this one alone")
    arguments = parser.parse_args()
    extent = QUICK if arguments.quick else WHOLE
    folder = _OUT if arguments.quick or arguments.section else MEASURED
    began = time.perf_counter()
    where = setting()
    source = instances(extent.num_candidates, extent.every)
    ours.load()
    sections = []
    for name in [arguments.section] if arguments.section else _SECTIONS:
        section = _SECTIONS[name](extent, source, folder)
        show(section.text, section.tables)
        sections.append(section)
    text = [
        where,
        _source_text(source, extent),
        f"The run took {(time.perf_counter() - began) / 60:.0f} minutes.",
    ]
    show(text, [])
    write(folder / "solve.md", "Solving", text, [], sections)


if __name__ == "__main__":
    main()
