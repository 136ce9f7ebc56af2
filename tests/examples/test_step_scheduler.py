"""The example of a scheduler, against enumeration and with real videos."""

from __future__ import annotations

import itertools
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import budgetfit
from tests.cpsat.test_embedding import Point

EXAMPLE = Path(__file__).parents[2] / "examples" / "step_scheduler.py"


@pytest.fixture(scope="module")
def example() -> Any:
    before = dict(sys.modules)
    import importlib.util

    spec = importlib.util.spec_from_file_location("step_scheduler", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["step_scheduler"] = module
    spec.loader.exec_module(module)
    yield module
    if "step_scheduler" not in before:
        del sys.modules["step_scheduler"]


POINTS = st.lists(
    st.builds(Point, st.integers(1, 30), st.just(1), st.integers(1, 100).map(lambda n: n / 100)),
    min_size=1,
    max_size=2,
)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(POINTS, st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=3),
    st.integers(1, 60),
    st.integers(1, 3),
)
def test_it_is_the_best_of_all_schedules(
    example: Any, asked: list[tuple[list[Point], int, int]], tokens: int, seqs: int
) -> None:
    requests = [
        example.Request(str(index), points, deadline, weight)
        for index, (points, deadline, weight) in enumerate(asked)
    ]
    num_steps = 2
    ways = [
        [None, *itertools.product(range(min(request.deadline + 1, num_steps)), request.plans)]
        for request in requests
    ]
    best = 0.0
    for way in itertools.product(*ways):
        used = [[one[1].num_tokens for one in way if one and one[0] == s] for s in range(num_steps)]
        if all(sum(step) <= tokens and len(step) <= seqs for step in used):
            worth = sum(
                request.weight * one[1].information
                for request, one in zip(requests, way, strict=True)
                if one
            )
            best = max(best, worth)
    found = example.schedule(
        requests, num_steps=num_steps, max_num_batched_tokens=tokens, max_num_seqs=seqs
    )
    event(f"requests that go: {sum(map(len, found.steps))}")
    assert found.information == pytest.approx(best, rel=0.0021, abs=1e-6)
    assert found.information <= found.best_bound + 1e-6
    sent = [request.name for step in found.steps for request, _ in step]
    assert len(set(sent)) == len(sent)
    for step, here in enumerate(found.steps):
        assert sum(plan.num_tokens for _, plan in here) <= tokens
        assert len(here) <= seqs
        assert all(step <= request.deadline for request, _ in here)


def test_thirty_requests_of_real_videos(
    package_clips: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    videos = [str(package_clips[name]) for name in ("bikes", "carphone_pristine")]
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), *videos])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    said = capsys.readouterr().out
    assert said.count("step ") == 8
    last = said.splitlines()[-1]
    numbers = [float(word.strip(",")) for word in last.split() if word.strip(",")[0].isdigit()]
    sent, asked, information, bound = numbers
    assert asked == 30
    assert 0 < sent <= 30
    assert 0.98 * bound <= information <= bound


def test_what_a_schedule_sends_is_a_plan(example: Any, package_clips: dict[str, Path]) -> None:
    plan = budgetfit.plan(package_clips["carphone_pristine"], max_images=2)
    (curve,) = plan.frontier(num_points=4).curves
    request = example.Request("one", [point.plan for point in curve.points], 0)
    found = example.schedule(
        [request], num_steps=1, max_num_batched_tokens=plan.num_tokens, max_num_seqs=1
    )
    ((_, sent),) = found.steps[0]
    assert len(sent.prompt_token_ids()) == sent.num_tokens <= plan.num_tokens
    assert len(sent.images()) == len(sent.pictures)
