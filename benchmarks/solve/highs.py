"""The same model as a mixed-integer linear program, solved by the HiGHS inside SciPy.

HiGHS's own package cannot be used beside OR-Tools: both bring a libhighs under one name, and the
second to be loaded finds the other's.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.solve.outcome import Outcome, judge
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from budgetfit.problem.solution import Solution

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from budgetfit.problem.problem import IntArray, Problem

__all__ = ["solve_with_highs"]

# Added to HiGHS's bound, which is computed in floating point, before it is rounded down.
_BOUND_MARGIN = 1e-6


def solve_with_highs(problem: Problem, relative_gap_limit: float, time_limit_s: float) -> Outcome:
    """Solve with one column for each (moment, option) and a row that links it to its option.

    Those columns are continuous: where the options are whole numbers, they can be too.

    Parameters
    ----------
    problem : Problem
        The data.
    relative_gap_limit : float
        Stop at this gap.
    time_limit_s : float
        Seconds for building the model and solving it together.
    """
    began = time.perf_counter()
    moment, option = np.nonzero(problem.values)
    prompt_values = [p.value for p in problem.prompt_options]
    worth = np.concatenate(
        [np.zeros(problem.num_options), prompt_values, problem.values[moment, option]]
    )
    # An objective of at most 1 stays within the tolerances that HiGHS works with.
    scale = problem.total_value + max(prompt_values) or 1
    whole = np.arange(len(worth)) < problem.num_options + len(prompt_values)
    constraints = list(_constraints(problem, moment, option))
    left_s = time_limit_s - (time.perf_counter() - began)
    if left_s <= 0:
        return judge(problem, None, None, time.perf_counter() - began)
    found = milp(
        -worth / scale,
        integrality=whole,
        bounds=Bounds(0.0, 1.0),
        constraints=constraints,
        options={"mip_rel_gap": relative_gap_limit, "time_limit": left_s},
    )
    if found.x is None:
        return judge(problem, None, None, time.perf_counter() - began)
    bound = None
    if found.mip_dual_bound is not None and math.isfinite(found.mip_dual_bound):
        bound = math.floor((_BOUND_MARGIN - found.mip_dual_bound) * scale)
    return judge(problem, _solution(problem, found.x), bound, time.perf_counter() - began)


def _solution(problem: Problem, columns: npt.NDArray[np.float64]) -> Solution:
    taken = columns > 0.5
    prompts = taken[problem.num_options : problem.num_options + len(problem.prompt_options)]
    options = np.flatnonzero(taken[: problem.num_options])
    return Solution(tuple(options.tolist()), int(prompts.argmax()))


def _constraints(
    problem: Problem, moment: IntArray, option: IntArray
) -> Iterator[LinearConstraint]:
    """Yield the rows over the columns: options, prompts, then (moment, option) pairs."""
    num_options, num_prompts = problem.num_options, len(problem.prompt_options)
    options, pairs = np.arange(num_options), np.arange(len(moment))
    of_pair = num_options + num_prompts + pairs
    num_columns = num_options + num_prompts + len(pairs)

    def ones(row: IntArray, column: IntArray, num_rows: int) -> sparse.csr_matrix:
        return sparse.csr_matrix((np.ones(len(row)), (row, column)), (num_rows, num_columns))

    kind = np.repeat(np.arange(3), [num_options, num_prompts, len(pairs)])
    prompt_num_tokens = [p.num_tokens for p in problem.prompt_options]
    tokens = np.concatenate([problem.option_num_tokens, prompt_num_tokens, np.zeros(len(pairs))])
    yield LinearConstraint(1.0 * (kind == 1), 1.0, 1.0)
    yield LinearConstraint(1.0 * (kind == 0), 1.0, problem.image_limit)
    yield LinearConstraint(tokens, -np.inf, problem.max_prompt_tokens)
    candidate = ones(problem.option_candidate, options, problem.num_candidates)
    yield LinearConstraint(candidate, -np.inf, 1.0)
    if not pairs.size:
        return
    yield LinearConstraint(ones(moment, of_pair, problem.num_moments), -np.inf, 1.0)
    linked = ones(pairs, of_pair, len(pairs)) - ones(pairs, option, len(pairs))
    yield LinearConstraint(linked, -np.inf, 0.0)
