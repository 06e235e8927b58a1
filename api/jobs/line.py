"""How a process that works for another one begins, and its way to that one."""

from __future__ import annotations

import os
import threading
from typing import Any

from api.jobs.frames import write_frame
from optimizer.child.network import give_up_network

__all__ = ["Line", "open_line"]


class Line:
    """The way to the parent: one message at a time, from any thread."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()

    def send(self, kind: str, *attached: bytes, **content: Any) -> None:
        """Send a message."""
        with self._lock:
            write_frame(self._fd, {"kind": kind, **content}, *attached)


def open_line(nice: int) -> tuple[Line, str]:
    """Give up the network and the precedence; to be called before the process has a second thread.

    Parameters
    ----------
    nice : int
        How much other processes go before this one.

    Returns
    -------
    Line
        On what was standard output: whatever a library prints goes to the log, not between the messages.
    str
        A notice for who runs the service: why this process keeps the network; empty when it does not.
    """
    reach = give_up_network()
    out = os.dup(1)
    os.dup2(2, 1)
    os.nice(nice)
    return Line(out), f"processes that read, solve and render keep the network: {reach}" if reach else ""
