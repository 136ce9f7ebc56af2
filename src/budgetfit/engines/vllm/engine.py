"""Runs plans on a vLLM engine in this program, one at a time; it stays loaded between plans."""

from __future__ import annotations

import os
import time
from collections import deque
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self

from budgetfit.engines.checks import check_timeout, merge_sampling
from budgetfit.engines.streams import AnswerStream
from budgetfit.engines.vllm.failures import vllm_failures
from budgetfit.engines.vllm.loaded_model import LoadedModel
from budgetfit.engines.vllm.requests import Outputs, VLLMRequest, make_request
from budgetfit.engines.vllm.starting import engine_arguments, import_vllm, starting
from budgetfit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from types import TracebackType

    from PIL import Image

    from budgetfit.engines.base import Answer
    from budgetfit.plans import Plan

__all__ = ["VLLMEngine"]

# How often a silent engine process is asked whether it still lives.
_LOOK_S = 0.2


class VLLMEngine:
    """A vLLM engine in this program, for one plan at a time.

    Parameters
    ----------
    model : str or path
        A folder with the weights, or a model's name on a hub. In a folder with ``params.json``
        the model is in Mistral's own format and is loaded as such.
    sampling : mapping, optional
        Sampling parameters by vLLM's names; ``temperature`` is 0 unless given.
    timeout_s : float, optional
        Seconds to wait for an answer, or for the next piece of a streamed one; without end unless
        given. An engine without a process of its own cannot be interrupted.
    **engine_args
        vLLM's engine arguments. Unless given, ``max_model_len`` is 4096 and
        ``mm_processor_cache_gb`` is 0: with that cache, a request refused late makes the next
        valid one with the same picture fail or hang.

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
    vLLM may start worker processes, so a script needs an ``if __name__ == "__main__":`` guard
    around the engine. The engine is for one thread at a time. Where
    ``VLLM_ENABLE_V1_MULTIPROCESSING`` is 0, close one engine before making the next: closing
    takes down what all engines inside one process share.
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
        with starting(model):
            vllm = import_vllm()
            self._engine = vllm.LLM(**engine_arguments(model, engine_args)).llm_engine
        self._model = LoadedModel(model, self._engine.model_config)
        self.max_model_len: int = self._engine.model_config.max_model_len
        # Outputs that came while another request was waited for.
        self._waiting: dict[str, deque[Any]] = {}

    @property
    def model(self) -> str:
        """The model's folder or name."""
        return self._name

    @property
    def sampling(self) -> dict[str, Any]:
        """Sampling parameters of every request, unless it brings its own."""
        return dict(self._sampling)

    def run(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        *,
        sampling: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask the model about ``images``, the pictures of ``plan`` in time order.

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
        UsageError
            ``images`` are not those that the plan counted, vLLM knows no such ``sampling``, or the
            model in the engine's folder counts otherwise than the plan's.
        PromptTooLongError
            The plan was made for a longer context than the engine's; nothing was sent.
        TokenMismatchError
            The engine counts other prompt tokens than the plan.
        EngineTimeoutError
            No answer came within ``timeout_s``.
        EngineDiedError
            The engine's process has ended, or its memory was not enough.
        EngineError
            The engine is closed, failed, or gave no answer.
        """
        return self._ask(plan, images, sampling, in_pieces=False).read()

    def stream(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        *,
        sampling: Mapping[str, Any] | None = None,
    ) -> AnswerStream:
        """Ask as ``run`` does, and give the answer's text as it is generated.

        Raises
        ------
        UsageError, PromptTooLongError, TokenMismatchError, EngineError
            As by ``run``: what is found before anything is sent at once, the rest by the stream.
        """
        return self._ask(plan, images, sampling, in_pieces=True)

    def close(self) -> None:
        """Stop the engine and release its memory; closing twice is allowed."""
        if self._engine is not None:
            self._engine.engine_core.shutdown()
            self._engine = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        sampling: Mapping[str, Any] | None,
        *,
        in_pieces: bool,
    ) -> AnswerStream:
        request = make_request(
            plan,
            images,
            sampling=merge_sampling(self._sampling, sampling),
            model=self._model,
            max_model_len=self.max_model_len,
            in_pieces=in_pieces,
        )
        return AnswerStream(self._pieces(plan, request))

    def _pieces(self, plan: Plan, request: VLLMRequest) -> Generator[str | Answer, None, None]:
        outputs = Outputs(plan)
        with vllm_failures(plan, self._timeout_s):
            with closing(self._outputs(request)) as given:
                for output in given:
                    yield outputs.add(output)
            yield outputs.answer()

    def _outputs(self, request: VLLMRequest) -> Generator[Any, None, None]:
        """Yield vLLM's outputs of ``request``, and take it out of the engine where it is left."""
        engine = self._open_engine()
        engine.add_request(request.request_id, request.prompt, request.parameters)
        mine = self._waiting[request.request_id] = deque()
        finished = False
        try:
            while not finished:
                while not mine:
                    self._step()
                output = mine.popleft()
                finished = output.finished
                yield output
        finally:
            del self._waiting[request.request_id]
            if not finished and self._engine is not None:
                self._engine.abort_request([request.request_id])

    def _step(self) -> None:
        """Wait for the engine's next outputs and hand them to the requests that they belong to."""
        engine = self._open_engine()
        self._await_process(engine.engine_core)
        for output in engine.step():
            if output.request_id in self._waiting:
                self._waiting[output.request_id].append(output)

    def _await_process(self, core: Any) -> None:
        """Wait until the engine's process, where it has one, has given something.

        vLLM's own wait has no end: neither a process that was killed nor one that hangs ends it.
        """
        given = getattr(core, "outputs_queue", None)
        if given is None:
            return
        began = time.monotonic()
        with given.not_empty:
            while not given.queue:
                core.ensure_alive()
                if self._timeout_s is not None and time.monotonic() - began > self._timeout_s:
                    raise TimeoutError
                given.not_empty.wait(min(_LOOK_S, self._timeout_s or _LOOK_S))

    def _open_engine(self) -> Any:
        if self._engine is None:
            raise EngineError("the vLLM engine is closed; make a new VLLMEngine")
        return self._engine
