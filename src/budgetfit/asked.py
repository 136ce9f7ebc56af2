"""What a plan was asked for, as far as a file can hold it."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from budgetfit.errors import UsageError
from budgetfit.prompts.blocks import PromptBlock
from budgetfit.video_analysis import Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budgetfit.constraints import Constraint
    from budgetfit.jobs import Job
    from budgetfit.video_analysis import VideoAnalysis

__all__ = ["Asked", "asked_of"]

_INFINITY = "inf"

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan was asked for beside its limits.

    Attributes
    ----------
    prompt : str or tuple of PromptBlock
        The user's text, before anything was cut.
    text_value_per_1000_tokens : float
        What blocks are worth beside pictures.
    montage : bool
        Whether an image may be a sheet of several moments.
    where : Where
        Where the video was looked at.
    constraints : tuple of Constraint
        What the plan must keep.
    relevance : tuple of (float, float, float) or None
        Weights of intervals.
    unsaved : tuple of str
        Arguments that were given and that a file cannot hold: functions, and constraints of the
        user's own.
    """

    prompt: str | tuple[PromptBlock, ...]
    text_value_per_1000_tokens: float
    montage: bool
    where: Where
    constraints: tuple[Constraint, ...] = ()
    relevance: tuple[tuple[float, float, float], ...] | None = None
    unsaved: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        prompt: Any = self.prompt
        if not isinstance(prompt, str):
            prompt = [dataclasses.asdict(block) for block in prompt]
        return {
            **dataclasses.asdict(self.where),
            "prompt": prompt,
            "text_value_per_1000_tokens": self.text_value_per_1000_tokens,
            "montage": self.montage,
            "constraints": [_constraint_to_dict(constraint) for constraint in self.constraints],
            "relevance": None if self.relevance is None else [list(one) for one in self.relevance],
            "unsaved": list(self.unsaved),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Asked:
        """Return what ``to_dict`` gave.

        Raises
        ------
        UsageError
            A value cannot be used.
        """
        prompt, relevance = data["prompt"], data["relevance"]
        if not isinstance(prompt, str):
            prompt = tuple(_made(PromptBlock, block) for block in prompt)
        return cls(
            prompt=prompt,
            text_value_per_1000_tokens=data["text_value_per_1000_tokens"],
            montage=data["montage"],
            where=Where(data["num_candidates"], data["start_s"], data["end_s"]),
            constraints=tuple(_constraint_from_dict(one) for one in data["constraints"]),
            relevance=None if relevance is None else tuple(tuple(one) for one in relevance),
            unsaved=tuple(data["unsaved"]),
        )


def asked_of(job: Job, seen: VideoAnalysis) -> Asked:
    """Return what was asked of a plan, and of looking at its video."""
    unsaved = [name for name in ("customize", "information") if getattr(job, name) is not None]
    relevance = None if callable(job.relevance) else job.relevance
    if callable(job.relevance):
        unsaved.append("relevance")
    kinds = _kinds().values()
    if any(type(constraint) not in kinds for constraint in job.constraints):
        unsaved.append("constraints")
    return Asked(
        prompt=job.prompt,
        text_value_per_1000_tokens=job.text_value_per_1000_tokens,
        montage=job.montage,
        where=seen.where,
        constraints=tuple(c for c in job.constraints if type(c) in kinds),
        relevance=None
        if relevance is None
        else tuple((float(start), float(end), float(weight)) for start, end, weight in relevance),
        unsaved=tuple(unsaved),
    )


def _kinds() -> dict[str, type[Constraint]]:
    """Return the constraints that a file can name."""
    from budgetfit import constraints
    from budgetfit.constraints import Constraint

    public = {name: getattr(constraints, name) for name in constraints.__all__}
    return {
        name: kind
        for name, kind in public.items()
        if isinstance(kind, type) and issubclass(kind, Constraint) and kind is not Constraint
    }


def _constraint_to_dict(constraint: Constraint) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": type(constraint).__name__}
    # Every kind is a dataclass, which the class of them all does not tell.
    for part in dataclasses.fields(cast("Any", constraint)):
        value = getattr(constraint, part.name)
        # JSON has no infinity.
        data[part.name] = _INFINITY if value == math.inf else value
    return data


def _constraint_from_dict(data: Mapping[str, Any]) -> Constraint:
    fields = {
        name: math.inf if value == _INFINITY else value
        for name, value in data.items()
        if name != "kind"
    }
    kind = _kinds().get(str(data.get("kind")))
    if kind is None:
        raise UsageError(f"there is no constraint {data.get('kind')!r}")
    return _made(kind, fields)


def _made(kind: type[_T], fields: Mapping[str, Any]) -> _T:
    try:
        return kind(**fields)
    except TypeError as error:
        raise UsageError(f"a {kind.__name__} cannot be made: {error}") from error
