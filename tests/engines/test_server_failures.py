"""What a server does wrong, and which error it becomes, whichever way it was asked."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from budgetfit.engines import Answer, AsyncOpenAIEngine, OpenAIEngine
from budgetfit.errors import (
    EngineError,
    EngineTimeoutError,
    EngineUnavailableError,
    PromptTooLongError,
    TokenMismatchError,
    UsageError,
)
from tests.engines.faulty_server import MODEL, Script, chat_body, chat_chunks, serve
from tests.engines.forms import FORMS
from tests.engines.stand_in import make_plan

PLAN = make_plan([(320, 176), (160, 96)], max_tokens=5)
STREAMS = [form for form in FORMS if "stream" in form]


def good(**changes: Any) -> Script:
    return Script(
        body=chat_body(PLAN.num_tokens), **{"chunks": chat_chunks(PLAN.num_tokens), **changes}
    )


def ask(form: str, script: Script, **arguments: Any) -> Answer:
    with serve(script):
        return FORMS[form](script.base_url, MODEL, PLAN, **arguments)


def failure(form: str, script: Script, **arguments: Any) -> EngineError:
    with pytest.raises(EngineError) as raised:
        ask(form, script, **arguments)
    assert "\n" not in str(raised.value)
    assert len(script.chats) == 1, "a request is sent once"
    return raised.value


@pytest.mark.parametrize("form", FORMS)
def test_a_good_answer(form: str) -> None:
    script = good()
    answer = ask(form, script, sampling={"temperature": 0.5, "seed": 3})
    assert answer == Answer("a robot", PLAN.num_tokens, 2, "stop")
    (chat,) = script.chats
    assert (chat["temperature"], chat["seed"], chat["max_tokens"]) == (0.5, 3, 5)
    assert chat.get("stream", False) is (form in STREAMS)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504])
def test_what_passes_is_worth_asking_again(form: str, status: int) -> None:
    error = failure(form, Script(status=status, body={"error": {"message": "later"}}))
    assert type(error) is EngineUnavailableError
    assert error.retryable
    assert error.retry_after_s is None
    assert f"answered {status}: later" in str(error)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 501])
def test_what_stays_is_not(form: str, status: int) -> None:
    error = failure(form, Script(status=status, body={"error": {"message": "never"}}))
    assert type(error) is EngineError
    assert not error.retryable


@pytest.mark.parametrize("form", FORMS)
def test_a_refused_length_is_not(form: str) -> None:
    body = {"error": {"message": "worded as never before", "param": "input_tokens"}}
    error = failure(form, Script(status=400, body=body))
    assert isinstance(error, PromptTooLongError)
    assert not error.retryable


def test_a_quota_that_is_used_up_is_not() -> None:
    body = {"error": {"message": "pay first", "code": "insufficient_quota"}}
    assert not failure("run", Script(status=429, body=body)).retryable


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("0", 0.0), ("-3", None), ("soon", None), ("", None)]
)
def test_what_the_server_says_of_when(value: str, seconds: float | None) -> None:
    script = Script(status=503, body={}, headers={"Retry-After": value})
    error = failure("run", script)
    assert error.retry_after_s == seconds
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.retryable, copy.retry_after_s, str(copy)) == (True, seconds, str(error))


@pytest.mark.parametrize(("hours", "least_s", "most_s"), [(1, 3000, 3600), (-1, 0, 0)])
def test_or_until_when(hours: int, least_s: float, most_s: float) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    error = failure("run async", Script(status=429, body={}, headers={"Retry-After": until}))
    assert error.retry_after_s is not None
    assert least_s <= error.retry_after_s <= most_s


@pytest.mark.parametrize("form", FORMS)
def test_nobody_at_the_address(form: str) -> None:
    with serve(Script()) as script:
        base_url = script.base_url
    with pytest.raises(EngineUnavailableError, match=f"cannot reach {base_url}") as raised:
        FORMS[form](base_url, MODEL, PLAN)
    assert raised.value.retryable


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("address", ["127.0.0.1:8000/v1", "ftp://127.0.0.1/v1"])
def test_an_address_that_leads_nowhere_is_not_tried_again(form: str, address: str) -> None:
    with pytest.raises(EngineError, match=f"cannot reach {address}") as raised:
        FORMS[form](address, MODEL, PLAN)
    assert not raised.value.retryable


@pytest.mark.parametrize("form", FORMS)
def test_a_server_that_drops_the_request(form: str) -> None:
    error = failure(form, good(ending="dropped"))
    assert isinstance(error, EngineUnavailableError)
    assert "lost http" in str(error)


@pytest.mark.parametrize("form", FORMS)
def test_a_server_that_takes_too_long(form: str) -> None:
    error = failure(form, good(delay_s=1.0), timeout_s=0.2)
    assert isinstance(error, EngineTimeoutError)
    assert error.retryable
    assert "nothing within 0.2 s; give a longer timeout_s" in str(error)


@pytest.mark.parametrize("form", STREAMS)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_stream_that_is_cut_off(form: str, number: int) -> None:
    error = failure(form, good(chunks=chat_chunks(PLAN.num_tokens)[:number], ending="cut"))
    assert isinstance(error, EngineUnavailableError)


@pytest.mark.parametrize("form", STREAMS)
def test_a_stream_that_ends_as_if_it_were_whole(form: str) -> None:
    chunks = chat_chunks(PLAN.num_tokens)
    for number in (1, 2):
        error = failure(form, good(chunks=chunks[:number]))
        assert isinstance(error, EngineUnavailableError)
        assert "broke off" in str(error)
    assert "without choices" in str(failure(form, good(chunks=[])))
    assert "without usage" in str(failure(form, good(chunks=[*chunks[:3], "[DONE]"])))


@pytest.mark.parametrize("form", STREAMS)
def test_a_stream_that_stops_in_the_middle(form: str) -> None:
    script = good(chunks=chat_chunks(PLAN.num_tokens)[:2], ending="hanging")
    error = failure(form, script, timeout_s=0.2)
    assert isinstance(error, EngineTimeoutError)
    assert script.left.wait(10), "the connection is closed"


@pytest.mark.parametrize("form", STREAMS)
@pytest.mark.parametrize(("code", "retryable"), [(500, True), (503, True), (400, False)])
def test_an_error_in_the_middle_of_a_stream(form: str, code: int, retryable: bool) -> None:
    event = {"error": {"message": "engine died", "type": "InternalServerError", "code": code}}
    error = failure(form, good(chunks=[*chat_chunks(PLAN.num_tokens)[:2], event, "[DONE]"]))
    assert f"answered {code}: engine died" in str(error)
    assert error.retryable is retryable


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_that_ended_with_an_error_is_none(form: str) -> None:
    body = chat_body(PLAN.num_tokens)
    body["choices"][0]["finish_reason"] = "error"
    script = Script(body=body, chunks=chat_chunks(PLAN.num_tokens, "error"))
    error = failure(form, script)
    assert "finish_reason 'error'" in str(error)
    assert error.retryable


@pytest.mark.parametrize("form", FORMS)
def test_another_count_is_found_out(form: str) -> None:
    count = PLAN.num_tokens + 1
    with pytest.raises(TokenMismatchError) as mismatch:
        ask(form, Script(body=chat_body(count), chunks=chat_chunks(count)))
    assert mismatch.value.counted == count


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("body", "content_type"),
    [("<html>welcome</html>", "text/html"), ("{broken", "application/json")],
)
def test_what_is_no_openai_response(form: str, body: str, content_type: str) -> None:
    error = failure(form, Script(body=body, content_type=content_type))
    assert "/v1" in str(error)
    assert not error.retryable


def test_a_server_that_comes_back_is_asked_for_its_length_again() -> None:
    needed = PLAN.num_tokens + PLAN.limits.max_tokens
    script = Script(body=chat_body(PLAN.num_tokens), max_model_len=needed)
    with serve(script), OpenAIEngine(script.base_url, MODEL) as engine:
        assert engine.max_model_len is None
        engine.run(PLAN, PLAN.images())
        assert engine.max_model_len == needed
        script.max_model_len, script.status = needed - 1, 503
        with pytest.raises(EngineUnavailableError):
            engine.run(PLAN, PLAN.images())
        script.status = 200
        with pytest.raises(PromptTooLongError, match=f"max_model_len of {needed - 1}"):
            engine.run(PLAN, PLAN.images())
        assert engine.fetch_max_model_len() == needed - 1


def _leave(base_url: str) -> None:
    with (
        OpenAIEngine(base_url, MODEL) as engine,
        engine.stream(PLAN, PLAN.images()) as stream,
    ):
        assert next(stream) == "a "


async def _leave_async(base_url: str) -> None:
    async with (
        AsyncOpenAIEngine(base_url, MODEL) as engine,
        engine.stream(PLAN, PLAN.images()) as stream,
    ):
        assert await anext(stream) == "a "


async def _cancel(base_url: str) -> None:
    async with AsyncOpenAIEngine(base_url, MODEL) as engine:
        stream = engine.stream(PLAN, PLAN.images())
        assert [await anext(stream), await anext(stream)] == ["a ", "robot"]
        waiting = asyncio.create_task(anext(stream))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


@pytest.mark.parametrize("leave", [_leave, _leave_async, _cancel])
def test_leaving_a_stream_early_closes_its_connection(leave: Callable[[str], Any]) -> None:
    script = good(chunks=chat_chunks(PLAN.num_tokens)[:3], ending="hanging")
    with serve(script):
        left = leave(script.base_url)
        if left is not None:
            asyncio.run(left)
        assert script.left.wait(10)


def test_an_asynchronous_engine_keeps_to_one_loop() -> None:
    with serve(good()) as script:
        engine = AsyncOpenAIEngine(script.base_url, MODEL)
        asyncio.run(engine.run(PLAN, PLAN.images()))
        with pytest.raises(UsageError, match="second event loop"):
            asyncio.run(engine.run(PLAN, PLAN.images()))
