"""Every error that budgetfit raises on purpose.

Each message names the offending value and the remedy. The tree::

    BudgetfitError
    ├── UsageError (ValueError)          an argument is wrong                       exit code 2
    │   ├── UnsupportedRequestError      several turns or several videos at once
    │   ├── ModelFolderError             a model's folder does not tell its token rules
    │   └── PlanFileError                a plan file cannot be used
    ├── JournalError                     a journal of answers cannot be used         exit code 2
    ├── MissingExtraError (ImportError)  an optional dependency is not installed     exit code 2
    ├── VideoError                       the video cannot be read                    exit code 3
    │   ├── VideoDecodeError             nothing in it can be decoded
    │   ├── VideoChangedError            it is not the video that was planned
    │   └── VideoLimitError              it asks for more than is allowed
    ├── InfeasibleError                  no plan can fit the limits                  exit code 4
    ├── TokenMismatchError               two exact counts differ                     exit code 5
    └── EngineError                      the engine failed                           exit code 5
        ├── PromptTooLongError           the engine refused the prompt's length
        ├── EngineTimeoutError           it gave nothing for too long
        ├── EngineUnavailableError       it cannot be reached or takes nothing now
        └── EngineDiedError              it ended; only a new one can answer

``exit_code`` is what the command line returns for the error. ``retryable`` of an ``EngineError``
says whether the same request may succeed on the same engine later.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from budgetfit.conflicts import Conflict
    from budgetfit.plans import Plan

__all__ = [
    "BudgetfitError",
    "EngineDiedError",
    "EngineError",
    "EngineTimeoutError",
    "EngineUnavailableError",
    "InfeasibleError",
    "JournalError",
    "MissingExtraError",
    "ModelFolderError",
    "PlanFileError",
    "PromptTooLongError",
    "TokenMismatchError",
    "UnsupportedRequestError",
    "UsageError",
    "VideoChangedError",
    "VideoDecodeError",
    "VideoError",
    "VideoLimitError",
]


class BudgetfitError(Exception):
    """Base of every error raised by budgetfit."""

    exit_code: ClassVar[int] = 1


class UsageError(BudgetfitError, ValueError):
    """An argument has a value that cannot be used."""

    exit_code = 2


class UnsupportedRequestError(UsageError):
    """The request has more than one turn or more than one video."""


class ModelFolderError(UsageError):
    """A model's folder lacks a file, or a file in it is none of Pixtral's family.

    Parameters
    ----------
    path : str or path
        The file or the folder.
    problem : str
        What is wrong with it and what to do.
    """

    def __init__(self, path: str | os.PathLike[str], problem: str) -> None:
        super().__init__(f"{os.fspath(path)} {problem}")
        self.path = path


class PlanFileError(UsageError):
    """A plan file is not a plan, or was written by an incompatible version."""


class JournalError(BudgetfitError):
    """A journal is no journal, is in use, is damaged, or cannot be read or written."""

    exit_code = 2


class MissingExtraError(BudgetfitError, ImportError):
    """An optional dependency is needed and not installed.

    Parameters
    ----------
    package : str
        The package that could not be imported.
    extra : str
        The extra of budgetfit that installs it.
    """

    exit_code = 2

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; install it with: pip install 'budgetfit[{extra}]'"
        )
        self.package = package
        self.extra = extra


class VideoError(BudgetfitError):
    """The video cannot be read."""

    exit_code = 3


class VideoDecodeError(VideoError):
    """The container opens, but no frame of the video can be decoded."""


class VideoLimitError(VideoError):
    """The video asks for more pixels, frames or time than is allowed; the message says of what."""


class VideoChangedError(VideoError):
    """The video's fingerprint is not the one stored in the plan."""


class InfeasibleError(BudgetfitError):
    """No plan satisfies the limits; the message names those that conflict.

    Parameters
    ----------
    message : str
        In one line.
    conflict : Conflict, optional
        The limits and demands that contradict each other, each with the least change that helps;
        None where it was not looked for.
    """

    exit_code = 4

    def __init__(self, message: str, conflict: Conflict | None = None) -> None:
        super().__init__(message)
        self.conflict = conflict


class TokenMismatchError(BudgetfitError):
    """Two counts that must agree exactly differ.

    Parameters
    ----------
    planned, counted : int
        Prompt tokens according to the plan and to ``counter``.
    counter : str
        Who counted otherwise: ``"mistral-common"`` or an engine.
    """

    exit_code = 5

    def __init__(self, planned: int, counted: int, counter: str) -> None:
        super().__init__(
            f"the plan has {planned} prompt tokens but {counter} counts {counted}; "
            "please report this with the plan file"
        )
        self.planned = planned
        self.counted = counted
        self.counter = counter


class EngineError(BudgetfitError):
    """The engine could not be started, failed, or gave no usable answer.

    Parameters
    ----------
    message : str
        In one line.
    retryable : bool, optional
        Whether the same request may succeed on the same engine later; the class's own answer
        unless given.
    retry_after_s : float, optional
        Seconds that the engine asks to be left alone for, where it says so.
    """

    exit_code = 5
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        retryable: bool | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        if retryable is not None:
            self.retryable = retryable
        self.retry_after_s = retry_after_s


class EngineTimeoutError(EngineError):
    """The engine gave nothing for longer than ``timeout_s``; the request was given up."""

    retryable = True


class EngineUnavailableError(EngineError):
    """The engine cannot be reached, is overloaded or broke off; it may be back later."""

    retryable = True


class EngineDiedError(EngineError):
    """The engine inside this program has ended; a new one must be made."""


class PromptTooLongError(EngineError):
    """The engine refused the prompt because of its length.

    Parameters
    ----------
    message : str
        The engine's own words.
    plan : Plan
        The plan that was refused.
    """

    def __init__(self, message: str, plan: Plan) -> None:
        super().__init__(
            f"the engine refused {plan.num_tokens} prompt tokens: {message}; "
            "plan again with the engine's own max_model_len"
        )
        self.plan = plan
