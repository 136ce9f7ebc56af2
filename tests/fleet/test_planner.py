"""Fleets of real clips: totals, limits, priorities, errors, processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit import FleetJob, FleetPlan, PromptBlock, plan_many
from budgetfit.constraints import Show
from budgetfit.errors import InfeasibleError, UsageError, VideoError
from budgetfit.explain.explanation import explain
from budgetfit.plans import Plan

NAMES = ("bigbuckbunny", "bikes", "carphone_pristine")


@pytest.fixture(scope="module")
def seen(package_clips: dict[str, Path]) -> list[budgetfit.VideoAnalysis]:
    return [budgetfit.analyze(package_clips[name]) for name in NAMES]


def served(fleet: FleetPlan) -> list[Plan]:
    plans = [plan for plan in fleet.plans if plan is not None]
    assert len(plans) + len(fleet.errors) == len(fleet.plans)
    return plans


def check(fleet: FleetPlan) -> None:
    """The total is kept, every count is exact, and what is proved is in order."""
    for plan in served(fleet):
        assert len(replace(plan).prompt_token_ids()) == plan.num_tokens
        assert plan.num_tokens == plan.limits.max_prompt_tokens
        assert plan.information <= plan.best_bound
    assert fleet.num_tokens <= fleet.total_tokens
    assert fleet.information <= fleet.best_bound
    assert fleet.gap >= 0
    assert json.loads(json.dumps(fleet.to_dict()))["num_tokens"] == fleet.num_tokens


def alone(seen: budgetfit.VideoAnalysis, room: int) -> float:
    return budgetfit.plan(seen, "Describe it.", max_model_len=room + 300).information


@pytest.mark.parametrize("total", [250, 1200, 5000])
def test_no_simple_split_shows_more(seen: list[budgetfit.VideoAnalysis], total: int) -> None:
    fleet = plan_many([(video, "Describe it.") for video in seen], total_tokens=total)
    check(fleet)
    # Three videos cannot mix what they show as the bound does.
    assert fleet.gap <= 0.03
    assert fleet.information == pytest.approx(sum(plan.information for plan in served(fleet)))
    durations = [video.info.duration_s for video in seen]
    equal = sum(alone(video, total // 3) for video in seen)
    by_duration = sum(
        alone(video, int(total * duration / sum(durations)))
        for video, duration in zip(seen, durations, strict=True)
        if int(total * duration / sum(durations)) > 80
    )
    assert fleet.best_bound >= max(equal, by_duration)
    assert fleet.information >= 0.99 * max(equal, by_duration)


def test_the_worst_off_video_is_no_worse(seen: list[budgetfit.VideoAnalysis]) -> None:
    jobs = [(video, "Describe it.") for video in seen]
    total = plan_many(jobs, total_tokens=1500)
    worst = plan_many(jobs, total_tokens=1500, objective="worst")
    check(worst)
    assert worst.information == min(plan.information for plan in served(worst))
    assert worst.information > min(plan.information for plan in served(total))
    assert worst.best_bound >= min(alone(video, 500) for video in seen)
    assert worst.gap <= 0.05


def test_the_price_is_what_more_tokens_add(seen: list[budgetfit.VideoAnalysis]) -> None:
    jobs = [(video, "Describe it.") for video in seen]
    less, more = (plan_many(jobs, total_tokens=total) for total in (1500, 2000))
    assert more.price < less.price
    added = (more.information - less.information) / 5
    assert 0.5 * more.price < added < 2 * less.price


def test_each_job_keeps_its_own_limits(seen: list[budgetfit.VideoAnalysis]) -> None:
    time_s = seen[1].times_s[4]
    jobs = [
        FleetJob(seen[0], "Describe it.", max_images=1, max_model_len=500, max_tokens=100),
        FleetJob(seen[1], "What?", constraints=[Show(time_s)], profile="cosmos-transfer1"),
        FleetJob(seen[2], "Why?", montage=True, time_labels=True, system_prompt="Be short."),
    ]
    fleet = plan_many(jobs, total_tokens=6000)
    check(fleet)
    first, second, third = served(fleet)
    assert len(first.pictures) == 1
    assert first.num_tokens <= 400
    assert first.limits.max_tokens == 100
    assert any(frame.time_s == pytest.approx(time_s) for frame in second.frames)
    assert len(second.pictures) <= 2
    assert third.system_prompt == "Be short."
    assert third.time_labels


def test_a_customized_model_is_kept(seen: list[budgetfit.VideoAnalysis]) -> None:
    def at_most_two(model: Any) -> None:
        model.model.add(model.num_images <= 2)

    jobs = [FleetJob(seen[0], customize=at_most_two), FleetJob(seen[1])]
    fleet = plan_many(jobs, total_tokens=1500, relative_gap_limit=0.1)
    check(fleet)
    assert len(served(fleet)[0].pictures) <= 2


def test_a_text_is_sent_as_the_video_alone_would_send_it(
    seen: list[budgetfit.VideoAnalysis],
) -> None:
    words = "one two three four five " * 40
    fleet = plan_many([(video, words) for video in seen], total_tokens=1000)
    check(fleet)
    assert all(plan.prompt.text == words for plan in served(fleet))


def test_blocks_of_text_count_as_in_planning_alone(seen: list[budgetfit.VideoAnalysis]) -> None:
    lines = "\n".join(f"[{second} s] somebody says number {second}" for second in range(60))
    blocks = [PromptBlock(lines, cut="line"), PromptBlock("What?", required=True)]
    jobs = [FleetJob(seen[0], blocks, text_value_per_1000_tokens=2.0), FleetJob(seen[1], "What?")]
    little, much = (plan_many(jobs, total_tokens=total) for total in (500, 4000))
    for fleet in (little, much):
        check(fleet)
        assert fleet.information >= sum(plan.information for plan in served(fleet))
    sizes = [served(fleet)[0].prompt.num_tokens for fleet in (little, much)]
    assert sizes[0] < sizes[1]


def test_a_higher_priority_is_served_first(seen: list[budgetfit.VideoAnalysis]) -> None:
    jobs = [FleetJob(video, priority=index) for index, video in enumerate(seen)]
    fleet = plan_many(jobs, total_tokens=4000)
    check(fleet)
    plans = served(fleet)
    highest = budgetfit.plan(seen[2])
    assert plans[2].information >= 0.99 * highest.information
    level = plan_many([FleetJob(video) for video in seen], total_tokens=4000)
    assert plans[0].num_tokens < served(level)[0].num_tokens
    few = plan_many(jobs, total_tokens=90)
    assert few.plans[2] is not None
    assert isinstance(few.errors[0] if few.plans[0] is None else None, InfeasibleError)


def test_what_is_wrong_with_one_stops_no_other(
    seen: list[budgetfit.VideoAnalysis], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    jobs = [
        FleetJob(tmp_path / "missing.mp4"),
        FleetJob(seen[0]),
        FleetJob(broken),
        FleetJob(seen[1], max_images=0),
        FleetJob(seen[1], "word " * 3000, max_model_len=20_000),
        FleetJob(seen[2]),
    ]
    fleet = plan_many(jobs, total_tokens=2000)
    check(fleet)
    assert [plan is not None for plan in fleet.plans] == [False, True, False, False, False, True]
    kinds = {0: VideoError, 2: VideoError, 3: UsageError, 4: InfeasibleError}
    assert fleet.errors.keys() == kinds.keys()
    for index, kind in kinds.items():
        assert isinstance(fleet.errors[index], kind)
    assert "2 of 6 videos have" in str(fleet)
    assert "1 InfeasibleError" in str(fleet)


def test_nothing_fits_or_nothing_is_asked(seen: list[budgetfit.VideoAnalysis]) -> None:
    fleet = plan_many([(seen[0], None)], total_tokens=3)
    assert fleet.plans == (None,)
    assert isinstance(fleet.errors[0], InfeasibleError)
    nothing = plan_many([], total_tokens=3)
    assert (nothing.plans, nothing.information, nothing.gap, nothing.price) == ((), 0, 0, 0)


def test_a_video_that_goes_leaves_its_tokens(
    tmp_path: Path, package_clips: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone.mp4"
    gone.write_bytes(package_clips["bikes"].read_bytes())

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "making plans":
            gone.unlink(missing_ok=True)

    # Nothing is kept of a video, so that making the plan reads it again.
    monkeypatch.setattr("budgetfit.fleet.solving._MAX_KEPT", 0)
    jobs = [(gone, "What?"), (package_clips["carphone_pristine"], "What?")]
    fleet = plan_many(jobs, total_tokens=1000, num_processes=1, on_progress=progress)
    check(fleet)
    assert isinstance(fleet.errors[0], VideoError)
    (plan,) = served(fleet)
    assert plan.num_tokens > 800


@pytest.mark.parametrize(
    "arguments",
    [
        {"total_tokens": 0},
        {"total_tokens": 10.0},
        {"objective": "mean"},
        {"num_processes": 0},
        {"relative_gap_limit": 1.0},
        {"time_limit_s": 0},
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(arguments))):
        plan_many([], **{"total_tokens": 100, **arguments})


def test_weights_are_for_totals() -> None:
    jobs = [FleetJob("a.mp4", weight=2), FleetJob("b.mp4")]
    with pytest.raises(UsageError, match="weights"):
        plan_many(jobs, total_tokens=100, objective="worst")


def plain(fleet: FleetPlan) -> dict[str, Any]:
    data = fleet.to_dict()
    for plan in data["plans"]:
        if plan is not None:
            del plan["timings_s"]
    return data


def test_processes_change_nothing(package_clips: dict[str, Path], tmp_path: Path) -> None:
    jobs = [FleetJob(package_clips[name], "What?", weight=2) for name in NAMES]
    jobs += [FleetJob(tmp_path / "missing.mp4"), FleetJob(package_clips["bikes"], max_images=2)]
    jobs += [FleetJob(package_clips["bikes"], relevance=lambda images, _: [1.0] * len(images))]
    one, two = (plan_many(jobs, total_tokens=2500, num_processes=n) for n in (1, 2))
    check(two)
    assert plain(one) == plain(two)
    assert {i: type(error) for i, error in one.errors.items()} == {
        i: type(error) for i, error in two.errors.items()
    }


def test_plans_can_be_explained(package_clips: dict[str, Path]) -> None:
    jobs = [(package_clips[name], "What?") for name in NAMES[:2]]
    for plan in served(plan_many(jobs, total_tokens=900)):
        assert explain(plan).to_dict()


SCRIPT = """
import sys
from budgetfit import plan_many
fleet = plan_many([(p, "What?") for p in sys.argv[1:]], total_tokens=600, num_processes=2)
print(len(fleet.plans), sorted(fleet.errors), fleet.num_tokens <= 600)
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@pytest.mark.parametrize("from_file", [True, False])
def test_no_main_guard_is_needed(
    from_file: bool, tmp_path: Path, package_clips: dict[str, Path]
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    clips = [str(package_clips[name]) for name in NAMES[:2]]
    done = subprocess.run(
        [sys.executable, str(script) if from_file else "-", *clips],
        input=None if from_file else SCRIPT,
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert (done.stdout, done.stderr) == ("2 [] True\n", "")


def started_by(pid: int) -> list[int]:
    """Return the process that forks those that plan, and them."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    forking = [child for child, parent in parents.items() if parent == pid]
    return forking + [child for child, parent in parents.items() if parent in forking]


def test_an_interrupt_leaves_nothing_behind(package_clips: dict[str, Path]) -> None:
    clips = [str(package_clips["bigbuckbunny"])] * 40
    running = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *clips],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    )
    started: list[int] = []
    waiting_until = time.monotonic() + 60
    while len(started) < 3 and time.monotonic() < waiting_until:
        time.sleep(0.1)
        started = started_by(running.pid)
    assert len(started) == 3
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert b"KeyboardInterrupt" in errors
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []
