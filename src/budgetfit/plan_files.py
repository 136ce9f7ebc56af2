"""Plans as JSON files: the schema, and what a file must satisfy before it is believed."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from budgetfit.asked import Asked
from budgetfit.errors import PlanFileError, UsageError
from budgetfit.plan_checks import contradictions

__all__ = ["SCHEMA_VERSION", "PlanDocument", "read_plan_file", "write_plan_file"]

SCHEMA_VERSION = 1
# A plan is some kilobytes, with a long transcript a megabyte.
_MAX_BYTES = 2**26

# Solvers, pictures and FFmpeg take no larger ones.
_Count = Annotated[int, Field(ge=0, lt=2**31)]
_Positive = Annotated[int, Field(ge=1, lt=2**31)]
_Bytes = Annotated[int, Field(ge=1, lt=2**63)]
_Ticks = Annotated[int, Field(ge=-(2**63), lt=2**63)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Interval = Annotated[tuple[float, float, float], Field(strict=False)]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class VideoPart(_Part):
    """``video`` of a plan file."""

    path: str | None
    width: _Positive
    height: _Positive
    duration_s: _Seconds
    fingerprint: str
    num_bytes: _Bytes | None = None


class LimitsPart(_Part):
    """``limits`` of a plan file."""

    max_model_len: _Positive
    max_tokens: _Positive
    max_prompt_tokens: _Positive
    max_images: _Positive | None


class FramePart(_Part):
    """One of ``frames`` of a plan file."""

    time_s: Annotated[float, Field(allow_inf_nan=False)]
    pts: _Ticks
    width: _Positive
    height: _Positive
    num_tokens: _Positive


class SheetPart(_Part):
    """One of ``sheets`` of a plan file."""

    frames: Annotated[tuple[_Count, ...], Field(min_length=2, strict=False)]
    columns: _Positive
    rows: _Positive
    width: _Positive
    height: _Positive
    num_tokens: _Positive
    label_rows: _Count


class BlockPart(_Part):
    """One of ``blocks`` of a plan file's ``prompt``."""

    name: str
    text: str
    dropped: str
    num_tokens: _Count
    num_tokens_full: _Count


class PromptPart(_Part):
    """``prompt`` of a plan file."""

    text: str
    num_tokens: _Count
    num_tokens_full: _Count
    blocks: Annotated[tuple[BlockPart, ...], Field(strict=False)] = ()


class BlockAskedPart(_Part):
    """One of the blocks of ``asked.prompt`` of a plan file."""

    text: str
    required: bool
    priority: float
    cut: str
    name: str | None
    line_weights: Annotated[tuple[float, ...], Field(strict=False)] | None


class AskedPart(_Part):
    """``asked`` of a plan file: what the plan was asked for beside its limits."""

    num_candidates: _Positive | None
    start_s: float | None
    end_s: float | None
    prompt: str | Annotated[tuple[BlockAskedPart, ...], Field(strict=False)]
    text_value_per_1000_tokens: float
    montage: bool
    constraints: Annotated[tuple[dict[str, Any], ...], Field(strict=False)]
    relevance: Annotated[tuple[_Interval, ...], Field(strict=False)] | None
    unsaved: Annotated[tuple[str, ...], Field(strict=False)]

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        try:
            Asked.from_dict(self.model_dump())
        except UsageError as error:
            raise ValueError(str(error)) from error
        return self


class TokenRulesPart(_Part):
    """``token_rules`` of a plan file."""

    image_patch_size: _Positive
    max_image_size: _Positive
    spatial_merge_size: _Positive
    tokenizer_version: str
    tokenizer_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class PlanDocument(_Part):
    """A whole plan file.

    Every number that can be checked against the others is.
    """

    schema_version: Literal[1]
    profile: str
    video: VideoPart
    limits: LimitsPart
    frames: Annotated[tuple[FramePart, ...], Field(min_length=1, strict=False)]
    prompt: PromptPart
    system_prompt: str | None
    num_tokens: _Positive
    information: _Share
    best_bound: _Share
    gap: _Share
    status: Literal["OPTIMAL", "FEASIBLE"]
    proved_by: str
    warnings: Annotated[tuple[str, ...], Field(strict=False)]
    timings_s: dict[str, _Seconds]
    time_labels: bool = False
    sheets: Annotated[tuple[SheetPart, ...], Field(strict=False)] = ()
    token_rules: TokenRulesPart | None = None
    asked: AskedPart | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for problem in contradictions(self):
            raise ValueError(problem)
        return self


def read_plan_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read and check a plan file; return it as plain data.

    Raises
    ------
    PlanFileError
        The file cannot be read, is not a plan of this version, or contradicts itself.
    """
    text = _read(path)
    try:
        return PlanDocument.model_validate(
            json.loads(text, parse_float=_finite, parse_constant=_finite)
        ).model_dump()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PlanFileError(
            f"{os.fspath(path)} is not a plan that can be used: "
            f"{f'{where}: ' if where else ''}{first['msg']}; plan the video again"
        ) from error
    except (ValueError, RecursionError) as error:
        raise PlanFileError(
            f"{os.fspath(path)} is not a plan that can be used: it is not JSON ({error}); "
            "plan the video again"
        ) from error


def _read(path: str | os.PathLike[str]) -> bytes:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise PlanFileError(
            f"cannot read the plan {os.fspath(path)}: {reason}; check the path"
        ) from error
    if len(content) > _MAX_BYTES:
        raise PlanFileError(
            f"{os.fspath(path)} is not a plan that can be used: it has over {_MAX_BYTES} bytes; "
            "check the path"
        )
    return content


def _finite(text: str) -> float:
    # Python's reader takes NaN and Infinity, which are no JSON, and 1e999 for one of them.
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is no finite number")
    return number


def write_plan_file(data: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a plan file.

    Raises
    ------
    PlanFileError
        The file cannot be written.
    """
    # A file name that is no UTF-8 has lone surrogates, which only an escape can carry.
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    content = text.encode("utf-8", errors="backslashreplace")
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise PlanFileError(
            f"cannot write the plan {os.fspath(path)}: {error.strerror}; choose another path"
        ) from error
