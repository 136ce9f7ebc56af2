"""Clients that go away before they are answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.requests import Request

__all__ = ["ClientLeftError", "unless_left"]

_T = TypeVar("_T")


class ClientLeftError(Exception):
    """Nobody waits for the answer any more."""


async def unless_left(request: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """Return what ``work`` returns; cancel it where the client goes away first.

    The body of the request must have been read.

    Raises
    ------
    ClientLeftError
        The client went away.
    """
    working, leaving = asyncio.create_task(work), asyncio.create_task(_left(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientLeftError
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
