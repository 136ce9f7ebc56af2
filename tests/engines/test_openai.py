from __future__ import annotations

import base64
import dataclasses
import io
import sys
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from PIL import Image, ImageChops

from budgetfit.engines import Answer, OpenAIEngine
from budgetfit.errors import (
    EngineError,
    EngineTimeoutError,
    MissingExtraError,
    PromptTooLongError,
    TokenMismatchError,
    UsageError,
)
from tests.engines.faulty_server import MODEL, Script, chat_body, serve
from tests.engines.stand_in import (
    FAILING_NUM_TOKENS,
    FAILING_PROMPT,
    FAILING_SIZES,
    make_plan,
    picture,
    plan_of_length,
    random_plan,
)
from tests.engines.test_length_errors import OTHER_ERRORS, REFUSALS
from tiny_server import TinyServer

PLAN = make_plan([(320, 176), (160, 96)], max_tokens=5)


def ask(script: Script, plan: Any = PLAN, **arguments: Any) -> Answer:
    with serve(script), OpenAIEngine(script.base_url, MODEL, **arguments) as engine:
        return engine.run(plan, plan.images())


def test_without_openai_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'budgetfit\[openai\]'"):
        OpenAIEngine("http://127.0.0.1:8000/v1", MODEL)


@pytest.mark.parametrize("timeout_s", [0, -1.0, float("nan")])
def test_a_timeout_that_is_not_positive_is_refused(timeout_s: float) -> None:
    with pytest.raises(UsageError, match=f"timeout_s is {timeout_s}"):
        OpenAIEngine("http://127.0.0.1:8000/v1", MODEL, timeout_s=timeout_s)


def test_what_the_plan_decides_is_refused_as_sampling() -> None:
    with pytest.raises(UsageError, match="max_tokens"):
        OpenAIEngine("http://127.0.0.1:8000/v1", MODEL, sampling={"max_tokens": 5})


def test_the_request_is_the_plans_and_the_answer_the_servers() -> None:
    script = Script(body=chat_body(PLAN.num_tokens))
    answer = ask(script, sampling={"temperature": 0.5, "top_k": 7})
    assert answer == Answer("a robot", PLAN.num_tokens, 2, "stop")
    (chat,) = script.chats
    assert (chat["model"], chat["max_tokens"]) == (MODEL, 5)
    assert (chat["temperature"], chat["top_k"]) == (0.5, 7)
    parts = chat["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["image_url", "image_url", "text"]
    for part, image in zip(parts[:2], PLAN.images(), strict=True):
        data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
        assert ImageChops.difference(Image.open(io.BytesIO(data)), image).getbbox() is None


def test_greedy_unless_told_otherwise() -> None:
    script = Script(body=chat_body(PLAN.num_tokens))
    ask(script)
    assert script.chats[0]["temperature"] == 0


def test_other_pictures_than_planned_are_not_sent() -> None:
    script = Script(body=chat_body(PLAN.num_tokens))
    with serve(script), OpenAIEngine(script.base_url, MODEL) as engine:
        with pytest.raises(UsageError, match="1 are given"):
            engine.run(PLAN, PLAN.images()[:1])
        with pytest.raises(UsageError, match="320x160"):
            engine.run(PLAN, [picture(320, 160, seed=0), PLAN.images()[1]])
    assert script.chats == []


def test_a_plan_for_a_longer_context_than_the_servers_is_not_sent() -> None:
    needed = PLAN.num_tokens + PLAN.limits.max_tokens
    fitting = Script(body=chat_body(PLAN.num_tokens), max_model_len=needed)
    assert ask(fitting).num_prompt_tokens == PLAN.num_tokens
    # A server with room for the prompt alone would clip max_tokens and say nothing.
    short = Script(body=chat_body(PLAN.num_tokens), max_model_len=needed - 1)
    with pytest.raises(PromptTooLongError, match=f"max_model_len of {needed - 1}"):
        ask(short)
    assert (len(fitting.chats), len(short.chats)) == (1, 0)


@pytest.mark.parametrize("off", [-1, 1])
def test_a_server_that_counts_otherwise_is_found_out(off: int) -> None:
    with pytest.raises(TokenMismatchError) as mismatch:
        ask(Script(body=chat_body(PLAN.num_tokens + off)))
    assert mismatch.value.planned == PLAN.num_tokens
    assert mismatch.value.counted == PLAN.num_tokens + off


@pytest.mark.parametrize("message", REFUSALS)
def test_a_refusal_of_the_length_keeps_the_plan(message: str) -> None:
    error = {"message": message, "type": "BadRequestError", "param": None, "code": 400}
    with pytest.raises(PromptTooLongError) as refusal:
        ask(Script(status=400, body={"error": error}))
    assert refusal.value.plan is PLAN
    assert message in str(refusal.value)


def test_a_refusal_by_its_parameter_alone() -> None:
    error = {"message": "worded as never before", "param": "input_tokens", "code": 400}
    with pytest.raises(PromptTooLongError, match="worded as never before"):
        ask(Script(status=400, body={"error": error}))


def test_the_oldest_servers_put_the_error_at_the_top() -> None:
    body = {"object": "error", "message": REFUSALS[-1], "param": None, "code": 400}
    with pytest.raises(PromptTooLongError, match="too long to fit"):
        ask(Script(status=400, body=body))


@pytest.mark.parametrize("message", [message for message in OTHER_ERRORS if message])
def test_another_bad_request_is_not_about_the_length(message: str) -> None:
    with pytest.raises(EngineError) as failure:
        ask(Script(status=400, body={"error": {"message": message, "param": None}}))
    assert not isinstance(failure.value, PromptTooLongError)
    assert message in str(failure.value)


@pytest.mark.parametrize(
    ("status", "remedy"),
    [(401, "api_key"), (404, "the model's name"), (500, "log"), (503, "log")],
)
def test_a_failing_server_is_named_with_a_remedy(status: int, remedy: str) -> None:
    script = Script(status=status, body={"error": {"message": "first line\nsecond line"}})
    with pytest.raises(EngineError, match=f"answered {status}: first line second line;.*{remedy}"):
        ask(script)
    assert len(script.chats) == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"choices": []}, "without choices"),
        ({"choices": None}, "without choices"),
        ({"usage": None}, "without usage"),
        (
            {"choices": [{"index": 0, "message": {"content": ""}, "finish_reason": "error"}]},
            "finish_reason 'error'",
        ),
    ],
)
def test_an_answer_without_its_parts_is_an_error(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(EngineError, match=complaint):
        ask(Script(body=chat_body(PLAN.num_tokens, **changes)))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<html>welcome</html>", "text/html"),
        ("{broken", "application/json"),
        ("[]", "application/json"),
        ('"text"', "application/json"),
    ],
)
def test_what_is_no_openai_response_is_an_error(body: str, content_type: str) -> None:
    with pytest.raises(EngineError, match="/v1"):
        ask(Script(body=body, content_type=content_type))


def test_a_server_that_takes_too_long() -> None:
    with pytest.raises(EngineTimeoutError, match=r"nothing within 0\.3 s; give a longer timeout_s"):
        ask(Script(body=chat_body(PLAN.num_tokens), delay_s=1.5), timeout_s=0.3)


@pytest.mark.parametrize("address", ["gone", "127.0.0.1:8000/v1", "ftp://127.0.0.1/v1"])
def test_an_address_where_no_server_is(address: str) -> None:
    if address == "gone":
        with serve(Script()) as script:
            address = script.base_url
    with pytest.raises(EngineError, match="cannot reach") as failure:
        OpenAIEngine(address, MODEL).run(PLAN, PLAN.images())
    assert address in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.fixture
def served(server: TinyServer) -> Iterator[OpenAIEngine]:
    with OpenAIEngine(server.base_url, server.model) as engine:
        yield engine


@pytest.mark.engine
def test_the_failing_request_of_the_cosmos_users(server: TinyServer, served: OpenAIEngine) -> None:
    plan = make_plan(FAILING_SIZES, FAILING_PROMPT)
    with (
        openai.OpenAI(base_url=server.base_url, api_key="EMPTY") as client,
        pytest.raises(openai.BadRequestError, match=str(FAILING_NUM_TOKENS)) as refusal,
    ):
        client.chat.completions.create(model=server.model, messages=plan.messages())
    assert refusal.value.param == "input_tokens"
    with pytest.raises(PromptTooLongError, match="refused 4685 prompt tokens") as ours:
        served.run(plan, plan.images())
    assert ours.value.plan is plan


@pytest.mark.engine
def test_random_requests_are_counted_as_planned(served: OpenAIEngine, full_counts: bool) -> None:
    for seed in range(1000 if full_counts else 60):
        plan = random_plan(seed)
        answer = served.run(plan, plan.images())
        assert answer.num_prompt_tokens == plan.num_tokens, f"seed {seed}"
        assert 1 <= answer.num_completion_tokens <= plan.limits.max_tokens, f"seed {seed}"


@pytest.mark.engine
@pytest.mark.parametrize("number", [2, 40])
def test_identical_pictures_repeated(served: OpenAIEngine, number: int) -> None:
    plan = make_plan([(160, 96)] * number, seed=7)
    same = dataclasses.replace(plan, pictures=plan.pictures[:1] * number)
    answers = {served.run(same, same.images()) for _ in range(2)}
    assert len(answers) == 1
    assert answers.pop().num_prompt_tokens == same.num_tokens


@pytest.mark.engine
def test_the_longest_prompt_is_one_below_the_limit(served: OpenAIEngine) -> None:
    plan = plan_of_length(4095, max_tokens=1)
    answer = served.run(plan, plan.images())
    assert (answer.num_prompt_tokens, answer.num_completion_tokens) == (4095, 1)
    for num_tokens, max_tokens in ((4096, 1), (4095, 2), (3797, 300)):
        longer = plan_of_length(num_tokens, max_tokens=max_tokens)
        with pytest.raises(PromptTooLongError, match="max_model_len of 4096"):
            served.run(longer, longer.images())


@pytest.mark.engine
@pytest.mark.parametrize(
    ("num_tokens", "max_tokens"), [(4096, 1), (4097, 1), (5000, 1), (500, 5000)]
)
def test_a_refusal_by_the_server_itself_keeps_the_plan(
    served: OpenAIEngine, num_tokens: int, max_tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As with a server that does not tell its limit.
    monkeypatch.setattr(served._server, "is_known", True)
    plan = plan_of_length(num_tokens, max_tokens=max_tokens, seed=num_tokens)
    with pytest.raises(PromptTooLongError) as refusal:
        served.run(plan, plan.images())
    assert refusal.value.plan is plan
    assert isinstance(refusal.value.__cause__, openai.BadRequestError)


@pytest.mark.engine
def test_a_model_that_the_server_does_not_have(server: TinyServer) -> None:
    with (
        OpenAIEngine(server.base_url, "another") as engine,
        pytest.raises(EngineError, match=r"answered 404.*another.*the model's name"),
    ):
        engine.run(PLAN, PLAN.images())
