"""A run plans ahead, asks at once, hands out in order, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import budgetfit
from budgetfit import Plan, Retries, RunJob, RunResult, run_many, run_many_async
from budgetfit.engines import Answer, AsyncOpenAIEngine, OpenAIEngine
from budgetfit.errors import (
    EngineError,
    EngineUnavailableError,
    JournalError,
    TokenMismatchError,
    UsageError,
    VideoError,
)
from tests.batch.token_server import MODEL, answer_of, token_server

SOON = Retries(most=60, first_s=0.02, longest_s=0.3)


def answer(plan: Plan, text: str) -> Answer:
    return Answer(text, plan.num_tokens, 2, "stop")


class Engine:
    """Answers with the prompt, slowest first, once so many wait; notes how many those were."""

    max_model_len = None
    model = "echo"

    def __init__(self, together: int = 1) -> None:
        self.together = together
        self.num_running = self.most_running = self.num_asked = 0

    async def run(
        self, plan: Plan, images: Sequence[Image.Image], *, sampling: Any = None
    ) -> Answer:
        self.num_asked += 1
        self.num_running += 1
        self.most_running = max(self.most_running, self.num_running)
        try:
            while self.most_running < self.together:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.05 / self.num_asked)
        finally:
            self.num_running -= 1
        return answer(plan, plan.prompt.text)


@pytest.fixture(scope="module")
def plan(package_clips: dict[str, Path]) -> Plan:
    clip = package_clips["carphone_distorted"]
    return budgetfit.plan(clip, "0", max_images=1, max_model_len=700, num_candidates=2)


def questions(plan: Plan, numbers: Any) -> Iterator[RunJob]:
    """Jobs that differ in their prompts, of plans that are made."""
    import dataclasses

    for number in numbers:
        prompt = dataclasses.replace(plan.prompt, text=str(number))
        yield RunJob(dataclasses.replace(plan, prompt=prompt), id=str(number))


def texts(results: Any) -> list[str | None]:
    return [result.answer and result.answer.text for result in results]


def test_results_come_in_order_and_as_many_at_once_as_asked(plan: Plan) -> None:
    engine: Any = Engine(together=7)
    jobs = list(questions(plan, range(40)))
    run = run_many(jobs, engine, num_processes=0, concurrency=7, num_ahead=3)
    assert texts(run) == [str(n) for n in range(40)]
    assert engine.most_running == 7
    unordered = list(run_many(jobs, engine, num_processes=0, ordered=False))
    assert Counter(texts(unordered)) == Counter(str(n) for n in range(40))


def test_jobs_may_be_endless_and_few_are_taken_ahead(plan: Plan) -> None:
    taken: list[int] = []

    def endless() -> Iterator[RunJob]:
        for number in itertools.count():
            taken.append(number)
            yield from questions(plan, [number])

    class Silent:
        max_model_len = None

        async def run(self, *_: Any) -> Answer:
            await asyncio.sleep(3600)
            raise AssertionError

    engine: Any = Engine()
    run = run_many(endless(), engine, num_processes=0, concurrency=2, num_ahead=3)
    assert texts(itertools.islice(run, 20)) == [str(n) for n in range(20)]
    run.close()
    taken.clear()
    silent: Any = Silent()
    run = run_many(endless(), silent, num_processes=0, concurrency=2, num_ahead=3)
    waiting = threading.Thread(target=lambda: list(run), daemon=True)
    waiting.start()
    while len(taken) < 5:
        time.sleep(0.01)
    time.sleep(0.1)
    assert len(taken) == 5


def test_what_is_wrong_with_one_job_stops_no_other(
    plan: Plan, package_clips: dict[str, Path]
) -> None:
    class Picky(Engine):
        async def run(self, plan: Plan, *_: Any, **__: Any) -> Answer:
            if plan.prompt.text == "7":
                raise TokenMismatchError(1, 2, "this engine")
            if plan.prompt.text == "8":
                raise ZeroDivisionError
            return answer(plan, plan.prompt.text)

    def fails(model: object) -> None:
        raise LookupError("its own")

    (seven, eight, nine) = questions(plan, (7, 8, 9))
    clip = str(package_clips["carphone_distorted"])
    jobs: list[Any] = [
        ("missing.mp4", "x"),
        seven,
        3,
        eight,
        RunJob(clip, customize=fails, num_candidates=2),
        RunJob(clip, max_images=0),
        nine,
    ]
    engine: Any = Picky()
    results = list(run_many(jobs, engine, num_processes=1))
    kinds = [type(result.error) for result in results]
    wanted = [VideoError, TokenMismatchError, UsageError, ZeroDivisionError, LookupError]
    assert kinds == [*wanted, UsageError, type(None)]
    assert [result.index for result in results] == list(range(7))
    assert results[0].video == "missing.mp4"
    assert results[0].to_dict()["error"]["kind"] == "VideoError"
    assert results[1].plan is not None
    assert results[1].num_attempts == 1


def test_what_may_pass_is_asked_again(plan: Plan) -> None:
    class Flaky(Engine):
        async def run(self, plan: Plan, *_: Any, **__: Any) -> Answer:
            self.num_asked += 1
            if self.num_asked < 4:
                raise EngineUnavailableError("not now")
            return answer(plan, "at last")

    engine: Any = Flaky()
    (result,) = run_many(questions(plan, [1]), engine, num_processes=0, retries=SOON)
    assert (texts([result]), result.num_attempts) == (["at last"], 4)
    engine = Flaky()
    (result,) = run_many(questions(plan, [1]), engine, num_processes=0, retries=Retries(1, 0.0))
    assert isinstance(result.error, EngineUnavailableError)
    assert result.num_attempts == 2


def test_an_iterable_that_fails_fails_after_the_results_before(plan: Plan) -> None:
    def failing() -> Iterator[RunJob]:
        yield from questions(plan, range(3))
        raise LookupError("the list is torn")

    engine: Any = Engine()
    run = run_many(failing(), engine, num_processes=0)
    assert texts(itertools.islice(run, 3)) == ["0", "1", "2"]
    with pytest.raises(LookupError, match="torn"):
        next(run)


def test_engines_that_take_one_at_a_time_get_one_at_a_time(plan: Plan) -> None:
    class Single:
        max_model_len = None
        busy = threading.Lock()

        def run(self, plan: Plan, images: Any, *, sampling: Any = None) -> Answer:
            assert self.busy.acquire(blocking=False)
            time.sleep(0.001)
            self.busy.release()
            return answer(plan, str(sampling))

    engine: Any = Single()
    jobs = list(questions(plan, range(9)))
    assert (
        texts(run_many(jobs, engine, sampling={"seed": 1}, num_processes=0)) == ["{'seed': 1}"] * 9
    )
    run = run_many(jobs, engine, num_processes=0)
    next(run)
    run.close()
    # It is left free for the next.
    assert engine.busy.acquire(blocking=False)


def test_a_journal_answers_what_it_has_and_equal_jobs_are_told_apart(
    plan: Plan, tmp_path: Path
) -> None:
    path = tmp_path / "run.journal"
    engine: Any = Engine()
    numbers = [1, 2, 2, 3, 2]
    run = run_many(questions(plan, numbers), engine, journal=path, num_processes=0)
    first = [next(run), next(run), next(run)]
    with pytest.raises(JournalError, match="another run"):
        run_many([], engine, journal=path)
    run.close()
    again = list(run_many(questions(plan, numbers), engine, journal=path, num_processes=0))
    assert texts(again) == ["1", "2", "2", "3", "2"]
    assert all(result.from_journal for result in again[:3])
    assert [(r.id, r.answer, r.plan) for r in again[:3]] == [
        (r.id, r.answer, r.plan) for r in first
    ]
    assert engine.num_asked <= 7
    assert sorted(texts(budgetfit.read_journal(path)), key=str) == ["1", "2", "2", "2", "3"]
    more = run_many(
        questions(plan, [2, *numbers]), engine, journal=path, journaled="skip", num_processes=0
    )
    assert texts(more) == ["2"]
    # Another model is another question.
    engine.model = "another"
    other = list(run_many(questions(plan, numbers), engine, journal=path, num_processes=0))
    assert not any(result.from_journal for result in other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"num_processes": -1},
        {"num_ahead": 1.5},
        {"concurrency": 0},
        {"journaled": "no"},
        {"retries": -1},
    ],
)
def test_wrong_arguments_are_refused_at_once(wrong: dict[str, Any]) -> None:
    engine: Any = Engine()
    with pytest.raises(UsageError, match=next(iter(wrong))):
        run_many([], engine, **wrong)
    with pytest.raises(UsageError, match="has no method run"):
        run_many([], 3)  # type: ignore[arg-type]


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def children() -> set[int]:
    """Return the process that forks those that plan, and them."""
    found = subprocess.run(
        ["ps", "-ww", "-e", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    lines = [line.split(maxsplit=2) for line in found.stdout.splitlines()]
    ours = {os.getpid()}
    for _ in range(2):
        ours |= {
            int(pid)
            for pid, parent, args in lines
            if int(parent) in ours and "budgetfit.processes.forking" in args
        }
    return ours - {os.getpid()}


def test_closing_ends_every_process(package_clips: dict[str, Path]) -> None:
    engine: Any = Engine()
    before = children()
    jobs = ((package_clips["bikes"], str(number)) for number in itertools.count())
    for _ in run_many(jobs, engine, num_processes=2):
        begun = children() - before
        assert begun
        break
    assert not any(map(alive, begun))


INTERRUPTED = """
import itertools, signal, sys
import budgetfit
from tests.batch.test_running import Engine, children
# A shell without job control has programs in its background ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
jobs = ((sys.argv[1], str(n)) for n in itertools.count())
try:
    for result in budgetfit.run_many(jobs, Engine(), num_processes=2):
        print(*children(), flush=True)
except KeyboardInterrupt:
    print("interrupted", *children(), flush=True)
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupt_or_a_kill_leaves_no_process(
    sign: signal.Signals, package_clips: dict[str, Path]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(package_clips["bikes"])],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    begun = [int(pid) for pid in process.stdout.readline().split()]
    assert begun
    process.send_signal(sign)
    rest, _ = process.communicate()
    if sign is signal.SIGINT:
        assert rest.splitlines()[-1] == "interrupted"
        assert process.returncode == 0
    # Those of one that was killed notice it by themselves.
    while any(map(alive, begun)):
        time.sleep(0.05)


def test_a_server_that_is_killed_and_started_again_costs_no_answer(plan: Plan) -> None:
    jobs = list(questions_that_count(plan, 60))
    results: list[RunResult] = []
    with token_server(delay_s=0.02) as (first, port):
        engine = AsyncOpenAIEngine(f"http://127.0.0.1:{port}/v1", MODEL)
        run = run_many(
            jobs,
            engine,
            num_processes=0,
            concurrency=4,
            retries=SOON,
            ordered=False,
            close_engine=True,
        )
        results += itertools.islice(run, 10)
        first.kill()
        first.wait()
        with token_server(port, delay_s=0.02):
            results += run
    assert [result.error for result in results if result.error] == []
    assert {result.index for result in results} == set(range(60))
    assert max(result.num_attempts for result in results) > 1
    assert len(results) == 60


def questions_that_count(plan: Plan, number: int) -> Iterator[RunJob]:
    """Jobs whose plans are made here, so that their counts are those of the server."""
    for index in range(number):
        yield RunJob(
            plan.video.path or "",
            f"Question {index}?",
            max_images=1,
            max_model_len=700,
            num_candidates=2,
        )


def test_threads_ask_a_server_at_once_and_the_loop_may_be_the_callers(plan: Plan) -> None:
    jobs = list(questions_that_count(plan, 6))
    with token_server() as (_, port):
        base_url = f"http://127.0.0.1:{port}/v1"
        with OpenAIEngine(base_url, MODEL) as engine:
            in_threads = list(run_many(jobs, engine, num_processes=1))

        async def asked() -> list[RunResult]:
            engine = AsyncOpenAIEngine(base_url, MODEL)
            run = run_many_async(jobs, engine, num_processes=0, close_engine=True)
            async with aclosing(run):
                return [result async for result in run]

        in_loop = asyncio.run(asked())
    for first, second in zip(in_threads, in_loop, strict=True):
        assert first.answer is not None
        assert second.answer is not None
        assert answer_of(first.answer.text) == answer_of(second.answer.text)
        assert first.plan == second.plan


def test_an_engine_that_fails_is_a_result(plan: Plan) -> None:
    with OpenAIEngine("http://127.0.0.1:9/v1", MODEL) as engine:
        (result,) = run_many(questions(plan, [1]), engine, num_processes=0, retries=0)
    assert isinstance(result.error, EngineError)


def test_a_bar_counts_on_stderr(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    engine: Any = Engine()
    jobs: list[Any] = [*questions(plan, range(3)), 4]
    list(run_many(jobs, engine, num_processes=0, progress=True))
    out, err = capsys.readouterr()
    assert (out, "4 of 4, 1 failed" in err) == ("", True)
    list(run_many(jobs, engine, num_processes=0))
    assert capsys.readouterr() == ("", "")
