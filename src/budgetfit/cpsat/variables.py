"""The decision variables of the CP-SAT model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from ortools.sat.python import cp_model

    from budgetfit.problem.problem import Problem, Sheet

__all__ = ["Variables"]


@dataclass(frozen=True, slots=True, eq=False)
class Variables:
    """Variables of a problem in a model.

    Attributes
    ----------
    option : list of IntVar
        (num_options,) booleans: the option's picture is sent.
    prompt : list of IntVar
        (num_prompt_options,) booleans: this length of the prompt is sent.
    sheet : list of IntVar
        (num_sheets,) integers: how many of each sheet are sent.
    explained : list of (moment, option, IntVar)
        Booleans: the moment is explained by the option. Pairs of no value have none.
    """

    option: list[cp_model.IntVar]
    prompt: list[cp_model.IntVar]
    sheet: list[cp_model.IntVar]
    explained: list[tuple[int, int, cp_model.IntVar]]

    @classmethod
    def create(cls, model: cp_model.CpModel, problem: Problem, prefix: str = "") -> Variables:
        """Add the variables of ``problem`` to ``model``, their names after ``prefix``."""
        moments, options = np.nonzero(_useful(problem))
        return cls(
            option=[model.new_bool_var(f"{prefix}option[{o}]") for o in range(problem.num_options)],
            prompt=[
                model.new_bool_var(f"{prefix}prompt[{p}]")
                for p in range(len(problem.prompt_options))
            ],
            sheet=[
                model.new_int_var(0, _most_sheets(problem, sheet), f"{prefix}sheet[{s}]")
                for s, sheet in enumerate(problem.sheets)
            ],
            explained=[
                (t, o, model.new_bool_var(f"{prefix}explained[{t},{o}]"))
                for t, o in zip(moments.tolist(), options.tolist(), strict=True)
            ],
        )


def _most_sheets(problem: Problem, sheet: Sheet) -> int:
    """Return how many of a sheet its tiles, its tokens and the image limit allow at most."""
    tiles = 0 if problem.option_tile is None else int((problem.option_tile == sheet.tile).sum())
    return max(
        min(
            tiles // sheet.num_tiles,
            problem.max_picture_tokens // sheet.num_tokens,
            problem.image_limit,
        ),
        0,
    )


def _useful(problem: Problem) -> npt.NDArray[np.bool_]:
    """Tell which options can explain anything of which moments, (num_moments, num_options)."""
    return problem.values > 0
