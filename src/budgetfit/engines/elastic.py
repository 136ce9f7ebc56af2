"""Hides torch-elastic's variables while an engine starts.

A launcher such as torchrun sets them for its own processes. vLLM takes them for its own as well
and, up to 0.26 at least, waits forever for a rendezvous that nobody holds.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["without_torch_elastic"]

_NAMES = frozenset(
    {"GROUP_RANK", "GROUP_WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "RANK", "WORLD_SIZE"}
)
_PREFIXES = ("MASTER_", "ROLE_", "TORCHELASTIC_")


@contextmanager
def without_torch_elastic() -> Iterator[None]:
    """Remove torch-elastic's variables from the environment, and put them back at the end."""
    hidden = {
        name: value
        for name, value in os.environ.items()
        if name in _NAMES or name.startswith(_PREFIXES)
    }
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)
