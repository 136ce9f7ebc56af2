"""Which gaps of a video deserve a second look, and which of the looks stay as candidates."""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["ALIKE", "MIN_GAP_S", "gaps_to_look_into", "stand_ins"]

MIN_GAP_S = 1.0
"""Shorter gaps are not looked into: what changes there is not shown for long."""

ALIKE = 0.99
"""From this share on, one frame stands for another: what is lost is less than between the two
largest useful sizes of a picture (0.98 and 0.995), and coding noise alone may cost it."""

# A frame much less sharp than those around it, which show one thing, is a blur of it if it shows
# the same coarsely. Sums of fourth roots of power vary by 5% between alike frames of real clips; a
# blur of two pixels halves them and leaves above 0.9 of the variance of a thumbnail.
_BLURRED_DETAIL = 0.8
_SAME_STRETCH = 0.9
_BLURRED_VARIANCE = 0.7

# A cross-fade is so nearly a mixture of what is before and after; on real clips without fades
# nothing else comes that close and is as dull: mixing two pictures halves the power of their
# detail, the fourth root of which is 0.84.
_MAX_MIXTURE_ERROR = 0.03
_MIN_MIXED_SHARE = 0.1
_MIXED_DETAIL = 0.92
_MAX_LIKENESS_ACROSS = 0.5

# What has this share of the detail of both neighbours is no mixture of them, and no blur: a mean
# is no more than the larger of the two, but for rounding.
_DULLEST_MIXED = _MIXED_DETAIL * (1.0 + 1e-9)

# Looks on either side among which a frame is compared: fades last no longer.
_REACH = 3

# Of alike frames, those this close to the sharpest count as sharp; the middle one is taken.
_SHARP = 0.98

FloatArray = npt.NDArray[np.float64]


def gaps_to_look_into(
    time_s: Sequence[float], likeness: Sequence[float], most: int
) -> list[tuple[float, float]]:
    """Return the gaps between neighbouring looks that hide the most, in time order.

    A gap hides its length times what its ends do not share.

    Parameters
    ----------
    time_s : (num_looks,) sequence of float
        When each look was, in seconds, ascending.
    likeness : (num_looks - 1,) sequence of float
        Share of each look that the next one shows too, in [0, 1].
    most : int
        Gaps to return at most.

    Returns
    -------
    list of (float, float)
        Begin and end of each gap in seconds. Gaps up to ``MIN_GAP_S`` long and those whose ends
        are alike are left out. Of gaps that hide the same, the earlier comes first.
    """
    hidden = [
        ((end - begin) * (1.0 - alike), (begin, end))
        for (begin, end), alike in zip(pairwise(time_s), likeness, strict=True)
        if end - begin > MIN_GAP_S and alike < ALIKE
    ]
    hidden.sort(key=lambda one: (-one[0], one[1]))
    return sorted(gap for _, gap in hidden[: max(most, 0)])


def stand_ins(
    thumbnails: FloatArray, detail: FloatArray, likeness: Callable[[int, int], float]
) -> list[int]:
    """Return for each look which look stands for it; those that stay stand for themselves.

    A blurred frame goes to the nearest sharp one of its stretch, a mixture of two scenes to the one
    that it shows more of. Neighbours that are alike go to one of them: of the sharpest, the one
    nearest to their middle.

    Parameters
    ----------
    thumbnails : (num_looks, num_pixels) float array
        Luma, coarsely, in time order.
    detail : (num_looks,) float array
        How much fine detail each has; falls when a frame is blurred.
    likeness : callable
        Called with the indices of two looks; the share of either that the other shows too, in
        [0, 1].
    """
    num_looks = len(detail)
    goes_to = list(range(num_looks))
    # Items of a list are read ten times as fast as those of an array.
    details: list[float] = detail.tolist()
    for look in range(1, num_looks - 1):
        found = _sharper(look, thumbnails, details, likeness)
        goes_to[look] = look if found is None else found
    stay = [look for look in range(num_looks) if goes_to[look] == look]
    for stretch in _stretches(stay, likeness):
        stands = _sharpest(stretch, details, likeness)
        for look in stretch:
            goes_to[look] = stands
    return [_followed(goes_to, look) for look in range(num_looks)]


def _sharper(
    look: int,
    thumbnails: FloatArray,
    detail: Sequence[float],
    likeness: Callable[[int, int], float],
) -> int | None:
    """Return the frame near ``look`` of which it is a blur or a part of a cross-fade, if any.

    It is always one with more detail, so that nobody stands for itself in the end.
    """
    before = range(look - 1, max(look - 1 - _REACH, -1), -1)
    after = range(look + 1, min(look + 1 + _REACH, len(detail)))
    own = detail[look]
    if own >= _DULLEST_MIXED * max(detail[other] for other in (*before, *after)):
        return None
    # The sharpest first: what is before and after a fade are no parts of it.
    around = sorted(product(before, after), key=lambda pair: -(detail[pair[0]] + detail[pair[1]]))
    # Of tests that must all hold, the likeness of frames comes last: it costs most.
    for first, second in around:
        nearer = first if look - first <= second - look else second
        if (
            own < _BLURRED_DETAIL * min(detail[first], detail[second])
            and _shown_variance(thumbnails[look], thumbnails[nearer]) >= _BLURRED_VARIANCE
            and likeness(first, second) >= _SAME_STRETCH
        ):
            return nearer
        if own >= _DULLEST_MIXED * max(detail[first], detail[second]):
            continue
        share = _mixed_share(thumbnails[first], thumbnails[look], thumbnails[second])
        if share is None:
            continue
        stands = first if share >= 0.5 else second
        mean_detail = share * detail[first] + (1 - share) * detail[second]
        if (
            own < min(_MIXED_DETAIL * mean_detail, detail[stands])
            and likeness(first, second) <= _MAX_LIKENESS_ACROSS
        ):
            return stands
    return None


def _shown_variance(thumbnail: FloatArray, other: FloatArray) -> float:
    """Return the share of a thumbnail's variance that another one explains; 0 where it has none."""
    variance = float(thumbnail.var())
    return 1.0 - float(((thumbnail - other) ** 2).mean()) / variance if variance else 0.0


def _mixed_share(first: FloatArray, mixed: FloatArray, second: FloatArray) -> float | None:
    """Return which share of ``first`` is in ``mixed``, if the rest is ``second`` and nothing else.

    The share is the least-squares one; None where it leaves much unexplained, or is nearly 0 or 1.
    """
    across = first - second
    length = float(across @ across)
    if length == 0.0:
        return None
    rest = mixed - second
    share = float(rest @ across) / length
    if not _MIN_MIXED_SHARE <= share <= 1.0 - _MIN_MIXED_SHARE:
        return None
    error = rest - share * across
    return share if float(error @ error) <= _MAX_MIXTURE_ERROR * length else None


def _stretches(looks: Sequence[int], likeness: Callable[[int, int], float]) -> list[list[int]]:
    """Cut looks into runs whose frames are all alike to the first one."""
    stretches: list[list[int]] = []
    for look in looks:
        if stretches and likeness(stretches[-1][0], look) >= ALIKE:
            stretches[-1].append(look)
        else:
            stretches.append([look])
    return stretches


def _sharpest(
    stretch: Sequence[int], detail: Sequence[float], likeness: Callable[[int, int], float]
) -> int:
    """Return the sharpest frame of a stretch that is alike to all others in it."""
    middle = (stretch[0] + stretch[-1]) / 2
    enough = _SHARP * max(detail[look] for look in stretch)
    sharp = sorted(
        (look for look in stretch if detail[look] >= enough), key=lambda look: abs(look - middle)
    )
    rest = sorted(set(stretch) - set(sharp), key=lambda look: -detail[look])
    for look in (*sharp, *rest):
        if all(look == other or likeness(look, other) >= ALIKE for other in stretch):
            return look
    return stretch[0]


def _followed(goes_to: Sequence[int], look: int) -> int:
    """Return where ``look`` goes in the end."""
    while goes_to[look] != look:
        look = goes_to[look]
    return look
