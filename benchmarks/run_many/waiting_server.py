"""A server that stands for a busy engine: it answers after a fixed time, so many at once.

``python -m benchmarks.run_many.waiting_server ANSWER_S AT_ONCE NUM_TEXT_TOKENS`` prints its port.
It leaves the cores to those who ask: pictures are counted by the sizes in their PNG headers, and
nothing is decoded.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MODEL", "num_prompt_tokens", "waiting_server"]

MODEL = "waiting"

_PATCH = 16
# Of a PNG, up to the width and the height in its header: 24 bytes, 32 characters of base64.
_PICTURE = re.compile(rb"data:image/png;base64,([A-Za-z0-9+/]{32})")


def num_prompt_tokens(body: bytes, num_text_tokens: int) -> int:
    """Return the prompt tokens of a chat request.

    Parameters
    ----------
    body : bytes
        The request's JSON; its pictures have whole patches.
    num_text_tokens : int
        Tokens of all that is no picture.
    """
    total = num_text_tokens
    for head in _PICTURE.findall(body):
        png = base64.b64decode(head)
        width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
        total += height // _PATCH * (width // _PATCH + 1)
    return total


@contextmanager
def waiting_server(answer_s: float, at_once: int, num_text_tokens: int) -> Iterator[str]:
    """Start the server in a process of its own, and give its base URL until the end of the block.

    Parameters
    ----------
    answer_s : float
        Seconds that an answer takes.
    at_once : int
        Requests that are answered at once; further ones wait.
    num_text_tokens : int
        Prompt tokens of each request beside its pictures.
    """
    numbers = map(str, (answer_s, at_once, num_text_tokens))
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.run_many.waiting_server", *numbers],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the server was started with a pipe")
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.communicate()


def _answer(num_tokens: int) -> dict[str, Any]:
    message = {"role": "assistant", "content": "a robot"}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": num_tokens,
            "completion_tokens": 2,
            "total_tokens": num_tokens + 2,
        },
    }


def main() -> None:
    """Serve until killed."""
    answer_s, at_once, num_text_tokens = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    turns = threading.Semaphore(at_once)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with turns:
                time.sleep(answer_s)
            self.answer(_answer(num_prompt_tokens(body, num_text_tokens)))

        def do_GET(self) -> None:
            card = {"id": MODEL, "object": "model", "created": 0, "owned_by": "nobody"}
            self.answer({"object": "list", "data": [card]})

        def answer(self, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Keep the benchmark's output free of a line for every request."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
