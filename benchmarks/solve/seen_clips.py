"""Analyses of clips, kept on disk: only the first run decodes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from benchmarks.solve.shares import Shares

import budgetfit
from budgetfit.problem.aspects import Aspect
from budgetfit.profiles import get_profile
from budgetfit.video.fingerprint import fingerprint_file
from budgetfit.video_analysis import analyze

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

__all__ = ["CACHE", "PROFILE", "see", "source_digest"]

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "bench"

PROFILE = get_profile("pixtral-12b")

# Of an aspect, what is kept.
_FIELDS = ("similarity", "fidelity", "weights")

# All that an analysis comes from, below the package's folder.
_SOURCES = (
    "analysis.py",
    "candidates.py",
    "looking.py",
    "profiles.py",
    "tokens/images.py",
    "video_analysis.py",
    "information",
    "video",
    "problem/aspects.py",
)


def see(clip: Path, num_candidates: int, cache: Path | None = None) -> Shares:
    """Return what ``num_candidates`` frames of ``clip`` show, from the cache where it is there.

    Parameters
    ----------
    clip : Path
        A video file.
    num_candidates : int
        Frames to look at; a clip with fewer gives all that it has.
    cache : Path, optional
        Folder of earlier analyses, ``CACHE`` by default; made where it is missing.

    Raises
    ------
    VideoError
        Nothing can be decoded.
    """
    cache = cache or CACHE
    kept = cache / f"{_key(clip, num_candidates)}.npz"
    if kept.is_file():
        with np.load(kept) as arrays:
            return _loaded(arrays)
    seen = analyze(clip, num_candidates=num_candidates).of_model(PROFILE, keep_all=True)
    shares = Shares(seen.aspects_of_pictures, seen.level_num_tokens)
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}.npz")
    np.savez(unfinished, allow_pickle=False, **_arrays(shares))
    unfinished.replace(kept)
    return shares


def source_digest() -> str:
    """Return a digest of the code that analyses: another code, another cache entry."""
    package = Path(budgetfit.__file__).parent
    digest = hashlib.sha256()
    for name in _SOURCES:
        root = package / name
        for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
            digest.update(f"{path.relative_to(package)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _key(clip: Path, num_candidates: int) -> str:
    with clip.open("rb") as file:
        fingerprint = fingerprint_file(file, clip.stat().st_size)
    text = f"{fingerprint} {num_candidates} {PROFILE.name} {source_digest()}"
    return hashlib.sha256(text.encode()).hexdigest()


def _arrays(shares: Shares) -> dict[str, npt.NDArray[Any]]:
    """Return what is kept, by names that :func:`_loaded` knows."""
    kept: dict[str, npt.NDArray[Any]] = {
        "level_num_tokens": shares.level_num_tokens,
        "aspects": np.array([aspect.name for aspect in shares.aspects]),
    }
    for aspect in shares.aspects:
        kept |= {f"{aspect.name} {field}": getattr(aspect, field) for field in _FIELDS}
    return kept


def _loaded(arrays: Mapping[str, npt.NDArray[Any]]) -> Shares:
    aspects = tuple(
        Aspect(name, **{field: arrays[f"{name} {field}"] for field in _FIELDS})
        for name in map(str, arrays["aspects"])
    )
    return Shares(aspects, arrays["level_num_tokens"].astype(np.int64))
