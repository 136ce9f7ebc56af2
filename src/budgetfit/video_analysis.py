"""Looking at a video once, for any number of plans."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from budgetfit.errors import UsageError
from budgetfit.video.info import TIME_PRECISION_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from budgetfit.analysis import Analysis
    from budgetfit.looking import Looks
    from budgetfit.profiles import ImageRules
    from budgetfit.video.info import VideoInfo
    from budgetfit.video.sources import Video, VideoSource

__all__ = ["VideoAnalysis", "Where", "analyze", "analyze_source", "default_num_candidates"]

# Powers of two plus one: with the first and the last frame, they contain the middles of 1, 2, 4 ...
# equal parts, so that every uniform plan is among the choices. The longer the video the more.
_NUM_CANDIDATES = ((60.0, 33), (600.0, 65), (float("inf"), 129))


@dataclass(frozen=True, slots=True)
class Where:
    """Where to look at a video.

    Attributes
    ----------
    num_candidates : int or None
        Frames to look at; None for a number that depends on the length.
    start_s, end_s : float or None
        The part to look at, in seconds; None for the video's own start and end.

    Raises
    ------
    UsageError
        The number is none of at least 1, or a time is no number.
    """

    num_candidates: int | None = None
    start_s: float | None = None
    end_s: float | None = None

    def __post_init__(self) -> None:
        number = self.num_candidates
        if number is not None and (type(number) is not int or number < 1):
            raise UsageError(f"num_candidates is {number!r}; it must be at least 1, or None")
        for name in ("start_s", "end_s"):
            time_s = getattr(self, name)
            if time_s is not None and type(time_s) not in {int, float}:
                raise UsageError(f"{name} is {time_s!r}; it must be seconds, or None")


@dataclass(frozen=True, eq=False, repr=False)
class VideoAnalysis:
    """What was seen of a video: give it to :func:`budgetfit.plan` in place of the video.

    The video is then decoded again only for pictures and for what asks for frames that were not
    looked at.

    Attributes
    ----------
    info : VideoInfo
        What the video is.
    where : Where
        Where it was looked at.
    warnings : tuple of str
        What was lost or doubtful.
    """

    info: VideoInfo
    where: Where
    warnings: tuple[str, ...]
    kept: Any = field(repr=False)
    looks: Looks = field(repr=False)
    _analyses: dict[Any, Analysis] = field(default_factory=dict)

    @property
    def times_s(self) -> tuple[float, ...]:
        """When each of the frames that were looked at is shown, in seconds, rising."""
        return tuple(sight.time_s for sight in self.looks.sights)

    def of_model(self, rules: ImageRules, *, keep_all: bool = False) -> Analysis:
        """Return the candidates for a model, computed once.

        Parameters
        ----------
        rules : ImageRules
            Patch size and largest picture of the model.
        keep_all : bool
            Whether frames that show the same as others remain candidates.
        """
        from budgetfit.analysis import analyzed

        key = (rules.side_multiple, rules.max_image_size, keep_all)
        if key not in self._analyses:
            self._analyses[key] = analyzed(self.looks, self.info, rules, keep_all=keep_all)
        return self._analyses[key]

    @contextmanager
    def open(self) -> Iterator[VideoSource]:
        """Open the video again.

        Raises
        ------
        VideoError
            It cannot be read any more; ``VideoChangedError`` where it is another one.
        """
        from budgetfit.video.reopening import reopened

        with reopened(
            self.info.path, self.kept, self.info.fingerprint, self.info.num_bytes
        ) as source:
            yield source

    def also_at(self, times_s: Sequence[float], source: VideoSource | None = None) -> VideoAnalysis:
        """Look at the frames shown at these times as well.

        Parameters
        ----------
        times_s : sequence of float
            In seconds. Nothing is read where frames of just these times were looked at.
        source : VideoSource, optional
            The open video; opened again by default, if it has to be.

        Raises
        ------
        UsageError
            A time lies outside the video.
        VideoError
            The video, or a frame shown then, cannot be read.
        """
        seen_s = self.times_s
        missing = [
            time_s
            for time_s in times_s
            if all(abs(time_s - seen) > TIME_PRECISION_S for seen in seen_s)
        ]
        if not missing:
            return self
        if source is None:
            with self.open() as again:
                return self.also_at(missing, again)
        looks = self.looks.also_at(source, missing)
        return replace(self, looks=looks, warnings=tuple(source.warnings), _analyses={})

    def __repr__(self) -> str:
        name = self.info.path or f"{self.info.codec} in memory"
        return (
            f"<VideoAnalysis of {name}: {self.info.width}x{self.info.height}, "
            f"{self.info.duration_s:.1f} s, {len(self.looks.sights)} frames looked at>"
        )


def analyze(
    video: Video,
    *,
    num_candidates: int | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> VideoAnalysis:
    """Look at frames spread over a video, and again where it changes.

    Parameters
    ----------
    video : path, bytes, binary file, or (images, times_s)
        As for :func:`budgetfit.plan`.
    num_candidates : int, optional
        Frames to look at, spread evenly; by default 33 up to a minute of video, 65 up to ten, 129
        beyond, and up to half as many again where the video changes.
    start_s, end_s : float, optional
        The part of the video to look at, in seconds; all of it by default.
    on_progress : callable, optional
        Called with (frames done, frames to do) of the first looks.

    Returns
    -------
    VideoAnalysis
        For any number of calls of :func:`budgetfit.plan`, which then decode nothing.

    Raises
    ------
    UsageError
        An argument cannot be used; the part lies outside the video.
    VideoError
        The video cannot be read.
    """
    from budgetfit.video.held_open import opened

    where = Where(num_candidates, start_s, end_s)
    with opened(video) as source:
        return analyze_source(source, video, where, on_progress)


def analyze_source(
    source: VideoSource,
    video: Video,
    where: Where,
    on_progress: Callable[[int, int], None] | None = None,
) -> VideoAnalysis:
    """Do as :func:`analyze`, with the video ``video`` open as ``source``."""
    from budgetfit.looking import look_around

    info, start_s = source.info, where.start_s or 0.0
    length_s = (info.duration_s if where.end_s is None else where.end_s) - start_s
    num_first = where.num_candidates or default_num_candidates(length_s)
    looks = look_around(
        source,
        num_first,
        0 if where.num_candidates else num_first // 2,
        start_s=start_s,
        end_s=where.end_s,
        on_progress=on_progress,
    )
    kept = None if info.path is not None else video
    return VideoAnalysis(info, where, tuple(source.warnings), kept, looks)


def default_num_candidates(length_s: float) -> int:
    """Return how many frames of ``length_s`` seconds of video are looked at first."""
    return next(number for longest_s, number in _NUM_CANDIDATES if length_s <= longest_s)
