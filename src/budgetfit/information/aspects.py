r"""What there is to see of a video: its scenes, and its text where it has any.

Moment t of weight :math:`w_t` and text share :math:`\tau_t` is two moments to be explained: its
scene, of weight :math:`w_t (1 - \tau_t)`, and its text, of weight :math:`w_t \tau_t`. Each is
explained by the best picture for it, which need not be the same. The text share grows with the area
A of strokes,

.. math:: \tau = \tau_\mathrm{max} \bigl(1 - e^{-\max(0, A - A_0) / A_1}\bigr)

and is 0 below :math:`A_0`, so that scenes without text are planned as if there were no such thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from budgetfit.information.fidelity import fidelity
from budgetfit.information.legibility import legibility
from budgetfit.information.similarity import moment_weights, similarity
from budgetfit.information.strokes import stroke_area
from budgetfit.information.text_similarity import text_similarity
from budgetfit.problem.aspects import Aspect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from budgetfit.information.looks import Look

__all__ = ["SCENE", "TEXT", "aspects", "shown", "text_share"]

SCENE = "scene"
TEXT = "text"

# More than any clip without text has (0.0033, slats), less than a line of subtitles (0.01).
_MIN_AREA = 0.004
_AREA_SCALE = 0.01
_MAX_TEXT_SHARE = 0.9

FloatArray = npt.NDArray[np.float64]
Scales = list[tuple[float, float]]


def text_share(area: FloatArray) -> FloatArray:
    """Return which share of what there is to see is text, from the share of a frame with strokes.

    Parameters
    ----------
    area : (num_moments,) float array
        In [0, 1].

    Returns
    -------
    (num_moments,) float array
        In [0, 1).
    """
    above = np.maximum(area - _MIN_AREA, 0.0)
    share: FloatArray = _MAX_TEXT_SHARE * (1.0 - np.exp(-above / _AREA_SCALE))
    return share


def aspects(
    looks: Sequence[Look], span_s: Sequence[float], scales: Scales, tile_scales: Scales
) -> tuple[Aspect, ...]:
    """Return the scenes, and the text where any moment has text.

    Parameters
    ----------
    looks : sequence of Look
        What was seen of each candidate; candidates and moments are the same frames.
    span_s : sequence of float
        Seconds that each moment stands for.
    scales, tile_scales : list of (float, float)
        Columns and rows of each level's pixels relative to the luma, cheapest first, as a picture
        and as a tile of a sheet.
    """
    weights = moment_weights(span_s, [look.is_blank for look in looks])
    strokes = [look.strokes for look in looks]
    of_text = text_share(np.array([stroke_area(maps) for maps in strokes])) * (weights > 0)
    spectra = [look.spectrum for look in looks]
    similarities = shown(looks)
    scene = Aspect(
        name=SCENE,
        similarity=similarities[SCENE],
        fidelity=fidelity(spectra, scales),
        weights=weights * (1.0 - of_text),
        tile_fidelity=fidelity(spectra, tile_scales, largest=scales[-1]),
    )
    if not of_text.any():
        return (scene,)
    moments = np.flatnonzero(of_text)
    text = Aspect(
        name=TEXT,
        similarity=similarities[TEXT][moments],
        fidelity=legibility(strokes, scales),
        weights=(weights * of_text)[moments],
        tile_fidelity=legibility(strokes, tile_scales),
        moments=moments,
    )
    return scene, text


def shown(looks: Sequence[Look]) -> dict[str, FloatArray]:
    """Return by aspect the (num_frames, num_frames) share of each frame that each other shows.

    The text of frames that have too little to be planned for counts as none.
    """
    strokes = [look.strokes for look in looks]
    has_text = text_share(np.array([stroke_area(maps) for maps in strokes])) > 0
    return {
        SCENE: similarity(np.stack([look.descriptor for look in looks])),
        TEXT: text_similarity(strokes, has_text),
    }
