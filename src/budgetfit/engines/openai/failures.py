"""What a server's refusals and failures are, as budgetfit's errors."""

from __future__ import annotations

import time
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from budgetfit.engines.length_errors import is_length_error
from budgetfit.errors import (
    BudgetfitError,
    EngineError,
    EngineTimeoutError,
    EngineUnavailableError,
    PromptTooLongError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from openai import APIError

    from budgetfit.plans import Plan

__all__ = ["server_failures"]

# What the same request may be answered with once and not again: too slow, in conflict, too early,
# too many; and every fault of the server's own except that it cannot do such a thing at all.
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
# Of 429: it stays until somebody pays.
_QUOTA = "insufficient_quota"

_REMEDIES = {
    401: "give the server's api_key",
    403: "give an api_key that may use the model",
    404: "check the address, which ends in /v1, and the model's name",
    429: "send less at once, or later",
}
_LOG = "the server's log says why"


@contextmanager
def server_failures(base_url: str, timeout_s: float, plan: Plan | None) -> Iterator[None]:
    """Turn what openai's client raises inside the block into an ``EngineError``."""
    import openai

    httpx = _http_library()
    try:
        yield
    except BudgetfitError:
        raise
    # Up to its version 2, openai wraps errors of the connection only until an answer begins.
    except (openai.APITimeoutError, httpx.TimeoutException) as error:
        raise EngineTimeoutError(
            f"{base_url} gave nothing within {timeout_s:g} s; give a longer timeout_s"
        ) from error
    except (openai.APIConnectionError, httpx.TransportError) as error:
        raise _unreachable(base_url, error) from error
    except openai.APIStatusError as error:
        retry_after_s = _retry_after_s(error.response.headers)
        raise _refusal(base_url, error, error.status_code, plan, retry_after_s) from error
    except openai.APIError as error:
        # In the middle of a stream, which began with status 200.
        raise _refusal(base_url, error, _code(error), plan, None) from error
    except (openai.OpenAIError, ValueError) as error:
        raise EngineError(
            f"{base_url} answered something that is no OpenAI response: {error}; "
            "check the address, which ends in /v1"
        ) from error


def _http_library() -> ModuleType:
    """Return what openai speaks HTTP with: httpx or, from its version 3 on, httpx2."""
    import openai

    names = (base.__module__.partition(".")[0] for base in openai.DefaultHttpxClient.__mro__)
    return import_module(next(name for name in names if name != "openai"))


def _unreachable(base_url: str, error: Exception) -> EngineError:
    httpx = _http_library()
    cause = error.__cause__ or error
    # An address that nobody could reach stays so.
    if isinstance(cause, (httpx.UnsupportedProtocol, httpx.InvalidURL)):
        return EngineError(f"cannot reach {base_url}: {cause}; check the address")
    what = " ".join(str(cause).split()) or type(cause).__name__
    if isinstance(cause, (httpx.ConnectError, httpx.ConnectTimeout)):
        return EngineUnavailableError(
            f"cannot reach {base_url}: {what}; check that the server runs there"
        )
    return EngineUnavailableError(f"lost {base_url} while it answered: {what}; {_LOG}")


def _refusal(
    base_url: str,
    error: APIError,
    status: int,
    plan: Plan | None,
    retry_after_s: float | None,
) -> EngineError:
    body = error.body if isinstance(error.body, dict) else {}
    message = " ".join(str(body.get("message") or error.message).split())
    if plan is not None and status == 400 and is_length_error(message, body.get("param")):
        return PromptTooLongError(message, plan)
    text = f"{base_url} answered {status}: {message}; {_REMEDIES.get(status, _LOG)}"
    if status in _PASSING and body.get("code") != _QUOTA:
        return EngineUnavailableError(text, retry_after_s=retry_after_s)
    return EngineError(text)


def _code(error: APIError) -> int:
    """Status of an error inside a stream: as vLLM writes it, or that of any fault of a server."""
    body: Any = error.body
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) else 500


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to be left alone for (RFC 9110, 10.2.3), or None."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
