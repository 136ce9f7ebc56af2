"""A video file as a source of candidates and chosen frames."""

from __future__ import annotations

from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Self

import av
import av.error
from av.video.reformatter import VideoReformatter
from PIL import Image

from budgetfit.errors import UsageError, VideoChangedError, VideoDecodeError, VideoError
from budgetfit.video.color import to_rgb
from budgetfit.video.decoding import FrameReader
from budgetfit.video.demuxing import Demuxer
from budgetfit.video.info import CandidateFrame
from budgetfit.video.kept_frames import MAX_KEPT_BYTES, KeptFrames, num_bytes_of
from budgetfit.video.luma import to_luma
from budgetfit.video.probing import describe, make_timeline, start_of
from budgetfit.video.rotation import orientation_of, upright_image, upright_luma
from budgetfit.video.sampling import (
    check_part,
    check_times,
    choose_between,
    choose_pts,
    target_ticks,
    ticks_at,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from budgetfit.video.media import Media

__all__ = ["ContainerSource"]

# Up to this size reading all packets costs less than what exact knowledge of them saves.
MAX_SCANNED_BYTES = 32 * 1024 * 1024

# Luma of frames up to this size is read when it is asked for, by whoever looks at it while the next
# frame is decoded; of larger ones at once, so that few of them are in memory together.
_MAX_WAITING_BYTES = 8 * 1024 * 1024


class ContainerSource:
    """Frames of a video container, read with PyAV.

    Parameters
    ----------
    media : Media
        Where the bytes are.
    max_scanned_bytes : int
        A file up to this size has all its packets read, though not decoded, when it is opened; so
        has a longer one without an index. Others are read around their candidates only.
    keep_frames : bool
        Whether frames that were sampled are kept for ``decode``, as long as they are small.

    Attributes
    ----------
    info : VideoInfo
        What the video is.
    warnings : list of str
        What was lost; grows while frames are read.

    Raises
    ------
    VideoError
        It cannot be opened or has no video stream.
    VideoDecodeError
        It has a video stream, and none of its frames can be decoded.
    """

    def __init__(
        self,
        media: Media,
        *,
        max_scanned_bytes: int = MAX_SCANNED_BYTES,
        keep_frames: bool = False,
    ) -> None:
        self.warnings: list[str] = []
        self._media = media
        self._reformatter = VideoReformatter()
        # For luma that is read while the next frame is decoded, on whatever thread.
        self._later_reformatter = VideoReformatter()
        self._kept = KeptFrames(MAX_KEPT_BYTES if keep_frames else 0)
        fingerprint = media.fingerprint()
        self._demuxer = Demuxer(media, self.warnings)
        try:
            with self._reading():
                self._timeline = make_timeline(self._demuxer, max_scanned_bytes)
                tick = self._timeline.time_base
                self._start_ticks = start_of(self._demuxer, self._timeline) / tick
                self._reader = FrameReader(self._demuxer, self._timeline)
                frame = self._first_frame()
            self._stored_size = (frame.width, frame.height)
            self._orientation = orientation_of(frame)
            self.info = describe(
                self._demuxer, self._timeline, frame, self._orientation, fingerprint
            )
        except BaseException:
            self.close()
            raise

    def sample(
        self,
        num_candidates: int,
        *,
        start_s: float = 0.0,
        end_s: float | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[CandidateFrame]:
        """Yield frames spread over a part of the video, in time order and without duplicates.

        They are the frames shown at i / (n - 1) of the part for i from 0 to n - 1, its first and
        its last frame included; all its frames where there are no more than n. Where keyframes
        are dense, nearby keyframes stand for them (see :func:`sampling.choose_pts`).

        Parameters
        ----------
        num_candidates : int
            n, at least 1; 2**k + 1 so that the middles of up to k halvings are among them.
        start_s, end_s : float
            Where the part starts and ends, in seconds; the whole video by default.
        on_progress : callable, optional
            Called with the frames done and the frames to do.

        Raises
        ------
        UsageError
            ``num_candidates`` is below 1, or the part lies outside the video or ends before it
            starts.
        VideoError, VideoDecodeError
            The file was closed, or none of these frames can be decoded.
        """
        if num_candidates < 1:
            raise UsageError(f"num_candidates is {num_candidates}; it must be at least 1")
        with self._reading():
            wanted = self._spread(num_candidates, start_s, end_s)
        return self._sample(wanted, on_progress)

    def at(self, times_s: Sequence[float]) -> Iterator[CandidateFrame]:
        """Yield the frames shown at these times, in time order and without duplicates.

        Parameters
        ----------
        times_s : sequence of float
            In seconds. Before the first frame that is the first one.

        Raises
        ------
        UsageError
            A time lies outside the video.
        VideoError, VideoDecodeError
            The file was closed, or one of these frames cannot be decoded.
        """
        with self._reading():
            asked = dict(zip(self._pts_at(times_s), times_s, strict=True))
        return self._shown(asked)

    def between(self, gaps_s: Sequence[tuple[float, float]]) -> Iterator[CandidateFrame]:
        """Yield at most one more frame inside each gap between two frames, in time order.

        It is a keyframe near the middle, or the frame shown at the middle; gaps inside which
        decoding cannot begin and frames that cannot be decoded are passed over.

        Parameters
        ----------
        gaps_s : sequence of (float, float)
            Times in seconds of frames that were yielded before, ascending, without overlap.

        Raises
        ------
        VideoError
            The file was closed.
        """
        with self._reading():
            gaps = [(self._ticks_at(begin_s), self._ticks_at(end_s)) for begin_s, end_s in gaps_s]
            found = [choose_between(self._timeline, begin, end) for begin, end in gaps]
            wanted = [pts for pts in found if pts is not None]
            lost_before = self._reader.num_lost
            for pts, frame in self._reader.frames_at(wanted):
                if frame.pts == pts:
                    self._kept.add(pts, frame)
                    yield self._candidate(frame, pts)
            self._warn_of_losses(self._reader.num_lost - lost_before)

    def decode(
        self,
        pts: Sequence[int],
        sizes: Sequence[tuple[int, int]],
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> list[Image.Image]:
        """Decode chosen frames at full resolution and resample each once.

        Parameters
        ----------
        pts : sequence of int
            Timestamps of candidates, in any order.
        sizes : sequence of (int, int)
            Width and height in pixels of each picture.
        on_progress : callable, optional
            Called with the frames done and the frames to do.

        Returns
        -------
        list of PIL.Image.Image
            RGB, upright, in the order asked; resampled with LANCZOS from the stored pixels.

        Raises
        ------
        VideoChangedError
            The video is known to have no frame with one of the timestamps.
        VideoDecodeError
            A frame cannot be decoded, or is not found where the video has only an index.
        VideoError
            The file was closed.
        """
        if len(pts) != len(sizes):
            raise UsageError(f"{len(pts)} timestamps and {len(sizes)} sizes; give one for each")
        sizes_of: dict[int, set[tuple[int, int]]] = {}
        for one_pts, size in zip(pts, sizes, strict=True):
            sizes_of.setdefault(one_pts, set()).add(size)
        pictures: dict[tuple[int, tuple[int, int]], Image.Image] = {}
        with self._reading():
            for one_pts in sizes_of:
                if self._timeline.contains(one_pts) is False:
                    raise self._no_such_frame(one_pts)
            for done, (wanted, frame) in enumerate(self._frames_at(sorted(sizes_of)), 1):
                if frame.pts != wanted:
                    raise self._undecodable(wanted)
                for size, picture in self._resampled(frame, sizes_of[wanted]):
                    pictures[wanted, size] = picture
                if on_progress is not None:
                    on_progress(done, len(sizes_of))
        missing = [key[0] for key in zip(pts, sizes, strict=True) if key not in pictures]
        if missing:
            raise self._undecodable(missing[0])
        return [pictures[key] for key in zip(pts, sizes, strict=True)]

    def _resampled(
        self, frame: av.VideoFrame, sizes: Iterable[tuple[int, int]]
    ) -> list[tuple[tuple[int, int], Image.Image]]:
        """Return a frame's pictures; nothing of its full size stays, which can be 268 MB."""
        image = upright_image(to_rgb(frame, self._reformatter), self._orientation)
        return [(size, image.resize(size, Image.Resampling.LANCZOS)) for size in sizes]

    def close(self) -> None:
        """Close the container; a file that the caller opened stays open."""
        self._kept.clear()
        self._demuxer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _sample(
        self, wanted: list[int], on_progress: Callable[[int, int], None] | None
    ) -> Iterator[CandidateFrame]:
        with self._reading():
            lost_before = self._reader.num_lost
            self._kept.clear()
            shown: int | None = None
            num_found = 0
            for done, (sought, frame) in enumerate(self._reader.frames_at(wanted), 1):
                pts = frame.pts
                num_found += pts == sought
                if pts is not None and self._follows(pts, shown):
                    shown = pts
                    self._kept.add(pts, frame)
                    yield self._candidate(frame, pts)
                if on_progress is not None:
                    on_progress(done, len(wanted))
            num_lost = self._reader.num_lost - lost_before
            self._warn_of_losses(num_lost)
            if not num_lost:
                self._warn_of_missing(len(wanted) - num_found, len(wanted))
            self._warn_of_growth()
        if shown is None:
            raise VideoDecodeError(
                f"{self._media.label}: none of {len(wanted)} frames could be decoded; "
                "re-encode the video or give another copy of it"
            )

    def _follows(self, pts: int, shown: int | None) -> bool:
        """Tell whether a frame is one of the video's, and later than the last that was yielded.

        Seeking in a damaged file may lead to frames before the first that was listed.
        """
        if shown is not None and pts <= shown:
            return False
        return self._timeline.contains(pts) is not False

    def _spread(self, num_candidates: int, start_s: float, end_s: float | None) -> list[int]:
        """Return the timestamps of frames spread over a part of the video."""
        tick, last_s = self._timeline.time_base, self.info.duration_s
        until_s = last_s if end_s is None else end_s
        if start_s != 0.0 or end_s is not None:
            check_part(start_s, until_s, self._first_time_s(), last_s, self._media.label)
        start = self._start_ticks + Fraction(start_s) / tick
        length = (Fraction(until_s) - Fraction(start_s)) / tick
        last = None if end_s is None else self._timeline.shown_at(self._ticks_at(end_s))
        return choose_pts(self._timeline, target_ticks(num_candidates, start, length), last)

    def _shown(self, asked: dict[int, float]) -> Iterator[CandidateFrame]:
        """Yield the frames with these timestamps, which were asked for by their times."""
        missing = dict(asked)
        with self._reading():
            for pts, frame in self._reader.frames_at(sorted(asked)):
                if frame.pts == pts:
                    del missing[pts]
                    self._kept.add(pts, frame)
                    yield self._candidate(frame, pts)
        for time_s in missing.values():
            raise VideoDecodeError(
                f"{self._media.label}: the frame shown at {time_s} s cannot be decoded; "
                "choose another time"
            )

    def _pts_at(self, times_s: Sequence[float]) -> list[int]:
        """Return the frames shown at times.

        Raises
        ------
        UsageError
            A time lies outside the video.
        """
        if not times_s:
            return []
        check_times(times_s, self._first_time_s(), self.info.duration_s, self._media.label)
        return [self._timeline.shown_at(self._ticks_at(time_s)) for time_s in times_s]

    def _first_time_s(self) -> float:
        """Return when the first frame is shown, or 0 if that is later."""
        tick, start = self._timeline.time_base, self._start_ticks
        # A frame that is shown before the start until after it is the first candidate.
        first = self._timeline.shown_at(target_ticks(1, start, Fraction(0))[0])
        return min(float((first - start) * tick), 0.0)

    def _ticks_at(self, time_s: float) -> int:
        return ticks_at(time_s, self._start_ticks, self._timeline.time_base)

    def _frames_at(self, wanted: Sequence[int]) -> Iterator[tuple[int, av.VideoFrame]]:
        """Yield the frames that sampling kept, then those that must be decoded."""
        self._media.check_readable()
        missing = []
        for pts in wanted:
            kept = self._kept.get(pts)
            if kept is None:
                missing.append(pts)
            else:
                yield pts, kept
        yield from self._reader.frames_at(missing)

    def _candidate(self, frame: av.VideoFrame, pts: int) -> CandidateFrame:
        time_s = float((pts - self._start_ticks) * self._timeline.time_base)
        if num_bytes_of(frame) > _MAX_WAITING_BYTES:
            luma = self._luma(frame, self._reformatter)
            return CandidateFrame(time_s, pts, lambda: luma)
        return CandidateFrame(time_s, pts, partial(self._luma, frame, self._later_reformatter))

    def _luma(self, frame: av.VideoFrame, reformatter: VideoReformatter) -> npt.NDArray[np.uint8]:
        width, height = self._stored_size
        with self._reading():
            if (frame.width, frame.height) != self._stored_size:
                # The stream changed its size on the way; all are compared at the first one's.
                frame = reformatter.reformat(frame, width=width, height=height)
            return upright_luma(to_luma(frame, reformatter), self._orientation)

    def _warn_of_losses(self, num_lost: int) -> None:
        if num_lost:
            self._demuxer.warn(
                f"{num_lost} packets of {self._media.label} could not be decoded; "
                "the frames in them are left out"
            )

    def _warn_of_missing(self, num_missing: int, num_wanted: int) -> None:
        if num_missing:
            self._demuxer.warn(
                f"{num_missing} of {num_wanted} frames of {self._media.label} that were looked at "
                "gave no picture; they are left out"
            )

    def _warn_of_growth(self) -> None:
        if self._media.has_grown():
            self._demuxer.warn(
                f"{self._media.label} is still being written: only its first {self.info.num_bytes} "
                f"bytes, {self.info.duration_s:.1f} s, are looked at"
            )

    def _first_frame(self) -> av.VideoFrame:
        frame = self._reader.first_frame()
        if frame is None:
            raise VideoDecodeError(
                f"{self._media.label} has a video stream and no frame that can be decoded: it is "
                "damaged, or larger than FFmpeg takes, some 16000x16000 pixels; "
                "re-encode the video or give another copy of it"
            )
        return frame

    def _no_such_frame(self, pts: int) -> VideoChangedError:
        return VideoChangedError(
            f"{self._media.label} has no frame with pts {pts}; "
            "it is not the video that was planned, so plan it again"
        )

    def _undecodable(self, pts: int) -> VideoDecodeError:
        return VideoDecodeError(
            f"{self._media.label}: no frame with pts {pts} can be decoded; "
            "plan the video again, without it"
        )

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Turn FFmpeg's errors into ours, and close the container when interrupted."""
        try:
            yield
        except av.error.FFmpegError as error:
            raise VideoError(
                f"{self._media.label} cannot be read ({error.strerror}); "
                "check that the file is complete"
            ) from error
        except KeyboardInterrupt:
            self.close()
            raise
