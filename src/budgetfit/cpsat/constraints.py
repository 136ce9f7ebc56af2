"""The constraints of the CP-SAT model, one method per family."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

if TYPE_CHECKING:
    from budgetfit.cpsat.variables import Variables
    from budgetfit.problem.problem import Problem

__all__ = ["Constraints", "num_images", "num_tokens"]


def num_tokens(problem: Problem, variables: Variables) -> cp_model.LinearExpr:
    """Return the prompt tokens of the whole request: pictures, sheets and text."""
    pictures = cp_model.LinearExpr.weighted_sum(
        variables.option, problem.option_num_tokens.tolist()
    )
    sheets = cp_model.LinearExpr.weighted_sum(
        variables.sheet, [sheet.num_tokens for sheet in problem.sheets]
    )
    text = cp_model.LinearExpr.weighted_sum(
        variables.prompt, [prompt.num_tokens for prompt in problem.prompt_options]
    )
    return pictures + sheets + text


def num_images(problem: Problem, variables: Variables) -> cp_model.LinearExpr:
    """Return how many images are sent: pictures of their own, and sheets."""
    pictures = [
        variable
        for variable, is_tile in zip(variables.option, problem.is_tile.tolist(), strict=True)
        if not is_tile
    ]
    return cp_model.LinearExpr.sum([*pictures, *variables.sheet])


class Constraints:
    """Adds the constraints of ``problem`` on ``variables`` to ``model``.

    Where ``present`` is a literal, they hold where it is true; where it is false, nothing is sent.
    """

    def __init__(
        self,
        model: cp_model.CpModel,
        problem: Problem,
        variables: Variables,
        present: cp_model.IntVar | None = None,
        prefix: str = "",
    ) -> None:
        self._model = model
        self._problem = problem
        self._variables = variables
        self._present = present
        self._prefix = prefix

    def add_all(self) -> None:
        """Add every family."""
        self.one_prompt()
        self.at_least_one_picture()
        self.one_level_per_candidate()
        self.token_budget()
        self.image_limit()
        self.tiles_fill_sheets()
        self.count_rules()
        self.one_level()
        self.explained_once()
        self.explained_by_chosen()

    def one_prompt(self) -> None:
        """Exactly one length of the prompt is sent."""
        self._exactly_one(self._variables.prompt)

    def at_least_one_picture(self) -> None:
        """A request has at least one picture; without a request there is none."""
        if self._present is None:
            self._model.add_at_least_one(self._variables.option)
            return
        self._model.add_bool_or([~self._present, *self._variables.option])
        for variable in self._variables.option:
            self._model.add_implication(variable, self._present)

    def one_level_per_candidate(self) -> None:
        """A frame is sent at most once."""
        by_candidate = defaultdict(list)
        for candidate, variable in zip(
            self._problem.option_candidate.tolist(), self._variables.option, strict=True
        ):
            by_candidate[candidate].append(variable)
        for variables in by_candidate.values():
            self._model.add_at_most_one(variables)

    def token_budget(self) -> None:
        """Pictures, sheets and prompt fit ``max_prompt_tokens`` together."""
        used = num_tokens(self._problem, self._variables)
        self._model.add(used <= self._problem.max_prompt_tokens)

    def image_limit(self) -> None:
        """At most ``max_images`` pictures and sheets are sent."""
        if self._problem.image_limit < self._problem.num_candidates:
            self._model.add(num_images(self._problem, self._variables) <= self._problem.image_limit)

    def tiles_fill_sheets(self) -> None:
        """As many tiles of each kind are chosen as the sheets sent have places for."""
        if self._problem.option_tile is None:
            return
        tiles: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
        for tile, variable in zip(
            self._problem.option_tile.tolist(), self._variables.option, strict=True
        ):
            tiles[tile].append(variable)
        places: defaultdict[int, list[cp_model.LinearExprT]] = defaultdict(list)
        for sheet, variable in zip(self._problem.sheets, self._variables.sheet, strict=True):
            places[sheet.tile].append(variable * sheet.num_tiles)
        for tile, variables in sorted(tiles.items()):
            if tile >= 0:
                self._model.add(sum(variables) == sum(places[tile]))
        # Sheets of which no tile can be chosen have variables of 0.

    def count_rules(self) -> None:
        """Of each rule's options, as many are chosen as it says."""
        for rule in self._problem.rules:
            if len(rule.options) < rule.minimum:
                # OR-Tools drops a constraint without variables, even one that cannot hold.
                self._model.add_bool_or([] if self._present is None else [~self._present])
                continue
            counted = cp_model.LinearExpr.sum([self._variables.option[o] for o in rule.options])
            most = len(rule.options) if rule.maximum is None else rule.maximum
            kept = self._model.add_linear_constraint(counted, rule.minimum, most)
            if self._present is not None:
                kept.only_enforce_if(self._present)

    def one_level(self) -> None:
        """Where it is demanded, all pictures have the same level."""
        levels = self._problem.option_level
        if levels is None:
            return
        used = {
            k: self._model.new_bool_var(f"{self._prefix}level[{k}]")
            for k in sorted(set(levels.tolist()))
        }
        self._exactly_one(list(used.values()))
        for level, variable in zip(levels.tolist(), self._variables.option, strict=True):
            self._model.add_implication(variable, used[level])

    def explained_once(self) -> None:
        """A moment is explained by at most one option; the objective makes it the best."""
        by_moment = defaultdict(list)
        for moment, _, variable in self._variables.explained:
            by_moment[moment].append(variable)
        for variables in by_moment.values():
            self._model.add_at_most_one(variables)

    def explained_by_chosen(self) -> None:
        """Only a chosen option explains."""
        for _, option, variable in self._variables.explained:
            self._model.add_implication(variable, self._variables.option[option])

    def _exactly_one(self, variables: list[cp_model.IntVar]) -> None:
        if self._present is None:
            self._model.add_exactly_one(variables)
        else:
            self._model.add_exactly_one([~self._present, *variables])
