"""One request at a time: how long planning takes beside the engine's first text and the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.gpu.requests import PROMPT

import budgetfit

if TYPE_CHECKING:
    from benchmarks.gpu.requests import GPURequest

    from budgetfit.engines import AsyncVLLMEngine

__all__ = ["AloneTimes", "time_alone"]


@dataclass(frozen=True, slots=True)
class AloneTimes:
    """Seconds for one request, with nothing beside it.

    Attributes
    ----------
    name : str
        What was asked.
    num_pictures : int
        Pictures sent.
    planned, counted : int
        Prompt tokens by the plan, and as vLLM counted them.
    num_completion_tokens : int
        Tokens generated.
    plan_s : float
        ``budgetfit.plan`` on the file, in a warm process.
    pictures_s : float
        Reading the video again for the pictures that are sent.
    first_s, answer_s : float
        From handing over the request to the first text, and to the end of the answer.
    """

    name: str
    num_pictures: int
    planned: int
    counted: int
    num_completion_tokens: int
    plan_s: float
    pictures_s: float
    first_s: float
    answer_s: float


async def time_alone(engine: AsyncVLLMEngine, request: GPURequest) -> AloneTimes:
    """Plan a request and run it; that the counts are equal, the engine checks itself."""
    began = time.perf_counter()
    plan = budgetfit.plan(request.clip, PROMPT, max_images=request.max_images)
    planned = time.perf_counter()
    images = plan.images()
    sent = time.perf_counter()
    first = None
    async with engine.stream(plan, images) as stream:
        async for _ in stream:
            first = first or time.perf_counter()
    ended = time.perf_counter()
    return AloneTimes(
        name=request.name,
        num_pictures=len(images),
        planned=plan.num_tokens,
        counted=stream.answer.num_prompt_tokens,
        num_completion_tokens=stream.answer.num_completion_tokens,
        plan_s=planned - began,
        pictures_s=sent - planned,
        first_s=(first or ended) - sent,
        answer_s=ended - sent,
    )
