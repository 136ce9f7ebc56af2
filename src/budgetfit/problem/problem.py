"""The choice to be made, in integers only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from budgetfit.errors import UsageError

__all__ = ["CountRule", "IntArray", "Problem", "PromptOption", "Sheet"]

IntArray = npt.NDArray[np.int64]

# Sums of values times the fixed-point unit of the bound (2**20) must stay inside 64 bits.
_MAX_TOTAL_VALUE = 2**42


@dataclass(frozen=True, slots=True)
class PromptOption:
    """One length of the prompt that may be sent.

    Attributes
    ----------
    num_tokens : int
        Prompt tokens of the whole request without its pictures: template, system prompt and text.
    value : int
        What this length is worth, in the unit of ``Problem.values``.
    """

    num_tokens: int
    value: int = 0


@dataclass(frozen=True, slots=True)
class CountRule:
    """At least ``minimum`` and at most ``maximum`` of some options are chosen.

    Attributes
    ----------
    name : str
        The rule in its user's words, for explanations.
    options : tuple of int
        The options that count, rising.
    minimum : int
        How many must be chosen.
    maximum : int or None
        How many may be chosen; None for any number.
    """

    name: str
    options: tuple[int, ...]
    minimum: int = 0
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """An image of several equal tiles that may be sent, any number of times.

    Attributes
    ----------
    tile : int
        The kind of tile that it holds, as in ``Problem.option_tile``.
    num_tiles : int
        How many it holds; every one of them is filled.
    num_tokens : int
        Tokens that the whole sheet costs.
    """

    tile: int
    num_tiles: int
    num_tokens: int


@dataclass(frozen=True, eq=False)
class Problem:
    """Choose pictures and a prompt length that explain the most within a token budget.

    An *option* is one candidate frame at one resolution, as a picture of its own or as a tile of a
    sheet. A solution takes at least one option, at most one per candidate, the sheets that the
    chosen tiles fill exactly, one prompt option, and keeps the rules. Every moment is explained by
    the best of the chosen options, so the objective is

        sum over moments of (max over chosen options of values[moment, option])
        + value of the chosen prompt option

    a facility location problem with a knapsack: monotone and submodular in the set of options.

    Attributes
    ----------
    values : (num_moments, num_options) int64 array
        How much of a moment an option explains; not negative, read-only.
    option_candidate : (num_options,) int64 array
        Candidate of each option, not decreasing, from 0 without holes.
    option_num_tokens : (num_options,) int64 array
        Tokens that the option's picture costs; positive, but 0 for a tile, whose sheet costs them.
    prompt_options : tuple of PromptOption
        The lengths of the prompt that may be sent; exactly one is.
    max_prompt_tokens : int
        Tokens that pictures and prompt may have together.
    max_images : int or None
        Images that may be chosen, pictures and sheets; None for no limit but the tokens'.
    total_value : int
        What a solution that explains every moment fully would be worth without its prompt's value.
    rules : tuple of CountRule
        How many of some options must or may be chosen.
    option_level : (num_options,) int64 array or None
        If given, all chosen options must have the same level.
    sheets : tuple of Sheet
        The sheets that may be sent; none by default.
    option_tile : (num_options,) int64 array or None
        The kind of tile that each option is, -1 for a picture of its own; needed where there are
        sheets. A candidate has at most one option of each kind.
    """

    values: IntArray
    option_candidate: IntArray
    option_num_tokens: IntArray
    prompt_options: tuple[PromptOption, ...]
    max_prompt_tokens: int
    max_images: int | None
    total_value: int
    rules: tuple[CountRule, ...] = ()
    option_level: IntArray | None = None
    sheets: tuple[Sheet, ...] = ()
    option_tile: IntArray | None = None

    def __post_init__(self) -> None:
        for name in (
            "values",
            "option_candidate",
            "option_num_tokens",
            "option_level",
            "option_tile",
        ):
            if getattr(self, name) is None:
                continue
            array = np.ascontiguousarray(getattr(self, name), dtype=np.int64)
            # Another problem's, or one made for this one, cannot change; the caller's could.
            if array is getattr(self, name) and (array.flags.writeable or array.base is not None):
                array = array.copy()
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        _check(self)

    @property
    def num_moments(self) -> int:
        """Number of moments to be explained."""
        return int(self.values.shape[0])

    @property
    def num_options(self) -> int:
        """Number of (candidate, resolution) pairs."""
        return int(self.values.shape[1])

    @property
    def num_candidates(self) -> int:
        """Number of candidate frames."""
        return int(self.option_candidate[-1]) + 1 if self.num_options else 0

    @cached_property
    def candidate_starts(self) -> IntArray:
        """(num_candidates,) index of each candidate's first option."""
        return np.searchsorted(self.option_candidate, np.arange(self.num_candidates))

    @cached_property
    def rule_counts(self) -> IntArray:
        """(num_rules, num_options) 1 where an option counts for a rule, else 0."""
        counts = np.zeros((len(self.rules), self.num_options), dtype=np.int64)
        for row, rule in zip(counts, self.rules, strict=True):
            row[list(rule.options)] = 1
        return counts

    @cached_property
    def rule_limits(self) -> tuple[IntArray, IntArray]:
        """(num_rules,) least and greatest count of each rule."""
        least = [rule.minimum for rule in self.rules]
        most = [len(rule.options) if rule.maximum is None else rule.maximum for rule in self.rules]
        return np.array(least, dtype=np.int64), np.array(most, dtype=np.int64)

    @cached_property
    def text_steps(self) -> tuple[IntArray, IntArray, IntArray]:
        """Prompt options worth having: rising tokens, rising values, and their indices."""
        order = sorted(
            range(len(self.prompt_options)),
            key=lambda p: (self.prompt_options[p].num_tokens, -self.prompt_options[p].value, p),
        )
        kept: list[int] = []
        for p in order:
            if not kept or self.prompt_options[p].value > self.prompt_options[kept[-1]].value:
                kept.append(p)
        tokens = np.array([self.prompt_options[p].num_tokens for p in kept], dtype=np.int64)
        values = np.array([self.prompt_options[p].value for p in kept], dtype=np.int64)
        return tokens, values, np.array(kept, dtype=np.int64)

    @cached_property
    def is_tile(self) -> npt.NDArray[np.bool_]:
        """(num_options,) whether each option is a tile of a sheet."""
        if self.option_tile is None:
            return np.zeros(self.num_options, dtype=bool)
        tiles: npt.NDArray[np.bool_] = self.option_tile >= 0
        return tiles

    @property
    def max_picture_tokens(self) -> int:
        """Tokens that pictures may have beside the shortest prompt option."""
        return self.max_prompt_tokens - int(self.text_steps[0][0])

    @property
    def image_limit(self) -> int:
        """Images that a solution can have: ``max_images``, or one per candidate."""
        limit = self.num_candidates
        return limit if self.max_images is None else min(limit, self.max_images)


def _check(problem: Problem) -> None:
    if problem.values.ndim != 2 or not problem.num_options or not problem.prompt_options:
        raise UsageError(
            f"a problem needs options and prompts; values have shape {problem.values.shape} and "
            f"there are {len(problem.prompt_options)} prompt options"
        )
    expected = (problem.num_options,)
    for name in ("option_candidate", "option_num_tokens"):
        if getattr(problem, name).shape != expected:
            raise UsageError(
                f"{name} has shape {getattr(problem, name).shape}; it must be {expected}"
            )
    steps = np.diff(problem.option_candidate, prepend=0)
    if steps[0] != 0 or ((steps != 0) & (steps != 1)).any():
        raise UsageError("option_candidate must rise from 0 by steps of at most 1")
    if problem.values.min(initial=0) < 0:
        raise UsageError(f"values must not be negative; the least is {problem.values.min()}")
    _check_sheets(problem)
    if any(prompt.num_tokens < 0 or prompt.value < 0 for prompt in problem.prompt_options):
        raise UsageError("a prompt option's tokens and value must not be negative")
    if problem.max_images is not None and problem.max_images < 1:
        raise UsageError(f"max_images is {problem.max_images}; it must be at least 1, or None")
    _check_rules(problem)
    best = int(problem.values.max(axis=1, initial=0).sum())
    if not best <= problem.total_value <= _MAX_TOTAL_VALUE:
        raise UsageError(
            f"total_value is {problem.total_value}; it must lie between what the best options "
            f"explain, {best}, and {_MAX_TOTAL_VALUE}"
        )


def _check_sheets(problem: Problem) -> None:
    if problem.option_tile is None:
        if problem.sheets:
            raise UsageError("a problem with sheets needs option_tile")
    elif problem.option_tile.shape != (problem.num_options,):
        raise UsageError(
            f"option_tile has shape {problem.option_tile.shape}; "
            f"it must be {(problem.num_options,)}"
        )
    picture_tokens = problem.option_num_tokens[~problem.is_tile]
    if (picture_tokens <= 0).any():
        raise UsageError(f"a picture costs at least one token; the least is {picture_tokens.min()}")
    if problem.option_num_tokens[problem.is_tile].any():
        raise UsageError("a tile costs no tokens of its own; its sheet costs them")
    for sheet in problem.sheets:
        if sheet.num_tiles < 1 or sheet.num_tokens < 1 or sheet.tile < 0:
            raise UsageError(f"{sheet} must have tiles, tokens and a kind of tile from 0")


def _check_rules(problem: Problem) -> None:
    for rule in problem.rules:
        steps = np.diff(np.array(rule.options), prepend=-1)
        if (steps <= 0).any() or (rule.options and rule.options[-1] >= problem.num_options):
            raise UsageError(f"the options of rule {rule.name!r} must exist and rise strictly")
        if rule.minimum < 0 or (rule.maximum is not None and rule.maximum < 0):
            raise UsageError(f"rule {rule.name!r} has a negative limit")
    if problem.option_level is not None and problem.option_level.shape != (problem.num_options,):
        raise UsageError(
            f"option_level has shape {problem.option_level.shape}; "
            f"it must be {(problem.num_options,)}"
        )
