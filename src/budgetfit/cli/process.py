"""How old this process is, and whether the user interrupted it."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["noticing_interrupts", "process_age_s"]


def process_age_s() -> float:
    """Return the seconds since this process began, to a hundredth; 0 where the kernel hides it.

    Linux tells the start as field 22 of ``/proc/self/stat``, in ticks since boot (proc(5)). A
    shell that replaces itself with this program is the same process.
    """
    try:
        stat = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace")
        # The second field is the program's name in parentheses, which may hold spaces.
        ticks = int(stat.rpartition(")")[2].split()[19])
        age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, IndexError, ValueError):
        return 0.0
    return max(0.0, age_s)


_IMPORT_SYSTEM = "<frozen importlib._bootstrap>"
_SOON_S = 0.01


class _Interrupt(KeyboardInterrupt):
    """What Ctrl-C raises.

    Where a bare KeyboardInterrupt passes through ``exec``, as in the imports of dataclasses, Python
    ends by the signal, whatever exit code the program asks for.
    """


@contextmanager
def noticing_interrupts() -> Iterator[list[int]]:
    """Raise KeyboardInterrupt on Ctrl-C as always, and note it in the list that is yielded.

    Nothing is changed where Python would not raise: outside the main thread, or where somebody
    handles or ignores the signal, as a shell has its background jobs do.
    """
    noticed: list[int] = []

    def notice(signum: int, frame: FrameType | None) -> None:
        noticed.append(signum)
        if frame is not None and frame.f_code.co_filename == _IMPORT_SYSTEM:
            # Raised right here, it would leave an import lock taken, which other threads wait for.
            again = threading.Timer(_SOON_S, os.kill, (os.getpid(), signum))
            again.daemon = True
            again.start()
            return
        raise _Interrupt

    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield noticed
        return
    signal.signal(signal.SIGINT, notice)
    try:
        yield noticed
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
