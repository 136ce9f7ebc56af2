"""One solve in a process of its own, so that its peak memory can be told.

``python -m benchmarks.solve.growth_point SOURCE NUM_CANDIDATES ROOM MAX_IMAGES`` prints one
:class:`Point` as JSON. ``SOURCE`` is a clip's path or ``random walk SEED``; ``MAX_IMAGES`` 0 is no
limit; with 0 candidates nothing is solved and the peak memory alone is printed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.solve import ours
from benchmarks.solve.proofs import GAP
from benchmarks.solve.rivals import TIME_LIMIT_S
from benchmarks.solve.seen_clips import see
from benchmarks.solve.synthetic import random_walk

if TYPE_CHECKING:
    from benchmarks.solve.shares import Shares

__all__ = ["WALK", "Point", "empty_peak_mib", "measure_point", "peak_mib"]

WALK = "random walk"


@dataclass(frozen=True, slots=True)
class Point:
    """What one size takes.

    Attributes
    ----------
    source : str
        Where the problem is from.
    num_candidates : int
        Candidates that there are.
    max_prompt_tokens : int
        Room for prompt and pictures.
    max_images : int or None
        Most pictures.
    time_s : float
        Seconds of ``solve``.
    gap : float
        Proved gap.
    peak_mib : float
        Peak resident memory of the process, in MiB.
    """

    source: str
    num_candidates: int
    max_prompt_tokens: int
    max_images: int | None
    time_s: float
    gap: float
    peak_mib: float

    @property
    def proved(self) -> bool:
        """Whether the gap that was asked for is proved."""
        return self.gap <= GAP


def measure_point(
    source: str, num_candidates: int, max_prompt_tokens: int, max_images: int | None
) -> Point:
    """Solve in a new process.

    Raises
    ------
    subprocess.CalledProcessError
        It failed.
    """
    return Point(**json.loads(_run(source, num_candidates, max_prompt_tokens, max_images or 0)))


def empty_peak_mib() -> float:
    """Return the peak of a process that loads everything and solves nothing, in MiB."""
    return float(_run("", 0, 0, 0))


def peak_mib() -> float:
    """Return the peak resident memory of this process in MiB.

    From Linux's VmHWM; ``ru_maxrss`` of a new process begins at its parent's peak.
    """
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key == "VmHWM":
            return int(value.split()[0]) / 1024
    raise RuntimeError("/proc/self/status has no VmHWM; this benchmark needs Linux")


def _run(source: str, *numbers: int) -> str:
    command = [sys.executable, "-m", "benchmarks.solve.growth_point", source, *map(str, numbers)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _shares(source: str, num_candidates: int) -> Shares:
    if source.startswith(WALK):
        return random_walk(num_candidates, seed=int(source.removeprefix(WALK)))
    return see(Path(source), num_candidates)


def main() -> None:
    """Measure the point that the arguments name."""
    source, *numbers = sys.argv[1:]
    num_candidates, room, limit = map(int, numbers)
    ours.load()
    if not num_candidates:
        print(peak_mib())
        return
    shares, max_images = _shares(source, num_candidates), limit or None
    outcome = ours.solve_ours(shares.problem(room, max_images), GAP, TIME_LIMIT_S).outcome
    name = source if source.startswith(WALK) else Path(source).name
    point = Point(
        source=name,
        num_candidates=shares.num_candidates,
        max_prompt_tokens=room,
        max_images=max_images,
        time_s=outcome.time_s,
        gap=outcome.gap,
        peak_mib=peak_mib(),
    )
    print(json.dumps(asdict(point)))


if __name__ == "__main__":
    main()
