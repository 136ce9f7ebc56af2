"""Which frames go into given images: greedily, and then by exchanges."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.search.coverage import completed, coverage, keeps_rules
from budgetfit.search.deadline import NEVER
from budgetfit.search.image_kinds import image_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline
    from budgetfit.search.image_kinds import ImageKinds

__all__ = ["Filling", "filled", "frames_exchanged"]


class Filling:
    """Options chosen so far, and what may still be chosen beside them.

    Attributes
    ----------
    options : list of int
        What is chosen.
    explained : (num_moments,) int64 array
        How far it explains each moment.
    """

    def __init__(self, problem: Problem, options: Sequence[int] = ()) -> None:
        self._problem = problem
        self.options = list(options)
        self.explained = coverage(problem, self.options)
        self._counts = problem.rule_counts[:, self.options].sum(axis=1)
        self._taken = np.zeros(problem.num_candidates, dtype=bool)
        self._taken[problem.option_candidate[self.options]] = True

    def add(self, option: int) -> None:
        """Choose ``option``."""
        self.options.append(option)
        self.explained = np.maximum(self.explained, self._problem.values[:, option])
        self._counts = self._counts + self._problem.rule_counts[:, option]
        self._taken[self._problem.option_candidate[option]] = True

    def free(self, among: IntArray) -> IntArray:
        """Return those of ``among`` that may be added, only demanded ones where there are any."""
        free: IntArray = among[~self._taken[self._problem.option_candidate[among]]]
        if not self._problem.rules:
            return free
        least, most = self._problem.rule_limits
        counts = self._problem.rule_counts[:, free]
        within = (self._counts[:, None] + counts <= most[:, None]).all(axis=0)
        free, counts = free[within], counts[:, within]
        demanded = (counts[self._counts < least] > 0).any(axis=0)
        return free[demanded] if demanded.any() else free

    def gains(self, options: IntArray) -> IntArray:
        """Return how much more is explained with each of ``options``."""
        values = self._problem.values[:, options]
        gain: IntArray = np.maximum(values - self.explained[:, None], 0).sum(axis=0)
        return gain

    def copy(self) -> Filling:
        """Return a filling that goes its own way from here."""
        return Filling(self._problem, self.options)


def filled(
    problem: Problem, kinds: ImageKinds, images: Sequence[int], deadline: Deadline = NEVER
) -> Solution | None:
    """Return good options for images of the given kinds; None where none are found in time.

    Of all places left, the option that explains the most more is placed first. Then every option
    is exchanged for a better one of its group, or trades places with one of another group.
    """
    places = Counter[int]()
    for image in images:
        places[int(kinds.group[image])] += int(kinds.num_places[image])
    filling, groups = Filling(problem), []
    while places:
        if deadline.passed():
            return None
        best: tuple[int, int, int] | None = None
        for group in sorted(places):
            free = filling.free(kinds.groups[group])
            if free.size:
                gain = filling.gains(free)
                at = int(gain.argmax())
                if best is None or gain[at] > best[0]:
                    best = int(gain[at]), int(free[at]), group
        if best is None:
            return None
        filling.add(best[1])
        groups.append(best[2])
        places[best[2]] -= 1
        places += Counter()
    if not keeps_rules(problem, problem.rule_counts[:, filling.options].sum(axis=1)[:, None]).all():
        return None
    options = _exchanged(problem, kinds, filling.options, groups, deadline)
    sheets = [int(kinds.sheet[image]) for image in images if kinds.sheet[image] >= 0]
    return completed(problem, options, sheets)


def frames_exchanged(problem: Problem, solution: Solution, deadline: Deadline = NEVER) -> Solution:
    """Return ``solution`` after exchanges of frames, its images unchanged."""
    kinds = image_kinds(problem)
    group_of = {
        option: group for group, members in enumerate(kinds.groups) for option in members.tolist()
    }
    groups = [group_of[option] for option in solution.options]
    options = _exchanged(problem, kinds, list(solution.options), groups, deadline)
    return completed(problem, options, solution.sheets)


def _exchanged(
    problem: Problem,
    kinds: ImageKinds,
    options: list[int],
    groups: list[int],
    deadline: Deadline,
) -> list[int]:
    """Exchange options for others of their groups, and between groups, while that helps."""
    options = list(options)
    improved = True
    while improved:
        improved = False
        for place in range(len(options)):
            if deadline.passed():
                return options
            improved |= _replaced(problem, kinds, options, groups, place)
        if len(set(groups)) > 1 and not improved:
            improved = _traded(problem, kinds, options, groups)
    return options


def _replaced(
    problem: Problem, kinds: ImageKinds, options: list[int], groups: list[int], place: int
) -> bool:
    """Put the best option of its group into ``place``; return whether that helps."""
    rest = options[:place] + options[place + 1 :]
    others = kinds.groups[groups[place]]
    taken = np.zeros(problem.num_candidates, dtype=bool)
    taken[problem.option_candidate[rest]] = True
    others = others[~taken[problem.option_candidate[others]]]
    if problem.rules:
        others = others[_kept_beside(problem, rest, others)]
    if not others.size:
        return False
    explained = coverage(problem, rest)[:, None]
    worth = np.maximum(problem.values[:, others], explained).sum(axis=0)
    now = int(np.maximum(problem.values[:, [options[place]]], explained).sum())
    best = int(worth.argmax())
    if worth[best] <= now:
        return False
    options[place] = int(others[best])
    return True


def _kept_beside(problem: Problem, rest: list[int], others: IntArray) -> npt.NDArray[np.bool_]:
    """Tell which of ``others`` keep the rules beside ``rest``."""
    counts = problem.rule_counts[:, rest].sum(axis=1)[:, None] + problem.rule_counts[:, others]
    return keeps_rules(problem, counts)


def _traded(problem: Problem, kinds: ImageKinds, options: list[int], groups: list[int]) -> bool:
    """Let the frames of two places of different groups trade places, the first pair that helps."""
    of_frame = {group: _by_candidate(problem, kinds.groups[group]) for group in set(groups)}
    candidates = problem.option_candidate[options].tolist()
    now = int(coverage(problem, options).sum())
    for one in range(len(options)):
        others = [
            (other, there, here)
            for other in range(one)
            if groups[other] != groups[one]
            and (there := of_frame[groups[one]].get(candidates[other])) is not None
            and (here := of_frame[groups[other]].get(candidates[one])) is not None
        ]
        if not others:
            continue
        place, into_one, into_place = np.array(others).T
        after = np.maximum(
            _coverage_without(problem, options, one, place),
            np.maximum(problem.values[:, into_one], problem.values[:, into_place]),
        )
        worth = after.sum(axis=0)
        for at in np.argsort(-worth, kind="stable").tolist():
            if worth[at] <= now:
                break
            traded = list(options)
            traded[one], traded[place[at]] = int(into_one[at]), int(into_place[at])
            counts = problem.rule_counts[:, traded].sum(axis=1)[:, None]
            if keeps_rules(problem, counts).all():
                options[:] = traded
                return True
    return False


def _coverage_without(problem: Problem, options: list[int], one: int, others: IntArray) -> IntArray:
    """Return (num_moments, num_others) what is explained without ``one`` and each of ``others``."""
    values = problem.values[:, options[:one] + options[one + 1 :]]
    if values.shape[1] == 1:
        return np.zeros((problem.num_moments, len(others)), dtype=np.int64)
    ranked = np.argsort(-values, axis=1, kind="stable")[:, :2]
    first, second = np.take_along_axis(values, ranked, axis=1).T
    position = others - (others > one)
    best: IntArray = np.where(ranked[:, [0]] == position, second[:, None], first[:, None])
    return best


def _by_candidate(problem: Problem, group: IntArray) -> dict[int, int]:
    return dict(zip(problem.option_candidate[group].tolist(), group.tolist(), strict=True))
