"""A plan as a chat request, and a server's completions as text and an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budgetfit.engines.base import Answer
from budgetfit.engines.checks import check_answer
from budgetfit.errors import EngineError, EngineUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from budgetfit.plans import Plan

__all__ = ["Completions", "listed_max_model_len", "request_arguments"]


def request_arguments(
    plan: Plan,
    images: Sequence[Image.Image],
    *,
    model: str,
    sampling: Mapping[str, Any],
    in_pieces: bool,
) -> dict[str, Any]:
    """Return the arguments of ``client.chat.completions.create`` for ``plan``."""
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    return {
        "model": model,
        "messages": plan.messages(list(images)),
        "max_tokens": plan.limits.max_tokens,
        "extra_body": dict(sampling),
        **(streamed if in_pieces else {}),
    }


class Completions:
    """Collects what a server answers to one request: a completion, or the chunks of one.

    Parameters
    ----------
    plan : Plan
        The plan that was sent.
    base_url : str
        The server, for messages.
    """

    def __init__(self, plan: Plan, base_url: str) -> None:
        self._plan = plan
        self._base_url = base_url
        self._texts: list[str] = []
        self._finish_reason: str | None = None
        self._has_choices = False
        self._usage: Any = None

    def add(self, completion: object) -> str:
        """Take a completion or a chunk and return the text that it brings."""
        # The last chunk brings the counts and no text.
        self._usage = getattr(completion, "usage", None) or self._usage
        choices = getattr(completion, "choices", None)
        if not choices:
            return ""
        self._has_choices = True
        self._finish_reason = choices[0].finish_reason or self._finish_reason
        part = getattr(choices[0], "delta", None) or getattr(choices[0], "message", None)
        text: str = getattr(part, "content", None) or ""
        self._texts.append(text)
        return text

    def answer(self) -> Answer:
        """Return the whole answer.

        Raises
        ------
        TokenMismatchError
            The server counted other prompt tokens than the plan.
        EngineError
            The request did not end with an answer.
        """
        if self._has_choices and self._finish_reason is None:
            raise EngineUnavailableError(f"{self._base_url} broke off its answer; ask again")
        if not self._has_choices or self._usage is None:
            missing = "usage" if self._has_choices else "choices"
            raise EngineError(
                f"{self._base_url} answered without {missing}; check that it is an "
                "OpenAI-compatible server and that its address ends in /v1"
            )
        answer = Answer(
            text="".join(self._texts),
            num_prompt_tokens=self._usage.prompt_tokens,
            num_completion_tokens=self._usage.completion_tokens,
            finish_reason=str(self._finish_reason),
        )
        return check_answer(answer, self._plan, f"the server at {self._base_url}")


def listed_max_model_len(listed: object, model: str) -> int | None:
    """``max_model_len`` that a server tells in its list of models, as vLLM's does."""
    for card in getattr(listed, "data", None) or ():
        if card.id == model:
            value = getattr(card, "max_model_len", None)
            return value if isinstance(value, int) else None
    return None
