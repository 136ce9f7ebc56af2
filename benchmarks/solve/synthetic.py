"""Instances of any size that no clip is needed for: a random walk with cuts."""

from __future__ import annotations

import numpy as np
from benchmarks.solve.seen_clips import PROFILE
from benchmarks.solve.shares import Shares

from budgetfit.information.levels import picture_levels
from budgetfit.information.similarity import moment_weights, similarity
from budgetfit.problem.aspects import Aspect

__all__ = ["random_walk"]

_WIDTH, _HEIGHT = 1280, 720
_ROWS, _COLUMNS = 27, 48

# Standard deviation of luma of a new shot, in 8-bit steps; natural pictures have 40 to 60.
_DEVIATION = 50.0

# Shots on average, however many candidates there are: with more of them the same video is looked at
# more closely, so the steps between them are smaller.
_NUM_SHOTS = 8

# Share of a picture's variance that is new at the end of a shot of average length, about.
_NEW_BY_THE_END = 0.36

# What is kept of a picture at a share s of the patches is s to such a power; real clips span this.
_KEPT_EXPONENTS = (0.2, 0.5)
_LOSS_EXPONENT = 4


def random_walk(num_candidates: int, seed: int) -> Shares:
    """Return what a made-up video of a few shots shows.

    Thumbnails walk at random within a shot and start anew at a cut. Fidelity is
    ``1 - (1 - s ** e) ** 4`` for the share ``s`` of a 1280x720 picture's patches, with an exponent
    ``e`` for each shot.

    Parameters
    ----------
    num_candidates : int
        Number of frames, at least 1.
    seed : int
        Equal seeds give equal videos.
    """
    rng = np.random.default_rng(seed)
    cut = rng.random(num_candidates) < _NUM_SHOTS / num_candidates
    cut[0] = True
    new = min(1.0, _NEW_BY_THE_END * _NUM_SHOTS / num_candidates)
    thumbnails = np.empty((num_candidates, _ROWS * _COLUMNS))
    exponents = np.empty(num_candidates)
    for index in range(num_candidates):
        fresh = rng.normal(0.0, _DEVIATION, _ROWS * _COLUMNS)
        if cut[index]:
            thumbnails[index] = fresh
            exponents[index] = rng.uniform(*_KEPT_EXPONENTS)
        else:
            # The mix keeps the deviation of every frame the same.
            thumbnails[index] = np.sqrt(1 - new) * thumbnails[index - 1] + np.sqrt(new) * fresh
            exponents[index] = exponents[index - 1]
    levels = picture_levels(_WIDTH, _HEIGHT, PROFILE)
    patches = np.array([level.columns * level.rows for level in levels], dtype=np.float64)
    kept = (patches / patches[-1]) ** exponents[:, None]
    scenes = Aspect(
        "scene",
        # Every pixel is a cell.
        similarity=similarity(thumbnails[:, :, None]),
        fidelity=1.0 - (1.0 - kept) ** _LOSS_EXPONENT,
        weights=moment_weights(
            rng.uniform(0.5, 1.5, num_candidates).tolist(), [False] * num_candidates
        ),
    )
    return Shares(
        aspects=(scenes,),
        level_num_tokens=np.array([level.num_tokens for level in levels], dtype=np.int64),
    )
