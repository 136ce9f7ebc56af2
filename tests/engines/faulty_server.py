"""A server on loopback that answers as it is told, for what no good server does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "some-model"


@dataclass
class Script:
    """What the server answers to a chat request, and the requests that it got.

    A request for a stream gets ``chunks``, where there are some, one event each; text is sent as
    it is. ``ending`` is how the answer ends: ``"whole"``, ``"cut"`` off before its promised end,
    or ``"hanging"`` until the client gives up. ``"dropped"`` gives no answer at all.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[Any] | None = None
    ending: str = "whole"
    content_type: str = "application/json"
    delay_s: float = 0.0
    max_model_len: int | None = None
    base_url: str = ""
    chats: list[dict[str, Any]] = field(default_factory=list)
    #: Set where a stream's client closed the connection, or all of it was sent.
    left: threading.Event = field(default_factory=threading.Event)


def chat_body(num_prompt_tokens: int, **changes: Any) -> dict[str, Any]:
    """A good answer of two tokens, with ``changes``."""
    message = {"role": "assistant", "content": "a robot"}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": num_prompt_tokens,
            "completion_tokens": 2,
            "total_tokens": num_prompt_tokens + 2,
        },
    } | changes


def chat_chunks(num_prompt_tokens: int, finish_reason: str | None = "stop") -> list[Any]:
    """A good answer of two tokens in pieces, as vLLM sends them: the counts last."""
    good = chat_body(num_prompt_tokens)
    shared = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": MODEL}
    deltas: list[tuple[dict[str, str], str | None]] = [
        ({"role": "assistant", "content": ""}, None),
        ({"content": "a "}, None),
        ({"content": "robot"}, finish_reason),
    ]
    pieces = [
        {**shared, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
        for delta, reason in deltas
    ]
    return [*pieces, {**shared, "choices": [], "usage": good["usage"]}, "[DONE]"]


@contextmanager
def serve(script: Script) -> Iterator[Script]:
    """Serve ``script`` until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            card: dict[str, Any] = {"id": MODEL, "object": "model", "created": 0, "owned_by": "x"}
            if script.max_model_len is not None:
                card["max_model_len"] = script.max_model_len
            self.answer(200, {"object": "list", "data": [card]}, "application/json")

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            script.chats.append(json.loads(self.rfile.read(length)))
            time.sleep(script.delay_s)
            if script.ending == "dropped":
                return
            if script.chunks is not None and script.chats[-1].get("stream"):
                self.stream(script.chunks)
            else:
                self.answer(script.status, script.body, script.content_type)

        def stream(self, chunks: list[Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            if script.ending == "cut":
                self.send_header("Content-Length", "1000000")
            self.end_headers()
            try:
                for chunk in chunks:
                    data = chunk if isinstance(chunk, str) else json.dumps(chunk)
                    self.wfile.write(f"data: {data}\n\n".encode())
                if script.ending == "hanging":
                    self.rfile.read(1)  # until the client closes the connection
            except ConnectionError:
                # What was sent and is unread when a client closes makes it a reset.
                pass
            script.left.set()

        def answer(self, status: int, body: Any, content_type: str) -> None:
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(data)))
            for name, value in script.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output free of a line for every request."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A client that gave up, as the test of the timeout wants it, is no error here."""

    with Server(("127.0.0.1", 0), Handler) as server:
        script.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
