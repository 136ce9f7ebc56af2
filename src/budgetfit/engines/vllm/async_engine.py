"""Runs many plans at once on a vLLM engine in this program."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Self

from budgetfit.engines.checks import check_pictures, check_timeout, merge_sampling
from budgetfit.engines.event_loops import OneLoop
from budgetfit.engines.streams import AsyncAnswerStream
from budgetfit.engines.vllm.failures import vllm_failures
from budgetfit.engines.vllm.loaded_model import LoadedModel
from budgetfit.engines.vllm.requests import Outputs, VLLMRequest, make_request
from budgetfit.engines.vllm.starting import engine_arguments, import_vllm, starting
from budgetfit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from types import TracebackType

    from PIL import Image

    from budgetfit.engines.base import Answer
    from budgetfit.plans import Plan

__all__ = ["AsyncVLLMEngine"]


class AsyncVLLMEngine:
    """A vLLM engine in this program, for many plans at once: vLLM batches what runs together.

    The engine starts here, which takes its time: make it before the event loop runs, or with
    ``await asyncio.to_thread(AsyncVLLMEngine, model)``. It then belongs to the first loop that
    runs a plan on it.

    Parameters
    ----------
    model : str or path
        As for :class:`VLLMEngine`.
    sampling : mapping, optional
        Sampling parameters by vLLM's names; ``temperature`` is 0 unless given.
    timeout_s : float, optional
        Seconds to wait for an answer, or for the next piece of a streamed one; without end unless
        given. Time that a request waits behind others counts.
    **engine_args
        vLLM's engine arguments, with the defaults of :class:`VLLMEngine`. ``max_num_seqs`` is how
        many requests are generated at once; further ones wait.

    Raises
    ------
    MissingExtraError
        vLLM is not installed.
    UsageError
        ``sampling`` sets what the plan decides, or ``timeout_s`` is not positive.
    EngineError
        vLLM could not start.

    Notes
    -----
    The engine computes in a process of its own, so a script needs an
    ``if __name__ == "__main__":`` guard around it.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        sampling: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        **engine_args: Any,
    ) -> None:
        self._name = os.fspath(model)
        self._sampling = merge_sampling(sampling)
        check_timeout(timeout_s)
        self._timeout_s = timeout_s
        self._loop = OneLoop()
        with starting(model):
            vllm = import_vllm()
            arguments = vllm.AsyncEngineArgs(**engine_arguments(model, engine_args))
            self._engine: Any = vllm.AsyncLLMEngine.from_engine_args(arguments)
        self._model = LoadedModel(model, self._engine.model_config)
        self.max_model_len: int = self._engine.model_config.max_model_len

    @property
    def model(self) -> str:
        """The model's folder or name."""
        return self._name

    @property
    def sampling(self) -> dict[str, Any]:
        """Sampling parameters of every request, unless it brings its own."""
        return dict(self._sampling)

    async def run(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        *,
        sampling: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask the model about ``images``; cancelling takes the request out of the engine.

        Parameters
        ----------
        plan : Plan
            What is asked.
        images : sequence of PIL.Image.Image
            What ``plan.images()`` returned.
        sampling : mapping, optional
            Sampling parameters of this request, over those of the engine.

        Raises
        ------
        UsageError, PromptTooLongError, TokenMismatchError, EngineError
            As by :meth:`VLLMEngine.run`, and ``UsageError`` in a second event loop.
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
        """Ask as ``run`` does, and give the answer's text as it is generated."""
        return self._ask(plan, images, sampling, in_pieces=True)

    async def close(self) -> None:
        """Stop the engine and release its memory; closing twice is allowed."""
        if self._engine is not None:
            engine, self._engine = self._engine, None
            # vLLM leaves those who wait for an answer waiting.
            engine.output_processor.propagate_error(_closed())
            engine.shutdown()

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
        merged = merge_sampling(self._sampling, sampling)
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
        # Encoding the prompt takes a while, in which other requests go on.
        request = await asyncio.to_thread(
            make_request,
            plan,
            images,
            sampling=sampling,
            model=self._model,
            max_model_len=self.max_model_len,
            in_pieces=in_pieces,
        )
        outputs = Outputs(plan)
        with vllm_failures(plan, self._timeout_s):
            async with aclosing(self._outputs(request)) as given:
                async for output in given:
                    yield outputs.add(output)
            yield outputs.answer()

    async def _outputs(self, request: VLLMRequest) -> AsyncGenerator[Any, None]:
        """Yield vLLM's outputs of ``request``, and take it out of the engine where it is left."""
        engine = self._open_engine()
        given = engine.generate(request.prompt, request.parameters, request.request_id)
        finished = False
        try:
            while not finished:
                async with asyncio.timeout(self._timeout_s):
                    output = await anext(given)
                finished = output.finished
                yield output
        finally:
            await given.aclose()
            if not finished and not engine.errored:
                # vLLM does so itself, except for what is cancelled while it is being handed over.
                await engine.abort(request.request_id)

    def _open_engine(self) -> Any:
        if self._engine is None:
            raise _closed()
        return self._engine


def _closed() -> EngineError:
    return EngineError("the vLLM engine is closed; make a new AsyncVLLMEngine")
