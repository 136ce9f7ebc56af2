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

    most_frames = limits.max_picture_tokens // round(qwen.VIDEO_MIN_TOKEN_NUM * _SLACK)
    most_frames = min(most_frames, num_frames, limits.max_images or num_frames)
    while most_frames >= qwen.FRAME_FACTOR:
        wanted = {
            "fps": qwen.FPS,
            "min_frames": min(qwen.FPS_MIN_FRAMES, most_frames),
            "max_frames": most_frames,
        }
        number = qwen.smart_nframes(wanted, num_frames, num_frames / duration_s)
        grid = _largest(number, size, limits, profile)
        if grid is not None:
            return number, grid
        most_frames -= qwen.FRAME_FACTOR
    return None


def _largest(
    number: int, size: tuple[int, int], limits: Limits, profile: ModelProfile
) -> ImageGrid | None:
    """Return the grid that it gives to each of so many frames; None where they do not fit."""
    from qwen_vl_utils import vision_process as qwen

    patch = profile.side_multiple**2
    least, greatest = qwen.VIDEO_MIN_TOKEN_NUM * patch, qwen.VIDEO_MAX_TOKEN_NUM * patch
    share = limits.max_picture_tokens * patch / number
    most = max(min(greatest, share), int(least * _SLACK))
    width, height = size
    while most >= least:
        rows, columns = qwen.smart_resize(height, width, profile.side_multiple, least, most)
        grid = image_grid(columns, rows, profile)
        if grid.num_tokens * number <= limits.max_picture_tokens:
            return grid
        # It counts patches; Pixtral also wants a token for each row, which fewer patches pay for.
        most -= patch
    return None
