"""The four ways to ask a server: whole or in pieces, one at a time or beside others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from budgetfit.engines import Answer, AsyncOpenAIEngine, OpenAIEngine

__all__ = ["FORMS", "Ask"]

Ask = Callable[..., Answer]


def _run(base_url: str, model: str, plan: Any, **arguments: Any) -> Answer:
    with OpenAIEngine(base_url, model, **arguments) as engine:
        return engine.run(plan, plan.images())


def _stream(base_url: str, model: str, plan: Any, **arguments: Any) -> Answer:
    with OpenAIEngine(base_url, model, **arguments) as engine:
        stream = engine.stream(plan, plan.images())
        text = "".join(stream)
        assert text == stream.answer.text
        return stream.answer


def _run_async(base_url: str, model: str, plan: Any, **arguments: Any) -> Answer:
    async def ask() -> Answer:
        async with AsyncOpenAIEngine(base_url, model, **arguments) as engine:
            return await engine.run(plan, plan.images())

    return asyncio.run(ask())


def _stream_async(base_url: str, model: str, plan: Any, **arguments: Any) -> Answer:
    async def ask() -> Answer:
        async with (
            AsyncOpenAIEngine(base_url, model, **arguments) as engine,
            engine.stream(plan, plan.images()) as stream,
        ):
            text = "".join([piece async for piece in stream])
            assert text == stream.answer.text
            return stream.answer

    return asyncio.run(ask())


FORMS: dict[str, Ask] = {
    "run": _run,
    "stream": _stream,
    "run async": _run_async,
    "stream async": _stream_async,
}
