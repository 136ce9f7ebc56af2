"""How often, and after how long, a request that failed is sent again."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from budgetfit.errors import EngineError, UsageError

__all__ = ["Retries", "checked_retries"]


@dataclass(frozen=True, slots=True)
class Retries:
    """When to ask an engine again after an error that says it may pass (``error.retryable``).

    The n-th wait is at random between half and the whole of ``first_s * 2 ** (n - 1)``, at most
    ``longest_s``, so that those who failed together do not come back together; longer where a
    server asks for it with Retry-After. With the defaults, a server may be away for two minutes.

    Attributes
    ----------
    most : int
        How often a job is asked again; 0 for never.
    first_s, longest_s : float
        Seconds of the first and of the longest wait.

    Raises
    ------
    UsageError
        A value is below 0 or no number.
    """

    most: int = 10
    first_s: float = 0.5
    longest_s: float = 60.0

    def __post_init__(self) -> None:
        if type(self.most) is not int or self.most < 0:
            raise UsageError(f"retries are {self.most!r}; give a whole number of at least 0")
        for name in ("first_s", "longest_s"):
            value = getattr(self, name)
            if type(value) not in {int, float} or not 0 <= value < math.inf:
                raise UsageError(f"{name} is {value!r}; it must be seconds, at least 0")

    def wait_s(self, error: Exception, num_attempts: int) -> float | None:
        """Return the seconds to wait after so many attempts; None where there is to be no other."""
        if not isinstance(error, EngineError) or not error.retryable or num_attempts > self.most:
            return None
        whole_s = min(self.longest_s, self.first_s * 2.0 ** min(num_attempts - 1, 64))
        # Nothing here is secret.
        wait_s = whole_s * random.uniform(0.5, 1.0)  # noqa: S311
        return max(wait_s, error.retry_after_s or 0.0)


def checked_retries(retries: int | Retries) -> Retries:
    """Return what a caller gave as ``Retries``.

    Raises
    ------
    UsageError
        It is neither that nor a number.
    """
    return retries if isinstance(retries, Retries) else Retries(retries)
