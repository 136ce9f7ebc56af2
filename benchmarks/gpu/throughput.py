"""Many requests at once: with plans made before, and planned in front of the engine."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import budgetfit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.gpu.requests import GPURequest
    from PIL import Image

    from budgetfit.engines import AsyncVLLMEngine

__all__ = ["Throughput", "planned_before", "planned_in_front", "ready"]

# As many as vLLM is asked for at once.
CONCURRENCY = 32


@dataclass(frozen=True, slots=True)
class Throughput:
    """One run over all requests.

    Attributes
    ----------
    num_requests : int
        Requests that were answered.
    wall_s : float
        From the first job to the last answer; in front of the engine, planning and the start of
        its processes are part of it.
    num_prompt_tokens, num_completion_tokens : int
        Tokens as vLLM counted them.
    """

    num_requests: int
    wall_s: float
    num_prompt_tokens: int
    num_completion_tokens: int

    @property
    def requests_per_s(self) -> float:
        """Requests answered a second."""
        return self.num_requests / self.wall_s


Ready = tuple[budgetfit.Plan, "list[Image.Image]"]


def ready(requests: Sequence[GPURequest]) -> list[Ready]:
    """Return the requests' plans and pictures."""
    seen = {request.clip: budgetfit.analyze(request.clip) for request in requests}
    plans = [budgetfit.plan(seen[r.clip], r.prompt, max_images=r.max_images) for r in requests]
    return [(plan, plan.images()) for plan in plans]


async def planned_before(engine: AsyncVLLMEngine, made: Sequence[Ready]) -> Throughput:
    """Run plans whose pictures are in memory: nothing but the engine is waited for."""
    free = asyncio.Semaphore(CONCURRENCY)

    async def run(plan: budgetfit.Plan, images: list[Image.Image]) -> tuple[int, int]:
        async with free:
            answer = await engine.run(plan, images)
        return answer.num_prompt_tokens, answer.num_completion_tokens

    began = time.perf_counter()
    counts = await asyncio.gather(*(run(plan, images) for plan, images in made))
    return _throughput(counts, began)


async def planned_in_front(engine: AsyncVLLMEngine, requests: Sequence[GPURequest]) -> Throughput:
    """Plan files while the engine answers what was planned before them."""
    jobs = (
        budgetfit.RunJob(request.clip, request.prompt, max_images=request.max_images)
        for request in requests
    )
    counts: list[tuple[int, int]] = []
    began = time.perf_counter()
    async with aclosing(
        budgetfit.run_many_async(jobs, engine, concurrency=CONCURRENCY, ordered=False)
    ) as results:
        async for result in results:
            if result.answer is None:
                raise RuntimeError(f"{result.video} was not answered") from result.error
            counts.append((result.answer.num_prompt_tokens, result.answer.num_completion_tokens))
    return _throughput(counts, began)


def _throughput(counts: Sequence[tuple[int, int]], began: float) -> Throughput:
    wall_s = time.perf_counter() - began
    prompt, completion = (sum(column) for column in zip(*counts, strict=True))
    return Throughput(len(counts), wall_s, prompt, completion)
