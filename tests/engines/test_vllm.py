from __future__ import annotations

import dataclasses
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from budgetfit.engines import Answer, VLLMEngine
from budgetfit.errors import (
    EngineDiedError,
    EngineError,
    MissingExtraError,
    PromptTooLongError,
    TokenMismatchError,
    UsageError,
)
from tests.engines.stand_in import (
    FAILING_NUM_TOKENS,
    FAILING_PROMPT,
    FAILING_SIZES,
    Limits,
    make_plan,
    picture,
    plan_of_length,
    random_plan,
)
from tiny_pixtral import TINY_ENGINE_ENV


def run(engine: VLLMEngine, plan: Any) -> Answer:
    return engine.run(plan, plan.images())


def never(*_: Any, **__: Any) -> Any:
    raise AssertionError("the engine was asked")


def test_without_vllm_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("vllm"):
        monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'budgetfit\[vllm\]'"):
        VLLMEngine("anything")


def test_a_broken_vllm_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vllm.py").write_text("import no_such_library\n", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "vllm", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EngineError, match="cannot be imported: No module named 'no_such_library'"):
        VLLMEngine("anything")


def test_reserved_sampling_is_refused_before_anything_is_loaded() -> None:
    with pytest.raises(UsageError, match="max_tokens"):
        VLLMEngine("anything", sampling={"max_tokens": 5})


@pytest.mark.engine
def test_the_failing_request_of_the_cosmos_users(engine: VLLMEngine) -> None:
    plan = make_plan(FAILING_SIZES, FAILING_PROMPT)
    assert plan.num_tokens == FAILING_NUM_TOKENS
    from vllm import SamplingParams

    request = {
        "prompt_token_ids": plan.prompt_token_ids(),
        "multi_modal_data": {"image": plan.images()},
    }
    # Sent as they did: vLLM itself refuses it, and counts what we count.
    with pytest.raises(Exception, match="contains 4685 input tokens") as refusal:
        engine._engine.add_request("theirs", request, SamplingParams(max_tokens=1))
    assert refusal.value.value == FAILING_NUM_TOKENS  # type: ignore[attr-defined]
    with pytest.raises(PromptTooLongError, match=r"refused 4685 prompt tokens.*4096") as ours:
        run(engine, plan)
    assert ours.value.plan is plan


@pytest.mark.engine
def test_two_frames_that_they_called_too_large_run(engine: VLLMEngine) -> None:
    plan = make_plan([(640, 480)] * 2)
    assert run(engine, plan).num_prompt_tokens == plan.num_tokens == 2467


@pytest.mark.engine
def test_random_requests_are_counted_as_planned(engine: VLLMEngine, full_counts: bool) -> None:
    for seed in range(1000 if full_counts else 60):
        plan = random_plan(seed)
        answer = run(engine, plan)
        assert answer.num_prompt_tokens == plan.num_tokens, f"seed {seed}"
        assert 1 <= answer.num_completion_tokens <= plan.limits.max_tokens, f"seed {seed}"


@pytest.mark.engine
@pytest.mark.parametrize("number", [2, 5, 40])
def test_identical_pictures_repeated(engine: VLLMEngine, number: int) -> None:
    plan = make_plan([(160, 96)] * number, seed=7)
    same = dataclasses.replace(plan, pictures=plan.pictures[:1] * number)
    answers = {run(engine, same) for _ in range(2)}
    assert len(answers) == 1
    assert answers.pop().num_prompt_tokens == same.num_tokens


@pytest.mark.engine
@pytest.mark.parametrize("sizes", [[], [(1024, 1024 - 64)], [(16, 16)]])
def test_no_picture_the_largest_and_the_smallest(
    engine: VLLMEngine, sizes: list[tuple[int, int]]
) -> None:
    plan = make_plan(sizes, "describe it")
    assert run(engine, plan).num_prompt_tokens == plan.num_tokens


@pytest.mark.engine
def test_the_longest_prompt_is_one_below_the_limit(
    engine: VLLMEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = run(engine, plan_of_length(4095, max_tokens=1))
    assert (answer.num_prompt_tokens, answer.num_completion_tokens) == (4095, 1)
    # vLLM would take the second of these and silently generate one token instead of two.
    monkeypatch.setattr(engine._engine, "add_request", never)
    for num_tokens, max_tokens in ((4096, 1), (4095, 2), (3797, 300), (5000, 1)):
        with pytest.raises(PromptTooLongError, match="max_model_len of 4096"):
            run(engine, plan_of_length(num_tokens, max_tokens=max_tokens))


@pytest.mark.engine
@pytest.mark.parametrize("num_tokens", [4096, 4097, 5000])
def test_a_refusal_by_vllm_itself_keeps_the_plan_and_harms_nothing(
    engine: VLLMEngine, num_tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "max_model_len", 10_000)
    plan = plan_of_length(num_tokens, seed=num_tokens)
    following = plan_of_length(3000, seed=num_tokens)
    assert following.pictures == plan.pictures
    with pytest.raises(PromptTooLongError) as refusal:
        run(engine, plan)
    assert refusal.value.plan is plan
    assert refusal.value.__cause__ is not None
    # The same picture in a valid request: with vLLM's multimodal cache this one would hang.
    assert run(engine, following).num_prompt_tokens == 3000


@pytest.mark.engine
def test_other_pictures_than_planned_are_not_sent(
    engine: VLLMEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine._engine, "add_request", never)
    plan = make_plan([(320, 176)] * 2)
    with pytest.raises(UsageError, match="1 are given"):
        engine.run(plan, plan.images()[:1])
    with pytest.raises(UsageError, match="320x160"):
        engine.run(plan, [picture(320, 160, seed=0)] * 2)


@pytest.mark.engine
@pytest.mark.parametrize("lost", [1, -1])
def test_an_engine_that_counts_otherwise_is_found_out(
    engine: VLLMEngine, lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan([(320, 176)])
    step = engine._engine.step

    def miscount() -> Any:
        outputs = step()
        for output in outputs:
            output.prompt_token_ids = [*output.prompt_token_ids, 0][: plan.num_tokens - lost]
        return outputs

    monkeypatch.setattr(engine._engine, "step", miscount)
    with pytest.raises(TokenMismatchError) as mismatch:
        run(engine, plan)
    assert mismatch.value.planned == plan.num_tokens
    assert mismatch.value.counted == plan.num_tokens - lost
    assert mismatch.value.counter == "vLLM"


@pytest.mark.engine
def test_a_plan_whose_ids_are_not_its_count_is_not_sent(
    engine: VLLMEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine._engine, "add_request", never)
    plan = make_plan([(320, 176)])
    wrong: Any = SimpleNamespace(
        pictures=plan.pictures,
        num_tokens=plan.num_tokens - 1,
        prompt_token_ids=plan.prompt_token_ids,
        limits=Limits(4096, 1),
        profile=plan.profile,
        token_rules=plan.token_rules,
    )
    with pytest.raises(TokenMismatchError, match="mistral-common"):
        engine.run(wrong, plan.images())


@pytest.mark.engine
@pytest.mark.parametrize("completions", ["none", "failed"])
def test_an_output_without_an_answer_is_an_error(
    engine: VLLMEngine, completions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # vLLM reports a request that failed inside the engine in this way, without raising.
    step = engine._engine.step

    def fail() -> Any:
        outputs = step()
        for output in outputs:
            if completions == "none":
                output.outputs = []
            else:
                (completion,) = output.outputs
                completion.text, completion.token_ids, completion.finish_reason = "", [], "error"
        return outputs

    monkeypatch.setattr(engine._engine, "step", fail)
    with pytest.raises(EngineError, match=r"no answer|no output") as failure:
        run(engine, make_plan([(320, 176)]))
    assert failure.value.retryable


@pytest.mark.engine
def test_a_folder_that_is_no_model_is_an_error_of_the_engine(
    engine: VLLMEngine, tmp_path: Path
) -> None:
    with pytest.raises(EngineError, match="vLLM could not start") as failure:
        VLLMEngine(tmp_path)
    assert str(tmp_path) in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.engine
def test_streams_and_runs_may_alternate(engine: VLLMEngine) -> None:
    plans = [make_plan([(320, 176)], max_tokens=12, seed=seed) for seed in range(3)]
    alone = [run(engine, plan) for plan in plans]
    streams = [engine.stream(plan, plan.images()) for plan in plans[:2]]
    for stream in streams:
        next(stream)
    assert run(engine, plans[2]) == alone[2]
    assert [stream.read() for stream in streams] == alone[:2]


@pytest.mark.engine
def test_a_stream_that_is_left_early_leaves_the_engine(engine: VLLMEngine) -> None:
    plan = make_plan([(320, 176)], max_tokens=3000)
    with engine.stream(plan, plan.images(), sampling={"ignore_eos": True}) as stream:
        next(stream)
        assert engine._engine.has_unfinished_requests()
    assert not engine._engine.has_unfinished_requests()
    # It returns False where a request still has memory.
    assert engine._engine.reset_prefix_cache()


@pytest.mark.engine
def test_an_interrupted_run_leaves_the_engine(
    engine: VLLMEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan([(320, 176)])

    def interrupt() -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(engine._engine, "step", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(engine, plan)
    assert not engine._engine.has_unfinished_requests()
    assert run(engine, plan).num_prompt_tokens == plan.num_tokens


@pytest.mark.engine
@pytest.mark.parametrize("sampling", [{"no_such": 1}, {"top_p": 3.0}, {"max_tokens": 3}])
def test_sampling_that_no_engine_takes_is_wrong_usage(
    engine: VLLMEngine, sampling: dict[str, Any]
) -> None:
    plan = make_plan([(320, 176)])
    (name,) = sampling
    with pytest.raises(UsageError, match=name):
        engine.run(plan, plan.images(), sampling=sampling)


@pytest.mark.engine
def test_what_vllm_raises_for_want_of_memory(
    engine: VLLMEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def step() -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.\nGPU 0 has")

    plan = make_plan([(320, 176)])
    with monkeypatch.context() as starved:
        starved.setattr(engine._engine, "step", step)
        with pytest.raises(EngineDiedError, match=r"ran out of memory.*max_num_seqs") as failure:
            run(engine, plan)
    assert "\n" not in str(failure.value)


SCRIPT = """
import os
import signal
from pathlib import Path
from budgetfit.engines import VLLMEngine
from budgetfit.errors import (
    EngineDiedError, EngineError, EngineTimeoutError, PromptTooLongError
)
from tests.engines.stand_in import make_plan, plan_of_length
from tiny_pixtral import TINY_ENGINE_ARGS, write_tiny_pixtral

def main():
    model = write_tiny_pixtral(Path(__file__).parent / "model")
    on_and_on = {"ignore_eos": True}
    # With the cache that budgetfit switches off.
    arguments = {**TINY_ENGINE_ARGS, "mm_processor_cache_gb": 1}
    with VLLMEngine(model, sampling=on_and_on, **arguments) as engine:
        answers(engine)
        is_poisoned(engine)
        hangs(engine)
        dies(engine)
    engine.close()
    try:
        ask(engine, make_plan([(320, 176)]))
    except EngineError as error:
        print(error)

def ask(engine, plan):
    return engine.run(plan, plan.images())

def core_of(engine):
    (process,) = engine._engine.engine_core.resources.engine_manager.processes
    return process.pid

def answers(engine):
    plan = make_plan([(320, 176)] * 3)
    answer = ask(engine, plan)
    assert answer.num_prompt_tokens == plan.num_tokens, answer
    assert answer.num_completion_tokens == plan.limits.max_tokens, answer
    assert answer.finish_reason == "length", answer

def is_poisoned(engine):
    good = plan_of_length(3000, seed=5)
    engine.max_model_len = 10_000
    try:
        ask(engine, plan_of_length(4096, seed=5))
    except PromptTooLongError:
        pass
    engine.max_model_len = 4096
    try:
        print("not poisoned", ask(engine, good))
    except EngineError as error:
        print("poisoned:", error.retryable, error)
    assert ask(engine, good).num_prompt_tokens == 3000

def hangs(engine):
    plan = make_plan([(320, 176)])
    engine._timeout_s = 0.5
    os.kill(core_of(engine), signal.SIGSTOP)
    try:
        ask(engine, plan)
    except EngineTimeoutError as error:
        print("hung:", error.retryable, error)
    os.kill(core_of(engine), signal.SIGCONT)
    engine._timeout_s = None
    assert ask(engine, plan).num_prompt_tokens == plan.num_tokens

def dies(engine):
    plan = make_plan([(320, 176)], max_tokens=3500)
    stream = engine.stream(plan, plan.images())
    next(stream)
    os.kill(core_of(engine), signal.SIGKILL)
    for attempt in ("at work", "afterwards"):
        try:
            stream.read() if attempt == "at work" else ask(engine, plan)
        except EngineDiedError as error:
            print("died", attempt, error.retryable)

if __name__ == "__main__":
    main()
"""


@pytest.mark.engine
def test_in_a_script_vllm_has_processes_of_its_own_which_may_fail(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    environment = os.environ | TINY_ENGINE_ENV
    del environment["VLLM_ENABLE_V1_MULTIPROCESSING"]
    root = Path(__file__).parents[2]
    environment["PYTHONPATH"] = os.pathsep.join(map(str, (root / "src", root, root / "scripts")))
    done = subprocess.run(
        [sys.executable, str(script)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = [
        line
        for line in done.stdout.splitlines()
        if line.startswith(("poisoned", "not poisoned", "hung", "died", "the vLLM engine"))
    ]
    expected = [
        "poisoned: True vLLM gave no answer: 0 tokens, finish_reason 'error'",
        "hung: True vLLM gave nothing within 0.5 s",
        "died at work False",
        "died afterwards False",
        "the vLLM engine is closed",
    ]
    assert len(told) == len(expected), told
    for line, beginning in zip(told, expected, strict=True):
        assert line.startswith(beginning)
