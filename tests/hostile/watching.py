"""Who opened a file, and who called a port: witnesses of what must not be touched."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Watch", "listening", "watching"]

# inotify(7).
_IN_OPEN = 0x20
_LIBC = ctypes.CDLL(None, use_errno=True)


class Watch:
    """Whether a file was opened since the last question."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def touched(self) -> bool:
        """Whether somebody opened it."""
        try:
            return bool(os.read(self._descriptor, 4096))
        except BlockingIOError:
            return False


@contextmanager
def watching(path: Path) -> Iterator[Watch]:
    """Watch a file for whoever opens it."""
    descriptor = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert descriptor >= 0
    try:
        assert _LIBC.inotify_add_watch(descriptor, os.fsencode(path), _IN_OPEN) >= 0
        yield Watch(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def listening() -> Iterator[socket.socket]:
    """Listen on a port of this machine; ``accept`` raises BlockingIOError where nobody called."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server
