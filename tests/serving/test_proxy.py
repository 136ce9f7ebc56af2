"""The proxy in front of servers that do what no good one does."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import openai
import pytest

from tests.engines.faulty_server import MODEL, Script, chat_body, serve
from tests.serving.proxies import body, clip, image, started, text, user, workers_of

CLIP = clip(6)
QUESTION = {"model": MODEL, "max_tokens": 300}
ASKED = [user(CLIP, text("What is it?"))]


@pytest.fixture(scope="module")
def script() -> Iterator[Script]:
    with serve(Script(max_model_len=4096)) as script:
        yield script


@pytest.fixture(scope="module")
def proxy(script: Script) -> Iterator[str]:
    options = ("--max-body-mib", 1, "--upstream-timeout-s", 1.5, "--max-waiting", 2)
    with started(script.base_url, *options) as url:
        yield url


def post(url: str, **changes: object) -> httpx.Response:
    fields = {**QUESTION, "messages": ASKED, **changes}
    return httpx.post(f"{url}/chat/completions", json=fields, timeout=60)


def test_another_count_is_told_and_kept(proxy: str, script: Script) -> None:
    script.body, script.status, script.delay_s = chat_body(7), 200, 0
    answer = post(proxy)
    assert answer.status_code == 200
    assert answer.headers["x-budgetfit-mismatch"] == "the server counted 7 prompt tokens"
    told = httpx.get(f"{proxy}/plans/{answer.headers['x-budgetfit-plan-id']}").json()
    assert told["counted_num_tokens"] == 7
    assert told["num_tokens"] == int(answer.headers["x-budgetfit-num-tokens"])
    script.body = chat_body(told["num_tokens"])
    assert "x-budgetfit-mismatch" not in post(proxy).headers


def test_what_the_server_gets_is_the_clients_but_for_the_video(proxy: str, script: Script) -> None:
    script.body, script.status = chat_body(7), 200
    post(proxy, temperature=0.5, logprobs=True, response_format={"type": "text"}, n=3)
    got = script.chats[-1]
    assert got.pop("messages")[0]["content"][-1] == text("What is it?")
    extra = {"temperature": 0.5, "logprobs": True, "response_format": {"type": "text"}, "n": 3}
    assert got == {**QUESTION, **extra}
    short = {**QUESTION, "messages": [user("hi")]}
    post(proxy, **short)
    assert script.chats[-1] == short


def test_the_servers_refusal_is_passed_on(proxy: str, script: Script) -> None:
    script.status, script.body = 429, {"error": {"message": "busy", "code": "busy"}}
    answer = post(proxy)
    assert (answer.status_code, answer.json()) == (429, script.body)
    script.status = 200


def test_a_silent_server_is_given_up(proxy: str, script: Script) -> None:
    script.delay_s, script.body = 3, chat_body(7)
    answer = post(proxy, messages=[user("hi")])
    script.delay_s = 0
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "upstream_timeout")


@pytest.mark.parametrize(
    ("sent", "headers", "status", "code"),
    [
        (b"{", {}, 400, "invalid_request"),
        (b"[]", {}, 400, "invalid_request"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "not_json"),
        (b"{}", {"Host": "evil.invalid"}, 421, "wrong_host"),
        (b" " * 1_100_000, {}, 413, "too_large"),
        (body([user("a")]), {}, 404, "model_not_found"),
    ],
)
def test_what_is_wrong_is_told_in_openais_form(
    proxy: str, sent: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    # An unknown model is left to the server where it need not be planned.
    if code == "model_not_found":
        sent = body([user(CLIP)])
    with httpx.Client(headers={"Content-Type": "application/json", **headers}) as client:
        answer = client.post(f"{proxy}/chat/completions", content=sent, timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]


def test_a_connection_outlives_what_clients_keep(proxy: str) -> None:
    # httpx and openai keep an idle connection for 5 s.
    connection = http.client.HTTPConnection(proxy.split("/")[2], timeout=10)
    for pause_s in (0, 6):
        time.sleep(pause_s)
        # Without a connection of its own: a closed one is not opened again.
        connection.auto_open = int(pause_s == 0)
        connection.request("GET", "/v1/plans/plan-x")
        assert json.load(connection.getresponse())["error"]["code"] == "plan_not_found"
    connection.close()


def test_what_changes_a_server_is_not_passed_on(proxy: str) -> None:
    root = proxy.removesuffix("/v1")
    for path in ("/sleep", "/reset_prefix_cache", "/v1/load_lora_adapter", "/invocations"):
        assert httpx.post(root + path, json={}).status_code == 404
    assert httpx.get(f"{proxy}/plans/plan-x").json()["error"]["code"] == "plan_not_found"
    assert httpx.get(f"{proxy}/chat/completions").status_code == 405


def test_more_than_may_wait_are_told_to_come_back(proxy: str, script: Script) -> None:
    script.body, script.status = chat_body(7), 200
    answers: list[httpx.Response] = []
    asked = [user(*(image(700, 500, i) for i in range(3)), CLIP)]
    threads = [
        threading.Thread(target=lambda: answers.append(post(proxy, messages=asked)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = [answer.status_code for answer in answers]
    assert 200 in statuses or 400 in statuses
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.headers["retry-after"] for answer in refused} == {"2"}


def test_a_crashed_worker_is_replaced(proxy: str, script: Script) -> None:
    script.body, script.status = chat_body(7), 200
    (worker,) = workers_of(proxy)
    os.kill(worker, signal.SIGKILL)
    assert post(proxy).status_code in {200, 422}
    assert post(proxy).status_code == 200


def test_nobody_there_is_told() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with started(f"http://127.0.0.1:{closed.getsockname()[1]}/v1") as url:
            client = openai.OpenAI(base_url=url, api_key="k", max_retries=0)
            with (
                client,
                pytest.raises(openai.InternalServerError, match="cannot be reached") as error,
            ):
                client.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": "hi"}]
                )
            assert error.value.status_code == 502


class Waiting(BaseHTTPRequestHandler):
    """Tells its models to whoever has the key, and waits until a client goes away."""

    asked = threading.Event()
    left = threading.Event()

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == "Bearer key"
        models = {"data": [{"id": "m", "max_model_len": 4096}]}
        data = json.dumps(models if known else {"error": {"message": "no key"}}).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked.get("stream"):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"data: {}\n\n")
        self.asked.set()
        with suppress(ConnectionResetError):  # closed with a part of the stream unread
            assert self.connection.recv(1) == b""
        self.left.set()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def waiting() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Waiting) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        with started(f"http://127.0.0.1:{server.server_port}/v1") as url:
            yield url
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_ends_the_servers_work(waiting: str, stream: bool) -> None:
    Waiting.asked.clear()
    Waiting.left.clear()
    asked = json.dumps({"model": "m", "messages": [user("hi")], "stream": stream}).encode()
    host, port = waiting.removeprefix("http://").removesuffix("/v1").split(":")
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}:{port}\r\n"
        "Authorization: Bearer key\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(asked)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as client:
        client.sendall(head.encode() + asked)
        assert Waiting.asked.wait(20)
        if stream:
            assert b"200" in client.recv(100)
        time.sleep(0.1)
        assert not Waiting.left.is_set()
    assert Waiting.left.wait(20)


def test_nothing_is_planned_for_who_has_no_key(waiting: str) -> None:
    answer = httpx.post(f"{waiting}/chat/completions", json={"model": "m", "messages": ASKED})
    assert (answer.status_code, answer.json()) == (401, {"error": {"message": "no key"}})
