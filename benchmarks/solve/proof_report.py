"""The report on how long our proofs take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchmarks.reports import Section, Table
from benchmarks.solve.bars import bars
from benchmarks.solve.instances import IMAGE_LIMITS, images
from benchmarks.solve.percentiles import percentile, seconds, share_of
from benchmarks.solve.proofs import (
    GAP,
    OPTIMAL_GAP,
    OPTIMAL_TIME_LIMIT_S,
    TIME_LIMIT_S,
    WIDE_GAP,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.solve.instances import Instances
    from benchmarks.solve.proofs import Proof

__all__ = ["proof_section"]

_NUM_WORST = 15


def proof_section(found: Sequence[Proof], source: Instances) -> Section:
    """Return the report of ``found``."""
    text = [
        f"{len(found)} instances from {len(source.clips)} clips, each solved once for each gap, in "
        "a warm process on one thread. Times are of the whole of `solve`: bounding, searching and, "
        "where it comes to that, building and solving the CP-SAT model; OR-Tools is loaded before. "
        f"Optimal means a proved gap of at most {OPTIMAL_GAP:.2%}. A proof that does not come "
        "within its limit counts as infinitely long in medians and percentiles.",
    ]
    verdict = Table(
        "Bars",
        ("bar", "measured", "holds"),
        [[bar.demand, bar.measured, "yes" if bar.holds else "NO"] for bar in bars(found)],
    )
    return Section(
        "Time to a proof", text, [verdict, _by_limit(found), _by_size(found), _worst(found)]
    )


def _by_limit(found: Sequence[Proof]) -> Table:
    groups = {
        images(limit): [p for p in found if p.instance.max_images == limit]
        for limit in IMAGE_LIMITS
    }
    return _groups("By number of images", "images", {**groups, "all": found})


def _by_size(found: Sequence[Proof]) -> Table:
    groups: dict[str, list[Proof]] = {}
    for proof in sorted(found, key=_size):
        if proof.instance.max_images != 2:
            large = proof.instance.shares.num_candidates > 64
            name = f"{'over' if large else 'up to'} 64, {proof.instance.max_prompt_tokens}"
            groups.setdefault(name, []).append(proof)
    return _groups("By size, where more than two images may be sent", "candidates, room", groups)


def _size(proof: Proof) -> tuple[bool, int]:
    return proof.instance.shares.num_candidates > 64, proof.instance.max_prompt_tokens


def _groups(title: str, first: str, groups: Mapping[str, Sequence[Proof]]) -> Table:
    columns = (
        first,
        "instances",
        f"median to {GAP:.1%}",
        "95th percentile",
        f"{GAP:.1%} in {TIME_LIMIT_S:g} s",
        f"{WIDE_GAP:.0%} in {TIME_LIMIT_S:g} s",
        f"optimal in {OPTIMAL_TIME_LIMIT_S:g} s",
        "median to optimal",
        "longest call",
        "CP-SAT's bound",
    )
    rows = [[name, *_cells(proofs)] for name, proofs in groups.items() if proofs]
    return Table(title, columns, rows)


def _cells(proofs: Sequence[Proof]) -> list[str]:
    times = [proof.time_s for proof in proofs]
    optimal = [proof.optimal_time_s for proof in proofs]
    return [
        str(len(proofs)),
        seconds(percentile(times, 0.5), TIME_LIMIT_S),
        seconds(percentile(times, 0.95), TIME_LIMIT_S),
        share_of(sum(map(math.isfinite, times)), len(proofs)),
        share_of(sum(math.isfinite(proof.wide_time_s) for proof in proofs), len(proofs)),
        share_of(sum(map(math.isfinite, optimal)), len(proofs)),
        seconds(percentile(optimal, 0.5), OPTIMAL_TIME_LIMIT_S),
        f"{max(proof.spent_s for proof in proofs):.2f} s",
        str(sum(proof.proved_by == "CP-SAT" for proof in proofs)),
    ]


def _worst(found: Sequence[Proof]) -> Table:
    """Return the instances that take longest, those without a proof first, by their gap."""
    worst = sorted(found, key=lambda p: (p.time_s, p.gap, p.spent_s), reverse=True)[:_NUM_WORST]
    rows = [
        [
            proof.instance.name,
            seconds(proof.time_s, TIME_LIMIT_S) if math.isfinite(proof.time_s) else "not proved",
            f"{proof.spent_s:.2f} s",
            f"{proof.gap:.2%}",
            proof.proved_by,
            f"{proof.optimal_gap:.2%}",
        ]
        for proof in worst
    ]
    columns = (
        "instance",
        f"to {GAP:.1%}",
        "came back after",
        "gap then",
        "bound by",
        f"gap when asked for {OPTIMAL_GAP:.2%} in {OPTIMAL_TIME_LIMIT_S:g} s",
    )
    return Table(f"The {len(worst)} worst", columns, rows)
