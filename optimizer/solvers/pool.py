"""Children that have answered and wait for the next request, by library family.

A child costs from a quarter of a second to two to start, most of it for the libraries that it loads. Solves that bring
no pool of their own share one for the process, ``common_pool``: a loop over ``optimizer.solve`` starts one child.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from typing import TYPE_CHECKING, Final

from optimizer.solvers.handle import Child, environment_of_children
from optimizer.solvers.registry import SPECS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from optimizer.solvers.registry import Spec

__all__ = ["ChildPool", "common_pool", "end_common_pool"]

RETIRE_MB: Final = 1024.0
IDLE_S: Final = 30.0
"""How long a child of the common pool waits for another request."""


class ChildPool:
    """Idle children kept for the next request, by library family. Safe to share between threads.

    Parameters
    ----------
    specs : mapping, optional
        Backends by name; the shipped ones by default.
    idle_s : float, optional
        Children that have waited this long are ended; left out, they wait until ``close``.
    """

    def __init__(self, specs: Mapping[str, Spec] = SPECS, *, idle_s: float | None = None) -> None:
        self.specs, self.idle_s = specs, idle_s
        self._lock = threading.Lock()
        self._idle: list[tuple[float, Child]] = []
        self._clock: threading.Timer | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self, family: str) -> Child:
        """Hand out an idle child of the family whose environment a new one would have too, or a new one."""
        now = environment_of_children()
        with self._lock:
            fitting = [(since, c) for since, c in self._idle if c.family == family and c.environment == now]
            for since, child in reversed(fitting):
                self._idle.remove((since, child))
                if child.alive:
                    return child
                child.kill()
        return Child(family)

    def give_back(self, child: Child) -> None:
        """Keep the child for later, unless it is dead or has grown fat."""
        with self._lock:
            if not self._closed and child.alive and child.resident_mb() < RETIRE_MB:
                self._idle.append((time.monotonic(), child))
                self._wind()
                return
        child.kill()

    def close(self) -> None:
        """End all idle children; those at work end when they are given back."""
        with self._lock:
            self._closed = True
            children, self._idle = [child for _, child in self._idle], []
            if self._clock is not None:
                self._clock.cancel()
        for child in children:
            child.kill()

    def _wind(self) -> None:
        """Look again when the child that has waited longest has waited long enough."""
        if self.idle_s is None or not self._idle or self._clock is not None:
            return
        left = self._idle[0][0] + self.idle_s - time.monotonic()
        self._clock = threading.Timer(max(0.1, left), self._let_go)
        self._clock.daemon = True
        self._clock.start()

    def _let_go(self) -> None:
        """End the children that nobody has wanted."""
        assert self.idle_s is not None
        with self._lock:
            old = time.monotonic() - self.idle_s
            over = [child for since, child in self._idle if since <= old]
            self._idle = [(since, child) for since, child in self._idle if since > old]
            self._clock = None
            self._wind()
        for child in over:
            child.kill()


_common: dict[int, ChildPool] = {}
_making = threading.Lock()


def common_pool() -> ChildPool:
    """The pool of this process for solves that bring none; a copy made by ``fork`` has one of its own.

    Its children end when they have had nothing to do for ``IDLE_S``, and with the process.
    """
    with _making:
        pid = os.getpid()
        if pid not in _common:
            _common[pid] = ChildPool(idle_s=IDLE_S)
        return _common[pid]


@atexit.register
def end_common_pool() -> None:
    """End its idle children now; the next solve begins a new one."""
    with _making:
        pool = _common.pop(os.getpid(), None)
    if pool is not None:
        pool.close()
