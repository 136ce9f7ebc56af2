"""Gains that are brought up to date are those that a sum over all moments gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.problem.problem import Problem
from budgetfit.search.gains import Gains
from tests.problem.strategies import problems


@given(problems(), st.data())
def test_gains_are_what_is_beyond(problem: Problem, data: st.DataObject) -> None:
    gains = Gains(problem)
    amounts = st.lists(
        st.integers(0, 1000), min_size=problem.num_moments, max_size=problem.num_moments
    )
    explained = np.zeros(problem.num_moments, dtype=np.int64)
    for drawn in data.draw(st.lists(amounts, max_size=4)):
        # Some moments stay as they were.
        explained = np.where(np.array(drawn) % 3 == 0, explained, drawn)
        beyond = np.maximum(problem.values - explained[:, None], 0).sum(axis=0)
        assert gains.gain_at(explained).tolist() == beyond.tolist()
        gains.move_to(explained)
        assert gains.gain.tolist() == beyond.tolist()
        assert gains.explained.tolist() == explained.tolist()
