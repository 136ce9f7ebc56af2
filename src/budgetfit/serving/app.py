"""The proxy as an ASGI application."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from budgetfit.errors import MissingExtraError

try:
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    from budgetfit.serving.proxy import CHAT_PATH, Proxy
    from budgetfit.serving.upstream import Upstream, UpstreamRefusedError
except ImportError as error:
    raise MissingExtraError(error.name or "starlette", "serve") from error

from budgetfit.serving.headers import passed_down
from budgetfit.serving.leaving import ClientLeftError
from budgetfit.serving.refusals import RefusedError
from budgetfit.serving.workers import Workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from starlette.requests import Request

    from budgetfit.serving.settings import ServeSettings

    Handler = Callable[[Request], Awaitable[Response]]

__all__ = ["create_app"]

_LOG = logging.getLogger(__name__)

# What clients of a model need. Nothing that changes or stops the server is passed on.
_PASSED_GET = (
    "/health",
    "/ping",
    "/version",
    "/v1/models",
    "/v1/models/{model:path}",
)
_PASSED_POST = ("/v1/completions", "/v1/embeddings", "/tokenize", "/detokenize")
# nginx's status for a client that went away; nobody reads it.
_LEFT = 499


def create_app(settings: ServeSettings, trusted_hosts: Sequence[str] | None = None) -> Starlette:
    """Return the proxy as an application for any ASGI server.

    Parameters
    ----------
    settings : ServeSettings
        The server behind it, and the limits.
    trusted_hosts : sequence of str, optional
        Names by which clients may call the proxy, without port; any by default. On loopback they
        keep out pages in a browser that have their own name lead here.
    """
    proxy: list[Proxy] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        upstream = Upstream(settings)
        workers = Workers(
            settings.num_workers,
            settings.planning,
            timeout_s=settings.planning_timeout_s,
            max_waiting=settings.max_waiting,
        )
        try:
            await workers.start()
            proxy.append(Proxy(settings, upstream, workers))
            yield
        finally:
            proxy.clear()
            await workers.close()
            await upstream.close()

    def answered(name: str) -> Handler:
        async def answer(request: Request) -> Response:
            try:
                _check_host(request, trusted_hosts)
                response: Response = await getattr(proxy[0], name)(request)
            except RefusedError as error:
                return JSONResponse(error.body(), error.status, error.headers)
            except UpstreamRefusedError as error:
                return _passed(error)
            except ClientLeftError:
                return Response(status_code=_LEFT)
            except Exception:
                _LOG.exception("a request failed")
                failed = RefusedError(500, "the proxy failed; its log says why", "proxy_failed")
                return JSONResponse(failed.body(), failed.status)
            return response

        return answer

    return Starlette(
        routes=[
            Route(CHAT_PATH, answered("chat"), methods=["POST"]),
            Route("/v1/plan", answered("plan"), methods=["POST"]),
            Route("/v1/plans/{plan_id}", answered("told_plan"), methods=["GET"]),
            *(Route(path, answered("pass_on"), methods=["GET"]) for path in _PASSED_GET),
            *(Route(path, answered("pass_on"), methods=["POST"]) for path in _PASSED_POST),
        ],
        exception_handlers={HTTPException: _unknown},
        lifespan=lifespan,
    )


def _check_host(request: Request, trusted: Sequence[str] | None) -> None:
    if trusted is not None and request.url.hostname not in trusted:
        raise RefusedError(
            421,
            f"the proxy is not called {request.url.hostname!r}; call it by the address that it "
            "listens on",
            "wrong_host",
        )


def _passed(error: UpstreamRefusedError) -> Response:
    response = Response(error.response.content, error.response.status_code)
    for name, value in passed_down(error.response.headers.multi_items()):
        response.headers[name] = value
    return response


async def _unknown(request: Request, error: Exception) -> Response:
    # 405 where the path is known.
    status, headers = 404, None
    if isinstance(error, HTTPException):
        status, headers = error.status_code, error.headers
    refused = RefusedError(
        status,
        f"{request.method} {request.url.path} is nothing that the proxy passes on; ask the server "
        "itself",
        "unknown_path",
    )
    return JSONResponse(refused.body(), refused.status, headers)
