"""The server is asked through connections that it has not closed."""

from __future__ import annotations

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from budgetfit.serving.settings import ServeSettings
from budgetfit.serving.upstream import Upstream

# Less than any server in use keeps a connection through which nothing comes.
IDLE_S = 1.5


class Noting(BaseHTTPRequestHandler):
    """Keeps connections open, and notes through which of them each request came."""

    protocol_version = "HTTP/1.1"
    ports: list[int]

    def do_GET(self) -> None:
        self.ports.append(self.client_address[1])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


async def ask(url: str) -> None:
    upstream = Upstream(ServeSettings(base_url=url))
    try:
        for pause_s in (0.0, IDLE_S):
            await asyncio.sleep(pause_s)
            answer = await upstream.open("GET", "/health", [], b"")
            await answer.aread()
            await answer.aclose()
    finally:
        await upstream.close()


def test_a_connection_that_the_server_may_close_is_not_used_again() -> None:
    Noting.ports = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        asyncio.run(ask(f"http://127.0.0.1:{server.server_port}/v1"))
        server.shutdown()
        thread.join()
    assert len(set(Noting.ports)) == len(Noting.ports) == 2
