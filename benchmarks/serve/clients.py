"""Clients that ask at once: what came back of each request, and after how long."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openai

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Asked", "ask_for", "is_planned"]

_TIMEOUT_S = 300.0
# One in so many clients sends videos; the others send what needs no plan.
_EVERY = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and what became of it.

    Attributes
    ----------
    has_video : bool
        Whether it had to be planned.
    seconds : float
        From sending to the whole answer.
    status : int
        HTTP's; 0 where no answer came.
    planned, counted : int or None
        Prompt tokens by the proxy's header, and by the server; None where they are not told.
    error : str
        What was told instead of an answer.
    """

    has_video: bool
    seconds: float
    status: int
    planned: int | None
    counted: int | None
    error: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether a count was told that is not the server's."""
        return self.planned is not None and self.planned != self.counted


def is_planned(client: int) -> bool:
    """Return whether a client sends videos."""
    return client % _EVERY == 0


async def ask_for(
    seconds: float, num_clients: int, base_url: str, model: str, videos: Sequence[dict[str, Any]]
) -> list[Asked]:
    """Let clients ask one request after the other for so long, and return all of them.

    Parameters
    ----------
    seconds : float
        After which no request begins.
    num_clients : int
        Clients at once.
    base_url, model : str
        Whom they ask.
    videos : sequence of dict
        Parts of messages, taken in turn; without any, all clients send text alone.
    """
    until = time.perf_counter() + seconds
    asked: list[Asked] = []
    async with openai.AsyncOpenAI(
        base_url=base_url, api_key="EMPTY", max_retries=0, timeout=_TIMEOUT_S
    ) as client:

        async def ask_on(number: int) -> None:
            turn = 0
            while not turn or time.perf_counter() < until:
                text = {"type": "text", "text": f"What is it, {number} of {turn}?"}
                has_video = bool(videos) and is_planned(number)
                parts = [videos[(number + turn) % len(videos)], text] if has_video else [text]
                asked.append(await _ask(client, model, parts, has_video=has_video))
                turn += 1

        await asyncio.gather(*(ask_on(number) for number in range(num_clients)))
    return asked


async def _ask(
    client: openai.AsyncOpenAI, model: str, parts: list[dict[str, Any]], *, has_video: bool
) -> Asked:
    began = time.perf_counter()
    planned = counted = None
    told_error = ""
    try:
        messages: Any = [{"role": "user", "content": parts}]
        answer = await client.chat.completions.with_raw_response.create(
            model=model, messages=messages, max_tokens=2
        )
        status, usage = answer.status_code, answer.parse().usage
        told = answer.headers.get("x-budgetfit-num-tokens")
        planned = None if told is None else int(told)
        counted = None if usage is None else usage.prompt_tokens
    except openai.APIStatusError as error:
        status, told_error = error.status_code, error.message
    except openai.APIConnectionError as error:
        status, told_error = 0, str(error)
    return Asked(has_video, time.perf_counter() - began, status, planned, counted, told_error)
