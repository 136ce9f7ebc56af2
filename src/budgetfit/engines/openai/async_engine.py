"""Runs many plans at once on a server that speaks OpenAI's protocol, such as ``vllm serve``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

from budgetfit.engines.checks import check_pictures, merge_sampling
from budgetfit.engines.event_loops import OneLoop
from budgetfit.engines.openai.client import Server, import_openai
from budgetfit.engines.openai.requests import Completions, request_arguments
from budgetfit.engines.streams import AsyncAnswerStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from types import TracebackType

    from PIL import Image

    from budgetfit.engines.base import Answer
    from budgetfit.plans import Plan

__all__ = ["AsyncOpenAIEngine"]


class AsyncOpenAIEngine:
    """A server that speaks OpenAI's chat protocol, for many plans at once.

    It belongs to the first event loop that runs a plan on it.

    Parameters
    ----------
    base_url, model, api_key, timeout_s, sampling
        As for :class:`OpenAIEngine`. Time that a request waits behind others counts.

    Raises
    ------
    MissingExtraError
        The openai package is not installed.
    UsageError
        ``timeout_s`` is not positive, or ``sampling`` sets what the plan decides.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str = "EMPTY",
        timeout_s: float = 120.0,
        sampling: Mapping[str, Any] | None = None,
    ) -> None:
        self._server = Server(base_url, model, timeout_s, sampling)
        self._client = import_openai().AsyncOpenAI(
            base_url=base_url, api_key=api_key, timeout=timeout_s, max_retries=0
        )
        self._loop = OneLoop()

    @property
    def model(self) -> str:
        """The model's name on the server."""
        return self._server.model

    @property
    def sampling(self) -> dict[str, Any]:
        """Sampling parameters of every request, unless it brings its own."""
        return dict(self._server.sampling)

    @property
    def max_model_len(self) -> int | None:
        """What the server tells, as vLLM's does; None before it was asked."""
        return self._server.max_model_len

    async def fetch_max_model_len(self) -> int | None:
        """Ask the server for its ``max_model_len``; None where it does not tell.

        Raises
        ------
        EngineError
            The server cannot be reached or failed.
        """
        self._loop.check()
        with self._server.failures():
            self._server.learn(await self._client.models.list())
        return self._server.max_model_len

    async def run(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        *,
        sampling: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask the model about ``images``; cancelling breaks the connection off, as servers expect.

        Parameters
        ----------
        plan : Plan
            What is asked.
        images : sequence of PIL.Image.Image
            What ``plan.images()`` returned.
        sampling : mapping, optional
            Fields of this request, over those of the engine.

        Raises
        ------
        UsageError, PromptTooLongError, TokenMismatchError, EngineError
            As by :meth:`OpenAIEngine.run`, and ``UsageError`` in a second event loop.
        """
        async with self._ask(plan, images, sampling, in_pieces=False) as stream:
            return await stream.read()

    def stream(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        *,
        sampling: Mapping[str, Any] | None = None,
    ) -> AsyncAnswerStream:
        """Ask as ``run`` does, and give the answer's text as it is generated.

        Raises
        ------
        UsageError
            As by ``run``; the other errors are raised by the stream.
        """
        return self._ask(plan, images, sampling, in_pieces=True)

    async def close(self) -> None:
        """Close the connections; closing twice is allowed."""
        await self._client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _ask(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        sampling: Mapping[str, Any] | None,
        *,
        in_pieces: bool,
    ) -> AsyncAnswerStream:
        check_pictures(plan, images)
        merged = merge_sampling(self._server.sampling, sampling)
        return AsyncAnswerStream(self._pieces(plan, images, merged, in_pieces=in_pieces))

    async def _pieces(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        sampling: Mapping[str, Any],
        *,
        in_pieces: bool,
    ) -> AsyncGenerator[str | Answer, None]:
        self._loop.check()
        server = self._server
        if not server.is_known:
            await self.fetch_max_model_len()
        server.check_length(plan)
        # Encoding pictures takes a while, in which other requests go on.
        arguments = await asyncio.to_thread(
            request_arguments,
            plan,
            images,
            model=server.model,
            sampling=sampling,
            in_pieces=in_pieces,
        )
        collected = Completions(plan, server.base_url)
        with server.failures(plan):
            given = await self._client.chat.completions.create(**arguments)
            if in_pieces:
                async with given as chunks:
                    async for chunk in chunks:
                        yield collected.add(chunk)
            else:
                collected.add(given)
            yield collected.answer()
