"""A plan as vLLM's request, and vLLM's outputs as text and an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from budgetfit.engines.base import Answer
from budgetfit.engines.checks import check_answer, check_length, check_pictures
from budgetfit.engines.vllm.failures import first_line
from budgetfit.errors import EngineError, TokenMismatchError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from budgetfit.engines.vllm.loaded_model import LoadedModel
    from budgetfit.plans import Plan

__all__ = ["Outputs", "VLLMRequest", "make_request"]


@dataclass(frozen=True)
class VLLMRequest:
    """What vLLM is given.

    Attributes
    ----------
    prompt : dict
        Token ids, and the pictures beside them.
    parameters : vllm.SamplingParams
        With what an output carries: what is new since the last one, or the whole at the end.
    request_id : str
        Of no other request.
    """

    prompt: dict[str, Any]
    parameters: Any
    request_id: str = field(default_factory=lambda: f"budgetfit-{uuid4().hex}")


def make_request(
    plan: Plan,
    images: Sequence[Image.Image],
    *,
    sampling: Mapping[str, Any],
    model: LoadedModel,
    max_model_len: int,
    in_pieces: bool,
) -> VLLMRequest:
    """Return the request of ``plan``, which vLLM will not refuse for its length.

    Raises
    ------
    UsageError
        ``images`` are not those that the plan counted, ``model`` counts otherwise than the plan's,
        or vLLM knows no such ``sampling``.
    PromptTooLongError
        The plan was made for a longer context than the engine's.
    TokenMismatchError
        The plan's token ids are not as many as it says.
    """
    check_pictures(plan, images)
    model.check(plan)
    num_tokens = len(plan.prompt_token_ids())
    if num_tokens != plan.num_tokens:
        raise TokenMismatchError(plan.num_tokens, num_tokens, "mistral-common")
    check_length(plan, max_model_len, "engine")
    prompt: dict[str, Any] = {"prompt_token_ids": model.prompt_token_ids(plan)}
    if images:
        prompt["multi_modal_data"] = {"image": list(images)}
    return VLLMRequest(prompt, _parameters(plan, sampling, in_pieces=in_pieces))


def _parameters(plan: Plan, sampling: Mapping[str, Any], *, in_pieces: bool) -> Any:
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams

    arguments = dict(sampling)
    try:
        # A server takes them as plain data; both engines then take the same.
        if isinstance(demanded := arguments.get("structured_outputs"), dict):
            arguments["structured_outputs"] = StructuredOutputsParams(**demanded)
        return SamplingParams(
            max_tokens=plan.limits.max_tokens,
            output_kind=RequestOutputKind.DELTA if in_pieces else RequestOutputKind.FINAL_ONLY,
            **arguments,
        )
    except Exception as error:
        raise UsageError(
            f"vLLM does not take the sampling parameters {dict(sampling)}: {first_line(error)}; "
            "give those of vllm.SamplingParams"
        ) from error


class Outputs:
    """Collects the outputs of one request.

    Parameters
    ----------
    plan : Plan
        The plan that was sent.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._texts: list[str] = []
        self._num_prompt_tokens = 0
        self._num_completion_tokens = 0
        self._finish_reason: str | None = None

    def add(self, output: Any) -> str:
        """Take one of vLLM's outputs and return the text that it brings.

        Raises
        ------
        EngineError
            It has no text at all.
        """
        if not output.outputs:
            raise EngineError(
                "vLLM gave no output for the request; its log above says why", retryable=True
            )
        completion = output.outputs[0]
        self._texts.append(completion.text)
        self._num_completion_tokens += len(completion.token_ids)
        self._num_prompt_tokens = len(output.prompt_token_ids or ())
        self._finish_reason = completion.finish_reason
        return str(completion.text)

    def answer(self) -> Answer:
        """Return the whole answer.

        Raises
        ------
        TokenMismatchError
            vLLM counted other prompt tokens than the plan.
        EngineError
            The request did not end with an answer.
        """
        answer = Answer(
            text="".join(self._texts),
            num_prompt_tokens=self._num_prompt_tokens,
            num_completion_tokens=self._num_completion_tokens,
            finish_reason=str(self._finish_reason),
        )
        return check_answer(answer, self._plan, "vLLM")
