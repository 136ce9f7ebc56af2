"""Runs plans on a vLLM engine inside this process, which stays loaded between plans."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from budgetfit.engines.base import Answer, check_answer, check_pictures, check_sampling
from budgetfit.engines.elastic import without_torch_elastic
from budgetfit.engines.length_errors import is_length_error
from budgetfit.errors import (
    EngineError,
    MissingExtraError,
    PromptTooLongError,
    TokenMismatchError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType, TracebackType

    from PIL import Image

    from budgetfit.plans import Plan

__all__ = ["VLLMEngine"]

_DEFAULT_MAX_MODEL_LEN = 4096


class VLLMEngine:
    """A vLLM engine in this process.

    Parameters
    ----------
    model : str or path
        A folder with the weights, or a model's name on a hub. In a folder with ``params.json``
        the model is in Mistral's own format and is loaded as such.
    sampling : mapping, optional
        Sampling parameters by vLLM's names; ``temperature`` is 0 unless given.
    **engine_args
        vLLM's engine arguments. Unless given, ``max_model_len`` is 4096 and
        ``mm_processor_cache_gb`` is 0: with that cache, a request refused late makes the next
        valid one with the same picture fail or hang.

    Raises
    ------
    MissingExtraError
        vLLM is not installed.
    UsageError
        ``sampling`` sets what the plan decides.
    EngineError
        vLLM could not start.

    Notes
    -----
    vLLM may start worker processes, so a script needs an ``if __name__ == "__main__":`` guard
    around the engine. The engine is for one thread at a time. Where
    ``VLLM_ENABLE_V1_MULTIPROCESSING`` is 0, close one engine before making the next: closing
    takes down what all engines inside one process share.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        sampling: Mapping[str, Any] | None = None,
        **engine_args: Any,
    ) -> None:
        self._sampling = {"temperature": 0.0, **(sampling or {})}
        check_sampling(self._sampling)
        with without_torch_elastic():
            self._vllm = _import_vllm()
            self._llm = _start(self._vllm, os.fspath(model), engine_args)
        self.max_model_len: int = self._llm.llm_engine.model_config.max_model_len

    def run(self, plan: Plan, images: Sequence[Image.Image]) -> Answer:
        """Ask the model about ``images``, the pictures of ``plan`` in time order.

        Raises
        ------
        UsageError
            ``images`` are not those that the plan counted.
        PromptTooLongError
            The plan was made for a longer context than the engine's; nothing was sent.
        TokenMismatchError
            The engine counts other prompt tokens than the plan.
        EngineError
            The engine is closed, failed, or gave no answer.
        """
        check_pictures(plan, images)
        prompt_token_ids = plan.prompt_token_ids()
        if len(prompt_token_ids) != plan.num_tokens:
            raise TokenMismatchError(plan.num_tokens, len(prompt_token_ids), "mistral-common")
        self._check_length(plan)
        prompt: dict[str, Any] = {"prompt_token_ids": prompt_token_ids}
        if images:
            prompt["multi_modal_data"] = {"image": list(images)}
        output = self._generate(plan, prompt)
        counted = len(output.prompt_token_ids)
        if counted != plan.num_tokens:
            raise TokenMismatchError(plan.num_tokens, counted, "vLLM")
        return _answer(output)

    def close(self) -> None:
        """Stop the engine and release its memory; closing twice is allowed."""
        if self._llm is not None:
            self._llm.llm_engine.engine_core.shutdown()
            self._llm = None

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
        # vLLM clips max_tokens silently, and refuses a prompt of exactly max_model_len only after
        # its pictures were processed: neither may be left to the engine.
        max_tokens = plan.limits.max_tokens
        if plan.num_tokens + max_tokens > self.max_model_len:
            raise PromptTooLongError(
                f"with {max_tokens} tokens to generate they exceed the engine's max_model_len "
                f"of {self.max_model_len}",
                plan,
            )

    def _generate(self, plan: Plan, prompt: Mapping[str, Any]) -> Any:
        if self._llm is None:
            raise EngineError("the vLLM engine is closed; make a new VLLMEngine")
        parameters = self._vllm.SamplingParams(max_tokens=plan.limits.max_tokens, **self._sampling)
        try:
            outputs = self._llm.generate(prompt, parameters, use_tqdm=False)
        # vLLM 0.32 raises errors of its own that derive from Exception alone.
        except Exception as error:
            if is_length_error(str(error), getattr(error, "parameter", None)):
                raise PromptTooLongError(_first_line(error), plan) from error
            raise EngineError(
                f"vLLM failed: {_first_line(error)}; its log above says why"
            ) from error
        if len(outputs) != 1:
            raise EngineError(f"vLLM gave {len(outputs)} outputs for one request; start it again")
        return outputs[0]


def _import_vllm() -> ModuleType:
    try:
        import vllm
    except ImportError as error:
        if error.name == "vllm":
            raise MissingExtraError("vllm", "vllm") from error
        raise EngineError(
            f"vLLM is installed but cannot be imported: {_first_line(error)}; install it again"
        ) from error
    return vllm  # type: ignore[no-any-return]


def _start(vllm: ModuleType, model: str, engine_args: Mapping[str, Any]) -> Any:
    arguments = {
        "max_model_len": _DEFAULT_MAX_MODEL_LEN,
        "mm_processor_cache_gb": 0,
        **_mistral_format(Path(model)),
        **engine_args,
    }
    # A fork of a process that has used CUDA or threads hangs.
    name, method = "VLLM_WORKER_MULTIPROC_METHOD", "spawn"
    unset = name not in os.environ
    os.environ.setdefault(name, method)
    try:
        return vllm.LLM(model=model, **arguments)
    except Exception as error:
        raise EngineError(
            f"vLLM could not start {model}: {_first_line(error)}; "
            "check the folder and the engine arguments"
        ) from error
    finally:
        if unset:
            del os.environ[name]


def _mistral_format(folder: Path) -> dict[str, Any]:
    """Engine arguments for a folder in Mistral's own format; none for anything else."""
    if not (folder / "params.json").is_file():
        return {}
    return dict.fromkeys(("tokenizer_mode", "config_format", "load_format"), "mistral")


def _answer(output: Any) -> Answer:
    if not output.outputs:
        raise EngineError("vLLM gave no output for the request; its log above says why")
    completion = output.outputs[0]
    answer = Answer(
        text=completion.text,
        num_prompt_tokens=len(output.prompt_token_ids),
        num_completion_tokens=len(completion.token_ids),
        finish_reason=str(completion.finish_reason),
    )
    return check_answer(answer, "vLLM")


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
