from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator

import pytest

from budgetfit.engines import Answer, AnswerStream, AsyncAnswerStream
from budgetfit.errors import EngineError, UsageError

ANSWER = Answer("a robot", 100, 2, "stop")


def pieces(ended: list[str], failure: Exception | None = None) -> Generator[str | Answer]:
    try:
        yield "a "
        yield ""
        if failure:
            raise failure
        yield "robot"
        yield ANSWER
    finally:
        ended.append("ended")


async def async_pieces(
    ended: list[str], failure: Exception | None = None
) -> AsyncGenerator[str | Answer]:
    for piece in pieces(ended, failure):
        yield piece


def test_pieces_that_say_something_and_the_answer_after_them() -> None:
    stream = AnswerStream(pieces([]))
    with pytest.raises(UsageError, match="read the stream to its end"):
        _ = stream.answer
    assert list(stream) == ["a ", "robot"]
    assert stream.answer is ANSWER
    assert list(stream) == []
    assert stream.read() is ANSWER


def test_reading_what_is_left() -> None:
    stream = AnswerStream(pieces([]))
    assert next(stream) == "a "
    assert stream.read() is ANSWER


def test_a_stream_that_is_left_early_ends_and_has_no_answer() -> None:
    ended: list[str] = []
    with AnswerStream(pieces(ended)) as stream:
        next(stream)
        assert ended == []
    assert ended == ["ended"]
    stream.close()
    assert list(stream) == []
    with pytest.raises(UsageError, match="ask again"):
        _ = stream.answer


def test_a_stream_that_fails_has_no_answer() -> None:
    stream = AnswerStream(pieces([], EngineError("broken")))
    assert next(stream) == "a "
    with pytest.raises(EngineError, match="broken"):
        next(stream)
    with pytest.raises(UsageError, match="ask again"):
        stream.read()


def test_the_asynchronous_stream_is_the_same() -> None:
    async def use() -> None:
        stream = AsyncAnswerStream(async_pieces([]))
        with pytest.raises(UsageError, match="read the stream to its end"):
            _ = stream.answer
        assert [piece async for piece in stream] == ["a ", "robot"]
        assert stream.answer is ANSWER
        assert await stream.read() is ANSWER

        ended: list[str] = []
        async with AsyncAnswerStream(async_pieces(ended)) as left:
            assert await anext(left) == "a "
        await left.close()
        assert [piece async for piece in left] == []
        with pytest.raises(UsageError, match="ask again"):
            _ = left.answer

        failing = AsyncAnswerStream(async_pieces([], EngineError("broken")))
        with pytest.raises(EngineError, match="broken"):
            await failing.read()

    asyncio.run(use())
