"""An independent judge of solutions.

Written in plain Python loops on purpose: it shares no code with the searches that it checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budgetfit.problem.problem import Problem
    from budgetfit.problem.solution import Solution

__all__ = ["Evaluation", "evaluate", "violations"]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a solution is worth and what it uses.

    Attributes
    ----------
    objective_value : int
        Explained value plus the prompt option's value.
    explained_value : int
        Sum over moments of the best chosen option's value.
    num_tokens : int
        Prompt tokens of the whole request.
    num_images : int
        Images sent: chosen options that are no tiles, and sheets.
    """

    objective_value: int
    explained_value: int
    num_tokens: int
    num_images: int


def evaluate(problem: Problem, solution: Solution) -> Evaluation:
    """Recompute from the data what ``solution`` is worth and uses, feasible or not."""
    explained = 0
    for moment in range(problem.num_moments):
        best = 0
        for option in solution.options:
            best = max(best, int(problem.values[moment, option]))
        explained += best
    prompt = problem.prompt_options[solution.prompt]
    num_tokens = prompt.num_tokens
    num_images = len(solution.sheets)
    for option in solution.options:
        num_tokens += int(problem.option_num_tokens[option])
        num_images += problem.option_tile is None or int(problem.option_tile[option]) < 0
    for sheet in solution.sheets:
        num_tokens += problem.sheets[sheet].num_tokens
    return Evaluation(
        objective_value=explained + prompt.value,
        explained_value=explained,
        num_tokens=num_tokens,
        num_images=num_images,
    )


def violations(problem: Problem, solution: Solution) -> list[str]:
    """Name every limit that ``solution`` breaks; an empty list means it is feasible."""
    found = []
    if not 0 <= solution.prompt < len(problem.prompt_options):
        return [f"prompt option {solution.prompt} does not exist"]
    unknown = [option for option in solution.options if not 0 <= option < problem.num_options]
    if unknown:
        return [f"options {unknown} do not exist"]
    unknown = [sheet for sheet in solution.sheets if not 0 <= sheet < len(problem.sheets)]
    if unknown:
        return [f"sheets {unknown} do not exist"]
    if not solution.options:
        found.append("no picture is chosen")
    seen: set[int] = set()
    for option in solution.options:
        candidate = int(problem.option_candidate[option])
        if candidate in seen:
            found.append(f"candidate {candidate} is chosen twice")
        seen.add(candidate)
    used = evaluate(problem, solution)
    if used.num_tokens > problem.max_prompt_tokens:
        found.append(
            f"{used.num_tokens} tokens exceed max_prompt_tokens {problem.max_prompt_tokens}"
        )
    if problem.max_images is not None and used.num_images > problem.max_images:
        found.append(f"{used.num_images} images exceed max_images {problem.max_images}")
    found += _unfilled_sheets(problem, solution)
    found += _broken_rules(problem, solution)
    return found


def _unfilled_sheets(problem: Problem, solution: Solution) -> list[str]:
    if problem.option_tile is None:
        return []
    chosen = [int(problem.option_tile[option]) for option in solution.options]
    places: list[int] = []
    for sheet in solution.sheets:
        places += [problem.sheets[sheet].tile] * problem.sheets[sheet].num_tiles
    return [
        f"{chosen.count(tile)} tiles of kind {tile} are chosen for {places.count(tile)} places"
        for tile in sorted({*chosen, *places} - {-1})
        if chosen.count(tile) != places.count(tile)
    ]


def _broken_rules(problem: Problem, solution: Solution) -> list[str]:
    found = []
    for rule in problem.rules:
        count = sum(option in rule.options for option in solution.options)
        if count < rule.minimum:
            found.append(f"{rule.name}: {count} instead of at least {rule.minimum}")
        if rule.maximum is not None and count > rule.maximum:
            found.append(f"{rule.name}: {count} instead of at most {rule.maximum}")
    if problem.option_level is not None:
        levels = {int(problem.option_level[option]) for option in solution.options}
        if len(levels) > 1:
            found.append(f"pictures have {len(levels)} resolutions instead of one")
    return found
