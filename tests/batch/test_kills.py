"""Killed at any instant, a run goes on: no answer is lost that was kept, and none comes twice."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit import RunResult
from budgetfit.engines import OpenAIEngine
from tests.batch.lives import Life, jobs_of, live, lives
from tests.batch.token_server import MODEL, answer_of, token_server

NUM_KILLS = 50
NUM_JOBS = 24

# Whether the engine is asynchronous, whether results are ordered, and how many processes plan.
KINDS = [(True, False, 0), (False, True, 0), (True, True, 1), (False, False, 0), (True, True, 0)]

# The same whatever a run's fate.
Asked = tuple[str | None, str]


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with token_server() as (_, port):
        yield f"http://127.0.0.1:{port}/v1"


@pytest.fixture(scope="module")
def clip(package_clips: dict[str, Path]) -> str:
    return str(package_clips["carphone_distorted"])


@pytest.fixture(scope="module")
def oracle(base_url: str, clip: str) -> Counter[Asked]:
    """How often which answer belongs to which id, by asking one after another."""
    found: Counter[Asked] = Counter()
    with OpenAIEngine(base_url, MODEL) as engine:
        for job in jobs_of(clip, NUM_JOBS):
            if not isinstance(job, tuple):
                plan = budgetfit.plan(job.video, job.prompt, **job.where, **job.ask)
                found[job.id, answer_of(plan.run(engine).text)] += 1
    return found


def test_killed_at_random_nothing_is_lost_and_nothing_comes_twice(
    base_url: str, clip: str, oracle: Counter[Asked], tmp_path: Path
) -> None:
    rng = random.Random(0)
    kills = 0
    kinds = itertools.cycle(KINDS)
    with lives() as process:
        for series in itertools.count():
            is_async, ordered, num_processes = next(kinds)
            life: Life = {
                "base_url": base_url,
                "clip": clip,
                "num_jobs": NUM_JOBS,
                "is_async": is_async,
                "ordered": ordered,
                "num_processes": num_processes,
                "journal": str(tmp_path / f"{series}.journal"),
                "journaled": "skip",
                "out": str(tmp_path / f"{series}.jsonl"),
            }
            kills += _live_until_done(process, life, rng, oracle)
            if kills >= NUM_KILLS:
                break
    assert kills >= NUM_KILLS


def _live_until_done(
    process: subprocess.Popen[str], life: Life, rng: random.Random, oracle: Counter[Asked]
) -> int:
    """Kill a run again and again until it is done; return how often."""
    kept: list[RunResult] = []
    kills = 0

    def seconds() -> float:
        # A process that plans starts first. Lives that grow come to an end on any machine.
        return rng.uniform(0.0, 2.0 if life["num_processes"] else 0.3) * (1 + kills / 5)

    while (fate := live(process, life | {"seconds": seconds()})) == "killed":
        kills += 1
        journal = Path(life["journal"])
        now = list(budgetfit.read_journal(journal)) if journal.exists() else []
        # What was kept stays as it was: the server gives every answer a number of its own.
        assert now[: len(kept)] == kept
        kept = now
        handed_out = _handed_out(life)
        assert {text for _, text in handed_out} <= {r.answer.text for r in kept if r.answer}
    assert fate == "done"
    if kills == 0:
        # Its first life was long enough for all.
        assert len(_handed_out(life)) == oracle.total()
    _check_whole(process, life, oracle)
    return kills


def _check_whole(process: subprocess.Popen[str], life: Life, oracle: Counter[Asked]) -> None:
    kept = list(budgetfit.read_journal(life["journal"]))
    assert Counter((r.id, answer_of(r.answer.text)) for r in kept if r.answer) == oracle
    texts = Counter(r.answer.text for r in kept if r.answer)
    assert max(texts.values()) == 1
    # Over all lives, none was handed out twice.
    handed_out = Counter(text for _, text in _handed_out(life))
    assert max(handed_out.values()) == 1
    assert handed_out.keys() <= texts.keys()
    # A further run hands out all of them, as they were kept, and asks for nothing.
    again = life | {"journaled": "yield", "out": life["out"] + ".again", "seconds": None}
    assert live(process, again) == "done"
    assert Counter(text for _, text in _handed_out(again)) == texts


def _handed_out(life: Life) -> list[tuple[str | None, str]]:
    """The ids and texts of the answers that were handed out, but for a line cut by the kill."""
    path = Path(life["out"])
    lines = path.read_text().splitlines() if path.exists() else []
    results: list[dict[str, Any]] = [json.loads(line) for line in lines if line.endswith("}")]
    return [(one["id"], one["answer"]["text"]) for one in results if one["answer"]]
