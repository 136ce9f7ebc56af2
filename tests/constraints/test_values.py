"""Values that no video could satisfy are refused when a constraint is made."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit.constraints import (
    AtLeast,
    AtMost,
    Constraint,
    Exclude,
    Keep,
    MaxSize,
    MaxTokensPerImage,
    MinSize,
    MinSpacing,
    SameSize,
    Show,
)
from budgetfit.errors import UsageError
from budgetfit.plans import PlannedFrame

GOOD: dict[str, Constraint] = {
    "the frame shown at 12.4 s": Show(12.4),
    "no frame from 3 to 8.5 s": Exclude(3, 8.5),
    "no frame from 3 s on": Exclude(3, math.inf),
    "at least 2 frames from 3 to 8 s": AtLeast(2, 3, 8),
    "at least 1 frame from 0 to 8.125 s": AtLeast(1, 0, 8.125),
    "at most 0 frames from 3 s on": AtMost(0, 3, math.inf),
    "frames at least 0.333 s apart": MinSpacing(1 / 3),
    "pictures of at least 320x176 pixels": MinSize(320, 176),
    "pictures of at most 640x480 pixels from 3 to 8 s": MaxSize(640, 480, 3, 8),
    "pictures of at least 320x176 pixels from 3 s on": MinSize(320, 176, 3),
    "one common resolution": SameSize(),
    "pictures of at most 500 tokens": MaxTokensPerImage(500),
    "the frame shown at 2.5 s sent as 64x48; the frame shown at 0 s sent as 32x32": Keep(
        [(2.5, 64, 48), PlannedFrame(-0.0001, 0, 32, 32, 6)]
    ),
}

BAD: list[tuple[Callable[..., Constraint], tuple[Any, ...], str]] = [
    (Show, (-0.5,), "time_s of Show is -0.5; give a number of seconds of at least 0"),
    (Show, (math.nan,), "time_s of Show is nan"),
    (Show, (math.inf,), "time_s of Show is inf"),
    (Show, ("2",), "time_s of Show is '2'"),
    (Show, (None,), "time_s of Show is None"),
    (Show, (True,), "time_s of Show is True"),
    (Exclude, (-1, 5), "start_s of Exclude is -1"),
    (Exclude, (5, 2), "Exclude ends at 2 s, before its start at 5 s; give the earlier first"),
    (Exclude, (math.inf, math.inf), "start_s of Exclude is inf"),
    (Exclude, (1, math.nan), "end_s of Exclude is nan"),
    (AtLeast, (0, 1, 2), "num_frames of AtLeast is 0; it must be a whole number of at least 1"),
    (AtLeast, (1.5, 1, 2), "num_frames of AtLeast is 1.5"),
    (AtLeast, (1, 1, math.inf), "end_s of AtLeast is inf"),
    (AtLeast, (1, 3, 2), "AtLeast ends at 2 s"),
    (AtMost, (-1, 1, 2), "num_frames of AtMost is -1; it must be a whole number of at least 0"),
    (AtMost, (1, math.nan, 2), "start_s of AtMost is nan"),
    (MinSpacing, (-1,), "seconds of MinSpacing is -1"),
    (MinSpacing, (math.nan,), "seconds of MinSpacing is nan"),
    (MinSize, (0, 5), "width of MinSize is 0"),
    (MinSize, (5, 5.0), "height of MinSize is 5.0"),
    (MaxSize, (5, -5), "height of MaxSize is -5"),
    (MaxSize, (5, 5, 9, 8), "MaxSize ends at 8 s"),
    (MaxTokensPerImage, (0,), "num_tokens of MaxTokensPerImage is 0"),
    (MaxTokensPerImage, (True,), "num_tokens of MaxTokensPerImage is True"),
    (Keep, (5,), "frames of Keep is 5; give plan.frames or a list"),
    (Keep, ([5],), "a frame of Keep is 5"),
    (Keep, ([(1.0, 2)],), r"a frame of Keep is \(1.0, 2\)"),
    (Keep, ([(math.nan, 64, 48)],), "time_s of a frame of Keep is nan"),
    (Keep, ([(-math.inf, 64, 48)],), "time_s of a frame of Keep is -inf"),
    (Keep, ([(1.0, 0, 48)],), "width of a frame of Keep is 0"),
    (Keep, ([(1.0, 64, 4.5)],), "height of a frame of Keep is 4.5"),
]


@pytest.mark.parametrize("name", GOOD)
def test_names_are_the_users_words(name: str) -> None:
    assert GOOD[name].name == name


@pytest.mark.parametrize("constraint", GOOD.values())
def test_constraints_are_values(constraint: Constraint) -> None:
    again = pickle.loads(pickle.dumps(constraint))
    assert again == constraint
    assert hash(again) == hash(constraint)
    with pytest.raises((AttributeError, TypeError)):
        constraint.num_frames = 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(("kind", "values", "message"), BAD)
def test_bad_values_are_refused(
    kind: Callable[..., Constraint], values: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        kind(*values)
    assert "\n" not in str(caught.value)


def test_numbers_of_numpy_are_numbers() -> None:
    assert Show(np.float32(2.5)).name == "the frame shown at 2.5 s"  # type: ignore[arg-type]
    assert AtLeast(np.int64(2), np.int64(3), 8).name == "at least 2 frames from 3 to 8 s"  # type: ignore[arg-type]


def test_they_are_public() -> None:
    assert budgetfit.constraints.Show is Show
    assert "constraints" in budgetfit.__all__
    assert issubclass(Show, budgetfit.constraints.Constraint)
