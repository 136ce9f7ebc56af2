"""What is asked of a plan, checked before anything is read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from budgetfit.errors import UnsupportedRequestError, UsageError
from budgetfit.model_folders import find_profile
from budgetfit.profiles import DEFAULT_PROFILE
from budgetfit.prompts.blocks import DEFAULT_TEXT_VALUE, check_worth, checked_prompt
from budgetfit.tokens.layout import BLANK_LINE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from budgetfit.constraints import Constraint
    from budgetfit.cpsat.plan_model import Customize
    from budgetfit.own_measure import Measure
    from budgetfit.plans import Limits
    from budgetfit.profiles import ModelProfile
    from budgetfit.prompts.blocks import PromptBlock
    from budgetfit.tokens.tokenizer import RequestTokenizer
    from budgetfit.video.sources import Video
    from budgetfit.weighing import Relevance

__all__ = ["Ask", "Job", "check_single_video", "job_of"]


class Ask(TypedDict, total=False):
    """What may be asked of a plan, as for :func:`budgetfit.plan`, each with the same default."""

    system_prompt: str | None
    profile: str | os.PathLike[str]
    max_model_len: int | None
    max_tokens: int | None
    max_images: int | None
    text_value_per_1000_tokens: float
    constraints: Sequence[Constraint]
    customize: Customize | None
    time_labels: bool
    montage: bool
    relevance: Relevance | None
    information: Measure | None


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked of a plan, checked.

    Attributes
    ----------
    model : ModelProfile
        The model and its deployment.
    limits : Limits
        Tokens and images.
    prompt : str or tuple of PromptBlock
        The user's text.
    text_value_per_1000_tokens : float
        What blocks are worth beside pictures.
    system_prompt : str or None
        Sent before the prompt.
    constraints : tuple of Constraint
        What the plan must keep.
    customize : callable or None
        Adds constraints to the CP-SAT model.
    time_labels : bool
        Whether pictures have labels.
    montage : bool
        Whether an image may be a sheet of several moments.
    relevance : callable, sequence of intervals, or None
        Which moments count more.
    information : callable or None
        A measure in place of ours.

    Raises
    ------
    UsageError
        ``time_labels`` or ``montage`` is not a bool, ``customize`` or ``information`` cannot be
        called, ``relevance`` is none or comes with ``information``, or the text's value is no
        worth.
    """

    model: ModelProfile
    limits: Limits
    prompt: str | tuple[PromptBlock, ...]
    text_value_per_1000_tokens: float
    system_prompt: str | None
    constraints: tuple[Constraint, ...]
    customize: Customize | None
    time_labels: bool
    montage: bool
    relevance: Relevance | None
    information: Measure | None

    def __post_init__(self) -> None:
        for name in ("time_labels", "montage"):
            if type(getattr(self, name)) is not bool:
                raise UsageError(f"{name} is {getattr(self, name)!r}; it must be True or False")
        if self.customize is not None and not callable(self.customize):
            raise UsageError(
                f"customize is {self.customize!r}; it must be a function of one PlanModel, or None"
            )
        check_worth("text_value_per_1000_tokens", self.text_value_per_1000_tokens)
        if self.information is not None and not callable(self.information):
            raise UsageError(
                f"information is {self.information!r}; it must be a function of the candidates "
                "that returns a budgetfit.Information, or None"
            )
        if self.information is not None and self.relevance is not None:
            raise UsageError(
                "relevance and information were both given; weigh the moments in the weights that "
                "information returns"
            )
        if self.relevance is not None:
            from budgetfit.weighing import checked_relevance

            checked_relevance(self.relevance)

    @property
    def prompt_text(self) -> str:
        """The user's text, all blocks of it."""
        if isinstance(self.prompt, str):
            return self.prompt
        return BLANK_LINE.join(block.text for block in self.prompt)

    @property
    def keeps_all_candidates(self) -> bool:
        """Whether frames that show the same stay apart: for rules, and for what others measure."""
        return (
            bool(self.constraints)
            or self.customize is not None
            or self.relevance is not None
            or self.information is not None
        )

    def label_num_tokens(self, times_s: Iterable[float], tokenizer: RequestTokenizer) -> list[int]:
        """Return the tokens of each time's label: texts between pictures are encoded apart."""
        from budgetfit.time_labels import time_label

        if not self.time_labels:
            return [0 for _ in times_s]
        return [tokenizer.count_text(time_label(time_s)) for time_s in times_s]


def job_of(prompt: str | Sequence[PromptBlock] | None, ask: Ask) -> Job:
    """Return what is asked of a plan, checked; :func:`budgetfit.plan` says what each name means.

    Raises
    ------
    UsageError
        Something cannot be asked.
    """
    unknown = sorted(set(ask) - Ask.__annotations__.keys())
    if unknown:
        known = ", ".join(Ask.__annotations__)
        raise UsageError(f"nothing of a plan is called {unknown[0]!r}; give one of {known}")
    model = find_profile(ask.get("profile", DEFAULT_PROFILE))
    return Job(
        model=model,
        limits=_checked_limits(
            model, ask.get("max_model_len"), ask.get("max_tokens"), ask.get("max_images")
        ),
        prompt=checked_prompt(model.default_prompt if prompt is None else prompt),
        text_value_per_1000_tokens=ask.get("text_value_per_1000_tokens", DEFAULT_TEXT_VALUE),
        system_prompt=_checked_text(ask.get("system_prompt") or "", "system_prompt") or None,
        constraints=_checked_constraints(ask.get("constraints", ())),
        customize=ask.get("customize"),
        time_labels=ask.get("time_labels", False),
        montage=ask.get("montage", False),
        relevance=ask.get("relevance"),
        information=ask.get("information"),
    )


def _checked_limits(
    model: ModelProfile, max_model_len: int | None, max_tokens: int | None, max_images: int | None
) -> Limits:
    """Return the limits, the model's own where none is given.

    Raises
    ------
    UsageError
        One cannot be used, or they leave no room for a prompt.
    """
    from budgetfit.plans import Limits

    length = model.max_model_len if max_model_len is None else max_model_len
    generated = model.max_tokens if max_tokens is None else max_tokens
    images = model.max_images if max_images is None else max_images
    for name, value in (
        ("max_model_len", length),
        ("max_tokens", generated),
        ("max_images", images),
    ):
        if value is not None and (type(value) is not int or value < 1):
            raise UsageError(f"{name} is {value!r}; it must be a whole number of at least 1")
    if generated >= length:
        raise UsageError(
            f"max_tokens {generated} leaves no room for a prompt within max_model_len {length}; "
            "lower max_tokens or raise max_model_len"
        )
    return Limits(length, generated, length - generated, images)


def _checked_text(text: object, name: str) -> str:
    """Return ``text`` where it is one str that can be encoded.

    Raises
    ------
    UsageError
        It is not; ``UnsupportedRequestError`` where it is several.
    """
    from budgetfit.tokens.request import check_text

    if isinstance(text, str):
        check_text(text)
        return text
    if isinstance(text, Sequence):
        raise UnsupportedRequestError(
            f"{name} is a {type(text).__name__} of {len(text)}; a request is one user turn, so "
            "give its text as one str and what goes before it as system_prompt"
        )
    raise UsageError(f"{name} is a {type(text).__name__}; it must be a str")


def _checked_constraints(constraints: Sequence[Constraint]) -> tuple[Constraint, ...]:
    """Return ``constraints`` where each is one; nothing is imported where there are none.

    Raises
    ------
    UsageError
        One is not a constraint.
    """
    if constraints == ():
        return ()
    from budgetfit.constraints.base import checked_constraints as checked

    return checked(constraints)


def check_single_video(video: Video) -> None:
    """Raise ``UnsupportedRequestError`` where ``video`` is a sequence of paths.

    Raises
    ------
    UnsupportedRequestError
        Several videos are given.
    """
    if isinstance(video, list | tuple) and any(isinstance(v, str | os.PathLike) for v in video):
        raise UnsupportedRequestError(
            f"{len(video)} videos were given; a request has one video, so plan each of them alone"
        )
