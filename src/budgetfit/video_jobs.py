"""A video among many, and what is asked of its plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budgetfit.errors import UsageError
from budgetfit.jobs import Ask
from budgetfit.prompts.blocks import PromptBlock

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VideoJob"]


class VideoJob:
    """A video, its prompt, where to look at it, and all else that a plan can be asked.

    Parameters
    ----------
    video, prompt
        As for :func:`budgetfit.plan`.
    where : mapping
        ``num_candidates``, ``start_s`` and ``end_s``.
    ask : mapping
        What else is asked.
    own : str
        The parameters of the job itself, for errors.

    Raises
    ------
    UsageError
        Nothing of a plan has a name that was given.
    """

    __slots__ = ("ask", "prompt", "video", "where")

    def __init__(
        self, video: object, prompt: object, where: Mapping[str, Any], ask: Ask, own: str
    ) -> None:
        unknown = sorted(set(ask) - Ask.__annotations__.keys())
        if unknown:
            raise UsageError(
                f"nothing of a job is called {unknown[0]!r}; give {own}, "
                f"num_candidates, start_s, end_s or one of {', '.join(Ask.__annotations__)}"
            )
        # What it may be is what plan takes, which says what is wrong with anything else.
        self.video: Any = video
        self.prompt: Any = prompt
        self.where: dict[str, Any] = dict(where)
        self.ask = ask

    @property
    def has_code(self) -> bool:
        """Whether something in it is the caller's code: a function, or a class of constraints."""
        constraints = self.ask.get("constraints", ())
        return (
            self.ask.get("customize") is not None
            or self.ask.get("information") is not None
            or callable(self.ask.get("relevance"))
            or not isinstance(constraints, Sequence)
            or any(not type(one).__module__.startswith("budgetfit.") for one in constraints)
        )

    @property
    def is_portable(self) -> bool:
        """Whether another process can be told of it: no code, no open file, no pictures."""
        prompt = self.prompt
        return (
            isinstance(self.video, str | bytes | Path)
            and (
                prompt is None
                or isinstance(prompt, str)
                or (isinstance(prompt, Sequence) and all(type(b) is PromptBlock for b in prompt))
            )
            and not self.has_code
        )
