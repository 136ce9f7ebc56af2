"""What was asked, what is kept, and what made the plan: rows of a name and a value."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from budgetfit.render import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.plans import Plan

__all__ = ["asked_rows", "constraint_rows", "proof_rows", "timing_rows", "version_rows"]

Row = tuple[str, str]

# What decides what a plan looks like.
_PACKAGES = ("budgetfit", "av", "mistral-common", "numpy", "ortools", "pillow")


def asked_rows(plan: Plan) -> Iterator[Row]:
    """Yield the video, the model, the limits and how it was looked at."""
    video, limits = plan.video, plan.limits
    length = f"{video.width}\u00d7{video.height} pixels, {words.time(video.duration_s)}"
    yield "Video", f"{words.clip_name(plan)}, {length}"
    yield "Fingerprint", video.fingerprint
    yield "Profile", plan.profile
    yield "max_model_len", f"{limits.max_model_len:,} tokens, prompt and answer together"
    yield "max_tokens", f"{limits.max_tokens:,} tokens kept for the answer"
    yield "Room for the prompt", f"{limits.max_prompt_tokens:,} tokens"
    images = "only the tokens limit them" if limits.max_images is None else f"{limits.max_images}"
    yield "max_images", images
    yield "Time labels", "sent with each picture" if plan.time_labels else "none"
    asked = plan.asked
    if asked is None:
        return
    yield "Montage", "allowed" if asked.montage else "not asked for"
    where = asked.where
    if where.start_s is not None or where.end_s is not None:
        start = "the start" if where.start_s is None else words.time(where.start_s)
        end = "the end" if where.end_s is None else words.time(where.end_s)
        yield "Part that was planned", f"from {start} to {end}"
    if where.num_candidates is not None:
        yield "num_candidates", f"{where.num_candidates}"
    if not isinstance(asked.prompt, str):
        yield "Worth of 1000 tokens of text", f"{asked.text_value_per_1000_tokens:g}"
    for start_s, end_s, weight in asked.relevance or ():
        yield "Relevance", f"{words.time(start_s)} to {words.time(end_s)} counts {weight:g}-fold"
    if asked.unsaved:
        yield "Given as functions", ", ".join(asked.unsaved)


def constraint_rows(plan: Plan) -> tuple[str, ...]:
    """Return the constraints as they are written in Python."""
    made = plan.made_from
    if made is not None:
        return tuple(repr(constraint) for constraint in made.job.constraints)
    return () if plan.asked is None else tuple(map(repr, plan.asked.constraints))


def proof_rows(plan: Plan) -> Iterator[Row]:
    """Yield what is proved, with all digits that say something."""
    yield "information", f"{plan.information:.6f}"
    yield "best_bound", f"{plan.best_bound:.6f}"
    yield "gap", f"{plan.gap:.6f}"
    yield "status", plan.status
    yield "proved_by", plan.proved_by


def timing_rows(plan: Plan) -> Iterator[Row]:
    """Yield the seconds of each stage."""
    for name, seconds in plan.timings_s.items():
        yield name, f"{seconds:.2f} s"


def version_rows() -> Iterator[Row]:
    """Yield the versions of what is installed here."""
    yield "Python", platform.python_version()
    for package in _PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            # Run from its sources, or built without the package's records.
            yield package, "version unknown"
