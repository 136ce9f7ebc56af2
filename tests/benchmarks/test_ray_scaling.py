"""Rows are compared one by one, and rates are those of the seconds."""

from __future__ import annotations

from benchmarks.ray_scaling import Run, num_equal, scaling_row


def test_a_row_is_counted_where_it_is_whole_and_once() -> None:
    expected = [{"path": "a", "ids": [1, 2]}, {"path": "b", "ids": [3]}]
    assert num_equal(reversed(expected), expected) == 2
    assert num_equal([expected[0], expected[0]], expected) == 1
    assert num_equal([{"path": "a", "ids": [1, 3]}, {"path": "b"}], expected) == 0
    assert num_equal([], expected) == 0


def test_rates_are_beside_one_process_and_one_node() -> None:
    alone = Run("one process", 1, 25.0, 20.0, 40)
    one_node = Run("one node", 1, 50.0, 25.0, 40)
    three = Run("three nodes", 3, 40.0, 10.0, 39)
    assert scaling_row(three, 40, alone, one_node) == (
        *("three nodes", "3", "1.00", "4.00", "2.00x", "2.50x", "39 of 40"),
    )
    assert scaling_row(alone, 40, alone, one_node)[1:5] == ("", "1.60", "2.00", "1.00x")
