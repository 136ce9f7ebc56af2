"""Runs plans on a server that speaks OpenAI's protocol, such as ``vllm serve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from budgetfit.engines.base import Answer, check_answer, check_pictures, check_sampling
from budgetfit.engines.length_errors import is_length_error
from budgetfit.errors import (
    EngineError,
    MissingExtraError,
    PromptTooLongError,
    TokenMismatchError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from openai import APIStatusError
    from PIL import Image

    from budgetfit.plans import Plan

__all__ = ["OpenAIEngine"]

_Response = TypeVar("_Response")


class OpenAIEngine:
    """A server that speaks OpenAI's chat protocol.

    Parameters
    ----------
    base_url : str
        The address up to and with ``/v1``.
    model : str
        The model's name on the server.
    api_key : str
        The key; servers without one take any.
    timeout_s : float
        Seconds to wait for an answer. A request is sent once, never again.
    sampling : mapping, optional
        Further fields of the request; ``temperature`` is 0 unless given.

    Raises
    ------
    MissingExtraError
        The openai package is not installed.
    UsageError
        ``timeout_s`` is not positive, or ``sampling`` sets what the plan decides.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str = "EMPTY",
        timeout_s: float = 120.0,
        sampling: Mapping[str, Any] | None = None,
    ) -> None:
        if not timeout_s > 0:
            raise UsageError(f"timeout_s is {timeout_s}; it must be positive")
        self._sampling = {"temperature": 0.0, **(sampling or {})}
        check_sampling(self._sampling)
        try:
            import openai
        except ImportError as error:
            raise MissingExtraError("openai", "openai") from error
        self._openai = openai
        self._base_url = base_url
        self._model = model
        self._timeout_s = timeout_s
        self._client = openai.OpenAI(
            base_url=base_url, api_key=api_key, timeout=timeout_s, max_retries=0
        )
        self._max_model_len: int | None = None
        self._knows_model = False

    def run(self, plan: Plan, images: Sequence[Image.Image]) -> Answer:
        """Ask the model about ``images``, the pictures of ``plan`` in time order.

        Raises
        ------
        UsageError
            ``images`` are not those that the plan counted.
        PromptTooLongError
            The plan does not fit the server's context. Nothing was sent where the server tells
            its ``max_model_len``, as vLLM's does.
        TokenMismatchError
            The server counts other prompt tokens than the plan.
        EngineError
            The server cannot be reached, failed, or gave no answer.
        """
        check_pictures(plan, images)
        self._check_length(plan)
        completion = self._call(
            lambda: self._client.chat.completions.create(
                model=self._model,
                messages=cast("Any", plan.messages(list(images))),
                max_tokens=plan.limits.max_tokens,
                extra_body=self._sampling,
            ),
            plan,
        )
        return self._answer(completion, plan)

    def close(self) -> None:
        """Close the connections; closing twice is allowed."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _check_length(self, plan: Plan) -> None:
        # A vLLM server clips max_tokens silently, and one refused prompt of exactly its
        # max_model_len makes the next valid request with the same picture fail.
        if not self._knows_model:
            listed = self._call(self._client.models.list, plan)
            self._max_model_len = _max_model_len(listed, self._model)
            self._knows_model = True
        room = self._max_model_len
        if room is not None and plan.num_tokens + plan.limits.max_tokens > room:
            raise PromptTooLongError(
                f"with {plan.limits.max_tokens} tokens to generate they exceed the server's "
                f"max_model_len of {room}",
                plan,
            )

    def _call(self, request: Callable[[], _Response], plan: Plan) -> _Response:
        openai = self._openai
        try:
            return request()
        except openai.APITimeoutError as error:
            raise EngineError(
                f"{self._base_url} gave no answer within {self._timeout_s:g} s; "
                "give a longer timeout_s"
            ) from error
        except openai.APIConnectionError as error:
            cause = error.__cause__ or error
            raise EngineError(
                f"cannot reach {self._base_url}: {cause}; check that the server runs there"
            ) from error
        except openai.APIStatusError as error:
            raise self._refusal(error, plan) from error
        except (openai.OpenAIError, ValueError) as error:
            raise EngineError(
                f"{self._base_url} answered something that is no OpenAI response: {error}; "
                "check the address, which ends in /v1"
            ) from error

    def _refusal(self, error: APIStatusError, plan: Plan) -> EngineError:
        body = error.body if isinstance(error.body, dict) else {}
        message = " ".join(str(body.get("message") or error.message).split())
        if error.status_code == 400 and is_length_error(message, body.get("param")):
            return PromptTooLongError(message, plan)
        remedy = _REMEDIES.get(error.status_code, "the server's log says why")
        return EngineError(f"{self._base_url} answered {error.status_code}: {message}; {remedy}")

    def _answer(self, completion: object, plan: Plan) -> Answer:
        choices = getattr(completion, "choices", None)
        usage = getattr(completion, "usage", None)
        if not choices or usage is None:
            missing = "usage" if choices else "choices"
            raise EngineError(
                f"{self._base_url} answered without {missing}; check that it is an "
                "OpenAI-compatible server and that its address ends in /v1"
            )
        if usage.prompt_tokens != plan.num_tokens:
            raise TokenMismatchError(
                plan.num_tokens, usage.prompt_tokens, f"the server at {self._base_url}"
            )
        answer = Answer(
            text=choices[0].message.content or "",
            num_prompt_tokens=usage.prompt_tokens,
            num_completion_tokens=usage.completion_tokens,
            finish_reason=str(choices[0].finish_reason),
        )
        return check_answer(answer, self._base_url)


_REMEDIES = {
    401: "give the server's api_key",
    403: "give an api_key that may use the model",
    404: "check the address, which ends in /v1, and the model's name",
}


def _max_model_len(listed: object, model: str) -> int | None:
    """``max_model_len`` that a server tells in its list of models, as vLLM's does."""
    for card in getattr(listed, "data", None) or ():
        if card.id == model:
            value = getattr(card, "max_model_len", None)
            return value if isinstance(value, int) else None
    return None
