"""From options to an engine."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from budgetfit.engines import AsyncOpenAIEngine, AsyncVLLMEngine, OpenAIEngine, VLLMEngine
    from budgetfit.plans import Plan

__all__ = ["check_model", "check_sampling", "open_async_engine", "open_engine"]


def check_model(model: str | None, base_url: str | None) -> str:
    """Return the model's name or folder.

    Raises
    ------
    UsageError
        None is given, or there is no such folder.
    """
    if model is None:
        raise UsageError(
            "no --model is given; give a folder with weights, or --base-url and the model's name "
            "on that server"
        )
    if base_url is None and not Path(model).is_dir():
        raise UsageError(
            f"--model {model} is no folder; give a folder with weights, or --base-url as well to "
            "ask a server"
        )
    return model


def check_sampling(
    temperature: float | None, top_p: float | None, seed: int | None
) -> dict[str, float]:
    """Return the sampling parameters that are given, by vLLM's and OpenAI's common names.

    Raises
    ------
    UsageError
        One is outside what any engine takes.
    """
    if temperature is not None and not 0 <= temperature < math.inf:
        raise UsageError(f"--temperature is {temperature}; it must be 0 or more")
    if top_p is not None and not 0 < top_p <= 1:
        raise UsageError(f"--top-p is {top_p}; it must be above 0 and at most 1")
    given = {"temperature": temperature, "top_p": top_p, "seed": seed}
    return {name: value for name, value in given.items() if value is not None}


def open_engine(model: str, base_url: str | None, plan: Plan) -> OpenAIEngine | VLLMEngine:
    """Return a server's engine where ``base_url`` is given, else start vLLM with ``plan``'s limits.

    Raises
    ------
    MissingExtraError
        openai or vLLM is not installed.
    EngineError
        vLLM could not start.
    """
    if base_url is not None:
        from budgetfit.engines import OpenAIEngine

        return OpenAIEngine(base_url, model, api_key=_api_key())
    from budgetfit.engines import VLLMEngine

    _log_to_stderr()
    return VLLMEngine(model, max_model_len=plan.limits.max_model_len)


def open_async_engine(
    model: str, base_url: str | None, max_model_len: int
) -> AsyncOpenAIEngine | AsyncVLLMEngine:
    """Return the same for many plans at once.

    Raises
    ------
    MissingExtraError, EngineError
        As ``open_engine``.
    """
    if base_url is not None:
        from budgetfit.engines import AsyncOpenAIEngine

        return AsyncOpenAIEngine(base_url, model, api_key=_api_key())
    from budgetfit.engines import AsyncVLLMEngine

    _log_to_stderr()
    # PyTorch's idle threads look for work, on the cores of the processes that plan.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return AsyncVLLMEngine(model, max_model_len=max_model_len)


def _api_key() -> str:
    return os.environ.get("OPENAI_API_KEY") or "EMPTY"


def _log_to_stderr() -> None:
    # vLLM logs to stdout, which is for the answer; its warnings and errors go to stderr.
    os.environ.setdefault("VLLM_LOGGING_STREAM", "ext://sys.stderr")
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
