"""What a constraint is: demands on counts of options, in its user's words."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from budgetfit.errors import UsageError
from budgetfit.problem.problem import CountRule
from budgetfit.video.info import TIME_PRECISION_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.tokens.images import ImageGrid
    from budgetfit.tokens.sheets import SheetGrid

__all__ = ["Choice", "Constraint", "checked_constraints", "constrain"]

_BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What can be chosen: each candidate frame in each size is an option.

    Attributes
    ----------
    time_s : (num_candidates,) float array
        When each candidate is shown, in seconds, rising.
    candidate, width, height, num_tokens : (num_options,) int array
        Of each option, its candidate, its picture's pixels as sent, and the picture's tokens; where
        it is a tile, the pixels of the frame in it and the tokens of the cheapest sheet for it.
    """

    time_s: npt.NDArray[np.float64]
    candidate: IntArray
    width: IntArray
    height: IntArray
    num_tokens: IntArray

    @classmethod
    def of(
        cls,
        time_s: npt.NDArray[np.float64],
        levels: Sequence[ImageGrid],
        side_multiple: int,
        tiles: Sequence[SheetGrid] = (),
    ) -> Choice:
        """Return the choice of every candidate at every level and as every tile.

        Parameters
        ----------
        time_s : (num_candidates,) float array
            When each candidate is shown.
        levels : sequence of ImageGrid
            Grids at which each may be sent as a picture of its own.
        side_multiple : int
            Pixels of a grid's cell.
        tiles : sequence of SheetGrid
            The cheapest sheet of each kind of tile as which each may be sent.
        """
        num_candidates = len(time_s)
        options = [
            (level.columns * side_multiple, level.rows * side_multiple, level.num_tokens)
            for level in levels
        ]
        options += [(*sheet.tile_size(side_multiple), sheet.num_tokens) for sheet in tiles]
        width, height, num_tokens = np.array(options, dtype=np.int64).T
        return cls(
            time_s=time_s,
            candidate=np.repeat(np.arange(num_candidates), len(options)),
            width=np.tile(width, num_candidates),
            height=np.tile(height, num_candidates),
            num_tokens=np.tile(num_tokens, num_candidates),
        )

    def in_interval(self, start_s: float, end_s: float) -> _BoolArray:
        """(num_options,) whether an option's frame is in the interval, both ends included.

        A frame that is shown from just before the start is in an interval from 0.
        """
        first_s = start_s - TIME_PRECISION_S if start_s > 0 else -math.inf
        inside: _BoolArray = (self.time_s >= first_s) & (self.time_s <= end_s + TIME_PRECISION_S)
        return np.take(inside, self.candidate)

    def shown_at(self, time_s: float) -> _BoolArray:
        """(num_options,) whether an option's frame is the one shown at a time.

        That is right where the time was among ``also_at_s`` when the candidates were sampled.
        """
        position = int(np.searchsorted(self.time_s, time_s + TIME_PRECISION_S, side="right")) - 1
        shown: _BoolArray = self.candidate == max(position, 0)
        return shown


class Constraint(ABC):
    """A demand on a plan. Subclass it for demands of your own.

    Attributes
    ----------
    same_level : bool
        Whether all pictures must have one size.
    """

    __slots__ = ()

    same_level: ClassVar[bool] = False

    @property
    @abstractmethod
    def name(self) -> str:
        """The demand in its user's words, for messages."""

    @property
    def also_at_s(self) -> tuple[float, ...]:
        """Times in seconds: the frames shown then must be among the candidates."""
        return ()

    def allows_sheet(self, num_tokens: int) -> bool:
        """Tell whether a sheet of so many tokens may be sent; rules speak of its tiles alone."""
        return True

    @abstractmethod
    def rules(self, choice: Choice) -> Iterable[CountRule]:
        """Return the demand as counts of options.

        Raises
        ------
        UsageError
            The candidates and sizes of this video cannot satisfy it, whatever the limits.
        """

    def rule(
        self, options: _BoolArray, *, minimum: int = 0, maximum: int | None = None
    ) -> CountRule:
        """Return a rule with this constraint's name on the options of a mask (num_options,)."""
        return CountRule(self.name, tuple(np.flatnonzero(options).tolist()), minimum, maximum)


def checked_constraints(constraints: object) -> tuple[Constraint, ...]:
    """Return constraints as a tuple.

    Raises
    ------
    UsageError
        They are no list of constraints.
    """
    given = constraints if isinstance(constraints, list | tuple) else (None,)
    if not all(isinstance(constraint, Constraint) for constraint in given):
        raise UsageError(
            f"constraints is {constraints!r}; "
            "it must be a list of objects of budgetfit.constraints, such as [Show(2.5)]"
        )
    return tuple(given)


def constrain(problem: Problem, constraints: Iterable[Constraint], choice: Choice) -> Problem:
    """Return ``problem`` with the rules of all constraints.

    Parameters
    ----------
    problem : Problem
        Its options are those of ``choice``, in their order.
    constraints : iterable of Constraint
        What is demanded.
    choice : Choice
        What can be chosen.

    Raises
    ------
    UsageError
        The candidates and sizes of this video cannot satisfy one of them, whatever the limits.
    """
    rules: dict[CountRule, None] = dict.fromkeys(problem.rules)
    level = problem.option_level
    for constraint in constraints:
        rules |= dict.fromkeys(constraint.rules(choice))
        if constraint.same_level:
            _, level = np.unique(choice.width + 1j * choice.height, return_inverse=True)
    return replace(problem, rules=tuple(rules), option_level=level)
