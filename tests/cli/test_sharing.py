from __future__ import annotations

import inspect
from typing import Any

from budgetfit.cli.sharing import with_options_of


def shared(path: str, *, number: int = 3, name: str = "x") -> tuple[str, int, str]:
    return path, number, name


def test_a_command_takes_both_its_own_options_and_the_shared_ones() -> None:
    called: list[Any] = []

    @with_options_of(shared)
    def command(common: tuple[str, int, str], *, own: bool = False) -> None:
        """Do it."""
        called.append((common, own))

    parameters = inspect.signature(command).parameters
    assert list(parameters) == ["path", "own", "number", "name"]
    assert [parameters[name].default for name in ("own", "number", "name")] == [False, 3, "x"]
    assert command.__doc__ == "Do it."
    command(path="p", own=True, number=4, name="y")
    assert called == [(("p", 4, "y"), True)]
