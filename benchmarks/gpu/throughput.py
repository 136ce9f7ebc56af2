"""Many requests at once: with plans made before, and planned in front of the engine."""

from __future__ import annotations

import asyncio
import resource
import statistics
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.gpu.requests import PROMPT

import budgetfit
from budgetfit.batch.planning import Planners, default_num_processes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.gpu.requests import GPURequest
    from PIL import Image

    from budgetfit.engines import Answer, AsyncVLLMEngine

__all__ = ["Throughput", "planned_before", "planned_in_front", "ready", "seconds_each"]

# As many as vLLM is asked for at once.
CONCURRENCY = 32


@dataclass(frozen=True, slots=True)
class Throughput:
    """One run over all requests.

    Attributes
    ----------
    answered_s : tuple of float
        When each answer was there, in seconds from the first job on, rising. In front of the
        engine, planning and the start of its processes come before the first.
    num_prompt_tokens, num_completion_tokens : int
        Tokens as vLLM counted them.
    cpu_s : float
        Seconds of a core that this process took: all that vLLM does outside its own.
    planning_cpu_s : float
        Seconds of a core that processes took which planned.
    """

    answered_s: tuple[float, ...]
    num_prompt_tokens: int
    num_completion_tokens: int
    cpu_s: float
    planning_cpu_s: float

    @property
    def num_requests(self) -> int:
        """Requests that were answered."""
        return len(self.answered_s)

    @property
    def wall_s(self) -> float:
        """Seconds of the whole run."""
        return self.answered_s[-1]

    @property
    def requests_per_s(self) -> float:
        """Requests answered a second, over the whole run."""
        return self.num_requests / self.wall_s


def seconds_each(runs: Sequence[Throughput]) -> float | None:
    """Return seconds for each request that the largest run has more than the smallest.

    What both have, the start and the last requests, which leave the engine ever emptier, is in
    neither. None where all runs are of one size.
    """
    small = [run for run in runs if run.num_requests == min(r.num_requests for r in runs)]
    large = [run for run in runs if run.num_requests == max(r.num_requests for r in runs)]
    more = large[0].num_requests - small[0].num_requests
    if not more:
        return None
    return (
        statistics.mean(r.wall_s for r in large) - statistics.mean(r.wall_s for r in small)
    ) / more


class _CPUTime:
    """Seconds of a core since this was made, of this process and of those that it has ended."""

    def __init__(self) -> None:
        self._began = self._now()

    @staticmethod
    def _now() -> list[float]:
        usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return [usage.ru_utime + usage.ru_stime for usage in usages]

    def taken_s(self) -> tuple[float, float]:
        own, ended = (now - began for now, began in zip(self._now(), self._began, strict=True))
        return own, ended


Ready = tuple[budgetfit.Plan, "list[Image.Image]"]


async def ready(requests: Sequence[GPURequest]) -> list[Ready]:
    """Return the requests' plans and pictures; equal requests share theirs."""
    distinct = list(dict.fromkeys(requests))
    planners = Planners(default_num_processes())
    try:
        made = await asyncio.gather(*(planners.plan(_job(request)) for request in distinct))
    finally:
        planners.end()
    of = dict(zip(distinct, made, strict=True))
    return [of[request] for request in requests]


def _job(request: GPURequest) -> budgetfit.RunJob:
    return budgetfit.RunJob(request.clip, PROMPT, max_images=request.max_images)


async def planned_before(engine: AsyncVLLMEngine, made: Sequence[Ready]) -> Throughput:
    """Run plans whose pictures are in memory: nothing but the engine is waited for."""
    free = asyncio.Semaphore(CONCURRENCY)

    answers: list[tuple[float, Answer]] = []

    async def run(plan: budgetfit.Plan, images: list[Image.Image]) -> None:
        async with free:
            answer = await engine.run(plan, images)
        answers.append((time.perf_counter() - began, answer))

    cpu_time = _CPUTime()
    began = time.perf_counter()
    await asyncio.gather(*(run(plan, images) for plan, images in made))
    return _throughput(answers, cpu_time)


async def planned_in_front(engine: AsyncVLLMEngine, requests: Sequence[GPURequest]) -> Throughput:
    """Plan files while the engine answers what was planned before them."""
    jobs = (_job(request) for request in requests)
    answers: list[tuple[float, Answer]] = []
    cpu_time = _CPUTime()
    began = time.perf_counter()
    async with aclosing(
        budgetfit.run_many_async(jobs, engine, concurrency=CONCURRENCY, ordered=False)
    ) as results:
        async for result in results:
            if result.answer is None:
                raise RuntimeError(f"{result.video} was not answered") from result.error
            answers.append((time.perf_counter() - began, result.answer))
    # The processes that planned have ended.
    return _throughput(answers, cpu_time)


def _throughput(answers: Sequence[tuple[float, Answer]], cpu_time: _CPUTime) -> Throughput:
    cpu_s, planning_cpu_s = cpu_time.taken_s()
    return Throughput(
        answered_s=tuple(answered_s for answered_s, _ in answers),
        num_prompt_tokens=sum(answer.num_prompt_tokens for _, answer in answers),
        num_completion_tokens=sum(answer.num_completion_tokens for _, answer in answers),
        cpu_s=cpu_s,
        planning_cpu_s=planning_cpu_s,
    )
