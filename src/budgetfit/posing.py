"""Putting the choice into integers: from what was seen and asked to a problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.analysis import Analysis
    from budgetfit.constraints import Choice
    from budgetfit.jobs import Job
    from budgetfit.problem.aspects import Aspect
    from budgetfit.problem.problem import Problem
    from budgetfit.prompts.offered import OfferedPrompts
    from budgetfit.tokens.images import ImageGrid
    from budgetfit.tokens.sheets import SheetGrid
    from budgetfit.tokens.tokenizer import RequestTokenizer

__all__ = ["Posed", "pose"]


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A problem, and what its numbers stand for.

    Attributes
    ----------
    prompts : OfferedPrompts
        Its prompt options.
    choice : Choice
        Its options.
    problem : Problem
        The data.
    sheets : tuple of SheetGrid
        Its sheets.
    """

    prompts: OfferedPrompts
    choice: Choice
    problem: Problem
    sheets: tuple[SheetGrid, ...]


def pose(job: Job, analysis: Analysis, tokenizer: RequestTokenizer) -> Posed:
    """Return the problem of ``job``, beside prompts that leave room for what is demanded."""
    posed = _posed(job, analysis, tokenizer)
    demanded = _demanded_num_tokens(posed.problem) if job.constraints else None
    return posed if demanded is None else _posed(job, analysis, tokenizer, demanded)


def _posed(
    job: Job,
    analysis: Analysis,
    tokenizer: RequestTokenizer,
    picture_num_tokens: int | None = None,
) -> Posed:
    """Return the problem beside prompts that leave so many tokens for pictures."""
    import numpy as np

    from budgetfit.constraints import Choice, constrain
    from budgetfit.problem.building import build_problem
    from budgetfit.problem.problem import Sheet
    from budgetfit.prompts.offering import offer_prompts

    labels = np.array(job.label_num_tokens(analysis.time_s.tolist(), tokenizer), dtype=np.int64)
    level_num_tokens = labels[:, None] + analysis.level_num_tokens
    prompts = offer_prompts(
        job.prompt,
        job.system_prompt,
        tokenizer,
        max_prompt_tokens=job.limits.max_prompt_tokens,
        picture_num_tokens=picture_num_tokens or int(level_num_tokens.min()),
        text_value_per_1000_tokens=job.text_value_per_1000_tokens,
    )
    sheets = _sheets(job, analysis) if job.montage else ()
    # The sheets of a tile come by rising tokens: the first is the cheapest.
    cheapest = {sheet.tile: sheet for sheet in reversed(sheets)}
    tiles = [level for level in analysis.levels if level in cheapest]
    problem = build_problem(
        _aspects(analysis, tiles),
        level_num_tokens,
        prompt_options=prompts.options(),
        max_prompt_tokens=job.limits.max_prompt_tokens,
        max_images=job.limits.max_images,
        sheets=[
            Sheet(tiles.index(sheet.tile), sheet.num_tiles, sheet.num_tokens) for sheet in sheets
        ],
    )
    choice = Choice.of(
        analysis.time_s,
        analysis.levels,
        job.model.side_multiple,
        [cheapest[tile] for tile in tiles],
    )
    return Posed(prompts, choice, constrain(problem, job.constraints, choice), sheets)


def _sheets(job: Job, analysis: Analysis) -> tuple[SheetGrid, ...]:
    """Return the sheets that may be sent; with time labels, each tile has one."""
    from budgetfit.information.sheet_grids import sheet_grids
    from budgetfit.tokens.sheets import LABEL_ROWS

    label_rows = LABEL_ROWS if job.time_labels else 0
    return tuple(
        sheet
        for sheet in sheet_grids(analysis.levels, job.model, label_rows=label_rows)
        if all(constraint.allows_sheet(sheet.num_tokens) for constraint in job.constraints)
    )


def _aspects(analysis: Analysis, tiles: Sequence[ImageGrid]) -> list[Aspect]:
    """Return what there is to see, as pictures and in ``tiles``."""
    columns = [analysis.levels.index(tile) for tile in tiles]
    return [aspect.with_tiles(columns) for aspect in analysis.aspects]


def _demanded_num_tokens(problem: Problem) -> int | None:
    """Return the least tokens of pictures that keep the rules, where no offered prompt leaves them.

    None where one does, or where the rules cannot be kept with any number of tokens.
    """
    from budgetfit.problem.restriction import without_sheets
    from budgetfit.search.greedy import greedy

    pictures = without_sheets(problem)
    if pictures is not None and greedy(pictures.problem, 0.0) is not None:
        return None
    from budgetfit.cpsat.assumptions import Demand, DemandKind, least_change

    least = least_change(problem, Demand(DemandKind.TOKENS, problem.max_prompt_tokens))
    if least is None or least <= problem.max_prompt_tokens:
        return None
    return least - min(option.num_tokens for option in problem.prompt_options)
