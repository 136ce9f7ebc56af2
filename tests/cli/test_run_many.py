"""The command run-many writes what run_many gives, and ends with the first job's failure."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import budgetfit as package
from tests.batch.token_server import MODEL, token_server
from tests.cli.conftest import Command, process
from tests.cli.test_process import PATIENCE_S, read_terminal

# Planned in a moment.
QUICK = ("--num-candidates", 2, "--max-images", 1, "--max-model-len", 900)
# A process of its own that plans takes longer to start than all of these plans.
HERE = ("--num-processes", 0)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, ...]]:
    """Return the options that name a server which counts."""
    with token_server() as (_, port):
        yield "--base-url", f"http://127.0.0.1:{port}/v1", "--model", MODEL


NOBODY = ("--base-url", "http://127.0.0.1:9/v1", "--model", MODEL)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def jobs_file(folder: Path, *jobs: Any) -> Path:
    path = folder / "jobs.jsonl"
    path.write_text("\n\n".join(json.dumps(job) for job in jobs) + "\n", encoding="utf-8")
    return path


def test_a_line_asks_what_it_says_and_the_options_the_rest(
    budgetfit: Command, server: tuple[str, ...], clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "question.txt").write_text("From a file?", encoding="utf-8")
    (tmp_path / "said.txt").write_text("One.\nTwo.", encoding="utf-8")
    path = jobs_file(
        tmp_path,
        {"video": str(clip), "id": "two", "max_images": 2, "num_candidates": 5},
        {"video": str(clip), "prompt_file": str(tmp_path / "question.txt")},
        {"video": str(clip), "transcript": str(tmp_path / "said.txt"), "show_at": [0.5]},
    )
    asked = ("--prompt", "Which number?", "--seed", 3)
    outcome = budgetfit("run-many", clip, "--jobs", path, *asked, *QUICK, *HERE, *server)
    assert (outcome.code, outcome.err) == (0, "")
    results = lines(outcome.out)
    assert [result["id"] for result in results] == [None, "two", None, None]
    limits: dict[str, Any] = {"max_model_len": 900, "num_candidates": 2, "max_images": 1}
    plans = [
        package.plan(clip, "Which number?", **limits),
        package.plan(clip, "Which number?", **{**limits, "max_images": 2, "num_candidates": 5}),
        package.plan(clip, "From a file?", **limits),
    ]
    for index, (result, plan) in enumerate(zip(results, plans, strict=False)):
        assert (result["index"], result["video"]) == (index, str(clip))
        assert result["plan"]["num_tokens"] == plan.num_tokens
        assert result["answer"]["num_prompt_tokens"] == plan.num_tokens
        assert result["plan"]["times_s"] == [frame.time_s for frame in plan.frames]
    (shown,) = results[3]["plan"]["times_s"]
    assert shown == pytest.approx(0.5, abs=0.05)
    assert results[3]["plan"]["num_tokens"] > results[0]["plan"]["num_tokens"]


def test_failures_are_lines_and_the_first_of_the_jobs_is_the_code(
    budgetfit: Command, server: tuple[str, ...], clip: Path, tmp_path: Path
) -> None:
    fits = {"video": str(clip)}
    missing = {"video": "missing.mp4"}
    unfittable = {"video": str(clip), "id": "small", "max_model_len": 304}
    for jobs, code in (([fits, missing, unfittable], 3), ([unfittable, missing, fits], 4)):
        path = jobs_file(tmp_path, *jobs)
        outcome = budgetfit("run-many", "--jobs", path, "--as-completed", *QUICK, *HERE, *server)
        assert outcome.code == code
        results = {result["index"]: result for result in lines(outcome.out)}
        assert len(results) == 3
        first, second = outcome.err.splitlines()
        failed = [index for index, result in results.items() if result["error"]]
        for line, index in zip((first, second), failed, strict=True):
            name = jobs[index].get("id", jobs[index]["video"])
            assert line.startswith(f"budgetfit: error: job {index} ({name}): ")
            assert results[index]["error"]["text"] in line
    outcome = budgetfit("run-many", clip, *QUICK, *HERE, *NOBODY, "--retries", 0)
    assert (outcome.code, lines(outcome.out)[0]["num_attempts"]) == (5, 1)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "Invalid JSON"),
        ("[1]", "should be an object; give one JSON object a line, with video and any of id, "),
        ('{"id": "a"}', "there is no 'video'"),
        ('{"video": "a", "max_frames": 3}', "nothing of a job is called 'max_frames'; give video"),
        ('{"video": "a", "max_images": "3"}', "max_images is '3': Input should be a valid integer"),
        ('{"video": "a", "max_images": 0}', "max_images is 0; it must be"),
        ('{"video": "a", "exclude": ["3"]}', "--exclude is '3'; give it as A:B"),
        ('{"video": "a", "prompt_file": "none.txt"}', "the prompt file none.txt"),
        ('{"video": "a", "time_limit_s": -1}', "time_limit_s is -1.0"),
        ('{"video": "a", "transcript": "/dev/null"}', "/dev/null is no regular file"),
    ],
)
def test_a_wrong_line_is_told_before_any_work(
    budgetfit: Command, clip: Path, tmp_path: Path, line: str, says: str
) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_text(f'{{"video": "{clip}"}}\n\n{line}\n', encoding="utf-8")
    out = tmp_path / "out.jsonl"
    outcome = budgetfit("run-many", clip, "--jobs", path, "--out", out, *NOBODY)
    assert (outcome.code, out.exists()) == (2, False)
    assert outcome.error.startswith(f"{path}, line 3: ")
    assert says in outcome.error


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "neither a VIDEO nor --jobs"),
        (["CLIP", "--max-images", "0"], "max_images is 0"),
        (["CLIP", "--jobs", "none.jsonl"], "cannot read the jobs in none.jsonl"),
        (["CLIP", "--out", "CLIP"], "is read or kept by this command"),
        (["CLIP", "--out", "FILE", "--prompt-file", "FILE"], "is read or kept by this command"),
        (["CLIP", "--out", "no/such/folder"], "which is no folder"),
        (["CLIP", "--journal", "CLIP"], "is no journal"),
        (["CLIP", "--journal", "no/such/folder"], "which is no folder"),
        (["CLIP", "--concurrency", "0"], "--concurrency"),
        (["CLIP", "--prompt", "a", "--prompt-file", "b"], "both given"),
    ],
)
def test_wrong_usage_is_told_before_any_work(
    budgetfit: Command, clip: Path, tmp_path: Path, args: list[str], says: str
) -> None:
    names = {"CLIP": clip, "FILE": tmp_path / "prompt.txt"}
    names["FILE"].write_text("What?", encoding="utf-8")
    outcome = budgetfit("run-many", *(names.get(arg, arg) for arg in args), *NOBODY)
    assert outcome.code == 2
    assert says in outcome.error
    assert names["FILE"].read_text(encoding="utf-8") == "What?"


def test_a_journal_answers_where_no_server_does(
    budgetfit: Command, server: tuple[str, ...], clip: Path, tmp_path: Path
) -> None:
    journal, out = tmp_path / "run.journal", tmp_path / "out.jsonl"
    asked = ("run-many", clip, "missing.mp4", clip, "--journal", journal, *QUICK, *HERE)
    first = budgetfit(*asked, *server)
    again = budgetfit(*asked, *NOBODY, "--retries", 0, "--out", out)
    assert (first.code, again.code, again.out, again.err) == (3, 3, "", first.err)
    written = lines(out.read_text(encoding="ascii"))
    kept = [result.pop("from_journal") for result in written]
    assert kept == [True, False, True]
    assert [{**result, "from_journal": False} for result in written] == lines(first.out)
    skipped = budgetfit(*asked, *NOBODY, "--skip-journaled")
    assert [result["video"] for result in lines(skipped.out)] == ["missing.mp4"]


def test_a_folder_is_run_by_vllm_with_room_for_the_longest_job(
    budgetfit: Command, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    # Put back at the end, whatever it was.
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.delenv("OMP_NUM_THREADS")

    class Engine:
        max_model_len = None

        def __init__(self, *args: Any, **options: Any) -> None:
            started.append((args, options, self))
            assert os.environ["OMP_NUM_THREADS"] == "1"
            self.is_closed = False

        async def run(self, plan: Any, *_: Any, **options: Any) -> package.engines.Answer:
            started.append(options)
            return package.engines.Answer("a robot", plan.num_tokens, 2, "stop")

        async def close(self) -> None:
            self.is_closed = True

    monkeypatch.setattr("budgetfit.engines.AsyncVLLMEngine", Engine)
    path = jobs_file(tmp_path, {"video": str(clip), "max_model_len": 1200})
    asked = (clip, "--jobs", path, "--temperature", 0.5, *QUICK, *HERE, "--model", tmp_path)
    assert budgetfit("run-many", *asked).code == 0
    (arguments, options, engine), *samplings = started
    assert (arguments, options, engine.is_closed) == (
        (str(tmp_path),),
        {"max_model_len": 1200},
        True,
    )
    assert samplings == [{"sampling": {"temperature": 0.5}}] * 2


def test_a_full_disk_is_one_line(budgetfit: Command, server: tuple[str, ...], clip: Path) -> None:
    outcome = budgetfit("run-many", clip, *QUICK, *HERE, *server, "--out", "/dev/full")
    assert outcome.code == 2
    assert outcome.error.startswith("cannot write --out /dev/full: No space left")


def test_a_closed_pipe_is_quiet(server: tuple[str, ...], clip: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    running = process("run-many", clip, clip, *map(str, (*QUICK, *HERE)), *server, stdout=writing)
    os.close(writing)
    _, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, err) == (0, b"")


def marked(mark: str) -> list[int]:
    """Return the processes that have ``mark`` in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and mark.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def test_ctrl_c_while_jobs_come_ends_all_and_the_journal_goes_on(
    budgetfit: Command, server: tuple[str, ...], clip: Path, tmp_path: Path
) -> None:
    journal, mark = tmp_path / "run.journal", f"run-many-{os.getpid()}-{time.monotonic_ns()}"
    asked = ("--journal", journal, *QUICK, *server)
    terminal, slave = pty.openpty()
    running = process(
        *("run-many", "--jobs", "-", *map(str, asked), "--num-processes", "1"),
        env={"BUDGETFIT_TEST_MARK": mark, "TERM": "xterm"},
        stdin=subprocess.PIPE,
        stderr=slave,
    )
    os.close(slave)
    # A result is out while more jobs are awaited: on stdout alone, with the bar on the terminal.
    running.stdin.write(json.dumps({"video": str(clip)}).encode() + b"\n")
    running.stdin.flush()
    first = json.loads(running.stdout.readline())
    assert first["answer"]["num_prompt_tokens"] == first["plan"]["num_tokens"]
    # The command, what forks those that plan, and the one of those.
    assert len(marked(mark)) == 3
    running.send_signal(signal.SIGINT)
    seen = read_terminal(terminal)
    assert running.wait(PATIENCE_S) == 130
    assert running.stdout.read() == b""
    running.stdin.close()
    running.stdout.close()
    assert b"asking" in seen
    assert seen.endswith(b"budgetfit: interrupted\r\n")
    assert b"Traceback" not in seen
    assert marked(mark) == []
    (kept,) = package.read_journal(journal)
    assert kept.to_dict()["answer"] == first["answer"]
    again = budgetfit("run-many", clip, clip, *asked, *HERE)
    assert [result["from_journal"] for result in lines(again.out)] == [True, False]


def test_a_wrong_line_of_a_stream_ends_after_the_results_before(
    budgetfit: Command, server: tuple[str, ...], clip: Path, tmp_path: Path
) -> None:
    stream = tmp_path / "jobs"
    os.mkfifo(stream)
    given = f'{{"video": "{clip}"}}\n{{"video": 3}}\n'
    writer = threading.Thread(target=stream.write_text, args=(given,))
    writer.start()
    outcome = budgetfit("run-many", "--jobs", stream, *QUICK, *HERE, *server)
    writer.join()
    assert (outcome.code, len(lines(outcome.out))) == (2, 1)
    assert outcome.err.startswith(f"budgetfit: error: {stream}, line 2: video is 3: ")
    assert outcome.err.count("\n") == 1
