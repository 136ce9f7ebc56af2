"""Asks a model with a plan and shows what it says."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from budgetfit.cli.engines import open_engine
from budgetfit.cli.showing import show
from budgetfit.render.progress import StageProgress
from budgetfit.render.terminal import (
    Terminal,
    answer_views,
    printable_piece,
    streamed_answer_views,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from budgetfit.plans import Plan

__all__ = ["Asking"]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked, how, and where the answer is shown.

    Attributes
    ----------
    model : str
        A folder with weights, or a name on the server.
    base_url : str or None
        The server's address.
    sampling : mapping
        Sampling parameters.
    on_stderr : bool
        Whether the answer goes to stderr; stdout is then the plan's.
    """

    model: str
    base_url: str | None
    sampling: Mapping[str, Any]
    on_stderr: bool

    def show_answer(self, plan: Plan, pictures: Sequence[Image.Image]) -> None:
        """Ask, and show the whole answer."""
        with (
            StageProgress(Terminal(sys.stderr)) as progress,
            open_engine(self.model, self.base_url, plan) as engine,
        ):
            progress("asking the model", 0, 1)
            answer = engine.run(plan, pictures, sampling=self.sampling)
        for view in answer_views(plan, answer):
            show(view, on_stderr=self.on_stderr)

    def show_pieces(self, plan: Plan, pictures: Sequence[Image.Image]) -> None:
        """Ask, and show the answer while it is generated."""
        with ExitStack() as asking:
            with StageProgress(Terminal(sys.stderr)) as progress:
                progress("asking the model", 0, 1)
                engine = open_engine(self.model, self.base_url, plan)
                asking.callback(engine.close)
                stream = asking.enter_context(engine.stream(plan, pictures, sampling=self.sampling))
                piece = next(stream, "")
            show("\nanswer:", on_stderr=self.on_stderr)
            show(printable_piece(piece), on_stderr=self.on_stderr, end="")
            try:
                for piece in stream:
                    show(printable_piece(piece), on_stderr=self.on_stderr, end="")
            finally:
                show("", on_stderr=self.on_stderr)
        for view in streamed_answer_views(plan, stream.answer):
            show(view, on_stderr=self.on_stderr)
