"""What is answered in place of the model, in the format of OpenAI's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budgetfit.errors import (
    BudgetfitError,
    InfeasibleError,
    MissingExtraError,
    UsageError,
    VideoError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RefusedError", "refusal_of"]

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class RefusedError(Exception):
    """A request is not answered by the model.

    Parameters
    ----------
    status : int
        Of the HTTP response.
    message : str
        In one line, with the remedy.
    code : str
        What programs tell the case by.
    param : str, optional
        The field of the request that is wrong.
    headers : mapping of str to str, optional
        Sent with it.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str,
        *,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message, code)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.headers = dict(headers or {})

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self.status, self.message, self.code, self.param, self.headers)

    def body(self) -> dict[str, Any]:
        """Return the JSON of the response, as OpenAI's clients read it."""
        kind = _TYPES.get(self.status, "server_error" if self.status >= 500 else _TYPES[400])
        error = {"message": self.message, "type": kind, "param": self.param, "code": self.code}
        return {"error": error}


def _remade(
    status: int, message: str, code: str, param: str | None, headers: Mapping[str, str]
) -> RefusedError:
    return RefusedError(status, message, code, param=param, headers=headers)


def refusal_of(error: BudgetfitError) -> RefusedError:
    """Return what a client is told of an error of budgetfit."""
    message = " ".join(str(error).split())
    if isinstance(error, MissingExtraError):
        return RefusedError(501, message, "not_installed")
    if isinstance(error, InfeasibleError):
        return RefusedError(400, message, "context_length_exceeded", param="messages")
    if isinstance(error, VideoError):
        return RefusedError(400, message, "unreadable_video", param="messages")
    if isinstance(error, UsageError):
        return RefusedError(400, message, "unsupported_request", param="messages")
    return RefusedError(500, message, "planning_failed")
