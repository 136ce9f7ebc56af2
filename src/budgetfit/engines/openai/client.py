"""What the two engines for servers share: their settings, and what is known of the server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from budgetfit.engines.checks import check_length, check_timeout, merge_sampling
from budgetfit.engines.openai.failures import server_failures
from budgetfit.engines.openai.requests import listed_max_model_len
from budgetfit.errors import EngineUnavailableError, MissingExtraError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from budgetfit.plans import Plan

__all__ = ["Server", "import_openai"]


def import_openai() -> ModuleType:
    """Return openai.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    try:
        import openai
    except ImportError as error:
        raise MissingExtraError("openai", "openai") from error
    return openai


class Server:
    """A server and the model on it, as an engine was told and as the server told.

    Raises
    ------
    UsageError
        ``timeout_s`` is not positive, or ``sampling`` sets what the plan decides.
    """

    def __init__(
        self, base_url: str, model: str, timeout_s: float, sampling: Mapping[str, Any] | None
    ) -> None:
        if timeout_s is None:
            raise UsageError("timeout_s is None; it must be a number of seconds")
        check_timeout(timeout_s)
        self.base_url = base_url
        self.model = model
        self.timeout_s = timeout_s
        self.sampling = merge_sampling(sampling)
        self.max_model_len: int | None = None
        self.is_known = False

    def learn(self, listed: object) -> None:
        """Take what the server tells of its models."""
        self.max_model_len = listed_max_model_len(listed, self.model)
        self.is_known = True

    def check_length(self, plan: Plan) -> None:
        """Check that ``plan`` and its answer fit the server's context, where it tells that.

        Raises
        ------
        PromptTooLongError
            They do not.
        """
        check_length(plan, self.max_model_len, "server")

    @contextmanager
    def failures(self, plan: Plan | None = None) -> Iterator[None]:
        """Turn what openai's client raises inside the block into an ``EngineError``."""
        try:
            with server_failures(self.base_url, self.timeout_s, plan):
                yield
        except EngineUnavailableError:
            # Who comes back may be another, with another length.
            self.is_known = False
            raise
