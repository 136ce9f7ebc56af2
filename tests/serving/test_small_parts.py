from __future__ import annotations

import pickle

import pytest

from budgetfit.errors import InfeasibleError, TokenMismatchError, UsageError, VideoError
from budgetfit.serving import PlanningSettings, ServeSettings
from budgetfit.serving.chat_request import read_request
from budgetfit.serving.counts import StreamedCount, counted_prompt_tokens
from budgetfit.serving.fitted import Report
from budgetfit.serving.headers import passed_down, passed_up, report_headers
from budgetfit.serving.plan_store import PlanStore
from budgetfit.serving.refusals import RefusedError, refusal_of
from budgetfit.serving.short import is_surely_short
from tests.engines.stand_in import TOKENIZER, WORDS
from tests.serving.proxies import body, user

REPORT = Report("planned", "m", 100, 4096, 300, 2, warnings=("a\r\nx: y", "ü" * 2000))


def test_hop_by_hop_headers_stay() -> None:
    sent = [("Connection", "close, X-Mine"), ("X-Mine", "1"), ("Authorization", "Bearer k")]
    sent += [("TE", "x"), ("Host", "h"), ("Accept-Encoding", "br"), ("Content-Length", "5")]
    assert passed_up(sent) == [("authorization", "Bearer k"), ("accept-encoding", "identity")]
    told = [("Server", "s"), ("X-Budgetfit-Gap", "0"), ("Set-Cookie", "a"), ("Set-Cookie", "b")]
    assert passed_down(told) == [("set-cookie", "a"), ("set-cookie", "b")]


def test_header_values_are_one_line_of_ascii() -> None:
    headers = report_headers(REPORT, "plan-1")
    assert headers["x-budgetfit-plan-id"] == "plan-1"
    assert "x-budgetfit-gap" not in headers
    for value in headers.values():
        assert value.isascii()
        assert value.isprintable()
        assert len(value) <= 1000


def test_counts_are_found_wherever_a_stream_is_cut() -> None:
    stream = b'data: {"usage": null}\n\ndata: {"usage":{"prompt_tokens":7}}\n\ndata: [DONE]\n\n'
    for cut in range(len(stream)):
        found: list[int] = []
        watched = StreamedCount(found.append)
        watched.feed(stream[:cut])
        watched.feed(stream[cut:])
        assert found == [7]
    assert counted_prompt_tokens(b"[]") is counted_prompt_tokens(b"{") is None


def test_a_short_request_fits_whatever_it_says() -> None:
    for words in WORDS:
        for messages in ([user(words)], [{"role": "system", "content": words}, user(words)]):
            sent = body(messages)
            chat = read_request(sent)
            num_tokens = TOKENIZER.encode_conversation(messages, ()).num_tokens
            assert is_surely_short(chat, len(sent), len(sent) + 1)
            assert num_tokens <= len(sent)
    assert not is_surely_short(read_request(body([user("a")], max_tokens=9)), 90, 98)
    assert not is_surely_short(read_request(body([user("a")], tools=[{}])), 90, 9000)


def test_the_store_keeps_the_last_plans_within_its_bytes() -> None:
    store = PlanStore(3)
    ids = [store.add(REPORT)["id"] for _ in range(5)]
    assert [store.get(each) is not None for each in ids] == [False, False, True, True, True]
    store.count(ids[-1], 99)
    store.count("plan-unknown", 99)
    told = store.get(ids[-1])
    assert told is not None
    assert told["counted_num_tokens"] == 99
    small = PlanStore(100, max_bytes=30_000)
    assert sum(small.get(small.add(REPORT)["id"]) is not None for _ in range(50)) == 50
    assert small._num_bytes <= 30_000


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InfeasibleError("x"), 400, "context_length_exceeded"),
        (VideoError("x"), 400, "unreadable_video"),
        (UsageError("x"), 400, "unsupported_request"),
        (TokenMismatchError(1, 2, "y"), 500, "planning_failed"),
    ],
)
def test_errors_have_openais_form(error: Exception, status: int, code: str) -> None:
    refused = pickle.loads(pickle.dumps(refusal_of(error)))  # type: ignore[arg-type]
    assert isinstance(refused, RefusedError)
    assert (refused.status, refused.body()["error"]["code"]) == (status, code)
    assert refused.body()["error"].keys() == {"message", "type", "param", "code"}


def test_settings_are_checked() -> None:
    with pytest.raises(UsageError, match="max_pixels"):
        PlanningSettings(max_pixels=0)
    with pytest.raises(UsageError, match="unknown profile"):
        PlanningSettings(profile="x")
    with pytest.raises(UsageError, match="base URL"):
        ServeSettings("localhost:8000")
    assert ServeSettings("http://h:1/v1/").root_url == ServeSettings("http://h:1").root_url
