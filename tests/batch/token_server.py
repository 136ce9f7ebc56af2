"""A small real server: a process that answers in OpenAI's protocol and counts with mistral-common.

``python -m tests.batch.token_server PORT DELAY_S`` prints its port once it listens; port 0 is a
free one. Each answer says which request it is for, and has a number that no other answer has.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MODEL = "counting"


def answer_of(text: str) -> str:
    """What an answer says of its request, without the number."""
    return text.partition(" ")[0]


@contextmanager
def token_server(
    port: int = 0, delay_s: float = 0.01
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start the server, and kill it at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.batch.token_server", str(port), str(delay_s)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def main() -> None:
    import base64
    import io

    from mistral_common.protocol.instruct.chunk import ImageChunk, TextChunk
    from mistral_common.protocol.instruct.messages import UserMessage
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
    from PIL import Image

    tokenizer = MistralTokenizer.v3(is_tekken=True, is_mm=True)
    delay_s = float(sys.argv[2])
    lock = threading.Lock()
    numbers = iter(range(10**9))

    def chunk(part: dict[str, Any]) -> Any:
        if part["type"] == "text":
            return TextChunk(text=part["text"])
        data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
        return ImageChunk(image=Image.open(io.BytesIO(data)))

    def completion(request: dict[str, Any]) -> dict[str, Any]:
        (message,) = request["messages"]
        user = UserMessage(content=[chunk(part) for part in message["content"]])
        with lock:
            tokens = tokenizer.encode_chat_completion(ChatCompletionRequest(messages=[user])).tokens
            number = next(numbers)
        digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:16]
        text = f"{digest} {os.getpid()}.{number}"
        return {
            "id": str(number),
            "object": "chat.completion",
            "created": 0,
            "model": MODEL,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": "stop",
                }
            ],
            "usage": {
                "prompt_tokens": len(tokens),
                "completion_tokens": 2,
                "total_tokens": len(tokens) + 2,
            },
        }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            card = {"id": MODEL, "object": "model", "created": 0, "owned_by": "x"}
            self.answer({"object": "list", "data": [{**card, "max_model_len": 4096}]})

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(delay_s)
            self.answer(completion(request))

        def answer(self, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output free of a line for every request."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that was killed is no error here."""

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
