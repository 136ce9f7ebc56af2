"""The second judge: the text that can be read from a picture.

PP-OCRv6 (PaddleOCR's small detector and recognizer) through rapidocr and ONNX Runtime; the weights
come inside rapidocr's package. It enlarges pictures whose shorter side is below 736 pixels before
it looks for lines, so a small picture is not held against its size but against what it lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["MIN_CONFIDENCE", "NAME", "Line", "Reader"]

NAME = "PP-OCRv6 small, rapidocr"
"""Names the judge where readings are stored: change it when the reading changes."""

MIN_CONFIDENCE = 0.8
"""Confidence from which a line of a full-size moment is held to be there.

The reader itself drops lines below 0.5, of moments and of pictures.
"""


class Line(NamedTuple):
    """A line of text.

    Attributes
    ----------
    text : str
        What it says.
    confidence : float
        How sure the reader is, in [0, 1].
    """

    text: str
    confidence: float


class Reader:
    """PP-OCRv6 on one thread: clips are judged side by side."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        onnx = "EngineConfig.onnxruntime"
        self._engine = RapidOCR(
            params={
                "Global.log_level": "critical",
                f"{onnx}.intra_op_num_threads": 1,
                f"{onnx}.inter_op_num_threads": 1,
            }
        )

    def lines(self, image: Image.Image) -> tuple[Line, ...]:
        """Return the lines of text on an RGB picture, as the reader orders them."""
        blue_first = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
        # Nothing on a screen is upside down, which is what the classifier would look for.
        result = self._engine(blue_first, use_cls=False)
        if result.txts is None:
            return ()
        pairs = zip(result.txts, result.scores, strict=True)
        return tuple(Line(text, round(float(score), 4)) for text, score in pairs)
