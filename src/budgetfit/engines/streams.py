"""An answer that arrives in pieces, and is checked as a whole at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from budgetfit.engines.base import Answer
from budgetfit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from types import TracebackType

__all__ = ["AnswerStream", "AsyncAnswerStream"]


class _Streamed:
    """The answer that a stream ended with."""

    _answer: Answer | None = None

    @property
    def answer(self) -> Answer:
        """The whole answer, checked as that of ``run`` is.

        Raises
        ------
        UsageError
            The stream has not come to its end.
        """
        if self._answer is None:
            raise UsageError(
                "the answer is not complete; read the stream to its end, and ask again where it "
                "was closed or failed"
            )
        return self._answer


class AnswerStream(_Streamed):
    """Pieces of an answer's text, as an iterator.

    Nothing is sent before the first piece is asked for. Closing early, or leaving the ``with``
    block, takes the request out of the engine.

    Parameters
    ----------
    pieces : generator of str or Answer
        Pieces of the text, and the checked answer as the last item.

    Examples
    --------
    >>> def pieces():
    ...     yield "a "
    ...     yield "robot"
    ...     yield Answer("a robot", 100, 2, "stop")
    >>> with AnswerStream(pieces()) as stream:
    ...     "".join(stream), stream.answer.num_completion_tokens
    ('a robot', 2)
    """

    def __init__(self, pieces: Generator[str | Answer, None, None]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        """Return the next piece, which is never empty.

        Raises
        ------
        EngineError, TokenMismatchError
            The request failed, or its end is not an answer; as ``run`` of the engine raises them.
        """
        for piece in self._pieces:
            if isinstance(piece, Answer):
                self._answer = piece
            elif piece:
                return piece
        raise StopIteration

    def read(self) -> Answer:
        """Read what is left and return the whole answer."""
        for _ in self:
            pass
        return self.answer

    def close(self) -> None:
        """Give up what is left; closing twice is allowed."""
        self._pieces.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncAnswerStream(_Streamed):
    """Pieces of an answer's text, as an asynchronous iterator.

    Nothing is sent before the first piece is asked for. Closing early, leaving the ``async with``
    block or cancelling takes the request out of the engine.

    Parameters
    ----------
    pieces : asynchronous generator of str or Answer
        Pieces of the text, and the checked answer as the last item.
    """

    def __init__(self, pieces: AsyncGenerator[str | Answer, Any]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        """Return the next piece, which is never empty.

        Raises
        ------
        EngineError, TokenMismatchError
            The request failed, or its end is not an answer; as ``run`` of the engine raises them.
        """
        async for piece in self._pieces:
            if isinstance(piece, Answer):
                self._answer = piece
            elif piece:
                return piece
        raise StopAsyncIteration

    async def read(self) -> Answer:
        """Read what is left and return the whole answer."""
        async for _ in self:
            pass
        return self.answer

    async def close(self) -> None:
        """Give up what is left; closing twice is allowed."""
        await self._pieces.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
