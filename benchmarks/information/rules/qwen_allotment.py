"""How qwen-vl-utils allots a budget to a video, with Pixtral's patch.

Its own ``smart_nframes`` decides the number of frames: two a second, at least four, an even number,
evenly from the first frame to the last. Its own ``smart_resize`` decides the size from the pixels
that each frame may have, as its ``fetch_video`` computes them: the budget divided by the frames, at
least 128 tokens, at most 768. Two things are Pixtral's: a token is a patch of 16 pixels, and two
frames are not merged into one. Its least size holds where frames are few enough: here so many are
asked for that they fit at that size, which is what its users set ``max_frames`` for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.tokens.images import image_grid

if TYPE_CHECKING:
    from benchmarks.information.limits import Limits

    from budgetfit.profiles import ModelProfile
    from budgetfit.tokens.images import ImageGrid

__all__ = ["allot", "frame_indices"]

# qwen-vl-utils' own: it lets a frame exceed its least pixels by this factor.
_SLACK = 1.05


def frame_indices(num_frames: int, number: int) -> list[int]:
    """Return ``number`` frames from the first to the last, as its video readers take them."""
    indices: list[int] = np.linspace(0, num_frames - 1, number).round().astype(int).tolist()
    return indices


def allot(
    num_frames: int,
    duration_s: float,
    size: tuple[int, int],
    limits: Limits,
    profile: ModelProfile,
) -> tuple[int, ImageGrid] | None:
    """Return how many frames are sent and at which grid; None where they do not fit.

    Parameters
    ----------
    num_frames : int
        Frames of the clip.
    duration_s : float
        Its length in seconds.
    size : (int, int)
        Width and height in pixels.
    limits : Limits
        What the request may have.
    profile : ModelProfile
        Patch and largest side.
    """
    from qwen_vl_utils import vision_process as qwen

    side = profile.side_multiple
    least_pixels = qwen.VIDEO_MIN_TOKEN_NUM * side**2
    most_frames = limits.max_picture_tokens // round(qwen.VIDEO_MIN_TOKEN_NUM * _SLACK)
    if limits.max_images is not None:
        most_frames = min(most_frames, limits.max_images)
    if most_frames < qwen.FRAME_FACTOR or num_frames < qwen.FRAME_FACTOR:
        return None
    wanted = {"fps": qwen.FPS, "min_frames": min(qwen.FPS_MIN_FRAMES, most_frames)}
    wanted["max_frames"] = min(most_frames, num_frames)
    number = qwen.smart_nframes(wanted, num_frames, num_frames / duration_s)
    share = limits.max_picture_tokens * side**2 / number
    most_pixels = max(min(qwen.VIDEO_MAX_TOKEN_NUM * side**2, share), int(least_pixels * _SLACK))
    width, height = size
    rows, columns = qwen.smart_resize(height, width, side, least_pixels, most_pixels)
    grid = image_grid(columns, rows, profile)
    # It counts patches; Pixtral also wants one token a row. A patch less a side makes up for it.
    while grid.num_tokens * number > limits.max_picture_tokens:
        most_pixels -= side**2
        if most_pixels < least_pixels:
            return None
        rows, columns = qwen.smart_resize(height, width, side, least_pixels, most_pixels)
        grid = image_grid(columns, rows, profile)
    return number, grid
