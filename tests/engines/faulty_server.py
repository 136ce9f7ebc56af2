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
    """What the server answers to a chat request, and the requests that it got."""

    status: int = 200
    body: Any = None
    content_type: str = "application/json"
    delay_s: float = 0.0
    max_model_len: int | None = None
    base_url: str = ""
    chats: list[dict[str, Any]] = field(default_factory=list)


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
            self.answer(script.status, script.body, script.content_type)

        def answer(self, status: int, body: Any, content_type: str) -> None:
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(data)))
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
