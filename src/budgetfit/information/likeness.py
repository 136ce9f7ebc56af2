"""How well one of two frames can stand for the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from budgetfit.information.aspects import SCENE, TEXT, shown, text_share
from budgetfit.information.strokes import stroke_area

if TYPE_CHECKING:
    from budgetfit.information.looks import Look

__all__ = ["likeness"]


def likeness(first: Look, second: Look) -> float:
    """Return the share of what there is to see in either frame that the other one shows.

    Scene and text weigh as they do in a plan: at full resolution, one frame in place of the other
    loses at most the rest of the moment.

    Returns
    -------
    float
        In [0, 1].
    """
    pair = (first, second)
    shares = shown(pair)
    of_text = text_share(np.array([stroke_area(look.strokes) for look in pair]))[:, None]
    both = (1.0 - of_text) * shares[SCENE] + of_text * shares[TEXT]
    return float(min(both[0, 1], both[1, 0]))
