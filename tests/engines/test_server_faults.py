"""A real server that many ask at once, that is poisoned, hangs, dies and comes back."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable
from typing import Any

import openai
import pytest

from budgetfit.engines import AsyncOpenAIEngine, OpenAIEngine
from budgetfit.errors import EngineTimeoutError, EngineUnavailableError, PromptTooLongError
from tests.engines.forms import FORMS
from tests.engines.stand_in import make_plan, plan_of_length, random_plan
from tiny_server import TinyServer

pytestmark = pytest.mark.engine

PLAN = make_plan([(320, 176)] * 2, max_tokens=24)
# The server would be busy with it for half a minute.
ENDLESS = make_plan([(320, 176)], max_tokens=3500)
ON_AND_ON = {"ignore_eos": True}


@pytest.mark.parametrize("sampling", [None, {"temperature": 0.9, "top_p": 0.95, "seed": 7}])
def test_every_form_gives_the_same_answer(
    server: TinyServer, sampling: dict[str, Any] | None
) -> None:
    answers = {
        form: ask(server.base_url, server.model, PLAN, sampling=sampling)
        for form, ask in FORMS.items()
    }
    assert len(set(answers.values())) == 1, answers
    answer = answers["run"]
    assert answer.num_prompt_tokens == PLAN.num_tokens
    assert answer.num_completion_tokens > 1


def test_many_at_once_are_counted_as_planned(server: TinyServer) -> None:
    plans = [random_plan(seed) for seed in range(32)]

    async def all_at_once() -> list[Any]:
        async with AsyncOpenAIEngine(server.base_url, server.model) as engine:
            asked: list[Awaitable[Any]] = [
                engine.run(plan, plan.images())
                if number % 2
                else engine.stream(plan, plan.images()).read()
                for number, plan in enumerate(plans)
            ]
            return await asyncio.gather(*asked)

    for plan, answer in zip(plans, asyncio.run(all_at_once()), strict=True):
        assert answer.num_prompt_tokens == plan.num_tokens
        assert 1 <= answer.num_completion_tokens <= plan.limits.max_tokens


def test_a_poisoned_picture_fails_once_and_ours_are_never_poisoned(server: TinyServer) -> None:
    """vLLM's trap: a request refused late leaves its picture in one cache of two."""
    refused = plan_of_length(4096, seed=1)
    good = plan_of_length(3000, seed=1)
    assert good.pictures == refused.pictures
    with OpenAIEngine(server.base_url, server.model) as engine:
        with pytest.raises(PromptTooLongError):
            engine.run(refused, refused.images())
        assert engine.run(good, good.images()).num_prompt_tokens == 3000

        # Another client sends what may be refused.
        other, victim = plan_of_length(4096, seed=2), plan_of_length(3000, seed=2)
        with (
            openai.OpenAI(base_url=server.base_url, api_key="EMPTY") as client,
            pytest.raises(openai.BadRequestError),
        ):
            client.chat.completions.create(
                model=server.model, messages=other.messages(), max_tokens=1
            )
        with pytest.raises(EngineUnavailableError, match="answered 500") as failure:
            engine.run(victim, victim.images())
        assert failure.value.retryable
        assert engine.run(victim, victim.images()).num_prompt_tokens == 3000


@pytest.mark.parametrize("form", ["run", "stream async"])
def test_a_server_that_hangs_is_given_up_and_may_come_back(server: TinyServer, form: str) -> None:
    core = server.core()
    os.kill(core, signal.SIGSTOP)
    try:
        with pytest.raises(EngineTimeoutError, match=r"nothing within 0\.5 s"):
            FORMS[form](server.base_url, server.model, PLAN, timeout_s=0.5)
    finally:
        os.kill(core, signal.SIGCONT)
    answer = FORMS[form](server.base_url, server.model, PLAN)
    assert answer.num_prompt_tokens == PLAN.num_tokens


def test_what_is_left_early_leaves_the_server(server: TinyServer) -> None:
    """Four run at once, no more: a fifth is answered only where the four are gone."""

    async def leave() -> None:
        async with AsyncOpenAIEngine(server.base_url, server.model, timeout_s=10) as engine:
            streams = [
                engine.stream(ENDLESS, ENDLESS.images(), sampling=ON_AND_ON) for _ in range(4)
            ]
            for stream in streams:
                await anext(stream)
            for stream in streams[:2]:
                await stream.close()
            for task in [asyncio.create_task(stream.read()) for stream in streams[2:]]:
                await asyncio.sleep(0.05)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            answer = await engine.run(PLAN, PLAN.images())
            assert answer.num_prompt_tokens == PLAN.num_tokens

    asyncio.run(leave())


def test_a_server_that_dies_and_comes_back(server: TinyServer) -> None:
    """One engine of each kind lives through it; what was under way fails, and is not empty."""

    async def live_through() -> None:
        with OpenAIEngine(server.base_url, server.model) as engine:
            async with AsyncOpenAIEngine(server.base_url, server.model) as async_engine:
                before = engine.run(PLAN, PLAN.images())
                failures = await at_work(async_engine)
                assert [type(failure) for failure in failures] == [EngineUnavailableError] * 3
                # The server ends itself once its engine is dead.
                assert server.process is not None
                await asyncio.to_thread(server.process.wait, 60)
                server.stop()
                with pytest.raises(EngineUnavailableError, match="cannot reach"):
                    engine.run(PLAN, PLAN.images())
                with pytest.raises(EngineUnavailableError, match="cannot reach"):
                    await async_engine.run(PLAN, PLAN.images())
                # In this thread: the server ends with the thread that started it.
                server.start()
                assert engine.run(PLAN, PLAN.images()) == before
                assert await async_engine.run(PLAN, PLAN.images()) == before

    async def at_work(engine: AsyncOpenAIEngine) -> list[Any]:
        whole = asyncio.create_task(engine.run(ENDLESS, ENDLESS.images(), sampling=ON_AND_ON))
        streams = [engine.stream(ENDLESS, ENDLESS.images(), sampling=ON_AND_ON) for _ in range(2)]
        for stream in streams:
            await anext(stream)
        os.kill(server.core(), signal.SIGKILL)
        rest = (stream.read() for stream in streams)
        return list(await asyncio.gather(whole, *rest, return_exceptions=True))

    asyncio.run(live_through())
