"""What is done with each request: made to fit, sent on, and its answer passed back."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import httpx
from starlette.responses import JSONResponse, Response, StreamingResponse

from budgetfit.serving.bodies import Bodies
from budgetfit.serving.chat_request import read_request
from budgetfit.serving.counts import StreamedCount, counted_prompt_tokens
from budgetfit.serving.fitted import Fitted, Report
from budgetfit.serving.headers import passed_down, report_headers
from budgetfit.serving.leaving import unless_left
from budgetfit.serving.plan_store import PlanStore
from budgetfit.serving.refusals import RefusedError
from budgetfit.serving.short import is_surely_short
from budgetfit.serving.upstream import unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from budgetfit.serving.settings import ServeSettings
    from budgetfit.serving.upstream import Upstream
    from budgetfit.serving.workers import Workers

__all__ = ["CHAT_PATH", "Proxy"]

_LOG = logging.getLogger(__name__)

CHAT_PATH = "/v1/chat/completions"
_NO_STORE = {"Cache-Control": "no-store"}


class Proxy:
    """Answers requests.

    Parameters
    ----------
    settings : ServeSettings
        The limits.
    upstream : Upstream
        The server.
    workers : Workers
        Who makes requests fit.
    """

    def __init__(self, settings: ServeSettings, upstream: Upstream, workers: Workers) -> None:
        self._upstream = upstream
        self._workers = workers
        self._bodies = Bodies(settings)
        self._plans = PlanStore(settings.max_stored_plans)

    async def chat(self, request: Request) -> Response:
        """Answer a chat request."""
        _check_json(request)
        async with self._bodies.read(request) as body:
            return await unless_left(request, self._chat(request, body))

    async def plan(self, request: Request) -> Response:
        """Tell what would be sent for a chat request, and send nothing."""
        _check_json(request)
        async with self._bodies.read(request) as body:
            fitted = await unless_left(request, self._fit(request, body))
        document = self._plans.add(fitted.report)
        headers = report_headers(fitted.report, document["id"])
        return JSONResponse(document, headers={**headers, **_NO_STORE})

    async def told_plan(self, request: Request) -> Response:
        """Tell again what was told of a request."""
        plan_id = request.path_params["plan_id"]
        document = self._plans.get(plan_id)
        if document is None:
            raise RefusedError(
                404,
                "there is no such plan, or no more: the last ones are kept; take the id from "
                "x-budgetfit-plan-id",
                "plan_not_found",
            )
        return JSONResponse(document, headers=_NO_STORE)

    async def pass_on(self, request: Request) -> Response:
        """Pass a request and its answer on as they are."""
        async with self._bodies.read(request) as body:
            answer = await unless_left(
                request,
                self._upstream.open(
                    request.method,
                    request.url.path,
                    request.headers.items(),
                    body,
                    request.url.query,
                ),
            )
        return _streamed(answer, answer.aiter_raw(), {})

    async def _chat(self, request: Request, body: bytes) -> Response:
        fitted = await self._fit(request, body)
        plan_id = None
        if fitted.report.outcome != "untouched":
            plan_id = self._plans.add(fitted.report)["id"]
        headers = report_headers(fitted.report, plan_id)
        sent = body if fitted.body is None else fitted.body
        answer = await self._upstream.open(
            "POST", CHAT_PATH, request.headers.items(), sent, request.url.query
        )
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            watched = StreamedCount(lambda counted: self._compare(fitted.report, plan_id, counted))
            return _streamed(answer, _watched(answer, watched), headers)
        try:
            content = await answer.aread()
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        finally:
            await answer.aclose()
        counted = counted_prompt_tokens(content)
        if counted is not None and self._compare(fitted.report, plan_id, counted):
            headers["x-budgetfit-mismatch"] = f"the server counted {counted} prompt tokens"
        response = Response(content, answer.status_code, headers)
        _pass_headers(answer, response)
        return response

    async def _fit(self, request: Request, body: bytes) -> Fitted:
        models = await self._upstream.max_model_lens(request.headers.items())
        known = [each for each in models.values() if each is not None]
        # Such a body is read in no time, here as well as elsewhere.
        if known and len(body) <= max(known):
            chat = read_request(body)
            room = models.get(chat.model) if chat.model else min(known)
            if room is not None and is_surely_short(chat, len(body), room):
                report = Report("untouched", chat.model, None, room, chat.max_tokens, 0)
                return Fitted(None, report, bool(chat.fields.get("stream")))
        return await self._workers.fit(body, models)

    def _compare(self, report: Report, plan_id: str | None, counted: int) -> bool:
        """Note what the server counted, and tell whether it is not what was planned."""
        if plan_id is not None:
            self._plans.count(plan_id, counted)
        if report.num_tokens is None or counted == report.num_tokens:
            return False
        _LOG.error(
            "the server counted %d prompt tokens and the plan %s has %d; report this, please",
            counted,
            plan_id,
            report.num_tokens,
        )
        return True


def _check_json(request: Request) -> None:
    """Refuse what a page in a browser may send anywhere without being asked."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedError(
            415, "the body is not declared as JSON; send Content-Type: application/json", "not_json"
        )


def _streamed(
    answer: httpx.Response, content: AsyncIterator[bytes], headers: dict[str, str]
) -> Response:
    response = StreamingResponse(_closing(answer, content), answer.status_code, headers)
    _pass_headers(answer, response)
    return response


def _pass_headers(answer: httpx.Response, response: Response) -> None:
    for name, value in passed_down(answer.headers.multi_items()):
        # More than one cookie, say, is a header each.
        response.raw_headers.append((name.encode("latin-1"), value.encode("latin-1")))


async def _closing(answer: httpx.Response, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for chunk in content:
            yield chunk
    finally:
        # Where the client went away, this ends the request at the server too.
        await answer.aclose()


async def _watched(answer: httpx.Response, count: StreamedCount) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            count.feed(chunk)
            yield chunk
    except httpx.HTTPError as error:
        # The status is sent already; an event tells it, in the form that OpenAI's clients know.
        event = json.dumps(unreachable(error).body())
        yield f"data: {event}\n\n".encode()
