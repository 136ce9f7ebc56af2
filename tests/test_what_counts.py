"""relevance= and information=: plans follow them, and what cannot be used is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image

import budgetfit
from budgetfit.errors import UsageError

SHOTS = 6
SHOT_S = 2.0


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Image.Image], list[float]]:
    """Return six scenes of two seconds each, at five frames a second, as pictures and times."""
    rng = np.random.default_rng(1)
    scenes = [
        Image.fromarray(rng.integers(0, 255, (9, 16, 3), dtype=np.uint8)).resize((320, 176))
        for _ in range(SHOTS)
    ]
    frames = [scene for scene in scenes for _ in range(10)]
    return frames, [index / 5 for index in range(len(frames))]


def shown(plan: budgetfit.Plan) -> set[int]:
    """Which of the scenes are shown."""
    return {int(frame.time_s // SHOT_S) for frame in plan.frames}


@pytest.mark.parametrize("wanted", range(SHOTS))
def test_the_relevant_scene_is_shown(
    shots: tuple[list[Image.Image], list[float]], wanted: int
) -> None:
    start_s = wanted * SHOT_S
    interval = (start_s, start_s + SHOT_S - 0.1, 10.0)
    plan = budgetfit.plan(shots, max_images=1, relevance=[interval])
    assert shown(plan) == {wanted}
    assert plan.information == pytest.approx(10 / (10 + SHOTS - 1), rel=0.1)


def test_relevance_does_not_collapse_to_one_moment(
    shots: tuple[list[Image.Image], list[float]],
) -> None:
    plan = budgetfit.plan(shots, max_images=3, relevance=[(0.0, 1.9, 10.0)])
    assert len(shown(plan)) == 3
    assert 0 in shown(plan)


def test_what_is_irrelevant_is_left_out(shots: tuple[list[Image.Image], list[float]]) -> None:
    plan = budgetfit.plan(shots, relevance=[(0.0, 100.0, 0.0), (4.0, 7.9, 1.0)])
    assert shown(plan) == {2, 3}
    assert plan.information > 0.95


def test_a_function_sees_every_candidate_and_the_prompt(
    shots: tuple[list[Image.Image], list[float]],
) -> None:
    seen: list[tuple[int, str]] = []

    def relevance(images: Sequence[Image.Image], prompt: str) -> list[float]:
        seen.append((len(images), prompt))
        brightness = [float(np.asarray(image).mean()) for image in images]
        return [1.0 if value == max(brightness) else 0.0 for value in brightness]

    plan = budgetfit.plan(shots, "Which is bright?", max_images=1, relevance=relevance)
    frames, times_s = shots
    brightest = int(np.argmax([np.asarray(frame).mean() for frame in frames]))
    assert shown(plan) == {int(times_s[brightest] // SHOT_S)}
    assert [prompt for _, prompt in seen] == ["Which is bright?"]


def test_equal_relevance_changes_nothing(shots: tuple[list[Image.Image], list[float]]) -> None:
    """But which of several equal frames stands for a scene."""
    plain = budgetfit.plan(shots, max_images=2)
    equal = budgetfit.plan(shots, max_images=2, relevance=lambda images, _: [3.0] * len(images))
    assert shown(equal) == shown(plain)
    assert equal.information == pytest.approx(plain.information)


@pytest.mark.parametrize(
    ("relevance", "words"),
    [
        ("bright", "relevance is 'bright'; give a function"),
        ([], r"relevance is \[\]"),
        ([(1.0, 2.0)], r"\(1.0, 2.0\); it must be \(start_s, end_s, weight\)"),
        ([(2.0, 1.0, 1.0)], "end before it begins"),
        ([(0.0, 1.0, -1.0)], "must not be negative"),
        ([(0.0, 100.0, 0.0)], "every moment that shows anything the weight 0"),
        (lambda images, _: [1.0], r"shape \(1,\) for \d+ frames"),
        (lambda images, _: [-1.0] * len(images), "from -1.0 to -1.0"),
        (lambda images, _: [float("nan")] * len(images), "from nan to nan"),
    ],
)
def test_relevance_that_cannot_be_used(
    shots: tuple[list[Image.Image], list[float]], relevance: Any, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        budgetfit.plan(shots, relevance=relevance)


def test_a_measure_of_ones_own_decides(shots: tuple[list[Image.Image], list[float]]) -> None:
    """Only the last candidate shows anything, of one thing."""

    def last_alone(candidates: budgetfit.Candidates) -> budgetfit.Information:
        similarity = np.zeros((1, len(candidates.time_s)))
        similarity[0, -1] = 0.8
        fidelity = np.ones((len(candidates.time_s), len(candidates.sizes)))
        return budgetfit.Information(similarity, fidelity, np.array([7.0]))

    plan = budgetfit.plan(shots, information=last_alone)
    assert shown(plan) == {SHOTS - 1}
    # Every size shows the same: the cheapest is sent, and nothing beside it.
    assert len(plan.frames) == 1
    assert plan.frames[0].width < 200
    assert plan.information == pytest.approx(0.8)
    assert plan.status == "OPTIMAL"


def test_candidates_can_be_looked_at(shots: tuple[list[Image.Image], list[float]]) -> None:
    kept: list[budgetfit.Candidates] = []

    def look(candidates: budgetfit.Candidates) -> budgetfit.Information:
        kept.append(candidates)
        images = candidates.images(*candidates.sizes[0])
        assert {image.size for image in images} == {candidates.sizes[0]}
        count = len(candidates.time_s)
        assert len(images) == count == len(candidates.span_weights)
        assert candidates.span_weights.sum() == pytest.approx(1.0)
        ones = np.ones((count, len(candidates.sizes)))
        return budgetfit.Information(np.eye(count), ones, candidates.span_weights)

    plan = budgetfit.plan(shots, information=look)
    assert len(kept) == 1
    assert len(plan.frames) > 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda c: None, "gave a NoneType"),
        (lambda c: budgetfit.Information(np.eye(2), np.ones((2, 2)), np.ones(2)), "must be"),
        (
            lambda c: budgetfit.Information(
                2 * np.ones((1, len(c.time_s))), np.ones((len(c.time_s), len(c.sizes))), np.ones(1)
            ),
            "must lie in",
        ),
        (
            lambda c: budgetfit.Information(
                np.ones((1, len(c.time_s))), np.ones((len(c.time_s), len(c.sizes))), -np.ones(1)
            ),
            "numbers of at least 0",
        ),
    ],
)
def test_a_measure_that_cannot_be_used(
    shots: tuple[list[Image.Image], list[float]], given: Any, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        budgetfit.plan(shots, information=given)


def test_not_callable_is_refused(shots: tuple[list[Image.Image], list[float]]) -> None:
    with pytest.raises(UsageError, match="information is 3; it must be a function"):
        budgetfit.plan(shots, information=3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="relevance and information"):
        budgetfit.plan(
            shots,
            relevance=[(0.0, 1.0, 1.0)],
            information=lambda c: budgetfit.Information(np.eye(1), np.eye(1), np.ones(1)),
        )
