"""Pictures as a video file that every FFmpeg-based reader decodes to the same pixels."""

from __future__ import annotations

import os
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.stream import VideoStream

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

__all__ = ["write_lossless_mp4"]

# H.264 of RGB with quantizer 0 keeps every pixel; no colour is converted, so no reader can do it
# otherwise.
_CODEC = "libx264rgb"
_LOSSLESS = {"qp": "0"}


def write_lossless_mp4(
    path: str | os.PathLike[str], images: Sequence[Image.Image], *, frame_rate: int = 1
) -> None:
    """Write RGB pictures of one size as the frames of an MP4 file, without any loss.

    The file appears whole or not at all; what was there before is replaced.

    Parameters
    ----------
    path : path
        The file.
    images : sequence of PIL.Image.Image
        At least one.
    frame_rate : int
        Frames a second.

    Raises
    ------
    UsageError
        The file cannot be written.
    """
    file = Path(path)
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
            unfinished = Path(folder) / "frames.mp4"
            _write(unfinished, images, frame_rate)
            unfinished.replace(file)
    except OSError as error:
        raise UsageError(
            f"cannot write the video {file}: {error.strerror or error}; choose another path"
        ) from error


def _write(path: Path, images: Sequence[Image.Image], frame_rate: int) -> None:
    # The index stands first, so that a reader of a stream finds it.
    options = {"movflags": "faststart"}
    with av.open(os.fspath(path), "w", format="mp4", options=options) as container:
        stream = container.add_stream(_CODEC, rate=Fraction(frame_rate), options=_LOSSLESS)
        if not isinstance(stream, VideoStream):
            raise TypeError(f"{_CODEC} made a {stream.type} stream")
        stream.width, stream.height = images[0].size
        stream.pix_fmt = "rgb24"
        for image in images:
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24"))
            )
        container.mux(stream.encode())
