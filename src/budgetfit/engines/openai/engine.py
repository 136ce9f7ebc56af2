"""Runs plans on a server that speaks OpenAI's protocol, such as ``vllm serve``, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from budgetfit.engines.checks import check_pictures, merge_sampling
from budgetfit.engines.openai.client import Server, import_openai
from budgetfit.engines.openai.requests import Completions, request_arguments
from budgetfit.engines.streams import AnswerStream

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from types import TracebackType

    from PIL import Image

    from budgetfit.engines.base import Answer
    from budgetfit.plans import Plan

__all__ = ["OpenAIEngine"]


class OpenAIEngine:
    """A server that speaks OpenAI's chat protocol.

    Parameters
    ----------
    base_url : str
        The address up to and with ``/v1``.
    model : str
        The model's name on the server.
    api_key : str
        The key; servers without one take any.
    timeout_s : float
        Seconds to wait for an answer, or for the next piece of a streamed one. A request is sent
        once, never again.
    sampling : mapping, optional
        Further fields of the request; ``temperature`` is 0 unless given.

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
        self._client = import_openai().OpenAI(
            base_url=base_url, api_key=api_key, timeout=timeout_s, max_retries=0
        )

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

    def fetch_max_model_len(self) -> int | None:
        """Ask the server for its ``max_model_len``; None where it does not tell.

        Raises
        ------
        EngineError
            The server cannot be reached or failed.
        """
        with self._server.failures():
            self._server.learn(self._client.models.list())
        return self._server.max_model_len

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
            Fields of this request, over those of the engine.

        Raises
        ------
        UsageError
            ``images`` are not those that the plan counted, or ``sampling`` sets what the plan
            decides.
        PromptTooLongError
            The plan does not fit the server's context. Nothing was sent where the server tells
            its ``max_model_len``, as vLLM's does.
        TokenMismatchError
            The server counts other prompt tokens than the plan.
        EngineTimeoutError
            Nothing came within ``timeout_s``.
        EngineUnavailableError
            The server cannot be reached, is overloaded or broke off.
        EngineError
            The server refused or failed, or gave no answer.
        """
        with self._ask(plan, images, sampling, in_pieces=False) as stream:
            return stream.read()

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
        UsageError
            As by ``run``; the other errors are raised by the stream.
        """
        return self._ask(plan, images, sampling, in_pieces=True)

    def close(self) -> None:
        """Close the connections; closing twice is allowed."""
        self._client.close()

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
        check_pictures(plan, images)
        merged = merge_sampling(self._server.sampling, sampling)
        return AnswerStream(self._pieces(plan, images, merged, in_pieces=in_pieces))

    def _pieces(
        self,
        plan: Plan,
        images: Sequence[Image.Image],
        sampling: Mapping[str, Any],
        *,
        in_pieces: bool,
    ) -> Generator[str | Answer, None, None]:
        server = self._server
        if not server.is_known:
            self.fetch_max_model_len()
        server.check_length(plan)
        arguments = request_arguments(
            plan, images, model=server.model, sampling=sampling, in_pieces=in_pieces
        )
        collected = Completions(plan, server.base_url)
        with server.failures(plan):
            given = self._client.chat.completions.create(**arguments)
            if in_pieces:
                with given as chunks:
                    for chunk in chunks:
                        yield collected.add(chunk)
            else:
                collected.add(given)
            yield collected.answer()
