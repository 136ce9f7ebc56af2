"""Random problems with sheets, small enough to be enumerated."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem, PromptOption, Sheet
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations
from tests.problem.strategies import rules


@st.composite
def sheet_problems(draw: st.DrawFn, *, with_rules: bool = True) -> Problem:
    """Up to 5 moments, 5 candidates with a picture and 1 or 2 kinds of tile, and 4 sheets."""
    num_candidates = draw(st.integers(1, 5))
    tiles = draw(st.sampled_from([[-1, 0], [-1, 0, 1], [0, 1], [-1, -1, 0]]))
    kept = draw(
        st.lists(
            st.booleans(),
            min_size=num_candidates * len(tiles),
            max_size=num_candidates * len(tiles),
        )
    )
    rows = [(c, tile) for c in range(num_candidates) for tile in tiles]
    # Some candidates lack some options, but each has one.
    rows = [
        row
        for row, keep in zip(rows, kept, strict=True)
        if keep or row[1] == tiles[row[0] % len(tiles)]
    ]
    candidate, tile = np.array(rows).T
    num_options, num_moments = len(rows), draw(st.integers(1, 5))
    cell = st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 1000))
    values = np.array(
        draw(st.lists(cell, min_size=num_moments * num_options, max_size=num_moments * num_options))
    ).reshape(num_moments, num_options)
    cost = np.array(draw(st.lists(st.integers(1, 30), min_size=num_options, max_size=num_options)))
    sheets = draw(
        st.lists(
            st.builds(Sheet, st.integers(0, 2), st.integers(1, 4), st.integers(1, 60)),
            min_size=1,
            max_size=4,
        )
    )
    text = st.builds(PromptOption, st.integers(0, 40), st.integers(0, 2000))
    problem = Problem(
        values=values,
        option_candidate=candidate,
        option_num_tokens=np.where(tile < 0, cost, 0),
        prompt_options=tuple(draw(st.lists(text, min_size=1, max_size=3))),
        max_prompt_tokens=draw(st.integers(1, 150)),
        max_images=draw(st.none() | st.integers(1, 4)),
        total_value=int(values.max(axis=1).sum()) + draw(st.integers(0, 100)),
        sheets=tuple(sheets),
        option_tile=tile,
    )
    if not with_rules:
        return problem
    return replace(
        problem,
        rules=tuple(draw(st.lists(rules(num_options), max_size=2))),
        option_level=tile + 1 if draw(st.integers(0, 5)) == 0 else None,
    )


def sheet_solutions(problem: Problem) -> Iterator[Solution]:
    """Every feasible solution, by enumeration of options and of multisets of sheets."""
    by_candidate: list[list[int | None]] = [[None] for _ in range(problem.num_candidates)]
    for option, candidate in enumerate(problem.option_candidate.tolist()):
        by_candidate[candidate].append(option)
    # Sheets by the tiles that fill them: all others are violations.
    fitting: defaultdict[tuple[int, ...], list[tuple[int, ...]]] = defaultdict(list)
    for number in range(problem.num_candidates + 1):
        for sheets in itertools.combinations_with_replacement(range(len(problem.sheets)), number):
            held = [[problem.sheets[s].tile] * problem.sheets[s].num_tiles for s in sheets]
            fitting[tuple(sorted(itertools.chain(*held)))].append(sheets)
    assert problem.option_tile is not None
    for choice in itertools.product(*by_candidate):
        options = tuple(option for option in choice if option is not None)
        tiles = tuple(sorted(t for t in problem.option_tile[list(options)].tolist() if t >= 0))
        for sheets in fitting[tiles]:
            for prompt in range(len(problem.prompt_options)):
                solution = Solution(options, prompt, sheets)
                if not violations(problem, solution):
                    yield solution


def sheet_optimum(problem: Problem) -> int | None:
    """The best objective of all feasible solutions; None where there is none."""
    return max(
        (evaluate(problem, solution).objective_value for solution in sheet_solutions(problem)),
        default=None,
    )
