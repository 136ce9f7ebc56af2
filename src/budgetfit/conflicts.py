"""Why nothing fits: limits and demands that contradict each other, and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from budgetfit.cpsat.assumptions import DemandKind, irreducible_conflict, least_change
from budgetfit.errors import InfeasibleError

if TYPE_CHECKING:
    from budgetfit.cpsat.assumptions import Demand
    from budgetfit.plans import Limits
    from budgetfit.problem.problem import Problem

__all__ = ["Conflict", "ConflictMember", "explain_conflict", "explained"]


@dataclass(frozen=True, slots=True)
class ConflictMember:
    """A limit or a demand that others contradict.

    Attributes
    ----------
    name : str
        What it is, in its user's words.
    value : int
        What it is set to: prompt tokens, pictures, or how many different resolutions.
    needed : int or None
        The value nearest to ``value`` with which everything can be kept, all else unchanged; None
        where changing this alone does not help.
    suggestion : str or None
        That change in words, alternatives separated by semicolons.
    """

    name: str
    value: int
    needed: int | None
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Limits and demands that contradict each other; without any one of them the rest do not.

    Attributes
    ----------
    members : tuple of ConflictMember
        Limits before demands. At least one.
    """

    members: tuple[ConflictMember, ...]

    def __str__(self) -> str:
        """Return the conflict and all changes that help, in one line."""
        names = list(dict.fromkeys(member.name for member in self.members))
        said = "these contradict each other" if len(names) > 1 else "this cannot be kept"
        changes = [member.suggestion for member in self.members if member.suggestion]
        if not changes:
            helps = "No single change helps: other demands contradict each other as well"
        elif len(changes) == 1 and ";" not in changes[0]:
            helps = f"This change helps: {changes[0]}"
        else:
            helps = f"Any one of these changes helps: {'; '.join(changes)}"
        return f"{said}: {'; '.join(names)}. {helps}"


def explain_conflict(problem: Problem, limits: Limits) -> Conflict | None:
    """Say which limits and demands of ``problem`` contradict each other.

    Parameters
    ----------
    problem : Problem
        The data; its rules carry their names.
    limits : Limits
        Where the problem's ``max_prompt_tokens`` comes from.

    Returns
    -------
    Conflict or None
        None where the problem has a solution.
    """
    demands = irreducible_conflict(problem)
    if demands is None:
        return None
    return Conflict(tuple(_member(problem, limits, demand) for demand in demands))


def explained(error: InfeasibleError, problem: Problem, limits: Limits) -> InfeasibleError:
    """Return ``error`` with its conflict, and its message made from it."""
    conflict = explain_conflict(problem, limits)
    return InfeasibleError(str(error) if conflict is None else str(conflict), conflict)


def _member(problem: Problem, limits: Limits, demand: Demand) -> ConflictMember:
    # A request without pictures is not what the caller wants, so this is no change to suggest.
    relaxable = demand.kind is not DemandKind.PICTURE
    needed = least_change(problem, demand) if relaxable else None
    name = _name(problem, limits, demand)
    suggestion = None if needed is None else _change(limits, demand, name, needed)
    return ConflictMember(name, demand.limit, needed, suggestion)


def _name(problem: Problem, limits: Limits, demand: Demand) -> str:
    if demand.rules:
        return problem.rules[demand.rules[0]].name
    if demand.kind is DemandKind.TOKENS:
        text = problem.max_prompt_tokens - problem.max_picture_tokens
        return (
            f"max_model_len {limits.max_model_len} with max_tokens {limits.max_tokens} "
            f"({problem.max_prompt_tokens} prompt tokens, and {text} at least for the text)"
        )
    if demand.kind is DemandKind.PICTURE:
        pictures = problem.option_num_tokens[~problem.is_tile].tolist()
        cheapest = min([*pictures, *(sheet.num_tokens for sheet in problem.sheets)])
        return f"one picture at least ({cheapest} tokens at least)"
    if demand.kind is DemandKind.IMAGES:
        return f"max_images {demand.limit}"
    return "one common resolution"


def _change(limits: Limits, demand: Demand, name: str, needed: int) -> str:
    if demand.kind is DemandKind.TOKENS:
        more = needed - demand.limit
        changes = [f"max_model_len {limits.max_model_len} -> {limits.max_model_len + more}"]
        if limits.max_tokens > more:
            changes.append(f"max_tokens {limits.max_tokens} -> {limits.max_tokens - more}")
        return "; ".join(changes)
    if demand.kind is DemandKind.IMAGES:
        return f"{name} -> {needed}"
    words = "at least" if demand.kind is DemandKind.MINIMUM else "at most"
    said = f"{words} {demand.limit} "
    if needed and name.startswith(said):
        return f"{words} {demand.limit} -> {needed} {name.removeprefix(said)}"
    if demand.kind is DemandKind.MAXIMUM and demand.limit == 0:
        return f"{name}, with {needed} exception{'s' if needed > 1 else ''}"
    return f"drop {name!r}"
