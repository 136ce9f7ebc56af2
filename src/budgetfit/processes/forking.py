"""A program that loads what its workers need, and forks one whenever it is asked to.

Requests come through a socket that is its standard input, as one packet each: first the niceness of
the workers and, after a space, the function to call before anything is forked, as ``module:name``
or nothing; then either two descriptors, for a worker that reads questions from the one and writes
answers to the other, answered by its process id; or the id of a worker, answered by its exit code
once it has ended. When nobody holds the other end any more, all workers are killed and the program
ends.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import traceback
from contextlib import suppress
from importlib import import_module

from budgetfit.processes.worker import work

__all__ = ["MAX_PACKET_BYTES", "UNKNOWN"]

MAX_PACKET_BYTES = 1024

# In place of the exit code of a process that this one did not fork.
UNKNOWN = b"unknown"


def main() -> None:
    """Serve requests on standard input; what libraries print goes to standard error."""
    requests = socket.socket(fileno=os.dup(0))
    with open(os.devnull, encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    # A process in the background that writes to a terminal may be stopped, if it does not say no.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    niceness, _, function = requests.recv(MAX_PACKET_BYTES).decode().partition(" ")
    _prepare(function)
    # Collecting garbage would write to memory that is shared as long as nobody does.
    gc.freeze()
    running: set[int] = set()
    # Whoever asked may be gone.
    with suppress(ConnectionError):
        _serve(requests, int(niceness), running)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    for pid in running:
        os.waitpid(pid, 0)


def _prepare(function: str) -> None:
    module, _, name = function.partition(":")
    if not name:
        return
    try:
        getattr(import_module(module), name)()
    except Exception:
        # A worker that needs what cannot be loaded says so in its answer.
        traceback.print_exc()


def _serve(requests: socket.socket, niceness: int, running: set[int]) -> None:
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, MAX_PACKET_BYTES, 2)
        if not message:
            return
        if descriptors:
            pid = _forked(requests, niceness, *descriptors)
            running.add(pid)
            requests.send(str(pid).encode())
        else:
            requests.send(_exit_code(int(message), running))


def _forked(requests: socket.socket, niceness: int, questions: int, answers: int) -> int:
    pid = os.fork()
    if pid:
        os.close(questions)
        os.close(answers)
        return pid
    code = 1
    try:
        requests.close()
        os.nice(niceness)
        work(questions, answers)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Nothing of what this process was forked from is to be run here.
        os._exit(code)


def _exit_code(pid: int, running: set[int]) -> bytes:
    if pid not in running:
        return UNKNOWN
    _, status = os.waitpid(pid, 0)
    running.remove(pid)
    return str(os.waitstatus_to_exitcode(status)).encode()


if __name__ == "__main__":
    main()
