"""``python -m benchmarks.gpu``: plans of real clips on a GPU with Pixtral-12B's shapes.

For each of some requests alone: its tokens as planned and as vLLM counts them, and planning beside
the time to the first text and to the whole answer. Then many requests at once, a part of them and
all of them: with plans made before, and planned in front of the engine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.clips import benchmark_clips
from benchmarks.gpu.alone import time_alone
from benchmarks.gpu.pixtral_12b import write_pixtral_12b
from benchmarks.gpu.report import write_report
from benchmarks.gpu.requests import distinct_requests, repeated_requests
from benchmarks.gpu.throughput import planned_before, planned_in_front, ready
from benchmarks.reports import MEASURED

from budgetfit.engines import AsyncVLLMEngine
from tiny_pixtral import TINY_ENGINE_ARGS, TINY_ENGINE_ENV, write_tiny_pixtral

if TYPE_CHECKING:
    from collections.abc import Sequence

# Clips that show how a reader of files fails, or of a few pixels.
_EDGE = "edge_"
_ENGINE_ARGS: dict[str, Any] = {
    "load_format": "dummy",
    "dtype": "bfloat16",
    "max_num_seqs": 32,
    "gpu_memory_utilization": 0.85,
    "seed": 0,
}
# Two sizes tell what a run loses once from what it loses with each request.
_PART = 8
# Random weights may end an answer at any token.
_SAMPLING = {"ignore_eos": True}


async def measure(
    engine: AsyncVLLMEngine, clips: Sequence[Path], folder: Path, num_alone: int, num_many: int
) -> None:
    """Run everything on ``engine`` and write the page into ``folder``."""
    requests = distinct_requests(clips, num_alone)
    # The first request of an engine compiles kernels, and the first plan imports.
    await time_alone(engine, requests[0])
    alone = [await time_alone(engine, request) for request in requests]
    many = repeated_requests(clips, num_many)
    made = await ready(many)
    before, in_front = [], []
    for count in (max(num_many // _PART, 1), num_many):
        before.append(await planned_before(engine, made[:count]))
        in_front.append(await planned_in_front(engine, many[:count]))
    write_report(folder, alone, before, in_front)


def main() -> None:
    """Read the options, start the engine, and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu")
    parser.add_argument("--alone", type=int, default=20, help="requests that run alone")
    parser.add_argument("--many", type=int, default=192, help="requests at once")
    parser.add_argument("--out", type=Path, default=MEASURED, help="folder of the page")
    parser.add_argument("--tiny", action="store_true", help="the tests' tiny model, on a CPU")
    options = parser.parse_args()
    # As docs/vllm.md recommends.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    clips = [path for name, path in benchmark_clips().items() if not name.startswith(_EDGE)]
    with tempfile.TemporaryDirectory() as folder:
        if options.tiny:
            os.environ.update(TINY_ENGINE_ENV)
            model, arguments = write_tiny_pixtral(Path(folder)), TINY_ENGINE_ARGS
        else:
            model, arguments = write_pixtral_12b(Path(folder)), _ENGINE_ARGS
        engine = AsyncVLLMEngine(
            model, sampling=_SAMPLING, enable_prefix_caching=False, **arguments
        )
        asyncio.run(_measured(engine, clips, options))


async def _measured(
    engine: AsyncVLLMEngine, clips: Sequence[Path], options: argparse.Namespace
) -> None:
    async with engine:
        await measure(engine, clips, options.out, options.alone, options.many)


if __name__ == "__main__":
    main()
