"""A dynamic program over time: each chosen picture explains a run of moments.

Pictures are taken in time order, and the moments are cut into as many runs, each explained by its
own picture. With ``explains[t, o]`` the values of options summed over the first t moments,

    best_i[t, k, b] = max(best_{i-1}[t, k, b],
                          max over options o of i, s <= t of
                              best_{i-1}[s, k - 1, b - tokens_o] + explains[t, o] - explains[s, o])

is the most that the first i candidates explain of the first t moments with at most k pictures and b
tokens. It is exact where no moment is better explained by a picture that is not its neighbour in
time; a scene that comes back is what it cannot see.

Tokens are counted in units, a picture's rounded up: every solution is feasible, and some of the
room is given away. The unit is one token where the whole table stays within ``MAX_UPDATES``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.solve.outcome import Outcome, judge

from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["MAX_UPDATES", "solve_in_time_order", "time_ordered", "unit_num_tokens"]

MAX_UPDATES = 600_000_000
"""Table cells looked at, over all options: a few seconds and a few hundred megabytes."""


def solve_in_time_order(problem: Problem) -> Outcome:
    """Return what the dynamic program finds; it proves nothing about it."""
    began = time.perf_counter()
    solution = time_ordered(problem, unit_num_tokens(problem))
    return judge(problem, solution, None, time.perf_counter() - began)


def unit_num_tokens(problem: Problem, max_updates: int = MAX_UPDATES) -> int:
    """Return the least number of tokens in a unit that keeps the work within ``max_updates``."""
    most_room = problem.max_prompt_tokens - min(p.num_tokens for p in problem.prompt_options)
    counts = 1 if problem.max_images is None else problem.image_limit + 1
    updates_per_unit = problem.num_options * (problem.num_moments + 1) * counts
    return max(1, -(-most_room * updates_per_unit // max_updates))


def time_ordered(problem: Problem, unit: int) -> Solution | None:
    """Return the best solution in time order, or None where not even one picture fits.

    Parameters
    ----------
    problem : Problem
        Candidates in time order, as are the moments.
    unit : int
        Tokens in a unit of the table.
    """
    cheapest = int(problem.option_num_tokens.argmin())
    room = [problem.max_prompt_tokens - prompt.num_tokens for prompt in problem.prompt_options]
    cost = int(problem.option_num_tokens[cheapest])
    prompts = [prompt for prompt, left in enumerate(room) if left >= cost]
    if not prompts:
        return None
    tables = _Tables.fill(problem, unit, max(room) // unit)
    found = []
    for prompt in prompts:
        options = tables.walk_back(room[prompt] // unit)
        # Nothing is taken where no picture explains anything, or none fits after rounding.
        found.append(Solution(options or (cheapest,), prompt))
    return max(found, key=lambda solution: evaluate(problem, solution).objective_value)


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """The filled tables.

    Attributes
    ----------
    best : list of (num_moments + 1, max pictures + 1, units + 1) int64 array
        ``best_i`` for i = 0, 1, 2 ... candidates; the axis of pictures has length 1 where their
        number is not limited.
    explains : (num_moments + 1, num_options) int64 array
        Values summed over the first moments.
    units : (num_options,) int64 array
        Cost of each option.
    picture : int
        1 where pictures are counted, else 0.
    starts : list of int
        First option of each candidate, and the number of options.
    """

    best: list[IntArray]
    explains: IntArray
    units: IntArray
    picture: int
    starts: list[int]

    @classmethod
    def fill(cls, problem: Problem, unit: int, num_units: int) -> _Tables:
        picture = 0 if problem.max_images is None else 1
        explains = np.zeros((problem.num_moments + 1, problem.num_options), dtype=np.int64)
        np.cumsum(problem.values, axis=0, out=explains[1:])
        most = problem.image_limit * picture
        nothing = np.zeros((problem.num_moments + 1, most + 1, num_units + 1), dtype=np.int64)
        tables = cls(
            best=[nothing],
            explains=explains,
            units=-(-problem.option_num_tokens // unit),
            picture=picture,
            starts=[*problem.candidate_starts.tolist(), problem.num_options],
        )
        for candidate in range(problem.num_candidates):
            tables.best.append(tables._with(candidate))
        return tables

    def _with(self, candidate: int) -> IntArray:
        """Return the table that has one candidate more than the last."""
        before = self.best[-1]
        _, counts, units = before.shape
        after = before.copy()
        for option in range(self.starts[candidate], self.starts[candidate + 1]):
            cost = int(self.units[option])
            if cost >= units:
                continue
            explained = self.explains[:, option, None, None]
            reached = before[:, : counts - self.picture, : units - cost] - explained
            np.maximum.accumulate(reached, axis=0, out=reached)
            reached += explained
            better = after[:, self.picture :, cost:]
            np.maximum(better, reached, out=better)
        return after

    def walk_back(self, units: int) -> tuple[int, ...]:
        """Return the options that the last table's best within ``units`` was reached by."""
        moments, counts, _ = self.best[0].shape
        moment, count = moments - 1, counts - 1
        options: list[int] = []
        for candidate in reversed(range(len(self.best) - 1)):
            value = self.best[candidate + 1][moment, count, units]
            if value == self.best[candidate][moment, count, units]:
                continue
            option, moment = self._step(candidate, moment, count, units)
            options.append(option)
            count -= self.picture
            units -= int(self.units[option])
        return tuple(options)

    def _step(self, candidate: int, moment: int, count: int, units: int) -> tuple[int, int]:
        """Return the option of ``candidate`` that reached a cell, and where its run begins."""
        value = self.best[candidate + 1][moment, count, units]
        for option in range(self.starts[candidate], self.starts[candidate + 1]):
            cost = int(self.units[option])
            if cost > units:
                continue
            run = self.explains[moment, option] - self.explains[: moment + 1, option]
            before = self.best[candidate][: moment + 1, count - self.picture, units - cost]
            begins = np.flatnonzero(before + run == value)
            if begins.size:
                return option, int(begins[-1])
        raise RuntimeError(f"no option of candidate {candidate} leads to the value {value}")
