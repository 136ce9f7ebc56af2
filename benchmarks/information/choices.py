"""What every way of choosing sends within given limits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from benchmarks.information.limits import largest_equal, most_images
from benchmarks.information.pictures import Picture, pictures_at, pictures_of_plan
from benchmarks.information.rules import shots
from benchmarks.information.rules.k_centre import farthest_first
from benchmarks.information.rules.max_volume import largest_volume
from benchmarks.information.rules.qwen_allotment import allot, frame_indices
from benchmarks.information.rules.uniform import COUNTS, middles

import budgetfit
from budgetfit.search_limits import SearchLimits
from budgetfit.tokens.images import ImageGrid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.information.judging import JudgedClip
    from benchmarks.information.limits import Limits

    from budgetfit import Plan, VideoAnalysis

__all__ = [
    "CLOSELY",
    "Choices",
    "Selection",
    "Selections",
    "look_at",
    "nearest_level",
    "selections",
]

CLOSELY = "budgetfit, to 0.03%"
"""Plans that are proved more closely than by default."""

Selection = tuple[Picture, ...]

# Numbers of frames tried for k-centre and max volume.
_PREFIX_COUNTS = (1, 2, 4, 8, 16)

# Frames that k-centre and max volume choose from, evenly spread over the clip.
_POOL = 256
_THUMBNAIL_SIDE = 64

# 320x180 in patches of 16 pixels: the size that the users of Cosmos-Transfer1 settled on.
_SMALL = ImageGrid(columns=20, rows=12)

_NUM_GENERATED = 300

_DEFAULT = SearchLimits()
_CLOSE_GAP = 0.0003
_CLOSE_LIMIT_S = 10.0

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choices:
    """The frames that each rule takes of a clip, whatever the limits.

    Attributes
    ----------
    uniform : dict of int to tuple of int
        Timestamps of the middles of equal parts, by their number.
    first_two : tuple of int
        Of the file's first two frames.
    k_centre, max_volume : tuple of int
        In the order in which the rule takes them.
    shots : sequence of (float, float)
        Begin and end of each shot in seconds.
    num_frames : int
        Frames of the clip.
    seen : VideoAnalysis
        What plans are made from.
    """

    uniform: dict[int, tuple[int, ...]]
    first_two: tuple[int, ...]
    k_centre: tuple[int, ...]
    max_volume: tuple[int, ...]
    shots: Sequence[shots.Shot]
    num_frames: int
    seen: VideoAnalysis


@dataclass(frozen=True, slots=True)
class Selections:
    """What is sent within some limits, by the way of choosing.

    Attributes
    ----------
    limits : Limits
        The limits.
    ours : tuple of Picture
        budgetfit's plan.
    information : float
        What budgetfit says that it shows.
    single : dict of str to tuple of Picture, or None
        By each rule that leaves nothing open; None where it cannot keep the limits.
    by_count : dict of str to dict of int to tuple of Picture
        By each rule that leaves the number of frames open, those numbers that fit.
    """

    limits: Limits
    ours: Selection
    information: float
    single: dict[str, Selection | None]
    by_count: dict[str, dict[int, Selection]]

    def all(self) -> list[Selection]:
        """Return every selection."""
        single = [selection for selection in self.single.values() if selection]
        counted = [pictures for counts in self.by_count.values() for pictures in counts.values()]
        return [self.ours, *single, *counted]


def look_at(clip: JudgedClip) -> Choices:
    """Let every rule that looks at the clip do so once."""
    footage = clip.footage
    duration_s = footage.info.duration_s
    pool = tuple(dict.fromkeys(clip.pts_at(middles(duration_s, _POOL))))
    thumbnails = _thumbnails(clip, pool)
    most = max(_PREFIX_COUNTS)
    return Choices(
        uniform={count: clip.pts_at(middles(duration_s, count)) for count in COUNTS},
        first_two=footage.first_pts(2),
        k_centre=tuple(pool[i] for i in farthest_first(thumbnails, most)),
        max_volume=tuple(pool[i] for i in largest_volume(thumbnails - 127.5, most)),
        shots=clip.noted(shots.NAME, "shots", lambda: shots.shots(footage.path, duration_s)),
        num_frames=footage.num_frames(),
        seen=budgetfit.analyze(footage.path),
    )


def _plan(
    seen: VideoAnalysis,
    limits: Limits,
    relative_gap_limit: float = _DEFAULT.relative_gap_limit,
    time_limit_s: float = _DEFAULT.time_limit_s,
) -> Plan:
    return budgetfit.plan(
        seen,
        max_model_len=limits.max_prompt_tokens + _NUM_GENERATED,
        max_tokens=_NUM_GENERATED,
        max_images=limits.max_images,
        relative_gap_limit=relative_gap_limit,
        time_limit_s=time_limit_s,
    )


def selections(clip: JudgedClip, choices: Choices, limits: Limits) -> Selections:
    """Return what every way of choosing sends of ``clip`` within ``limits``."""
    plan = _plan(choices.seen, limits)
    closely = _plan(choices.seen, limits, _CLOSE_GAP, _CLOSE_LIMIT_S)
    prefixes = {"k-centre": choices.k_centre, "max volume": choices.max_volume}
    counted = {"uniform": choices.uniform} | {
        name: {count: order[:count] for count in _PREFIX_COUNTS if count <= len(order)}
        for name, order in prefixes.items()
    }
    return Selections(
        limits=limits,
        ours=pictures_of_plan(plan),
        information=plan.information,
        single={
            CLOSELY: pictures_of_plan(closely),
            "first two": _equal(clip, choices.first_two, limits),
            "first two, 320x180": _small(clip, choices.first_two, limits),
            "shots": _shots(clip, choices, limits),
            "qwen-vl-utils": _qwen(clip, choices, limits),
        },
        by_count={
            name: {
                count: pictures
                for count, pts in frames.items()
                if (pictures := _equal(clip, pts, limits)) is not None
            }
            for name, frames in counted.items()
        },
    )


def nearest_level(levels: Sequence[ImageGrid], wanted: ImageGrid) -> ImageGrid:
    """Return the level whose number of patches is nearest to that of ``wanted``."""
    patches = wanted.columns * wanted.rows
    return min(levels, key=lambda level: abs(math.log(level.columns * level.rows / patches)))


def _equal(clip: JudgedClip, pts: Sequence[int], limits: Limits) -> Selection | None:
    """Return frames at the largest equal size that fits."""
    distinct = sorted(set(pts))
    grid = largest_equal(len(distinct), limits, clip.levels)
    return None if grid is None else pictures_at(distinct, grid, clip.profile)


def _small(clip: JudgedClip, pts: Sequence[int], limits: Limits) -> Selection | None:
    """Return frames at about 320x180."""
    grid = nearest_level(clip.levels, _SMALL)
    if not limits.allow(len(pts)) or grid.num_tokens * len(pts) > limits.max_picture_tokens:
        return None
    return pictures_at(pts, grid, clip.profile)


def _shots(clip: JudgedClip, choices: Choices, limits: Limits) -> Selection | None:
    """Return the middles of shots, the longest ones where not all fit."""
    number = most_images(limits, clip.levels)
    return _equal(clip, clip.pts_at(shots.longest_middles(choices.shots, number)), limits)


def _qwen(clip: JudgedClip, choices: Choices, limits: Limits) -> Selection | None:
    """Return what qwen-vl-utils would send."""
    info = clip.footage.info
    size = (info.width, info.height)
    allotted = allot(choices.num_frames, info.duration_s, size, limits, clip.profile)
    if allotted is None:
        return None
    number, grid = allotted
    # The frame of an index, at a constant rate: the middle of its time.
    rate = info.duration_s / choices.num_frames
    times_s = [(index + 0.5) * rate for index in frame_indices(choices.num_frames, number)]
    return pictures_at(clip.pts_at(times_s), grid, clip.profile)


def _thumbnails(clip: JudgedClip, pts: Sequence[int]) -> FloatArray:
    """Return (num_frames, num_values) RGB thumbnails in the order of ``pts``, which rises."""
    pictures = [Picture(one_pts, _THUMBNAIL_SIDE, _THUMBNAIL_SIDE) for one_pts in pts]
    images = [image for _, image in clip.footage.images(pictures)]
    return np.stack([np.asarray(image, dtype=np.float64).ravel() for image in images])
