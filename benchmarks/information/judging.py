"""A clip before its judges: for scripts that calibrate or compare.

In an environment that has the judges (``.venv-judges``), with ``PYTHONPATH=.:scripts``::

    from benchmarks.information.judging import JudgedClip

    with JudgedClip(path) as clip:                       # 128 jittered moments, seed 0
        frames = clip.pts_at([1.0, 2.5])                 # the frames shown at these times
        value = clip.value(frames, clip.levels)          # (num_moments, num_frames, num_levels)
        score = clip.weights @ value[:, 0, 3]            # of sending frame 0 alone at level 3
        strict = clip.value(frames, clip.levels, Strictness.STRICT)
        words = clip.words()                             # words of each moment at full size
        read = clip.words_read(frames, clip.levels[:5])  # per moment (num_words, 2, 5) bool
        texts = clip.read_shares(pictures)               # (num_moments, num_pictures)

Judgements are kept in ``.cache/judges.sqlite`` by fingerprint, moments, frame and size: asking
again costs nothing. A picture costs about 30 ms to look at and 0.2 to 0.5 s to read on two cores.
The moments are not the planner's candidates, unless ``moments_s`` gives their times. ``Strictness``
is in :mod:`benchmarks.information.deep_features`.
"""

from __future__ import annotations

import hashlib
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from benchmarks.information.deep_features import (
    NAMES,
    DeepFeatures,
    SeenMoments,
    Strictness,
    input_size,
)
from benchmarks.information.footage import Footage
from benchmarks.information.moments import NUM_MOMENTS, jittered_times, weights_of
from benchmarks.information.pictures import Picture, distinct, picture_at
from benchmarks.information.reading import MIN_CONFIDENCE, Line, Reader
from benchmarks.information.reading import NAME as READER
from benchmarks.information.store import Store, Subject
from benchmarks.information.words import read_flags, split_words

from budgetfit.information.levels import picture_levels
from budgetfit.profiles import get_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from budgetfit.tokens.images import ImageGrid

__all__ = ["JudgedClip"]

# Pictures that are judged before they are stored: what an interrupted run loses.
_STORED_TOGETHER = 64

# Fewer words than this on a moment are a logo, or the reader's fancy.
_MIN_WORDS = 5

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


class JudgedClip:
    """A clip, its moments, and what the judges say of pictures of it.

    Parameters
    ----------
    path : Path
        A video file.
    moments_s : sequence of float, optional
        Times of the moments in seconds; by default ``num_moments`` jittered ones.
    num_moments, seed : int
        How many jittered moments, and which.
    profile : str
        The model, for the levels.
    store : Store, optional
        Where judgements are kept; by default ``.cache/judges.sqlite``.

    Attributes
    ----------
    footage : Footage
        The open clip.
    moments_s : (num_moments,) float array
        Times of the moments in seconds.
    levels : tuple of ImageGrid
        The sizes that the planner may choose from, cheapest first.

    Raises
    ------
    VideoError
        The clip cannot be read.
    """

    def __init__(
        self,
        path: Path,
        *,
        moments_s: Sequence[float] | None = None,
        num_moments: int = NUM_MOMENTS,
        seed: int = 0,
        profile: str = "pixtral-12b",
        store: Store | None = None,
    ) -> None:
        self.profile = get_profile(profile)
        self.footage = Footage(path)
        info = self.footage.info
        self.levels = picture_levels(info.width, info.height, self.profile)
        self.moments_s: FloatArray = (
            jittered_times(info.duration_s, num_moments, seed)
            if moments_s is None
            else np.asarray(moments_s, dtype=np.float64)
        )
        self._store = store or Store()
        self._owned_store = store is None

    @cached_property
    def moment_pts(self) -> tuple[int, ...]:
        """Timestamp of the frame shown at each moment."""
        return self.pts_at(self.moments_s.tolist())

    @cached_property
    def weights(self) -> FloatArray:
        """(num_moments,) weight of each moment: equal, 0 for blank ones; sums to 1, or to 0."""
        subject = f"weights at {self._moments_name}"
        images = partial(self.footage.full_size, self.moment_pts)
        return np.array(self.noted("blank", subject, lambda: weights_of(images()).tolist()))

    def pts_at(self, times_s: Sequence[float]) -> tuple[int, ...]:
        """Return the timestamp of the frame shown at each of ``times_s``, seconds."""
        return self.footage.pts_at(times_s)

    def noted(self, author: str, subject: str, look: Callable[[], list[Any]]) -> Any:  # noqa: ANN401
        """Return what ``look`` finds, as JSON gives it; from the store where it was noted."""
        found = self._store.note(author, self._clip, subject)
        if found is None:
            found = look()
            self._store.add_note(author, self._clip, subject, found)
        return found

    def value(
        self,
        pts: Sequence[int],
        levels: Sequence[ImageGrid],
        strictness: Strictness = Strictness.LENIENT,
    ) -> FloatArray:
        """Return how much of each moment each frame explains at each level, by deep features.

        Parameters
        ----------
        pts : sequence of int
            Frames.
        levels : sequence of ImageGrid
            Sizes at which each may be sent.
        strictness : Strictness
            Which variant of the judge: how much of a movement is a loss to it.

        Returns
        -------
        (num_moments, num_frames, num_levels) float array
            In [0, 1].
        """
        shares = self.explained(self._grid(pts, levels), strictness)
        return shares.reshape(len(self.moments_s), len(pts), len(levels))

    def explained(
        self, pictures: Sequence[Picture], strictness: Strictness = Strictness.LENIENT
    ) -> FloatArray:
        """Return the (num_moments, num_pictures) share of each moment that each picture explains.

        See :mod:`benchmarks.information.deep_features` for the formula.
        """
        stored = self._store.shares(self._subject(strictness))
        new = [picture for picture in distinct([pictures]) if picture not in stored]
        for start in range(0, len(new), _STORED_TOGETHER):
            self._look(new[start : start + _STORED_TOGETHER])
        if new:
            stored = self._store.shares(self._subject(strictness))
        return np.stack([stored[picture] for picture in pictures], axis=1)

    def words(self) -> tuple[tuple[str, ...], ...]:
        """Return the words of each moment: read at full size with a confidence of 0.8 and more."""
        info = self.footage.info
        pictures = [Picture(pts, info.width, info.height) for pts in self.moment_pts]
        read = self._read(pictures)
        return tuple(
            split_words(line.text for line in read[picture] if line.confidence >= MIN_CONFIDENCE)
            for picture in pictures
        )

    def words_read(self, pts: Sequence[int], levels: Sequence[ImageGrid]) -> list[BoolArray]:
        """Tell which words of each moment can be read from which frame at which level.

        Returns
        -------
        list of (num_words, num_frames, num_levels) bool array
            One per moment; see :func:`benchmarks.information.words.read_flags`.
        """
        flags = self._flags(self._grid(pts, levels))
        return [moment.reshape(-1, len(pts), len(levels)) for moment in flags]

    def read_shares(self, pictures: Sequence[Picture]) -> FloatArray:
        """Return the (num_moments, num_pictures) share of a moment's words read on each picture.

        0 where a moment has no words: see :meth:`text_weights`.
        """
        shares = [
            flags.mean(axis=0) if len(flags) else np.zeros(len(pictures))
            for flags in self._flags(pictures)
        ]
        return np.array(shares)

    def text_weights(self) -> FloatArray:
        """Return the (num_moments,) weight of each moment's text: equal, 0 below five words.

        Sums to 1, or to 0 where no moment has text.
        """
        has_text = np.array([len(words) >= _MIN_WORDS for words in self.words()], dtype=np.float64)
        return has_text / has_text.sum() if has_text.any() else has_text

    def close(self) -> None:
        """Close the clip, and the store where it was opened here."""
        self.footage.close()
        if self._owned_store:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _clip(self) -> str:
        return self.footage.info.fingerprint

    @cached_property
    def _moments_name(self) -> str:
        digest = hashlib.sha256(np.ascontiguousarray(self.moments_s).tobytes()).hexdigest()[:16]
        return f"{len(self.moments_s)} moments {digest}"

    def _subject(self, strictness: Strictness) -> Subject:
        return Subject(NAMES[strictness], self._clip, self._moments_name)

    def _look(self, pictures: Sequence[Picture]) -> None:
        """Judge pictures and keep what comes of it."""
        judged, images = zip(*self.footage.images(pictures), strict=True)
        for strictness, features in self._network.of(images).items():
            seen = self._seen_moments[strictness]
            shares = [seen.explained_by(picture) for picture in features]
            self._store.add_shares(
                self._subject(strictness), dict(zip(judged, shares, strict=True))
            )

    @cached_property
    def _network(self) -> DeepFeatures:
        info = self.footage.info
        return DeepFeatures(*input_size(info.width, info.height))

    @cached_property
    def _seen_moments(self) -> dict[Strictness, SeenMoments]:
        features = self._network.of(self.footage.full_size(self.moment_pts))
        return {strictness: SeenMoments(seen) for strictness, seen in features.items()}

    @cached_property
    def _reader(self) -> Reader:
        return Reader()

    def _grid(self, pts: Sequence[int], levels: Sequence[ImageGrid]) -> list[Picture]:
        return [picture_at(one_pts, level, self.profile) for one_pts in pts for level in levels]

    def _flags(self, pictures: Sequence[Picture]) -> list[BoolArray]:
        """Return (num_words, num_pictures) flags for each moment."""
        read = self._read(pictures)
        seen = [split_words(line.text for line in read[picture]) for picture in pictures]
        return [
            np.stack([read_flags(words, on_picture) for on_picture in seen], axis=1)
            for words in self.words()
        ]

    def _read(self, pictures: Sequence[Picture]) -> dict[Picture, list[Line]]:
        """Return the lines on each picture, read now where they were not before."""
        found: dict[Picture, list[Line]] = {}
        new = []
        for picture in distinct([pictures]):
            noted = self._store.note(READER, self._clip, _name(picture))
            if noted is None:
                new.append(picture)
            else:
                found[picture] = [Line(*line) for line in noted]
        for picture, image in self.footage.images(new):
            lines = self._reader.lines(image)
            self._store.add_note(READER, self._clip, _name(picture), lines)
            found[picture] = list(lines)
        return found


def _name(picture: Picture) -> str:
    return f"{picture.pts} {picture.width}x{picture.height}"
