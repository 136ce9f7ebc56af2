"""What an engine is: it takes a plan and its pictures and gives an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from PIL import Image

    from budgetfit.engines.streams import AnswerStream, AsyncAnswerStream
    from budgetfit.plans import Plan

__all__ = ["Answer", "AsyncEngine", "Engine"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said about a plan.

    Attributes
    ----------
    text : str
        The generated text.
    num_prompt_tokens : int
        Prompt tokens as the engine counted them; equal to the plan's.
    num_completion_tokens : int
        Tokens generated.
    finish_reason : str
        ``"stop"`` where the model ended the answer, ``"length"`` where ``max_tokens`` did.
    """

    text: str
    num_prompt_tokens: int
    num_completion_tokens: int
    finish_reason: str


class Engine(Protocol):
    """Anything that can run a plan."""

    @property
    def max_model_len(self) -> int | None:
        """Prompt and generated tokens that fit together; None where the engine does not tell."""
        ...

    def run(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        *,
        sampling: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask the model about ``images``, the pictures of ``plan`` in time order."""
        ...

    def stream(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        *,
        sampling: Mapping[str, Any] | None = None,
    ) -> AnswerStream:
        """Ask as ``run`` does, and give the answer's text as it is generated."""
        ...

    def close(self) -> None:
        """Release what the engine holds; closing twice is allowed."""
        ...


class AsyncEngine(Protocol):
    """Anything that can run many plans at once, in one event loop."""

    @property
    def max_model_len(self) -> int | None:
        """Prompt and generated tokens that fit together; None where the engine does not tell."""
        ...

    async def run(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        *,
        sampling: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask the model about ``images``; cancelling takes the request out of the engine."""
        ...

    def stream(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        *,
        sampling: Mapping[str, Any] | None = None,
    ) -> AsyncAnswerStream:
        """Ask as ``run`` does, and give the answer's text as it is generated."""
        ...

    async def close(self) -> None:
        """Release what the engine holds; closing twice is allowed."""
        ...
