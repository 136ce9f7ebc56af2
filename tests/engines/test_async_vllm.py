"""One asynchronous vLLM engine, in one event loop; the last test lets it die."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from budgetfit.engines import AsyncVLLMEngine, VLLMEngine
from budgetfit.errors import (
    EngineDiedError,
    EngineError,
    EngineTimeoutError,
    PromptTooLongError,
    UsageError,
)
from tests.engines.stand_in import make_plan, picture, plan_of_length, random_plan
from tiny_pixtral import TINY_ENGINE_ARGS, TINY_ENGINE_ENV

pytestmark = pytest.mark.engine

InLoop = Callable[[Awaitable[Any]], Any]
# Longer than any test waits: the engine would be busy with it for half a minute.
ENDLESS = make_plan([(320, 176)], max_tokens=3500)
ON_AND_ON = {"ignore_eos": True}
# vLLM never closes the context of its sockets; collecting it would warn.
LEFT_OPEN: list[Any] = []


@pytest.fixture(scope="module")
def in_loop() -> Iterator[InLoop]:
    """Run something in the event loop of all these tests."""
    with asyncio.Runner() as runner:

        async def wait(awaitable: Awaitable[Any]) -> Any:
            return await awaitable

        yield lambda awaitable: runner.run(wait(awaitable))


@pytest.fixture(scope="module")
def async_engine(tiny_model: Path, in_loop: InLoop) -> Iterator[AsyncVLLMEngine]:
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in TINY_ENGINE_ENV.items():
            patch.setenv(name, value)
        # Started in a thread, as a program whose loop already runs does it.
        started = asyncio.to_thread(AsyncVLLMEngine, tiny_model, **TINY_ENGINE_ARGS)
        engine: AsyncVLLMEngine = in_loop(started)
        LEFT_OPEN.append(engine._engine.engine_core.ctx)
        yield engine
        in_loop(engine.close())
        in_loop(engine.close())


def core_of(engine: AsyncVLLMEngine) -> int:
    """Process that computes."""
    (core,) = engine._engine.engine_core.resources.engine_manager.processes
    pid: int = core.pid
    return pid


def unfinished(engine: AsyncVLLMEngine) -> int:
    number: int = engine._engine.get_num_unfinished_requests()
    return number


async def holds_nothing(engine: AsyncVLLMEngine) -> bool:
    """Tell whether no request has memory in the engine's own process."""
    emptied: bool = await engine._engine.reset_prefix_cache()
    return emptied


@pytest.mark.parametrize("sampling", [None, {"temperature": 0.9, "top_p": 0.95, "seed": 7}])
def test_every_form_gives_the_same_answer(
    engine: VLLMEngine,
    async_engine: AsyncVLLMEngine,
    in_loop: InLoop,
    sampling: dict[str, Any] | None,
) -> None:
    plan = make_plan([(320, 176)] * 2, max_tokens=24)
    images = plan.images()

    async def streamed() -> Any:
        async with async_engine.stream(plan, images, sampling=sampling) as stream:
            pieces = [piece async for piece in stream]
        return pieces, stream.answer

    whole = engine.run(plan, images, sampling=sampling)
    stream = engine.stream(plan, images, sampling=sampling)
    pieces = list(stream)
    async_pieces, async_answer = in_loop(streamed())
    assert whole.num_completion_tokens > 1
    assert len(pieces) > 1
    assert "".join(pieces) == "".join(async_pieces) == whole.text
    assert stream.answer == async_answer == whole
    assert in_loop(async_engine.run(plan, images, sampling=sampling)) == whole


def test_many_at_once_are_counted_as_planned(
    async_engine: AsyncVLLMEngine, in_loop: InLoop
) -> None:
    plans = [random_plan(seed) for seed in range(32)]

    async def ask(number: int, plan: Any) -> Any:
        if number % 2:
            return await async_engine.run(plan, plan.images())
        return await async_engine.stream(plan, plan.images()).read()

    async def all_at_once() -> Any:
        return await asyncio.gather(*(ask(*each) for each in enumerate(plans)))

    for plan, answer in zip(plans, in_loop(all_at_once()), strict=True):
        assert answer.num_prompt_tokens == plan.num_tokens
        assert 1 <= answer.num_completion_tokens <= plan.limits.max_tokens
    assert unfinished(async_engine) == 0


def test_what_is_cancelled_leaves_the_engine_at_whatever_moment(
    async_engine: AsyncVLLMEngine, in_loop: InLoop
) -> None:
    async def cancel_after(delay_s: float) -> None:
        task = asyncio.create_task(async_engine.run(ENDLESS, ENDLESS.images(), sampling=ON_AND_ON))
        await asyncio.sleep(delay_s)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def cancel_many() -> bool:
        await asyncio.gather(*(cancel_after(0.03 * number) for number in range(24)))
        assert unfinished(async_engine) == 0
        return await holds_nothing(async_engine)

    assert in_loop(cancel_many())


def test_a_stream_that_is_left_early_leaves_the_engine(
    async_engine: AsyncVLLMEngine, in_loop: InLoop
) -> None:
    async def leave() -> bool:
        async with async_engine.stream(ENDLESS, ENDLESS.images(), sampling=ON_AND_ON) as stream:
            assert await anext(stream)
            assert unfinished(async_engine) == 1
            assert not await holds_nothing(async_engine)
        assert unfinished(async_engine) == 0
        return await holds_nothing(async_engine)

    assert in_loop(leave())


def test_what_cannot_be_asked(async_engine: AsyncVLLMEngine, in_loop: InLoop) -> None:
    plan = make_plan([(320, 176)] * 2)
    for sampling in ({"no_such": 1}, {"top_p": 3.0}, {"n": 2}):
        with pytest.raises(UsageError, match=next(iter(sampling))):
            in_loop(async_engine.run(plan, plan.images(), sampling=sampling))
    with pytest.raises(UsageError, match="320x160"):
        in_loop(async_engine.run(plan, [picture(320, 160, seed=0)] * 2))
    with pytest.raises(UsageError, match="second event loop"):
        asyncio.run(async_engine.run(plan, plan.images()))
    longer = plan_of_length(4096)
    with pytest.raises(PromptTooLongError, match="max_model_len of 4096"):
        in_loop(async_engine.run(longer, longer.images()))
    assert unfinished(async_engine) == 0


def test_a_structure_is_demanded_as_of_a_server(
    async_engine: AsyncVLLMEngine, in_loop: InLoop
) -> None:
    plan = make_plan([(320, 176)], max_tokens=8)
    demanded = {"structured_outputs": {"choice": ["robot", "car"]}}
    assert in_loop(async_engine.run(plan, plan.images(), sampling=demanded)).text in {
        "robot",
        "car",
    }


@pytest.mark.parametrize("num_tokens", [4096, 5000])
def test_a_refusal_by_vllm_harms_nothing(
    async_engine: AsyncVLLMEngine,
    in_loop: InLoop,
    num_tokens: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(async_engine, "max_model_len", 10_000)
    plan = plan_of_length(num_tokens, seed=num_tokens)
    following = plan_of_length(3000, seed=num_tokens)
    with pytest.raises(PromptTooLongError) as refusal:
        in_loop(async_engine.run(plan, plan.images()))
    assert refusal.value.plan is plan
    # The same picture: with vLLM's multimodal cache this one would fail.
    assert in_loop(async_engine.run(following, following.images())).num_prompt_tokens == 3000


def test_an_engine_that_hangs_is_given_up_and_may_come_back(
    async_engine: AsyncVLLMEngine, in_loop: InLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan([(320, 176)])
    core = core_of(async_engine)
    with monkeypatch.context() as hurried:
        hurried.setattr(async_engine, "_timeout_s", 0.5)
        os.kill(core, signal.SIGSTOP)
        try:
            with pytest.raises(EngineTimeoutError, match=r"nothing within 0\.5 s") as failure:
                in_loop(async_engine.run(plan, plan.images()))
        finally:
            os.kill(core, signal.SIGCONT)
    assert failure.value.retryable
    assert unfinished(async_engine) == 0
    assert in_loop(async_engine.run(plan, plan.images())).num_prompt_tokens == plan.num_tokens


def test_an_engine_that_runs_out_of_memory_dies_and_says_so(
    async_engine: AsyncVLLMEngine, in_loop: InLoop
) -> None:
    core = core_of(async_engine)
    large = make_plan([(768, 768)], max_tokens=100)

    async def starve() -> tuple[Any, ...]:
        whole = asyncio.create_task(async_engine.run(ENDLESS, ENDLESS.images(), sampling=ON_AND_ON))
        stream = async_engine.stream(ENDLESS, ENDLESS.images(), sampling=ON_AND_ON)
        assert await anext(stream)
        pages = int(Path(f"/proc/{core}/statm").read_text(encoding="ascii").split()[0])
        in_use = pages * resource.getpagesize()
        resource.prlimit(core, resource.RLIMIT_AS, (in_use, in_use))
        starved = async_engine.run(large, large.images())
        return await asyncio.gather(whole, stream.read(), starved, return_exceptions=True)

    failures = in_loop(starve())
    assert [type(failure) for failure in failures] == [EngineDiedError] * 3
    assert "make a new engine" in str(failures[0])
    assert not any(failure.retryable for failure in failures)
    with pytest.raises(EngineDiedError):
        in_loop(async_engine.run(large, large.images()))
    in_loop(async_engine.close())
    with pytest.raises(EngineError, match="is closed"):
        in_loop(async_engine.run(large, large.images()))
    deadline = time.monotonic() + 20
    while Path(f"/proc/{core}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{core}").exists()
