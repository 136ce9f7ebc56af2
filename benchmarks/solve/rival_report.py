"""The report on the other ways beside ours."""

from __future__ import annotations

from statistics import mean, median
from typing import TYPE_CHECKING

from benchmarks.reports import Section, Table
from benchmarks.solve.naive_cpsat import NUM_WORKERS
from benchmarks.solve.proofs import GAP, OPTIMAL_GAP
from benchmarks.solve.rivals import OURS, OURS_LONGER, PROVING, RIVALS, SEED, TIME_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.solve.rivals import Match

__all__ = ["rival_section"]


def rival_section(matches: Sequence[Match], num_instances: int) -> Section:
    """Return the report of ``matches``, drawn from ``num_instances``."""
    text = [
        f"{len(matches)} of the {num_instances} instances, drawn with seed {SEED}, with "
        f"{TIME_LIMIT_S:g} s for each way, building its model included. Ours and those that can "
        f"prove anything are asked for a proved gap of {GAP:.1%}, where they stop; ours once more "
        f"for {OPTIMAL_GAP:.2%} within the same limit. Ours runs on one thread.",
        f"naive CP-SAT: one boolean for each (moment, option), an implication for each, default "
        f"parameters, {NUM_WORKERS} workers. HiGHS: the same as a mixed-integer program, the one "
        "inside SciPy at its default settings. greedy: the better of most gain and most gain per "
        "token. in time order: the dynamic program in which each picture explains a run of "
        "moments, on a grid of tokens where the table would be too large. The last two prove "
        "nothing.",
        "Value is relative to ours asked for the same gap; times are relative to it too. A proof "
        "that did not come counts with the time that was spent, so that its ratio is a lower "
        "limit. The gap is to the least bound that any of them proved.",
        _verdict(matches),
    ]
    return Section("Beside other ways", text, [_summary(matches), _losses(matches), _each(matches)])


def _verdict(matches: Sequence[Match]) -> str:
    parts = []
    for name in RIVALS:
        ahead = [m for m in matches if (m.value_ratio(name) or 0.0) > 1]
        beyond = [m for m in ahead if _beats(m, name, OURS_LONGER)]
        parts.append(
            f"{name} has more value than ours on {len(ahead)} of {len(matches)} "
            f"({len(beyond)} of them also where ours is asked for the optimum)"
        )
    return "; ".join(parts) + "."


def _beats(match: Match, name: str, other: str) -> bool:
    mine, theirs = match.outcomes[name].value, match.outcomes[other].value
    return mine is not None and (theirs is None or mine > theirs)


def _summary(matches: Sequence[Match]) -> Table:
    columns = (
        "way",
        "found a solution",
        f"proved {GAP:.1%}",
        "value: least",
        "mean",
        "most",
        "more than ours",
        "gap: median",
        "worst",
        "time: median",
        "longest",
        "time over ours: median",
        "least",
        "most",
    )
    rows = []
    for name in (OURS, OURS_LONGER, *RIVALS):
        outcomes = [m.outcomes[name] for m in matches]
        values = [ratio for m in matches if (ratio := m.value_ratio(name)) is not None]
        gaps = [m.outcomes[name].gap_to(m.bound) for m in matches if m.value_ratio(name)]
        proved = sum(outcome.gap <= GAP for outcome in outcomes)
        ratios = [m.time_ratio(name) for m in matches]
        times = [outcome.time_s for outcome in outcomes]
        proves = name in (OURS, OURS_LONGER, *PROVING)
        rows.append(
            [
                name,
                f"{len(values)} of {len(matches)}",
                f"{proved} of {len(matches)}" if proves else "-",
                *(f"{f(values):.4f}" if values else "-" for f in (min, mean, max)),
                str(sum(ratio > 1 for ratio in values)),
                *(f"{f(gaps):.2%}" if gaps else "-" for f in (median, max)),
                *(f"{f(times):.3f} s" for f in (median, max)),
                *(_times(f(ratios)) for f in (median, min, max)),
            ]
        )
    return Table("All together", columns, rows)


def _losses(matches: Sequence[Match]) -> Table:
    """Return where a rival has more value than ours, the largest difference first."""
    found = sorted(
        (
            (ratio - 1, name, m)
            for m in matches
            for name in RIVALS
            if (ratio := m.value_ratio(name) or 0.0) > 1
        ),
        key=lambda loss: -loss[0],
    )
    rows = [
        [
            m.instance.name,
            name,
            f"{lead:+.4%}",
            f"{m.outcomes[OURS].gap:.2%}",
            "yes" if _beats(m, name, OURS_LONGER) else "no",
            f"{m.outcomes[name].time_s:.2f} s",
            f"{m.outcomes[OURS].time_s:.2f} s",
            f"{m.outcomes[OURS_LONGER].time_s:.2f} s",
        ]
        for lead, name, m in found
    ]
    columns = (
        "instance",
        "way",
        "more value",
        "the gap that ours proved",
        "also more than ours asked for the optimum",
        "its time",
        "ours",
        "ours asked for the optimum",
    )
    return Table("Where another way has more value than ours", columns, rows)


def _each(matches: Sequence[Match]) -> Table:
    columns = (
        "instance",
        "ours: gap, time",
        *(f"{name}: value, gap, time" for name in (OURS_LONGER, *PROVING)),
        *(f"{name}: value, time" for name in RIVALS if name not in PROVING),
    )
    rows = []
    for m in matches:
        ours = m.outcomes[OURS]
        row = [m.instance.name, f"{ours.gap:.2%}, {ours.time_s:.3f} s"]
        for name in (OURS_LONGER, *RIVALS):
            outcome, ratio = m.outcomes[name], m.value_ratio(name)
            cells = ["none" if ratio is None else f"{ratio:.4f}"]
            if outcome.bound is not None:
                cells.append(f"{outcome.gap:.2%}")
            row.append(", ".join([*cells, f"{outcome.time_s:.3f} s"]))
        rows.append(row)
    return Table("Each instance", columns, rows)


def _times(ratio: float) -> str:
    return f"{ratio:.3g}x" if ratio < 100 else f"{ratio:.0f}x"
