"""Random problems small enough to be enumerated."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from budgetfit.problem.problem import CountRule, Problem, PromptOption
from budgetfit.problem.solution import Solution
from budgetfit.problem.validator import evaluate, violations


@st.composite
def problems(
    draw: st.DrawFn,
    *,
    max_images: st.SearchStrategy[int | None] | None = None,
    with_rules: bool = True,
) -> Problem:
    """Up to 5 moments, 5 candidates of 1 to 3 options, 3 prompt options and 3 rules."""
    options_per_candidate = draw(st.lists(st.integers(1, 3), min_size=1, max_size=5))
    num_options = sum(options_per_candidate)
    num_moments = draw(st.integers(1, 5))
    cell = st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 1000))
    values = np.array(
        draw(st.lists(cell, min_size=num_moments * num_options, max_size=num_moments * num_options))
    ).reshape(num_moments, num_options)
    tokens = np.array(
        draw(st.lists(st.integers(1, 40), min_size=num_options, max_size=num_options))
    )
    candidate = np.repeat(np.arange(len(options_per_candidate)), options_per_candidate)
    if draw(st.booleans()):
        values, tokens = _growing(values, tokens, candidate)
    best = int(values.max(axis=1).sum())
    return Problem(
        values=values,
        option_candidate=candidate,
        option_num_tokens=tokens,
        prompt_options=tuple(
            draw(
                st.lists(
                    st.builds(PromptOption, st.integers(0, 40), st.integers(0, 2000)),
                    min_size=1,
                    max_size=3,
                )
            )
        ),
        max_prompt_tokens=draw(st.integers(1, 150)),
        max_images=draw(st.none() | st.integers(1, 4) if max_images is None else max_images),
        total_value=best + draw(st.integers(0, 100)),
        rules=tuple(draw(st.lists(rules(num_options), max_size=3))) if with_rules else (),
        option_level=np.array(
            [k for count in options_per_candidate for k in range(count)], dtype=np.int64
        )
        if with_rules and draw(st.integers(0, 4)) == 0
        else None,
    )


@st.composite
def rules(draw: st.DrawFn, num_options: int) -> CountRule:
    options = sorted(draw(st.sets(st.integers(0, num_options - 1), max_size=num_options)))
    minimum = draw(st.sampled_from([0, 0, 1, 1, 2]))
    maximum = draw(st.none() | st.integers(max(minimum - 1, 0), 3))
    return CountRule(f"{minimum} to {maximum} of {options}", tuple(options), minimum, maximum)


def _growing(
    values: np.ndarray, tokens: np.ndarray, candidate: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Make later options of a candidate cost more and explain no less, as levels do."""
    values, tokens = values.copy(), tokens.copy()
    for option in range(1, len(candidate)):
        if candidate[option] == candidate[option - 1]:
            values[:, option] = np.maximum(values[:, option], values[:, option - 1])
            tokens[option] += tokens[option - 1]
    return values, tokens


def feasible_solutions(problem: Problem) -> Iterator[Solution]:
    """Every feasible solution, by enumeration."""
    by_candidate: list[list[int | None]] = [[None] for _ in range(problem.num_candidates)]
    for option, candidate in enumerate(problem.option_candidate.tolist()):
        by_candidate[candidate].append(option)
    for choice in itertools.product(*by_candidate):
        options = tuple(option for option in choice if option is not None)
        for prompt in range(len(problem.prompt_options)):
            solution = Solution(options, prompt)
            if not violations(problem, solution):
                yield solution


def optimum(problem: Problem) -> int | None:
    """The best objective of all feasible solutions; None where there is none."""
    return max(
        (evaluate(problem, solution).objective_value for solution in feasible_solutions(problem)),
        default=None,
    )
