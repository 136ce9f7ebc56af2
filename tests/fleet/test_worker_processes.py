"""Processes answer like a solver in this one, and their end costs one job alone."""

from __future__ import annotations

import io
import os
import pickle
import signal
from pathlib import Path

import pytest

from budgetfit.errors import MissingExtraError, VideoError
from budgetfit.fleet.jobs import FleetJob
from budgetfit.fleet.solving import JobSolver, Setting
from budgetfit.fleet.worker_processes import WorkerProcesses
from budgetfit.processes import worker
from budgetfit.search_limits import SearchLimits

SETTING = Setting(2000, SearchLimits())


def test_a_process_that_ends_is_an_error_of_one_job(package_clips: dict[str, Path]) -> None:
    processes = WorkerProcesses(1, SETTING)
    job = FleetJob(package_clips["bikes"], max_images=1)
    try:
        os.kill(processes.pids[0], signal.SIGKILL)
        ((_, (kind, error)),) = processes.ask("look", {0: (job,)})
        assert kind == "error"
        assert isinstance(error, VideoError)
        assert "-9" in str(error)
        ((index, (kind, curve)),) = processes.ask("look", {1: (job,)})
        assert (index, kind) == (1, "done")
        assert curve == JobSolver(SETTING).look(1, job)
    finally:
        processes.end()
    assert not Path(f"/proc/{processes.pids[0]}").exists()


def test_what_fails_is_told_apart() -> None:
    solver = JobSolver(SETTING)
    kind, error = worker.answer(solver, "look", (0, FleetJob("missing.mp4")))
    assert kind == "error"
    assert isinstance(error, VideoError)
    kind, text = worker.answer(solver, "look", (0, None))
    assert kind == "failed"
    assert "Traceback" in text


def test_questions_end_with_their_stream() -> None:
    questions, answers = io.BytesIO(), io.BytesIO()
    pickle.dump((JobSolver.__module__, "JobSolver", (SETTING,)), questions)
    pickle.dump(("look", (0, FleetJob("missing.mp4"))), questions)
    questions.seek(0)
    worker.serve(questions, answers)
    answers.seek(0)
    kind, error = pickle.load(answers)
    assert kind == "error"
    assert isinstance(error, VideoError)
    assert answers.read() == b""


def test_errors_that_cannot_be_sent_keep_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = JobSolver(SETTING)

    def look(index: int, job: FleetJob) -> None:
        raise MissingExtraError("torch", "relevance")

    monkeypatch.setattr(solver, "look", look)
    kind, error = worker.answer(solver, "look", (0, FleetJob("x.mp4")))
    assert kind == "error"
    assert "budgetfit[relevance]" in str(pickle.loads(pickle.dumps(error)))
