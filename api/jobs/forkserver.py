"""A process that has loaded what tasks need, and forks one that does a task whenever it is asked to (Linux).

``python -P -m api.jobs.forkserver -m MODULE``, or ``… SCRIPT``; standard input is the way to its worker (see
``api.jobs.forks``). A task's process is used once, so nothing of a task is left for the next one; what it saves is
the start of an interpreter and the loading of libraries, which take longer than a small case takes to solve.

It has one thread, and no network. It ends when its worker does.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import select
import socket
import sys
import traceback
from typing import TYPE_CHECKING, Any

from optimizer.child.network import give_up_network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

__all__ = ["main"]

CONTROL = 0
PACKET = 4096


def main() -> None:
    """Load, say so, fork until the worker is gone."""
    control = socket.socket(fileno=CONTROL)
    module = _loaded(sys.argv[1:])
    give_up_network()  # its children find that they have none; each says itself when it could not be given up
    gc.collect()
    gc.freeze()  # pages that no child touches stay shared
    _tell(control, ready=os.getpid())
    _Births(control, module.main).serve()


def _loaded(words: Sequence[str]) -> ModuleType:
    if words[0] == "-m":
        module = importlib.import_module(words[1])
    else:
        spec = importlib.util.spec_from_file_location("designate_task", words[0])
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    getattr(module, "load", lambda: None)()
    return module


def _tell(control: socket.socket, **what: Any) -> None:
    control.send(json.dumps(what).encode())


class _Births:
    """Children and their ends. An ended child keeps its number until the worker lets go of it: nobody else gets it."""

    def __init__(self, control: socket.socket, run: Callable[[], None]) -> None:
        self._control, self._run = control, run
        self._poll = select.poll()
        self._poll.register(CONTROL, select.POLLIN)
        self._watched: dict[int, int] = {}

    def serve(self) -> None:
        """Until the worker is gone."""
        while True:
            for fd, _ in self._poll.poll():
                if fd in self._watched:
                    self._ended(fd)
                elif not self._asked():
                    return

    def _asked(self) -> bool:
        """Do what the worker asks; false when it is gone."""
        packet, fds, _, _ = socket.recv_fds(self._control, PACKET, 3)
        if not packet:
            return False
        asked = json.loads(packet)
        if "let_go" in asked:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(asked["let_go"], 0)
            return True
        self._fork(fds)
        return True

    def _fork(self, fds: Sequence[int]) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            _tell(self._control, failed=str(error))
            return
        if pid == 0:
            self._become(fds)
        with contextlib.suppress(OSError):  # both do it: whoever is told the number finds the group
            os.setpgid(pid, pid)
        for fd in fds:
            os.close(fd)
        watch = os.pidfd_open(pid)
        self._watched[watch] = pid
        self._poll.register(watch, select.POLLIN)
        _tell(self._control, started=pid)

    def _become(self, fds: Sequence[int]) -> None:
        """The child: a process as if it had been started by itself."""
        code = 1
        try:
            with contextlib.suppress(OSError):
                os.setpgid(0, 0)
            for place, fd in enumerate(fds):
                os.dup2(fd, place)  # the first takes the place of the way to the worker
            for fd in (*fds, *self._watched):
                os.close(fd)
            self._run()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def _ended(self, watch: int) -> None:
        pid = self._watched.pop(watch)
        self._poll.unregister(watch)
        told = os.waitid(os.P_PIDFD, watch, os.WEXITED | os.WNOWAIT)
        os.close(watch)
        assert told is not None
        code = told.si_status if told.si_code == os.CLD_EXITED else -told.si_status
        _tell(self._control, ended=pid, code=code)


if __name__ == "__main__":
    main()
