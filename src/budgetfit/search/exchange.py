"""Local search: add an option, or trade a chosen one for a better one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.search.coverage import completed, coverage, keeps_rules, text_value
from budgetfit.search.deadline import NEVER
from budgetfit.search.gains import Gains

if TYPE_CHECKING:
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search.deadline import Deadline

__all__ = ["exchange"]


def exchange(problem: Problem, start: Solution, deadline: Deadline = NEVER) -> Solution:
    """Improve ``start`` by single exchanges until none helps, or the time is up.

    An exchange takes out nothing or one chosen option and puts in nothing or one option that fits
    and keeps the rules; the best text beside it goes along. The first that helps is made, position
    by position, round and round; ties go to fewer tokens.
    """
    chosen = list(start.options)
    shown = _Shown(problem, chosen)
    worth = _worth(problem, chosen)
    position, since_change = 0, 0
    # Position len(chosen) stands for taking out nothing.
    while since_change <= len(chosen) and not deadline.passed():
        changed = _best_exchange(problem, chosen, position % (len(chosen) + 1), shown)
        if changed is not None and _worth(problem, changed) > worth:
            chosen, since_change = sorted(changed), 0
            worth = _worth(problem, chosen)
            shown.choose(chosen)
        else:
            since_change += 1
        position += 1
    return completed(problem, chosen)


def _worth(problem: Problem, options: list[int]) -> tuple[int, int, int]:
    """Rank sets of options: more objective, then fewer tokens, then fewer pictures."""
    tokens = problem.option_num_tokens[options].sum()
    value = int(coverage(problem, options).sum()) + int(text_value(problem, tokens))
    return value, -int(tokens), -len(options)


class _Shown:
    """What chosen options explain with and without each of them."""

    def __init__(self, problem: Problem, chosen: list[int]) -> None:
        self._problem = problem
        self._gains = Gains(problem)
        self.choose(chosen)

    def choose(self, chosen: list[int]) -> None:
        """Take note of what is chosen."""
        values = self._problem.values[:, chosen]
        self._by = values.argmax(axis=1)
        # One that explains nothing stands in for the second best of one.
        padded = np.concatenate([np.zeros((len(values), 2), dtype=np.int64), values], axis=1)
        self._second, best = np.partition(padded, [-2, -1], axis=1)[:, -2:].T
        self._gains.move_to(best)

    def gain_without(self, position: int) -> IntArray:
        """(num_options,) What each would add where the one at a position, if any, is taken out."""
        left = np.where(self._by == position, self._second, self._gains.explained)
        return self._gains.gain_at(left)


def _best_exchange(
    problem: Problem, chosen: list[int], position: int, shown: _Shown
) -> list[int] | None:
    """Return the best set of options that differs in the option at ``position``."""
    kept = chosen[:position] + chosen[position + 1 :]
    counts = problem.rule_counts[:, kept].sum(axis=1)
    taken = np.zeros(problem.num_candidates, dtype=bool)
    taken[problem.option_candidate[kept]] = True
    fits = ~taken[problem.option_candidate]
    used = int(problem.option_num_tokens[kept].sum())
    fits &= problem.option_num_tokens <= problem.max_picture_tokens - used
    if problem.option_level is not None and kept:
        fits &= problem.option_level == problem.option_level[kept[0]]
    options = np.flatnonzero(fits)
    if problem.rules:
        options = options[keeps_rules(problem, counts[:, None] + problem.rule_counts[:, options])]
    may_drop = bool(kept) and len(kept) < len(chosen)
    may_drop = may_drop and bool(keeps_rules(problem, counts[:, None]).all())
    if not options.size or len(kept) == problem.image_limit:
        return kept if may_drop else None
    gain = shown.gain_without(position)[options]
    cost = problem.option_num_tokens[options]
    worth = gain + text_value(problem, used + cost)
    if may_drop and int(worth.max()) <= int(text_value(problem, np.array(used))):
        return kept
    ties = np.flatnonzero(worth == worth.max())
    return [*kept, int(options[ties[np.argmin(cost[ties])]])]
