"""What every engine checks: before a plan is sent, and of the answer that comes back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from budgetfit.errors import EngineError, PromptTooLongError, TokenMismatchError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from PIL import Image

    from budgetfit.engines.base import Answer
    from budgetfit.plans import Plan
    from budgetfit.profiles import TokenRules

__all__ = [
    "check_answer",
    "check_length",
    "check_pictures",
    "check_rules",
    "check_timeout",
    "merge_sampling",
]

# The plan and the engines decide these; a caller's value would break what the plan promises.
_RESERVED_SAMPLING = frozenset(
    {
        "detokenize",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "model",
        "n",
        "output_kind",
        "stream",
        "stream_options",
        "truncate_prompt_tokens",
        "use_beam_search",
    }
)
_GREEDY = {"temperature": 0.0}


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


def check_rules(plan: Plan, rules: TokenRules, model: str) -> None:
    """Check that ``plan`` was counted by the token rules of the engine's model.

    Raises
    ------
    UsageError
        It was counted by others.
    """
    if plan.token_rules is None:
        return
    difference = plan.token_rules.difference(rules)
    if difference is not None:
        raise UsageError(
            f"the plan is for {plan.profile} but the engine's model, {model}, has {difference}; "
            f"plan with profile={model!r}"
        )


def merge_sampling(*layers: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return sampling parameters of which later ones win; ``temperature`` is 0 unless given.

    Raises
    ------
    UsageError
        A parameter is given that the plan decides.
    """
    merged: dict[str, Any] = dict(_GREEDY)
    for layer in layers:
        merged |= layer or {}
    reserved = sorted(_RESERVED_SAMPLING & merged.keys())
    if reserved:
        raise UsageError(
            f"sampling parameter {reserved[0]!r} cannot be set on an engine; "
            "max_tokens belongs to the plan, and an answer is one whole text"
        )
    return merged


def check_timeout(timeout_s: float | None) -> None:
    """Check that ``timeout_s`` is positive or None.

    Raises
    ------
    UsageError
        It is not.
    """
    if timeout_s is not None and not 0 < timeout_s < math.inf:
        raise UsageError(f"timeout_s is {timeout_s}; it must be positive and finite")


def check_length(plan: Plan, max_model_len: int | None, engine: str) -> None:
    """Check that a plan and its answer fit what ``engine`` has room for.

    vLLM clips ``max_tokens`` silently, and one refused prompt of exactly its ``max_model_len``
    makes the next valid request with the same picture fail: neither may be left to the engine.

    Raises
    ------
    PromptTooLongError
        They do not fit.
    """
    max_tokens = plan.limits.max_tokens
    if max_model_len is not None and plan.num_tokens + max_tokens > max_model_len:
        raise PromptTooLongError(
            f"with {max_tokens} tokens to generate they exceed the {engine}'s max_model_len "
            f"of {max_model_len}",
            plan,
        )


def check_answer(answer: Answer, plan: Plan, engine: str) -> Answer:
    """Return ``answer`` where it is one: of the plan's tokens, ended by the model or the limit.

    Raises
    ------
    TokenMismatchError
        The engine counted other prompt tokens than the plan.
    EngineError
        The request ended in another way, which vLLM reports without raising.
    """
    if answer.num_prompt_tokens != plan.num_tokens:
        raise TokenMismatchError(plan.num_tokens, answer.num_prompt_tokens, engine)
    if answer.finish_reason not in {"stop", "length"} or answer.num_completion_tokens < 1:
        raise EngineError(
            f"{engine} gave no answer: {answer.num_completion_tokens} tokens, "
            f"finish_reason {answer.finish_reason!r}; its log says why, and running again may help",
            retryable=True,
        )
    return answer
