"""A worker's side of the fork server: tasks begin as copies of a process that has loaded everything (Linux)."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any, Final

from optimizer.child.environment import child_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ForkServer", "Forked"]

logger = logging.getLogger(__name__)

BEGIN_S: Final = 60.0
"""Longest time for loading everything."""
FORK_S: Final = 10.0
PACKET: Final = 4096
TAIL_BYTES: Final = 2000


class Forked:
    """A process that a fork server has started; as much of ``subprocess.Popen`` as a task needs."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server, self.pid = server, pid
        self._over = threading.Event()
        self._released = False
        self.returncode: int | None = None

    def ended(self, code: int) -> None:
        """It has ended, or its fork server has and nobody can tell."""
        self.returncode = code
        self._over.set()

    def poll(self) -> int | None:
        """Its exit code, when it has ended."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises
        ------
        TimeoutExpired
        """
        if not self._over.wait(timeout):
            raise subprocess.TimeoutExpired("task", timeout or 0.0)
        assert self.returncode is not None
        return self.returncode

    def release(self) -> None:
        """Let its number go to somebody else; nothing may be sent to it any more."""
        if not self._released:
            self._released = True
            self._server.let_go(self.pid)


class ForkServer:
    """A fork server, and the processes that it has started. Safe to share between threads.

    Parameters
    ----------
    command : sequence of str
        What Python runs for a task: ``-P -m MODULE`` or ``-P SCRIPT``.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.command = tuple(command)
        self._lock = threading.Lock()
        self._known: dict[int, Forked] = {}
        self._told: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._lost = False
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "api.jobs.forkserver", *(w for w in command if w != "-P")],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                process_group=0,
                env=child_environment(PYTHONPATH=os.pathsep.join(os.path.abspath(p) for p in sys.path if p)),
            )
        self._ready = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="designate-forks", daemon=True)
        self._listener.start()

    @staticmethod
    def available() -> bool:
        """Whether this system has what it takes."""
        return sys.platform == "linux" and hasattr(os, "pidfd_open")

    @property
    def serves(self) -> bool:
        """Whether it has loaded everything, and lives."""
        return self._ready.is_set() and not self._lost

    def wait_ready(self, timeout_s: float = BEGIN_S) -> bool:
        """Wait until it serves; false when it does not."""
        self._ready.wait(timeout_s)
        return self.serves

    def start(self, stdin: int, stdout: int, stderr: int) -> Forked:
        """A process with these for its three streams; the caller closes its own copies.

        Raises
        ------
        OSError
            There is none.
        """
        with self._lock:
            socket.send_fds(self._control, [b"{}"], [stdin, stdout, stderr])
            try:
                told = self._told.get(timeout=FORK_S)
            except queue.Empty:
                self._give_up()
                raise OSError("the fork server does not answer") from None
        if "forked" not in told:
            raise OSError(told.get("failed", "the fork server is gone"))
        forked: Forked = told["forked"]
        return forked

    def let_go(self, pid: int) -> None:
        """A number that nobody here uses any more."""
        self._known.pop(pid, None)
        with contextlib.suppress(OSError):
            self._control.send(json.dumps({"let_go": pid}).encode())

    def close(self) -> None:
        """End it; tasks that it has started are not touched."""
        self._give_up()
        self._process.wait()
        self._listener.join()
        self._control.close()
        self._log.close()

    def _give_up(self) -> None:
        self._lost = True
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._process.kill()

    def _listen(self) -> None:
        while packet := self._packet():
            told = json.loads(packet)
            if "ready" in told:
                self._ready.set()
            elif "ended" in told:
                forked = self._known.get(told["ended"])
                if forked is not None:
                    forked.ended(told["code"])
            elif "started" in told:  # known before its end can be told
                forked = self._known[told["started"]] = Forked(self, told["started"])
                self._told.put({"forked": forked})
            else:
                self._told.put(told)
        self._gone()

    def _packet(self) -> bytes:
        try:
            return self._control.recv(PACKET)
        except OSError:
            return b""

    def _gone(self) -> None:
        expected, self._lost = self._lost, True
        if not expected:
            self._process.wait()
            size = self._log.seek(0, os.SEEK_END)
            self._log.seek(max(0, size - TAIL_BYTES))
            logger.warning("the fork server ended: %s", self._log.read().decode(errors="replace").strip())
        self._ready.set()
        self._told.put({})
        for forked in list(self._known.values()):  # alive or not, nobody will tell
            forked.ended(-signal.SIGKILL)
