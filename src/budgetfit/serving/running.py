"""The proxy as a server, until it is stopped."""

from __future__ import annotations

import ipaddress
import logging
import socket
import sys
from typing import TYPE_CHECKING

from budgetfit.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from budgetfit.serving.settings import ServeSettings

__all__ = ["serve"]

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1", "[::1]")
_GRACE_S = 10
# Whoever closes a connection first may meet a request on its way, so that should be the client:
# httpx keeps an idle one for 5 s, nginx for 60 s, Go's net/http for 90 s.
_KEEP_ALIVE_S = 120


def serve(
    settings: ServeSettings, host: str, port: int, on_listening: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM.

    Parameters
    ----------
    settings : ServeSettings
        The server behind it, and the limits.
    host, port : str and int
        Where to listen; port 0 takes any that is free.
    on_listening : callable
        Called with the proxy's own base URL once requests are answered.

    Raises
    ------
    MissingExtraError
        Starlette, uvicorn or httpx is not installed.
    UsageError
        Nobody can listen there.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise MissingExtraError("uvicorn", "serve") from error
    from budgetfit.serving.app import create_app

    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    app = create_app(settings, _LOOPBACK_NAMES if _is_loopback(host) else None)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )
    with _listening(host, port) as listener:
        name, actual = listener.getsockname()[:2]
        url = f"http://{f'[{name}]' if ':' in name else name}:{actual}/v1"

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if not self.should_exit:
                    on_listening(url)

        Server(config).run([listener])


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"cannot listen on {host}:{port} ({error}); give another --host or --port"
        ) from error
    return listener


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
