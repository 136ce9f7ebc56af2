"""How a plan is run: methods that hand a plan and its pictures to an engine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from budgetfit.engines import Answer, AnswerStream, AsyncAnswerStream, AsyncEngine, Engine
    from budgetfit.plans import Plan

__all__ = ["PlanRuns"]


class PlanRuns:
    """Ways to ask a model with a plan, for :class:`budgetfit.Plan`.

    Each decodes the pictures first. ``sampling`` are sampling parameters of this request, over
    those of the engine.
    """

    def run(self, engine: Engine, *, sampling: Mapping[str, Any] | None = None) -> Answer:
        """Run the plan on ``engine`` and return its answer.

        Raises
        ------
        EngineError
            The engine failed; ``PromptTooLongError`` where it refused the length.
        TokenMismatchError
            The engine counted other prompt tokens than planned.
        """
        plan = cast("Plan", self)
        return engine.run(plan, plan.images(), sampling=sampling)

    def stream(self, engine: Engine, *, sampling: Mapping[str, Any] | None = None) -> AnswerStream:
        """Run the plan on ``engine`` and return the answer's text as it is generated.

        Raises
        ------
        EngineError, TokenMismatchError
            As by ``run``, here or by the stream.
        """
        plan = cast("Plan", self)
        return engine.stream(plan, plan.images(), sampling=sampling)

    async def run_async(
        self, engine: AsyncEngine, *, sampling: Mapping[str, Any] | None = None
    ) -> Answer:
        """Run the plan on ``engine`` beside others; cancelling takes it out of the engine.

        Raises
        ------
        EngineError, TokenMismatchError
            As by ``run``.
        """
        plan = cast("Plan", self)
        images = await asyncio.to_thread(plan.images)
        return await engine.run(plan, images, sampling=sampling)

    async def stream_async(
        self, engine: AsyncEngine, *, sampling: Mapping[str, Any] | None = None
    ) -> AsyncAnswerStream:
        """Run the plan on ``engine`` beside others and return the answer's text as it is generated.

        Raises
        ------
        EngineError, TokenMismatchError
            As by ``run``, here or by the stream.
        """
        plan = cast("Plan", self)
        images = await asyncio.to_thread(plan.images)
        return engine.stream(plan, images, sampling=sampling)
