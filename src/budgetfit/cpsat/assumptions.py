"""The demands of a problem as CP-SAT assumptions: which contradict, and how far one must yield."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from budgetfit.cpsat.alike import alike_candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.cpsat.alike import PictureKind
    from budgetfit.problem.problem import Problem

__all__ = ["Demand", "DemandKind", "demands_of", "irreducible_conflict", "least_change"]


class DemandKind(Enum):
    """What a demand limits, and to which side."""

    TOKENS = "at most so many prompt tokens"
    PICTURE = "at least one picture"
    IMAGES = "at most so many pictures"
    MINIMUM = "at least so many pictures that count for a rule"
    MAXIMUM = "at most so many pictures that count for a rule"
    LEVEL = "at most one level"


# About a tenth of a second.
_CORE_DETERMINISTIC_TIME = 0.05

_AT_LEAST = frozenset({DemandKind.PICTURE, DemandKind.MINIMUM})


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that a solution must keep.

    Attributes
    ----------
    kind : DemandKind
        What it limits.
    limit : int
        The least or the greatest amount that it allows.
    rules : tuple of int
        For ``MINIMUM`` and ``MAXIMUM``, indices into ``Problem.rules``. Rules of one name are one
        demand, since their user can only change them together; the two ends of a rule are two
        demands, since only one of them may be in the way.
    """

    kind: DemandKind
    limit: int
    rules: tuple[int, ...] = ()


def demands_of(problem: Problem) -> tuple[Demand, ...]:
    """Return the demands that ``problem`` makes, its limits before its rules."""
    demands = [Demand(DemandKind.TOKENS, problem.max_prompt_tokens), Demand(DemandKind.PICTURE, 1)]
    if problem.max_images is not None:
        demands.append(Demand(DemandKind.IMAGES, problem.max_images))
    ends: defaultdict[tuple[str, DemandKind, int], list[int]] = defaultdict(list)
    for index, rule in enumerate(problem.rules):
        if rule.minimum > 0:
            ends[rule.name, DemandKind.MINIMUM, rule.minimum].append(index)
        if rule.maximum is not None:
            ends[rule.name, DemandKind.MAXIMUM, rule.maximum].append(index)
    demands += [Demand(kind, limit, tuple(rules)) for (_, kind, limit), rules in ends.items()]
    if problem.option_level is not None:
        demands.append(Demand(DemandKind.LEVEL, 1))
    return tuple(demands)


def irreducible_conflict(problem: Problem) -> tuple[Demand, ...] | None:
    """Return demands that contradict each other, none of which can be left out.

    CP-SAT's core of the demands as assumptions need not be minimal. So each of its members is left
    out in turn, the last one first, and stays out where the others still contradict each other.

    Returns
    -------
    tuple of Demand or None
        In the order of ``demands_of``, the same for equal problems; None where a solution exists.
    """
    demands = demands_of(problem)
    if _can_be_kept(problem, demands):
        return None
    conflict = _core(problem, demands)
    for demand in reversed(conflict):
        others = tuple(other for other in conflict if other != demand)
        if not _can_be_kept(problem, others):
            conflict = others
    return conflict


def least_change(problem: Problem, demand: Demand) -> int | None:
    """Return the limit nearest to ``demand``'s own with which all demands can be kept.

    Parameters
    ----------
    problem : Problem
        A problem without a solution.
    demand : Demand
        One of its demands.

    Returns
    -------
    int or None
        In the unit of ``demand.limit``; None where no limit helps.
    """
    model = _Model(problem)
    model.raw.add_bool_and(
        [model.enforced(other) for other in demands_of(problem) if other != demand]
    )
    limit = model.limit(demand)
    solver = _solver()
    if not _has_solution(model, solver):
        return None
    # Any solution first: with the objective, the search for one can take minutes.
    for index in range(len(model.raw.proto.variables)):
        variable = model.raw.get_int_var_from_proto_index(index)
        model.raw.add_hint(variable, solver.value(variable))
    if demand.kind in _AT_LEAST:
        model.raw.maximize(limit)
    else:
        model.raw.minimize(limit)
    _has_solution(model, solver)
    return solver.value(limit)


def _can_be_kept(problem: Problem, demands: Sequence[Demand]) -> bool:
    model = _Model(problem)
    model.raw.add_bool_and([model.enforced(demand) for demand in demands])
    return _has_solution(model, _solver())


def _core(problem: Problem, demands: tuple[Demand, ...]) -> tuple[Demand, ...]:
    """Return those of contradicting ``demands`` that CP-SAT uses to refute them.

    Its presolve must not use assumptions, without which a proof can take minutes. So the search is
    short; where it ends without a proof, all demands are returned.
    """
    model = _Model(problem)
    literals = {demand: model.enforced(demand) for demand in demands}
    model.raw.add_assumptions(literals.values())
    solver = _solver()
    solver.parameters.max_deterministic_time = _CORE_DETERMINISTIC_TIME
    if solver.solve(model.raw) != cp_model.INFEASIBLE:
        return demands
    used = set(solver.sufficient_assumptions_for_infeasibility())
    return tuple(demand for demand, literal in literals.items() if literal.index in used)


def _solver() -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    # One worker: equal problems get equal answers.
    solver.parameters.num_workers = 1
    # Proofs that too many pictures are wanted are short by linear programming alone.
    solver.parameters.linearization_level = 2
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.max_presolve_iterations = 1
    return solver


def _has_solution(model: _Model, solver: cp_model.CpSolver) -> bool:
    """Solve and tell whether there is a solution, which ``solver`` then has."""
    status = solver.solve(model.raw)
    if status not in {cp_model.OPTIMAL, cp_model.INFEASIBLE}:
        raise RuntimeError(f"CP-SAT answers {solver.status_name(status)}: {model.raw.validate()}")
    return status == cp_model.OPTIMAL


class _Model:
    """How many pictures of each kind are sent, each demand on them behind a literal of its own.

    Counts instead of a boolean an option: among alike pictures CP-SAT would try one after the
    other, for minutes. Whatever text is sent, the shortest leaves the most room, so no other is in
    the model.
    """

    def __init__(self, problem: Problem) -> None:
        self.raw = cp_model.CpModel()
        self._text_num_tokens = problem.max_prompt_tokens - problem.max_picture_tokens
        # OR-Tools drops sums of no variables, even where they cannot hold; so none is empty.
        self._zero = self.raw.new_constant(0)
        most = int(problem.option_num_tokens.sum()) + self._text_num_tokens
        most += sum(sheet.num_tokens for sheet in problem.sheets) * problem.num_candidates
        self._most = max(most, problem.num_options)
        self._pictures: list[tuple[PictureKind, cp_model.IntVar]] = []
        for group, (kinds, size) in enumerate(alike_candidates(problem).items()):
            counts = [self.raw.new_int_var(0, size, f"count[{group},{kind}]") for kind in kinds]
            # A frame is sent at most once.
            self.raw.add(sum(counts) <= size)
            self._pictures += zip(kinds, counts, strict=True)
        self._sheets = [
            (sheet, self.raw.new_int_var(0, problem.num_candidates, f"sheet[{index}]"))
            for index, sheet in enumerate(problem.sheets)
        ]
        self._fill_sheets()

    def _fill_sheets(self) -> None:
        """As many tiles of each kind as there are places for: what no demand can change."""
        tiles = {kind.tile for kind, _ in self._pictures} | {s.tile for s, _ in self._sheets}
        for tile in sorted(tiles - {-1}):
            chosen = [count for kind, count in self._pictures if kind.tile == tile]
            places = [
                count * sheet.num_tiles for sheet, count in self._sheets if sheet.tile == tile
            ]
            self.raw.add(
                cp_model.LinearExpr.sum([self._zero, *chosen])
                == cp_model.LinearExpr.sum([self._zero, *places])
            )

    def enforced(self, demand: Demand) -> cp_model.IntVar:
        """Add ``demand`` and return the literal that enforces it."""
        literal = self.raw.new_bool_var(demand.kind.name)
        self._add(demand, demand.limit, literal)
        return literal

    def limit(self, demand: Demand) -> cp_model.IntVar:
        """Add ``demand`` with an open limit and return that."""
        limit = self.raw.new_int_var(0, self._most, "limit")
        self._add(demand, limit)
        return limit

    def _add(
        self, demand: Demand, limit: cp_model.IntVar | int, *literals: cp_model.IntVar
    ) -> None:
        for amount in self._amounts(demand):
            constraint = amount >= limit if demand.kind in _AT_LEAST else amount <= limit
            self.raw.add(constraint).only_enforce_if(*literals)

    def _amounts(self, demand: Demand) -> list[cp_model.LinearExpr]:
        """Return what ``demand`` limits: tokens, pictures, those of each rule, or levels used."""
        if demand.kind is DemandKind.TOKENS:
            tokens = [count * kind.num_tokens for kind, count in self._pictures]
            tokens += [count * sheet.num_tokens for sheet, count in self._sheets]
            return [cp_model.LinearExpr.sum(tokens) + self._text_num_tokens]
        if demand.kind is DemandKind.LEVEL:
            return [cp_model.LinearExpr.sum(self._used_levels())]
        if demand.kind is DemandKind.IMAGES:
            pictures = [count for kind, count in self._pictures if kind.tile < 0]
            sheets = [count for _, count in self._sheets]
            return [cp_model.LinearExpr.sum([self._zero, *pictures, *sheets])]
        if not demand.rules:
            return [cp_model.LinearExpr.sum([count for _, count in self._pictures])]
        return [
            cp_model.LinearExpr.sum(
                [self._zero, *(count for kind, count in self._pictures if kind.rules[rule])]
            )
            for rule in demand.rules
        ]

    def _used_levels(self) -> list[cp_model.IntVar]:
        used: dict[int, cp_model.IntVar] = {}
        for kind, count in self._pictures:
            if kind.level not in used:
                used[kind.level] = self.raw.new_bool_var(f"level[{kind.level}]")
            self.raw.add(count == 0).only_enforce_if(~used[kind.level])
        return list(used.values())
