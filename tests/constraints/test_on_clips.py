"""Each constraint on a real clip, kept and impossible, told from the plan's frames alone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
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
from budgetfit.errors import InfeasibleError, UsageError, VideoError
from tests.constraints.reference import holds
from tests.looked import looked_at

NOTHING_CAN_BE_DECODED = "edge_no_decodable_frame.webm"


def frames_of(path: Path) -> dict[float, int]:
    """The time and the pts of every frame, as its packet tells."""
    with av.open(str(path)) as container:
        (stream, *_) = container.streams.video
        pts = sorted({packet.pts for packet in container.demux(stream) if packet.pts is not None})
        time_base = stream.time_base
    assert time_base is not None
    return {float((value - pts[0]) * time_base): value for value in pts}


@pytest.fixture(scope="module")
def bunny(package_clips: dict[str, Path]) -> Path:
    return package_clips["bigbuckbunny"]


@pytest.fixture(scope="module")
def original(original_clips: dict[str, Path]) -> budgetfit.VideoAnalysis:
    """Return the clip at its full size, which some of its messages tell."""
    return budgetfit.analyze(original_clips["bigbuckbunny"])


@pytest.fixture(scope="module")
def bunny_frames(bunny: Path) -> dict[float, int]:
    return frames_of(bunny)


KEPT: list[tuple[Sequence[Constraint], dict[str, Any]]] = [
    ([Show(1.2345), Show(3.0)], {"max_images": 2}),
    ([Exclude(0, 2.5)], {}),
    ([Exclude(0, 2), Exclude(1, 3), Exclude(1, 3), Exclude(4, 9)], {}),
    ([AtLeast(4, 1.0, 1.5)], {}),
    ([AtLeast(3, 1.0, 2.0), AtMost(3, 0.5, 4.0), AtLeast(1, 0, 0.4)], {}),
    ([AtMost(1, 0, 3)], {}),
    ([AtMost(0, 1, 4)], {}),
    ([MinSpacing(1.0)], {"max_model_len": 2000}),
    ([MinSpacing(0.5), MinSpacing(2.0)], {}),
    ([MinSize(320, 176)], {"max_images": 8}),
    ([MinSize(400, 200, 0, 2), AtLeast(1, 0, 2), MaxSize(320, 320, 2.1, 99)], {}),
    ([MaxSize(320, 320)], {}),
    ([MaxSize(10_000, 128)], {}),
    ([SameSize()], {"max_images": 8}),
    ([SameSize(), MinSpacing(0.7), Show(0.1), Show(5.0)], {"max_model_len": 1500}),
    ([MaxTokensPerImage(100)], {}),
    ([MaxTokensPerImage(300), MinSize(200, 100), Exclude(1, 2)], {"profile": "cosmos-transfer1"}),
]


@pytest.mark.parametrize("case", range(len(KEPT)))
def test_constraints_are_kept(bunny: Path, bunny_frames: dict[float, int], case: int) -> None:
    constraints, arguments = KEPT[case]
    plan = budgetfit.plan(bunny, **arguments, constraints=constraints, time_labels=case % 2 == 1)
    for constraint in constraints:
        assert holds(constraint, plan.frames, list(bunny_frames)), constraint.name
    for frame in plan.frames:
        assert bunny_frames[frame.time_s] == frame.pts
    assert len(plan.prompt_token_ids()) == plan.num_tokens <= plan.limits.max_prompt_tokens
    assert plan.information <= plan.best_bound
    assert len(plan.images()) == len(plan.frames)


def test_some_would_not_have_come_about_by_chance(
    bunny: Path, bunny_frames: dict[float, int]
) -> None:
    free = budgetfit.plan(bunny)
    by_chance = [
        all(holds(constraint, free.frames, list(bunny_frames)) for constraint in constraints)
        for constraints, _ in KEPT
    ]
    assert by_chance.count(False) > len(KEPT) // 2
    # Less freedom shows no more, where the same frames are looked at.
    for constraints in ([Exclude(0, 2.5)], [MaxSize(320, 320)], [MinSpacing(1.0)], [SameSize()]):
        plan = budgetfit.plan(bunny, constraints=constraints)
        assert plan.information <= free.best_bound + 1e-9


IMPOSSIBLE: list[tuple[Sequence[Constraint], dict[str, Any], str]] = [
    ([Show(1.0), Show(3.0)], {"max_images": 1}, "the frame shown at"),
    ([Exclude(0, 1e9)], {}, "no frame from 0"),
    ([AtLeast(3, 1, 2)], {"max_images": 2}, "at least 3 frames from 1 to 2 s"),
    ([AtMost(0, 0, 99)], {}, "at most 0 frames from 0 to 99 s"),
    ([MinSpacing(2.0), AtLeast(2, 1, 2)], {}, "frames at least 2 s apart"),
    ([MinSize(640, 352)], {"max_model_len": 1000}, "pictures of at least 640x352 pixels"),
    ([MinSize(320, 176), MaxSize(300, 300)], {}, "pictures of at most 300x300 pixels"),
    ([MaxSize(320, 176), MinSize(400, 200)], {}, "pictures of at least 400x200 pixels"),
    ([SameSize(), MaxSize(200, 200, 0, 2), MinSize(400, 200, 3), Show(1), Show(4)], {}, "one com"),
    ([MaxTokensPerImage(100), MinSize(640, 352)], {}, "pictures of at most 100 tokens"),
    ([Keep([(1.0, 496, 288)]), Exclude(0.5, 1.5)], {}, "the frame shown at 1 s sent as 496x288"),
    ([Keep([(1.0, 496, 288), (1.0, 112, 64)])], {}, "the frame shown at 1 s sent as"),
]


@pytest.mark.parametrize(("constraints", "arguments", "named"), IMPOSSIBLE)
def test_what_cannot_hold_together_is_infeasible(
    original: budgetfit.VideoAnalysis,
    constraints: Sequence[Constraint],
    arguments: dict[str, Any],
    named: str,
) -> None:
    with pytest.raises(InfeasibleError, match=named) as caught:
        budgetfit.plan(original, **arguments, constraints=constraints)
    assert caught.value.exit_code == 4
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("constraint", "message"),
    [
        (Show(99), r"99 s is outside .*bigbuckbunny.*, which lasts 5\.\d+ s; give a time from 0"),
        (AtLeast(1, 3, 60), "60.0 s is outside"),
        (Keep([(-3.0, 496, 288)]), "-3.0 s is outside"),
        (Keep([(1.0, 640, 360)]), "640x360 cannot be had: this video can be sent as 112x64, "),
        (MinSize(2000, 16), "at least 2000x16 pixels: no picture of this video can be sent so"),
        (MinSize(2000, 16, 2, 3), "at least 2000x16 pixels from 2 to 3 s: no picture"),
        (MaxSize(64, 64), "at most 64x64 pixels: no picture of this video .* have 112x64 to"),
        (MaxTokensPerImage(5), "at most 5 tokens: no picture .* the smallest costs 32 tokens"),
        (AtLeast(2, 1.0, 1.0), "at least 2 frames from 1 to 1 s cannot be had: "),
    ],
)
def test_what_this_video_can_never_satisfy_is_a_usage_error(
    original: budgetfit.VideoAnalysis, constraint: Constraint, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        budgetfit.plan(original, constraints=[constraint])
    assert "\n" not in str(caught.value)


def test_a_plan_can_be_kept_and_completed(bunny: Path) -> None:
    first = budgetfit.plan(bunny, max_model_len=1500, max_images=2)
    more = budgetfit.plan(bunny, constraints=[Keep(first.frames)])
    assert set(first.frames) < set(more.frames)
    assert more.information > first.information
    same = budgetfit.plan(
        bunny,
        max_model_len=1500,
        max_images=2,
        constraints=[Keep(first.frames), Keep(first.frames[:1])],
    )
    assert same.frames == first.frames
    for ours, theirs in zip(same.images(), first.images(), strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_a_frame_that_was_no_candidate_can_be_shown_and_kept(
    bunny: Path, bunny_frames: dict[float, int]
) -> None:
    some = list(bunny_frames)[5::23]
    for time_s, later_s in itertools.pairwise(some):
        plan = budgetfit.plan(
            bunny,
            max_images=2,
            constraints=[Show(time_s), Keep([(later_s + 1e-3, 320, 176)])],
        )
        assert [frame.pts for frame in plan.frames] == [bunny_frames[time_s], bunny_frames[later_s]]
        assert (plan.frames[1].width, plan.frames[1].height) == (320, 176)


def test_shown_frames_are_exact_on_every_clip(clips_dir: Path) -> None:
    shown = 0
    for clip in sorted(clips_dir.iterdir()):
        if clip.suffix not in {".mp4", ".webm", ".gif"} or clip.name == NOTHING_CAN_BE_DECODED:
            continue
        seen = looked_at(clip)
        first = budgetfit.plan(seen, max_images=2, time_limit_s=0.2)
        # A third of the way into the last frame, and somewhere in the middle.
        times = [first.video.duration_s * 0.618, first.frames[-1].time_s]
        try:
            plan = budgetfit.plan(
                seen,
                time_limit_s=0.2,
                constraints=[Show(max(times[0], 0)), Keep(first.frames[-1:])],
            )
        except VideoError as error:
            assert "cannot be decoded" in str(error), clip.name  # noqa: PT017
            continue
        assert first.frames[-1] in plan.frames, clip.name
        every = frames_of(clip)
        # The first frame may be shown after the container's start, which the plan's times count.
        offset = next(f.time_s for f in plan.frames if f == first.frames[-1]) - next(
            time_s for time_s, pts in every.items() if pts == first.frames[-1].pts
        )
        reference = [time_s + offset for time_s in every]
        assert any(
            abs(frame.time_s - max(t for t in reference if t <= times[0] + 1e-6)) < 1e-6
            for frame in plan.frames
        ), clip.name
        shown += 1
    assert shown >= 12
