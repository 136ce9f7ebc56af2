"""Bodies of requests, read within limits of size, time and memory."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from budgetfit.serving.leaving import ClientLeftError
from budgetfit.serving.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from budgetfit.serving.settings import ServeSettings

__all__ = ["Bodies"]


class Bodies:
    """Reads bodies, and knows how many bytes of them are held.

    Parameters
    ----------
    settings : ServeSettings
        The limits.
    """

    def __init__(self, settings: ServeSettings) -> None:
        self._settings = settings
        self._num_held = 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """Read a body, and count it as held until the end of the block.

        Raises
        ------
        RefusedError
            It is too large or too slow, or too much is held already.
        ClientLeftError
            The client went away.
        """
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.body_timeout_s):
                async for chunk in request.stream():
                    self._num_held += len(chunk)
                    body += chunk
                    self._check(len(body))
            yield bytes(body)
        except TimeoutError as error:
            raise RefusedError(
                408,
                f"the request did not arrive within {self._settings.body_timeout_s:g} s; "
                "send it again",
                "too_slow",
            ) from error
        except ClientDisconnect as error:
            raise ClientLeftError from error
        finally:
            self._num_held -= len(body)

    def _check(self, num_bytes: int) -> None:
        most = self._settings.max_body_bytes
        if num_bytes > most:
            raise RefusedError(
                413,
                f"the request has more than the {most} bytes that the proxy takes; send a smaller "
                "video, or start the proxy with a larger --max-body-mib",
                "too_large",
            )
        if self._num_held > self._settings.max_held_bytes:
            raise RefusedError(
                429,
                "the proxy holds as many requests as it may; send it again later",
                "too_many_requests",
                headers={"Retry-After": "2"},
            )
