"""plan() on real video: exact, within every limit, as good as brute force and uniform choices."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import budgetfit
from budgetfit.analysis import Analysis
from budgetfit.constraints import AtLeast
from budgetfit.errors import (
    InfeasibleError,
    UnsupportedRequestError,
    UsageError,
    VideoError,
)
from budgetfit.plans import Plan
from budgetfit.problem.building import build_problem
from budgetfit.problem.problem import Problem, PromptOption
from budgetfit.profiles import get_profile
from budgetfit.search.coverage import objective
from budgetfit.search.uniform import uniform_solutions
from budgetfit.tokens.tokenizer import RequestTokenizer
from tests.looked import looked_at
from tests.worth import worth_of

PROFILE = get_profile("pixtral-12b")
TOKENIZER = RequestTokenizer(PROFILE)
BLACK_AND_LONG = "edge_6min_black_4k.mp4"


def check(plan: Plan) -> None:
    """Everything that the contract says is always true."""
    limits = plan.limits
    assert limits.max_prompt_tokens == limits.max_model_len - limits.max_tokens
    assert plan.num_tokens <= limits.max_prompt_tokens
    assert limits.max_tokens >= 1
    assert plan.num_tokens == TOKENIZER.encode(plan.request).num_tokens
    assert len(plan.prompt_token_ids()) == plan.num_tokens
    assert 1 <= len(plan.frames) <= (limits.max_images or len(plan.frames))
    for frame in plan.frames:
        assert frame.width % 16 == frame.height % 16 == 0
        assert frame.width < plan.video.width + 16
        assert frame.height < plan.video.height + 16
        assert frame.num_tokens == frame.height // 16 * (frame.width // 16 + 1)
    times = [frame.time_s for frame in plan.frames]
    assert times == sorted(set(times))
    assert 0 <= plan.information <= plan.best_bound <= 1
    if plan.best_bound:
        assert plan.gap == pytest.approx((plan.best_bound - plan.information) / plan.best_bound)
    assert plan.status == ("OPTIMAL" if plan.gap <= 1e-4 else "FEASIBLE")
    assert set(plan.timings_s) == {"import", "analyze", "solve", "total"}


def clip_paths(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix in {".mp4", ".webm", ".gif"})


def problem_of(analysis: Analysis, room: int, max_images: int | None) -> Problem:
    return build_problem(
        analysis.aspects_of_pictures,
        analysis.level_num_tokens,
        prompt_options=[PromptOption(0)],
        max_prompt_tokens=room,
        max_images=max_images,
    )


def best_pair_value(analysis: Analysis, room: int) -> float:
    """The best information of one or two pictures, from the arrays and by nested loops."""
    tokens = analysis.level_num_tokens.tolist()
    count, best = len(analysis.pts), 0.0
    worth, weights = worth_of(analysis)
    for i, r in itertools.product(range(count), range(len(tokens))):
        if tokens[r] > room:
            continue
        best = max(best, float(weights @ worth[:, i, r]))
        left = [s for s in range(len(tokens)) if tokens[s] <= room - tokens[r]]
        if left:
            both = np.maximum(worth[:, i, r][:, None, None], worth[:, i + 1 :, left])
            if both.size:
                best = max(best, float(np.einsum("t,tjs->js", weights, both).max()))
    return best


@pytest.fixture(scope="module")
def bunny(package_clips: dict[str, Path]) -> Path:
    return package_clips["bigbuckbunny"]


@pytest.mark.parametrize("max_images", [None, 1, 2, 8])
@pytest.mark.parametrize("max_model_len", [400, 1500, 4096, 20_000])
def test_the_contract_holds(bunny: Path, max_model_len: int, max_images: int | None) -> None:
    check(budgetfit.plan(bunny, max_model_len=max_model_len, max_images=max_images))


def test_pairs_equal_brute_force(package_clips: dict[str, Path]) -> None:
    for clip in package_clips.values():
        analysis = budgetfit.analyze(clip).of_model(PROFILE)
        for max_model_len in (700, 4096):
            plan = budgetfit.plan(clip, "Describe.", max_images=2, max_model_len=max_model_len)
            text = 3 + plan.prompt.num_tokens
            best = best_pair_value(analysis, plan.limits.max_prompt_tokens - text)
            assert plan.information == pytest.approx(best, abs=1e-6)
            assert plan.status == "OPTIMAL"


def test_pairs_equal_brute_force_on_every_clip(clips_dir: Path) -> None:
    planned = 0
    for clip in clip_paths(clips_dir):
        if clip.name in {BLACK_AND_LONG, "edge_no_decodable_frame.webm"}:
            continue
        analysis = looked_at(clip).of_model(PROFILE)
        plan = budgetfit.plan(looked_at(clip), profile="cosmos-transfer1")
        room = plan.limits.max_prompt_tokens - 3 - plan.prompt.num_tokens
        assert plan.information == pytest.approx(best_pair_value(analysis, room), abs=1e-6)
        planned += 1
    assert planned >= 10


@pytest.mark.parametrize("max_images", [None, 2, 8])
def test_no_uniform_plan_is_better(clips_dir: Path, max_images: int | None) -> None:
    compared = 0
    for clip in clip_paths(clips_dir):
        if clip.name in {BLACK_AND_LONG, "edge_no_decodable_frame.webm"}:
            continue
        analysis = looked_at(clip).of_model(PROFILE)
        plan = budgetfit.plan(looked_at(clip), max_images=max_images, time_limit_s=0.2)
        check(plan)
        room = plan.limits.max_prompt_tokens - 3 - plan.prompt.num_tokens
        problem = problem_of(analysis, room, max_images)
        for solution in uniform_solutions(problem, analysis.evenly):
            uniform = objective(problem, solution) / max(problem.total_value, 1)
            assert plan.information >= uniform - 1e-9, (clip.name, len(solution.options))
            compared += 1
    assert compared >= 20


def test_equal_input_gives_equal_plans(bunny: Path) -> None:
    first, second = (budgetfit.plan(bunny, max_model_len=1200).to_dict() for _ in range(2))
    assert first.pop("timings_s").keys() == second.pop("timings_s").keys()
    assert first == second


def test_paths_bytes_and_open_files_give_one_plan(bunny: Path) -> None:
    expected = budgetfit.plan(bunny, max_images=2)
    with bunny.open("rb") as file:
        for video in (str(bunny), bunny.read_bytes(), file, io.BytesIO(bunny.read_bytes())):
            plan = budgetfit.plan(video, max_images=2)
            assert plan.frames == expected.frames
            assert plan.video.fingerprint == expected.video.fingerprint
            for ours, theirs in zip(plan.images(), expected.images(), strict=True):
                assert ours.tobytes() == theirs.tobytes()


def test_pictures_with_times_are_a_video() -> None:
    rng = np.random.default_rng(1)
    scenes = rng.integers(0, 256, (3, 120, 160, 3), dtype=np.uint8)
    images = [Image.fromarray(scenes[k // 4]) for k in range(12)]
    plan = budgetfit.plan((images, [float(k) for k in range(12)]), "Describe.")
    check(plan)
    # Three scenes of four equal pictures each: one picture of every scene says everything.
    assert {int(frame.time_s) // 4 for frame in plan.frames} == {0, 1, 2}
    assert len(plan.frames) == 3
    assert plan.information == pytest.approx(1.0, abs=1e-6)
    assert [image.size for image in plan.images()] == [
        (frame.width, frame.height) for frame in plan.frames
    ]


def test_a_black_video_is_one_cheapest_picture() -> None:
    images = [Image.new("RGB", (320, 180)) for _ in range(5)]
    plan = budgetfit.plan((images, [0.0, 1.0, 2.0, 3.0, 4.0]))
    check(plan)
    assert (plan.information, plan.best_bound, plan.gap) == (1.0, 1.0, 0.0)
    assert len(plan.frames) == 1
    assert plan.frames[0].num_tokens == 32


def test_the_prompt_is_whole_beside_the_smallest_picture(bunny: Path) -> None:
    text = "word " * 600
    plan = budgetfit.plan(bunny, text, max_model_len=1000, max_tokens=100)
    check(plan)
    assert plan.prompt.text == text
    assert plan.prompt.num_tokens == plan.prompt.num_tokens_full
    assert plan.warnings == ()


def test_a_prompt_that_is_too_long_is_cut_at_a_word_and_said_so(bunny: Path) -> None:
    text = " ".join(f"word{k}" for k in range(3000))
    plan = budgetfit.plan(bunny, text, max_model_len=1000, max_tokens=100)
    check(plan)
    assert text.startswith(plan.prompt.text)
    assert text[len(plan.prompt.text)] == " "
    assert plan.prompt.num_tokens < plan.prompt.num_tokens_full
    assert any("the prompt was cut from" in warning for warning in plan.warnings)
    # Nothing is wasted: the next word would not have fitted beside the smallest picture.
    spare = plan.limits.max_prompt_tokens - plan.num_tokens
    assert spare < 8


def test_a_system_prompt_is_counted_and_never_cut(bunny: Path) -> None:
    plan = budgetfit.plan(
        bunny, "x " * 5000, system_prompt="You are a careful narrator.", max_model_len=800
    )
    check(plan)
    assert plan.request.system_prompt == "You are a careful narrator."
    assert plan.messages()[0] == {"role": "system", "content": "You are a careful narrator."}
    empty = budgetfit.plan(bunny, "", system_prompt="Describe.")
    check(empty)
    assert [part["type"] for part in empty.messages()[1]["content"]] == ["image_url"] * len(
        empty.frames
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"max_tokens": 0}, UsageError, "max_tokens is 0"),
        ({"max_images": 0}, UsageError, "max_images is 0"),
        ({"max_images": 2.5}, UsageError, "max_images is 2.5"),
        ({"max_model_len": True}, UsageError, "max_model_len is True"),
        ({"max_model_len": 300}, UsageError, "max_tokens 300 leaves no room"),
        ({"profile": "gpt"}, UsageError, "unknown profile 'gpt'"),
        ({"time_limit_s": 0}, UsageError, "time_limit_s is 0"),
        ({"num_candidates": 0}, UsageError, "num_candidates is 0"),
        ({"prompt": "lone \ud800"}, UsageError, "surrogate"),
        ({"prompt": 5}, UsageError, "prompt is a int"),
        (
            {"prompt": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]},
            UnsupportedRequestError,
            "one user turn",
        ),
        (
            {"max_model_len": 310},
            InfeasibleError,
            r"max_model_len 310 with max_tokens 300 \(10 prompt tokens.*max_model_len 310 -> 335",
        ),
    ],
)
def test_arguments_that_cannot_be_used(
    bunny: Path, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        budgetfit.plan(bunny, **arguments)


def test_several_videos_are_refused(bunny: Path) -> None:
    with pytest.raises(UnsupportedRequestError, match="2 videos were given"):
        budgetfit.plan([bunny, bunny], "Describe.")  # type: ignore[list-item]


def test_a_missing_video() -> None:
    with pytest.raises(VideoError, match=r"missing\.mp4"):
        budgetfit.plan("missing.mp4")


def test_progress_is_told(bunny: Path) -> None:
    told: list[tuple[str, int, int]] = []
    budgetfit.plan(bunny, on_progress=lambda *step: told.append(step))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["looking at frames", "choosing frames"]
    assert told[-1] == ("choosing frames", 1, 1)
    looks = [(done, total) for stage, done, total in told if stage == "looking at frames"]
    assert looks[-1][0] == looks[-1][1] >= 33


def test_every_clip_gives_a_plan_or_a_typed_error(clips_dir: Path) -> None:
    failed = {}
    for clip in clip_paths(clips_dir):
        if clip.name == BLACK_AND_LONG:
            continue
        try:
            check(budgetfit.plan(looked_at(clip), time_limit_s=0.2))
        except VideoError as error:
            failed[clip.name] = str(error)
    assert set(failed) <= {"edge_no_decodable_frame.webm"}
    assert all("\n" not in message for message in failed.values())


def test_where_ortools_is_not_needed_it_is_not_loaded(bunny: Path) -> None:
    code = (
        "import sys, budgetfit; budgetfit.plan(sys.argv[1], max_images=2); "
        "print([m for m in ('ortools', 'torch', 'vllm') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(bunny)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_planning_needs_no_main_guard(bunny: Path) -> None:
    """As in a pipe: the code has no file that a child process could import."""
    code = f"import budgetfit; print(budgetfit.plan({str(bunny)!r}).num_tokens)"
    done = subprocess.run(
        [sys.executable, "-"], input=code, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 0


def test_improving_plans_are_told(bunny: Path) -> None:
    told: list[Plan] = []
    final = budgetfit.plan(bunny, relative_gap_limit=0.0, on_improvement=told.append)
    values = [plan.information for plan in told]
    assert values == sorted(set(values))
    assert values[-1] == final.information
    for plan in told:
        check(plan)


def test_an_interrupt_gives_the_best_plan_so_far(package_clips: dict[str, Path]) -> None:
    told: list[Plan] = []

    def interrupt(plan: Plan) -> None:
        told.append(plan)
        if len(told) == 2:
            raise KeyboardInterrupt

    plan = budgetfit.plan(
        package_clips["bikes"], relative_gap_limit=0.0, time_limit_s=20, on_improvement=interrupt
    )
    check(plan)
    assert plan.interrupted
    assert plan.information == told[-1].information
    assert any("the search was interrupted" in warning for warning in plan.warnings)


def test_a_long_prompt_makes_room_for_what_is_demanded(bunny: Path) -> None:
    text = "word " * 3000
    demand = AtLeast(4, 0, 5)
    plan = budgetfit.plan(bunny, text, max_model_len=1000, constraints=[demand])
    check(plan)
    assert sum(frame.time_s <= 5 for frame in plan.frames) >= 4
    assert 0 < plan.prompt.num_tokens < plan.prompt.num_tokens_full
    with pytest.raises(InfeasibleError, match="max_model_len 400 -> ") as caught:
        budgetfit.plan(bunny, text, max_model_len=400, constraints=[demand])
    needed = int(str(caught.value).split("max_model_len 400 -> ")[1].split(";")[0])
    check(budgetfit.plan(bunny, text, max_model_len=needed, constraints=[demand]))
    with pytest.raises(InfeasibleError):
        budgetfit.plan(bunny, text, max_model_len=needed - 1, constraints=[demand])
