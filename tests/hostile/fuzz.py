"""Plan many damaged files and publish what came of them.

``python -m tests.hostile.fuzz [--files N] [--minutes M] [--run SEED] [--first K]``; ends with 1
where anything but a plan or a typed error came of one.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence

from benchmarks.reports import MEASURED, Table, publish
from benchmarks.setting import setting

from tests.hostile.fuzzing import GOOD, MAX_MIB, Found, fuzz
from tests.hostile.seeds import NAMES

_LIMIT_S = 30
_WORDS = {
    "plan": "a plan, nothing noticed",
    "plan with a warning": "a plan, and a warning that says what was lost",
    "VideoError": "`VideoError`: not a video any more, or without its index",
    "VideoDecodeError": "`VideoDecodeError`: no frame, or not the one wanted, can be decoded",
    "VideoLimitError": "`VideoLimitError`: it claims more than is allowed",
    "InfeasibleError": "`InfeasibleError`: no picture of it fits",
}
_BAD = ("traceback", "crash", "hang", "over 1 GB", "wrote to stderr")


def tables(found: Sequence[Found]) -> list[Table]:
    """Return what came of the files, and of which kinds of files."""
    outcomes = Counter(one.outcome for one in found)
    others = sorted(set(outcomes) - GOOD - set(_BAD))
    rows = [[_WORDS[name], str(outcomes[name])] for name in _WORDS]
    rows += [[name, str(outcomes[name])] for name in (*_BAD, *others)]
    by_name = [
        [
            name,
            str(len(of_name)),
            *(str(sum(one.outcome == kind for one in of_name)) for kind in list(_WORDS)[:2]),
            str(sum(one.outcome in GOOD - {"plan", "plan with a warning"} for one in of_name)),
            str(sum(not one.is_good for one in of_name)),
        ]
        for name in NAMES
        for of_name in [[one for one in found if one.name == name]]
    ]
    return [
        Table("What came of the files", ("outcome", "files"), rows),
        Table(
            "By the file that was damaged",
            ("file", "damaged", "plan", "plan and warning", "typed error", "wrong"),
            by_name,
        ),
    ]


def main() -> int:
    """Plan, print, and write docs/measured/fuzz.md where every file had its turn."""
    parser = argparse.ArgumentParser(description="Plan many damaged files.")
    parser.add_argument("--files", type=int, default=10_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--run", type=int, default=1, help="seed of the damage")
    parser.add_argument("--minutes", type=float, default=30, help="after which none is begun")
    asked = parser.parse_args()
    numbers = range(asked.first, asked.first + asked.files)
    found = list(
        fuzz(
            asked.run, numbers,
            limit_s=_LIMIT_S, num_workers=os.cpu_count() or 1, until_s=60 * asked.minutes,
        )
    )  # fmt: skip
    wrong = [one for one in found if not one.is_good]
    for one in wrong:
        print(f"run {asked.run}, number {one.number}, {one.name}: {one.outcome}\n{one.detail}")  # noqa: T201
    warm = [one for one in found if one.number >= asked.first + 2 * (os.cpu_count() or 1)]
    slowest = max((one.took_s for one in warm), default=0.0)
    text = [
        setting(),
        f"{len(found)} damaged files of run {asked.run}, planned, and the pictures fetched: one "
        "to four times bits were flipped, bytes replaced, parts cut off, cut out, repeated, moved, "
        "blanked or taken from another file, or extreme numbers put into headers and into sizes of "
        f"boxes and chunks. {len(wrong)} ended in another way than a plan or a typed error of one "
        "line.",
        f"The slowest took {slowest:.2f} s of {_LIMIT_S} allowed; the most memory resident was "
        f"{max(one.peak_mib for one in found):.0f} MiB of {MAX_MIB} allowed, libraries included.",
    ]
    if len(found) < asked.files:
        print(f"the time was up after {len(found)} of {asked.files} files")  # noqa: T201
        return 1
    publish(MEASURED / "fuzz.md", "Damaged files", text, tables(found))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
