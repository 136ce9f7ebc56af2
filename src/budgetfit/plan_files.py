"""Plans as JSON files: the schema, and what a file must satisfy before it is believed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from budgetfit.errors import PlanFileError
from budgetfit.profiles import PROFILES, get_profile
from budgetfit.tokens.images import num_image_tokens
from budgetfit.tokens.layout import BLANK_LINE

__all__ = ["SCHEMA_VERSION", "PlanDocument", "read_plan_file", "write_plan_file"]

SCHEMA_VERSION = 1

_Count = Annotated[int, Field(ge=0)]
_Positive = Annotated[int, Field(ge=1)]
_Share = Annotated[float, Field(ge=0, le=1)]
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


class LimitsPart(_Part):
    """``limits`` of a plan file."""

    max_model_len: _Positive
    max_tokens: _Positive
    max_prompt_tokens: _Positive
    max_images: _Positive | None


class FramePart(_Part):
    """One of ``frames`` of a plan file."""

    time_s: Annotated[float, Field(allow_inf_nan=False)]
    pts: int
    width: _Positive
    height: _Positive
    num_tokens: _Positive


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

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for problem in self._contradictions():
            raise ValueError(problem)
        return self

    def _contradictions(self) -> list[str]:
        if self.profile not in PROFILES:
            return [f"profile {self.profile!r} is unknown"]
        profile, limits = get_profile(self.profile), self.limits
        found = []
        for index, frame in enumerate(self.frames):
            expected = num_image_tokens(frame.width, frame.height, profile)
            if frame.num_tokens != expected:
                found.append(
                    f"frame {index} of {frame.width}x{frame.height} pixels costs {expected} tokens,"
                    f" not {frame.num_tokens}"
                )
            if frame.width % profile.side_multiple or frame.height % profile.side_multiple:
                found.append(f"frame {index} is not made of whole patches")
        pictures = sum(frame.num_tokens for frame in self.frames)
        if self.num_tokens <= pictures + self.prompt.num_tokens:
            found.append(f"num_tokens {self.num_tokens} is less than its parts")
        blocks = [block.text for block in self.prompt.blocks]
        if blocks and self.prompt.text != BLANK_LINE.join(filter(None, blocks)):
            found.append("the prompt's text is not that of its blocks")
        if limits.max_prompt_tokens != limits.max_model_len - limits.max_tokens:
            found.append("max_prompt_tokens is not max_model_len - max_tokens")
        if self.num_tokens > limits.max_prompt_tokens:
            found.append(
                f"num_tokens {self.num_tokens} exceeds max_prompt_tokens {limits.max_prompt_tokens}"
            )
        if limits.max_images is not None and len(self.frames) > limits.max_images:
            found.append(f"{len(self.frames)} frames exceed max_images {limits.max_images}")
        if self.information > self.best_bound:
            found.append(f"information {self.information} exceeds best_bound {self.best_bound}")
        return found


def read_plan_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read and check a plan file; return it as plain data.

    Raises
    ------
    PlanFileError
        The file cannot be read, is not a plan of this version, or contradicts itself.
    """
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise PlanFileError(
            f"cannot read the plan {os.fspath(path)}: {error.strerror}; check the path"
        ) from error
    try:
        return PlanDocument.model_validate(json.loads(text)).model_dump()
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise PlanFileError(
            f"{os.fspath(path)} is not a plan that can be used: it is not JSON ({error}); "
            "plan the video again"
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PlanFileError(
            f"{os.fspath(path)} is not a plan that can be used: "
            f"{f'{where}: ' if where else ''}{first['msg']}; plan the video again"
        ) from error


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
