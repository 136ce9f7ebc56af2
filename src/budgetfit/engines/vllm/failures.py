"""What vLLM raises, as budgetfit's errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from budgetfit.engines.length_errors import is_length_error
from budgetfit.errors import (
    BudgetfitError,
    EngineDiedError,
    EngineError,
    EngineTimeoutError,
    PromptTooLongError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.plans import Plan

__all__ = ["first_line", "vllm_failures"]


@contextmanager
def vllm_failures(plan: Plan, timeout_s: float | None) -> Iterator[None]:
    """Turn what vLLM raises inside the block, about ``plan``, into an ``EngineError``."""
    try:
        yield
    except BudgetfitError:
        raise
    except TimeoutError as error:
        raise EngineTimeoutError(
            f"vLLM gave nothing within {timeout_s:g} s and the request was given up; give a "
            "longer timeout_s, and where it hangs, a new engine"
        ) from error
    # vLLM 0.32 raises errors of its own that derive from Exception alone.
    except Exception as error:
        raise _failure(error, plan) from error


def _failure(error: Exception, plan: Plan) -> EngineError:
    from vllm.v1.engine.exceptions import EngineDeadError, EngineGenerateError

    # The asynchronous engine wraps what went wrong with one request, and says nothing itself.
    cause = error.__cause__ if isinstance(error, EngineGenerateError) else None
    shown = error if cause is None else cause
    if isinstance(shown, EngineError):
        return shown
    if is_length_error(str(shown), getattr(shown, "parameter", None)):
        return PromptTooLongError(first_line(shown), plan)
    if isinstance(shown, EngineDeadError):
        return EngineDiedError(
            "vLLM's engine process has ended while it had work; its log above says why: out of "
            "memory, perhaps; make a new engine"
        )
    if "out of memory" in str(shown).lower():
        return EngineDiedError(
            f"vLLM ran out of memory: {first_line(shown)}; make a new engine with a lower "
            "max_num_seqs, max_model_len or gpu_memory_utilization"
        )
    return EngineError(f"vLLM failed: {first_line(shown)}; its log above says why")


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text, or the error's name where it has none."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
