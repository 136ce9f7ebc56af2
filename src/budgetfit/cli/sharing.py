"""Commands that take the same options."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["as_partial", "with_options_of"]

_SharedT = TypeVar("_SharedT")
_ResultT = TypeVar("_ResultT")


def as_partial(shared: Callable[..., _SharedT]) -> Callable[..., Callable[..., _SharedT]]:
    """Return a function with the parameters of ``shared`` that calls it later, with changes.

    For a command whose options hold for many, each with its own changes.
    """

    @functools.wraps(shared)
    def later(**given: object) -> Callable[..., _SharedT]:
        return functools.partial(shared, **given)

    return later


def with_options_of(
    shared: Callable[..., _SharedT], **defaults: object
) -> Callable[[Callable[..., _ResultT]], Callable[..., _ResultT]]:
    """Have a command take the parameters of ``shared`` beside its own.

    Parameters
    ----------
    shared : callable
        Called with its own parameters; what it returns is the command's first argument.
    **defaults
        What options of ``shared`` are by default for this command.

    Returns
    -------
    callable
        Decorates a command, so that its signature, which typer reads, has both: positional
        parameters of ``shared`` and of the command, then options of the command, then those of
        ``shared``.
    """

    def decorate(command: Callable[..., _ResultT]) -> Callable[..., _ResultT]:
        of_shared = [
            each.replace(default=defaults[each.name]) if each.name in defaults else each
            for each in inspect.signature(shared).parameters.values()
        ]
        _, *own = inspect.signature(command).parameters.values()

        @functools.wraps(command)
        def call(**given: object) -> _ResultT:
            of_command = {parameter.name: given.pop(parameter.name) for parameter in own}
            return command(shared(**given), **of_command)

        options = [each for each in of_shared if each.kind is each.KEYWORD_ONLY]
        positional = [each for each in of_shared if each.kind is not each.KEYWORD_ONLY]
        # The sort keeps the order of what is of one kind.
        parameters = sorted([*positional, *own, *options], key=lambda each: each.kind)
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__annotations__ = {each.name: each.annotation for each in parameters}
        return call

    return decorate
