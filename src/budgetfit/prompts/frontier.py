"""The greatest worth for every number of tokens: a multiple-choice knapsack, solved exactly.

A text is a row of stages, each with alternatives. They are worked off from the last to the first,
so that the tokens of an alternative, which depend on what follows it, are known when it is added.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from budgetfit.tokens.joining import NOTHING, Following

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Frontier", "Move", "Stage"]

_IntArray = npt.NDArray[np.int64]
# For what follows: the greatest worth at each number of tokens, negative where there is none.
_Layers = dict[Following, _IntArray]

_UNREACHABLE = -(2**62)
_FEW = 4  # moves for which it does not pay to look whether the other loop is shorter


class Move(NamedTuple):
    """An alternative of a stage beside a given text that follows.

    Attributes
    ----------
    num_tokens : int
        By how many tokens it makes the text longer.
    value : int
        What it is worth; not negative.
    target : Following
        What the stage before this one sees.
    """

    num_tokens: int
    value: int
    target: Following


class Stage(Protocol):
    """A choice among alternatives."""

    def moves(self, following: Following) -> Sequence[Move]:
        """Return all alternatives, always in the same order; the last is preferred among equals."""


class Frontier:
    """What the stages together can be worth at every number of tokens up to ``room``.

    Takes O(moves x room) steps in NumPy and, as only every so many layers are stored, memory for
    O(sqrt(stages) x room) integers.

    Parameters
    ----------
    stages : sequence of Stage
        In the order of the text.
    room : int
        Greatest number of tokens; at least 0.

    Attributes
    ----------
    num_tokens, values : (num_steps,) int64 arrays
        Every number of tokens that is worth more than any smaller one, and its worth; both rise.
        Empty where nothing fits.
    """

    def __init__(self, stages: Sequence[Stage], room: int) -> None:
        self._stages = tuple(reversed(stages))
        self._room = room
        self._interval = math.isqrt(len(stages)) + 1
        self._stored: list[_Layers] = []
        layers: _Layers = {NOTHING: np.zeros(1, dtype=np.int64)}
        for index, stage in enumerate(self._stages):
            if index % self._interval == 0:
                self._stored.append(layers)
            layers = _advance(layers, stage, room)
        self._last = layers
        best = np.full(room + 1, _UNREACHABLE, dtype=np.int64)
        for layer in layers.values():
            inside = layer[: room + 1]
            np.maximum(best[: len(inside)], inside, out=best[: len(inside)])
        before = np.maximum.accumulate(np.concatenate(([-1], best[:-1])))
        self.num_tokens: _IntArray = np.flatnonzero(best > before)
        self.values: _IntArray = best[self.num_tokens]

    def moves_of(self, step: int) -> list[int]:
        """Return, in the order of the text, the index of each stage's move behind a step."""
        num_tokens, value = int(self.num_tokens[step]), int(self.values[step])
        target = next(t for t, layer in self._last.items() if _at(layer, num_tokens) == value)
        chosen: list[int] = []
        for start in reversed(range(0, len(self._stages), self._interval)):
            stages = self._stages[start : start + self._interval]
            before = self._layers_before(stages, self._stored[start // self._interval])
            for stage, layers in zip(reversed(stages), reversed(before), strict=True):
                target, index, move = _traced(layers, stage, target, num_tokens, value)
                num_tokens -= move.num_tokens
                value -= move.value
                chosen.append(index)
        return chosen

    def _layers_before(self, stages: Sequence[Stage], first: _Layers) -> list[_Layers]:
        """Work out again what each of ``stages`` started from; ``first`` is the first one's."""
        layers = [first]
        for stage in stages[:-1]:
            layers.append(_advance(layers[-1], stage, self._room))
        return layers


def _advance(layers: _Layers, stage: Stage, room: int) -> _Layers:
    """Return the layers before ``stage`` from those after it, in the order of the text."""
    found: _Layers = {}
    for following, layer in layers.items():
        groups: dict[Following, list[Move]] = {}
        for move in stage.moves(following):
            groups.setdefault(move.target, []).append(move)
        for target, moves in groups.items():
            longest = max(move.num_tokens for move in moves) + len(layer)
            out = _widened(found.get(target), max(min(longest, _most(target, room) + 1), 1))
            _add(layer, moves, out)
            found[target] = out
    return found


def _most(following: Following, room: int) -> int:
    """Return the most tokens that can come down to ``room`` again.

    What stands before an open beginning can take away at most that beginning's tokens, and those
    are no more than its bytes.
    """
    return room + len(following.beginning.encode())


def _widened(layer: _IntArray | None, length: int) -> _IntArray:
    if layer is None:
        return np.full(length, _UNREACHABLE, dtype=np.int64)
    if len(layer) >= length:
        return layer
    rest = np.full(length - len(layer), _UNREACHABLE, dtype=np.int64)
    return np.concatenate((layer, rest))


def _add(layer: _IntArray, moves: Sequence[Move], out: _IntArray) -> None:
    """Raise ``out`` to what ``moves`` reach from ``layer``, whichever loop is the shorter one."""
    if len(moves) > _FEW:
        reached = np.flatnonzero(layer >= 0)
        if len(reached) < len(moves):
            _add_from(layer, reached, moves, out)
            return
    for move in moves:
        # Tokens can be negative: "\n/" alone is two of them, "}\n\n/" is one.
        first = max(0, -move.num_tokens)
        last = min(len(layer), len(out) - move.num_tokens)
        if first < last:
            part = out[first + move.num_tokens : last + move.num_tokens]
            np.maximum(part, layer[first:last] + move.value, out=part)


def _add_from(layer: _IntArray, starts: _IntArray, moves: Sequence[Move], out: _IntArray) -> None:
    num_tokens = np.array([move.num_tokens for move in moves], dtype=np.int64)
    values = np.array([move.value for move in moves], dtype=np.int64)
    for start in starts.tolist():
        ends = start + num_tokens
        inside = (ends >= 0) & (ends < len(out))
        np.maximum.at(out, ends[inside], values[inside] + layer[start])


def _traced(
    layers: _Layers, stage: Stage, target: Following, num_tokens: int, value: int
) -> tuple[Following, int, Move]:
    """Return what follows the stage, and the move, that led to so many tokens worth ``value``."""
    for following, layer in layers.items():
        moves = stage.moves(following)
        for index in reversed(range(len(moves))):
            move = moves[index]
            left = _at(layer, num_tokens - move.num_tokens)
            if move.target == target and left == value - move.value:
                return following, index, move
    raise RuntimeError(f"no alternative leads to {num_tokens} tokens worth {value}")


def _at(layer: _IntArray, num_tokens: int) -> int:
    return int(layer[num_tokens]) if 0 <= num_tokens < len(layer) else _UNREACHABLE
