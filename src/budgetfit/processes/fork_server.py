"""Workers that start at once, forked from one process in which everything is loaded already.

Loading what a plan needs takes longer than the plan, and longer still in many processes that do it
beside each other. The process is a program of its own: it imports nothing of the caller's, and
holds none of its threads, locks and memory.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from budgetfit.errors import BudgetfitError
from budgetfit.processes.forking import MAX_PACKET_BYTES, UNKNOWN
from budgetfit.processes.memory import FEW_ARENAS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["ForkServer", "ForkedProcess"]

# The pictures of a plan are some megabytes. Through a pipe of the usual 64 KiB they come in many
# pieces, for each of which the reading thread has to get the interpreter's lock.
_PIPE_BYTES = 1024 * 1024

_END_S = 5


class ForkedProcess:
    """One worker, as far as who asked for it knows.

    Attributes
    ----------
    pid : int
        Its process id.
    questions, answers : binary file
        What it reads, and what it writes.
    is_over : bool
        Whether it was closed.
    """

    def __init__(
        self, server: ForkServer, pid: int, questions: IO[bytes], answers: IO[bytes]
    ) -> None:
        self._server = server
        self.pid = pid
        self.questions = questions
        self.answers = answers
        self.is_over = False

    def kill(self) -> None:
        """End it, whatever it is doing."""
        if not self.is_over:
            self._server.kill(self.pid)

    def close(self) -> int | None:
        """Kill it, wait for its end, and close what led to it; return its exit code if known."""
        self.kill()
        code = None if self.is_over else self._server.exit_code(self.pid)
        self.is_over = True
        for pipe in (self.questions, self.answers):
            # What it was still to be told is told to nobody.
            with suppress(BrokenPipeError):
                pipe.close()
        return code


class ForkServer:
    """Forks workers; started with the first one, and again where it ends before its time.

    Parameters
    ----------
    prepare : callable, optional
        A function of a module of this library, called once before the first worker is forked.
    environment : mapping of str to str, optional
        Variables of all workers, where they are not set already.
    niceness : int, optional
        How far workers give way to the caller's process and those that it starts: see nice(2).
    """

    def __init__(
        self,
        prepare: Callable[[], None] | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        niceness: int = 0,
    ) -> None:
        function = "" if prepare is None else f"{prepare.__module__}:{prepare.__name__}"
        self._told = f"{niceness} {function}".encode()
        # Many processes need no threads beside them.
        self._environment = {"OMP_NUM_THREADS": "1", **FEW_ARENAS, **(environment or {})}
        self._asking = threading.Lock()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None
        self._has_forked = False
        self._ended = False

    def fork(self) -> ForkedProcess:
        """Return a new worker.

        Raises
        ------
        BudgetfitError
            The process that forks them ended, or was ended.
        """
        theirs, questions = os.pipe()
        answers, theirs_too = os.pipe()
        with os.fdopen(theirs), os.fdopen(theirs_too, "wb"):
            pipes = os.fdopen(questions, "wb"), os.fdopen(answers, "rb")
            # More than a user may have.
            with suppress(PermissionError):
                fcntl.fcntl(answers, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            try:
                reply = self._reply(b"fork", (theirs, theirs_too))
            except BaseException:
                for pipe in pipes:
                    pipe.close()
                raise
        return ForkedProcess(self, int(reply), *pipes)

    def kill(self, pid: int) -> None:
        """Kill a worker whose exit code nobody asked for, so that its id is given to no other."""
        # With the server, its workers have ended.
        if not self._ended:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def exit_code(self, pid: int) -> int | None:
        """Wait for the end of a worker; None where it is not known any more."""
        with self._asking:
            reply = self._asked(str(pid).encode(), ())
        return None if reply in {b"", UNKNOWN} else int(reply)

    def end(self) -> None:
        """End all workers, whatever they are doing, and fork no other."""
        with self._starting:
            self._ended = True
            process, requests = self._process, self._requests
        if process is None or requests is None:
            return
        # Whoever waits for a reply gets none.
        with suppress(OSError):
            requests.shutdown(socket.SHUT_RDWR)
        if not self._has_forked:
            process.kill()
        _end(process)
        with self._asking:
            requests.close()

    def _reply(self, message: bytes, descriptors: Sequence[int]) -> bytes:
        with self._asking:
            # One that ended is started again, once.
            for _ in range(2):
                process = self._started()
                if reply := self._asked(message, descriptors):
                    self._has_forked = True
                    return reply
                if not self._ended:
                    _end(process)
        if self._ended:
            raise BudgetfitError("the process that starts others was ended")
        raise BudgetfitError(
            f"the process that starts others ended with exit code {process.returncode}; see what "
            "it wrote to the standard error"
        )

    def _asked(self, message: bytes, descriptors: Sequence[int]) -> bytes:
        """Return the reply; nothing where there is nobody who replies."""
        if self._requests is None:
            return b""
        try:
            socket.send_fds(self._requests, [message], descriptors)
            return self._requests.recv(MAX_PACKET_BYTES)
        except OSError:
            return b""

    def _started(self) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._ended:
                raise BudgetfitError("the process that starts others was ended")
            if self._process is not None and self._process.poll() is None:
                return self._process
            if self._requests is not None:
                self._requests.close()
            # What is found here has to be found there.
            path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
            self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._requests.send(self._told)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "budgetfit.processes.forking"],
                    stdin=theirs.fileno(),
                    env={**self._environment, **os.environ, "PYTHONPATH": path},
                    # Ctrl-C is for the caller, who then ends it. In a session of its own it would
                    # give way to nobody: Linux shares a core between sessions first (sched(7)).
                    process_group=0,
                )
            return self._process


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of the process, which ends its workers first, and kill all if it takes long.

    They are a group of their own.
    """
    with suppress(subprocess.TimeoutExpired):
        process.wait(_END_S)
        return
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
