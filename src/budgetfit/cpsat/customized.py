"""Solving a model to which its user has added constraints."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model

from budgetfit.cpsat.constraints import Constraints, num_images, num_tokens
from budgetfit.cpsat.objective import objective_expression
from budgetfit.cpsat.plan_model import PlanModel
from budgetfit.cpsat.running import run
from budgetfit.cpsat.search import CpSatOutcome, set_parameters, solution_of
from budgetfit.cpsat.variables import Variables
from budgetfit.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

    from budgetfit.constraints import Choice
    from budgetfit.cpsat.plan_model import Customize
    from budgetfit.problem.problem import IntArray, Problem
    from budgetfit.problem.solution import Solution
    from budgetfit.search_limits import SearchLimits

__all__ = ["CustomizedModel"]


class CustomizedModel:
    """The model of ``problem`` with its user's constraints, to be solved over some of the options.

    Who explains what is most of a model, and only options that can still matter need it. So it is
    not in the model that the user sees, but added anew for each search.

    Parameters
    ----------
    problem : Problem
        The data.
    choice : Choice
        What its options are, in their order.
    customize : callable
        Called once with a ``PlanModel``.

    Raises
    ------
    UsageError
        ``customize`` sets an objective or leaves a model that CP-SAT refuses.
    """

    def __init__(self, problem: Problem, choice: Choice, customize: Customize) -> None:
        self._problem = problem
        self._model = cp_model.CpModel()
        # Nothing explains anything yet.
        unexplained = replace(problem, values=np.zeros_like(problem.values))
        self._variables = Variables.create(self._model, unexplained)
        Constraints(self._model, problem, self._variables).add_all()
        most = problem.values.max(axis=1).tolist()
        self._explained = [
            self._model.new_int_var(0, value, f"explained[{t}]") for t, value in enumerate(most)
        ]
        customize(_seen_by_user(self._model, problem, self._variables, self._explained, choice))
        _check(self._model)

    def best_priced(
        self,
        moment_prices: IntArray,
        is_open: npt.NDArray[np.bool_],
        *,
        absolute_gap_limit: int,
        limits: SearchLimits,
    ) -> CpSatOutcome:
        """Find the choice that explains most where each moment is paid for by a price.

        A moment's price is what all have of it; whatever explains more than that adds the rest. No
        choice explains more than is counted so, so the best one bounds the objective, as the
        Lagrangian bound does (search/lagrangian.py), but with the user's constraints. What the user
        demands of single moments may be broken.

        Parameters
        ----------
        moment_prices : (num_moments,) int64 array
            Not negative.
        is_open : (num_options,) bool array
            Options that may be chosen.
        absolute_gap_limit : int
            Stop when the sum is proved within this of the best.
        limits : SearchLimits
            Time and threads.
        """
        surplus = np.maximum(self._problem.values - moment_prices[:, None], 0).sum(axis=0)
        model = self._with_closed(~is_open)
        beyond = cp_model.LinearExpr.weighted_sum(self._variables.option, surplus.tolist())
        information = beyond + int(moment_prices.sum())
        model.add(cp_model.LinearExpr.sum(self._explained) <= information)
        model.maximize(information + _text_value(self._problem, self._variables))
        return self._solve(model, _most(self._problem), absolute_gap_limit, limits)

    def any_among(
        self,
        is_open: npt.NDArray[np.bool_],
        *,
        lower_bound: int,
        upper_bound: int,
        limits: SearchLimits,
        hint: Solution | None = None,
    ) -> CpSatOutcome:
        """Look for any solution among the open options, worth at least ``lower_bound``.

        Parameters
        ----------
        is_open : (num_options,) bool array
            Options that may be chosen.
        lower_bound : int
            Less is of no interest; ``infeasible`` then means that nothing open reaches it.
        upper_bound : int
            A proved upper bound on the objective.
        limits : SearchLimits
            Time and threads.
        hint : Solution, optional
            Where to look first.
        """
        model, objective = self._with_open(is_open)
        model.add_linear_constraint(objective, lower_bound, upper_bound)
        if hint is not None:
            for option, variable in enumerate(self._variables.option):
                model.add_hint(variable, option in hint.options)
        return self._solve(model, upper_bound, 0, limits, first_only=True)

    def keeps(self, solution: Solution, lower_bound: int, limits: SearchLimits) -> bool:
        """Tell whether ``solution`` is in the model and worth ``lower_bound`` or more there.

        It may count for less than it is worth where the user limits what is explained.

        Raises
        ------
        KeyboardInterrupt
            The user interrupts it.
        """
        is_open = np.zeros(self._problem.num_options, dtype=bool)
        is_open[list(solution.options)] = True
        model, objective = self._with_open(is_open)
        model.add(cp_model.LinearExpr.sum(self._variables.option) == len(solution.options))
        model.add(self._variables.prompt[solution.prompt] == 1)
        for sheet, variable in enumerate(self._variables.sheet):
            model.add(variable == solution.sheets.count(sheet))
        model.add(objective >= lower_bound)
        outcome = self._solve(model, _most(self._problem), 0, limits, first_only=True)
        if outcome.interrupted:
            raise KeyboardInterrupt
        return outcome.solution is not None

    def _with_closed(self, is_closed: npt.NDArray[np.bool_]) -> cp_model.CpModel:
        """Return a model to add to in which closed options are not chosen."""
        model = self._model.clone()
        # A variable may have one hint; where to look first is known better by now.
        model.clear_hints()  # type: ignore[no-untyped-call]
        closed = [self._variables.option[o] for o in np.flatnonzero(is_closed)]
        if closed:
            model.add(cp_model.LinearExpr.sum(closed) == 0)
        return model

    def _with_open(
        self, is_open: npt.NDArray[np.bool_]
    ) -> tuple[cp_model.CpModel, cp_model.LinearExprT]:
        """Return a model in which only open options are chosen and explain, and its objective."""
        model, values = self._with_closed(~is_open), self._problem.values
        moments, options = np.nonzero((values > 0) & is_open)
        explained = [
            (t, o, model.new_bool_var(f"explained[{t},{o}]"))
            for t, o in zip(moments.tolist(), options.tolist(), strict=True)
        ]
        variables = replace(self._variables, explained=explained)
        constraints = Constraints(model, self._problem, variables)
        constraints.explained_once()
        constraints.explained_by_chosen()
        by_moment = defaultdict(list)
        for moment, option, variable in explained:
            by_moment[moment].append(int(values[moment, option]) * variable)
        for moment, amount in enumerate(self._explained):
            model.add(amount == cp_model.LinearExpr.sum(by_moment[moment]))
        objective = objective_expression(self._problem, variables)
        model.maximize(objective)
        return model, objective

    def _solve(
        self,
        model: cp_model.CpModel,
        upper_bound: int,
        absolute_gap_limit: int,
        limits: SearchLimits,
        *,
        first_only: bool = False,
    ) -> CpSatOutcome:
        solver = cp_model.CpSolver()
        set_parameters(
            solver.parameters, absolute_gap_limit, limits.time_limit_s, limits.num_workers
        )
        solver.parameters.stop_after_first_solution = first_only
        status, interrupted = run(solver, model)
        if status == cp_model.MODEL_INVALID:
            raise RuntimeError(f"CP-SAT rejects the model: {model.validate()}")
        if status in {cp_model.INFEASIBLE, cp_model.UNKNOWN}:
            return CpSatOutcome(None, upper_bound, status == cp_model.INFEASIBLE, interrupted)
        bound = min(upper_bound, math.floor(solver.best_objective_bound + 0.5))
        found = solution_of(solver, self._variables)
        return CpSatOutcome(found, bound, infeasible=False, interrupted=interrupted)


def _most(problem: Problem) -> int:
    return problem.total_value + max(prompt.value for prompt in problem.prompt_options)


def _text_value(problem: Problem, variables: Variables) -> cp_model.LinearExpr:
    values = [prompt.value for prompt in problem.prompt_options]
    return cp_model.LinearExpr.weighted_sum(variables.prompt, values)


def _seen_by_user(
    model: cp_model.CpModel,
    problem: Problem,
    variables: Variables,
    explained: list[cp_model.IntVar],
    choice: Choice,
) -> PlanModel:
    information = cp_model.LinearExpr.sum(explained)
    return PlanModel(
        model=model,
        option=variables.option,
        prompt=variables.prompt,
        sheet=variables.sheet,
        explained=explained,
        choice=choice,
        num_tokens=num_tokens(problem, variables),
        num_images=num_images(problem, variables),
        information=information,
        total_information=problem.total_value,
        objective=information + _text_value(problem, variables),
    )


def _check(model: cp_model.CpModel) -> None:
    if model.proto.has_objective() or model.proto.has_floating_point_objective():
        raise UsageError(
            "customize sets an objective; the planner maximizes PlanModel.objective, so customize "
            "may only add constraints"
        )
    invalid = model.validate()
    if invalid:
        raise UsageError(f"customize makes the model invalid: {invalid.strip()}")
