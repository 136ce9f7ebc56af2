"""What tells a job from every other, in this run and in later ones."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from budgetfit.errors import UsageError
from budgetfit.plans import Plan
from budgetfit.video.sources import fingerprint_of
from budgetfit.video_analysis import VideoAnalysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budgetfit.batch.jobs import RunJob

__all__ = ["job_key"]


def job_key(job: RunJob, asked_of: Mapping[str, Any]) -> str:
    """Return a digest of all that an answer depends on.

    Parameters
    ----------
    job : RunJob
        Its id, or its video's absolute path where it has none; the video's fingerprint; the prompt,
        and all that is asked.
    asked_of : mapping
        The model and the sampling parameters.

    Returns
    -------
    str
        64 hexadecimal digits of SHA-256 over canonical JSON.

    Raises
    ------
    UsageError
        The job holds code or values that cannot be compared with those of another run.
    VideoError
        The video cannot be read.
    """
    if job.has_code and job.id is None:
        raise UsageError(
            f"{job!r} holds functions, which a journal cannot tell from others; give the job an id "
            "that changes with them"
        )
    data = {
        "asked_of": dict(asked_of),
        "id": job.id,
        "prompt": job.prompt,
        "search": job.search,
        "where": {name: value for name, value in job.where.items() if value is not None},
        "ask": {name: value for name, value in job.ask.items() if value is not None},
        **_video(job),
    }
    text = json.dumps(data, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _video(job: RunJob) -> dict[str, Any]:
    video = job.video
    if isinstance(video, Plan):
        # How long it took says nothing about what is sent.
        plan = {name: part for name, part in video.to_dict().items() if name != "timings_s"}
        return {"plan": plan}
    if isinstance(video, VideoAnalysis):
        where = dataclasses.asdict(video.where)
        path = video.info.path
        seen = {"analysis": where, "fingerprint": video.info.fingerprint}
    else:
        seekable = getattr(video, "seekable", None)
        if seekable is not None and not seekable():
            raise UsageError(
                f"{video!r} can be read only once, and a journal reads it before the plan does; "
                "give its bytes"
            )
        path = os.fsdecode(video) if isinstance(video, str | os.PathLike) else None
        seen = {"fingerprint": fingerprint_of(video)}
    if job.id is None and path is not None:
        seen["path"] = os.path.abspath(path)
    return seen


def _plain(value: object) -> object:
    """Return what JSON cannot hold as what it can, named by its class."""
    kind = type(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # Not asdict, which would make parts of them nameless.
        parts = {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
        return {"kind": f"{kind.__module__}.{kind.__qualname__}", **parts}
    if callable(value):
        named = value if hasattr(value, "__qualname__") else kind
        return f"{named.__module__}.{named.__qualname__}"
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    raise UsageError(
        f"{value!r} is a {kind.__name__}, which a journal cannot tell from others; give plain data"
    )
