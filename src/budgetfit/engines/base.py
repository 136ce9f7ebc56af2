"""What an engine is: it takes a plan and its pictures and gives an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from budgetfit.errors import EngineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from PIL import Image

    from budgetfit.plans import Plan

__all__ = ["Answer", "Engine", "check_answer", "check_pictures", "check_sampling"]

# The plan and the engines decide these; a caller's value would break what the plan promises.
_RESERVED_SAMPLING = frozenset(
    {"max_tokens", "max_completion_tokens", "n", "stream", "truncate_prompt_tokens"}
)


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

    def run(self, plan: Plan, images: Sequence[Image.Image]) -> Answer:
        """Ask the model about ``images``, the pictures of ``plan`` in time order."""
        ...


def check_pictures(plan: Plan, images: Sequence[Image.Image]) -> None:
    """Check that ``images`` are as many and as large as ``plan`` counted.

    An engine does not: vLLM takes fewer or smaller pictures than the prompt has places for.

    Raises
    ------
    UsageError
        The number of pictures or the size of one differs from the plan's.
    """
    planned = [(picture.width, picture.height) for picture in plan.pictures]
    if len(images) != len(planned):
        raise UsageError(
            f"the plan has {len(planned)} pictures but {len(images)} are given; "
            "pass plan.images() unchanged"
        )
    for index, (image, size) in enumerate(zip(images, planned, strict=True)):
        if image.size != size:
            raise UsageError(
                f"picture {index} is {image.width}x{image.height} pixels but planned as "
                f"{size[0]}x{size[1]}; pass plan.images() unchanged"
            )


def check_sampling(sampling: Mapping[str, Any]) -> None:
    """Check that ``sampling`` leaves alone what the plan decides.

    Raises
    ------
    UsageError
        A reserved sampling parameter is given.
    """
    reserved = sorted(_RESERVED_SAMPLING & sampling.keys())
    if reserved:
        raise UsageError(
            f"sampling parameter {reserved[0]!r} cannot be set on an engine; "
            "max_tokens belongs to the plan, and an answer is one whole text"
        )


def check_answer(answer: Answer, engine: str) -> Answer:
    """Return ``answer`` where it is one: some tokens, ended by the model or by ``max_tokens``.

    Raises
    ------
    EngineError
        The request ended in another way, which vLLM reports without raising.
    """
    if answer.finish_reason not in {"stop", "length"} or answer.num_completion_tokens < 1:
        raise EngineError(
            f"{engine} gave no answer: {answer.num_completion_tokens} tokens, "
            f"finish_reason {answer.finish_reason!r}; its log says why, and running again may help"
        )
    return answer
