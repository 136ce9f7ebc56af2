"""Many plans through vLLM, in this process and on a server, each counted as planned."""

from __future__ import annotations

from pathlib import Path

import pytest

import budgetfit
from budgetfit import RunJob, run_many
from budgetfit.engines import AsyncOpenAIEngine, VLLMEngine
from budgetfit.errors import UsageError, VideoError
from tiny_server import TinyServer

pytestmark = pytest.mark.engine


def jobs_of(clips: dict[str, Path]) -> list[RunJob]:
    names = ("bikes", "carphone_distorted", "bikes")
    jobs = [RunJob(clips[name], f"Which {name}?", max_tokens=4) for name in names]
    return [*jobs, RunJob("missing.mp4")]


def check(results: list[budgetfit.RunResult]) -> None:
    *answered, missing = results
    assert isinstance(missing.error, VideoError)
    assert len(answered) == 3
    for result in answered:
        assert result.answer is not None
        assert result.plan is not None
        assert result.answer.num_prompt_tokens == result.plan.num_tokens
    # Equal jobs have equal answers.
    assert answered[0].answer == answered[2].answer


def test_an_engine_in_this_process_is_asked_one_by_one(
    engine: VLLMEngine, package_clips: dict[str, Path], tmp_path: Path
) -> None:
    jobs, journal = jobs_of(package_clips), tmp_path / "run.journal"
    first = list(run_many(jobs, engine, journal=journal, num_processes=1))
    check(first)
    again = list(run_many(jobs, engine, journal=journal, num_processes=0))
    assert [result.answer for result in again] == [result.answer for result in first]
    assert [result.from_journal for result in again] == [True] * 3 + [False]
    with pytest.raises(UsageError, match="AsyncVLLMEngine"):
        run_many(jobs, engine, concurrency=2)


def test_a_server_is_asked_at_once(server: TinyServer, package_clips: dict[str, Path]) -> None:
    engine = AsyncOpenAIEngine(server.base_url, server.model)
    check(list(run_many(jobs_of(package_clips), engine, num_processes=1, close_engine=True)))
