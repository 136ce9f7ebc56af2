"""A stage that stops in the middle of its work, so that a test can kill it there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

Row = dict[str, Any]

# Starting vLLM in Ray's own processes takes minutes where other tests keep the cores busy.
_PATIENCE_S = 900


class Start(NamedTuple):
    """The beginning of a row: on which node, in which process, of which video."""

    node: str
    pid: int
    name: str


class Holding:
    """Does what a stage does; a node's second row and those after it are held until all are let go.

    Those of the node ``spared``, which the driver needs, wait too, but are not noted as held, so
    that they are not killed. All notes are files of a folder that all nodes see.
    """

    __name__ = "Holding"

    def __init__(
        self, stage: Callable[[Mapping[str, Any]], Row], folder: Path, spared: str = ""
    ) -> None:
        self.stage = stage
        self.folder = folder
        self.spared = spared

    def __call__(self, row: Mapping[str, Any]) -> Row:
        import ray

        node = ray.get_runtime_context().get_node_id()
        start = Start(node, os.getpid(), Path(row["path"]).name)
        _note(self.folder / "begun", start)
        if node in {ended.node for ended in noted(self.folder / "ended")}:
            if node != self.spared:
                _note(self.folder / "held", start)
            _wait_until((self.folder / "let-go").exists)
        made = self.stage(row)
        _note(self.folder / "ended", start)
        return made


def noted(path: Path) -> list[Start]:
    """Return what was noted so far."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    words = (line.split("\t") for line in text.splitlines())
    return [Start(node, int(pid), name) for node, pid, name in words]


@contextmanager
def killed_meanwhile(folder: Path, kill: Callable[[Start], None]) -> Iterator[list[Start]]:
    """Kill something in the block: once a row is held, ``kill`` gets it, and all rows are let go.

    The list has that row when the block ends.
    """
    held: list[Start] = []

    def look() -> bool:
        held[:] = noted(folder / "held")[:1]
        return bool(held) or over.is_set()

    def kill_and_let_go() -> None:
        try:
            _wait_until(look)
            if held:
                kill(held[0])
        finally:
            (folder / "let-go").touch()

    over = Event()
    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(kill_and_let_go)
        try:
            yield held
        finally:
            over.set()
        killing.result()


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited for {_PATIENCE_S} s")
        time.sleep(0.05)


def _note(path: Path, start: Start) -> None:
    # A line of less than a page, appended at once: processes do not tear each other's lines.
    with path.open("a", encoding="utf-8") as file:
        file.write("\t".join(map(str, start)) + "\n")
