"""How much each may have: requests at a rate, places for work within a request, keys that are known."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["IN_LINE", "MAKERS", "MAKERS_EACH", "TURN_S", "Bodies", "Places", "Proven", "RateLimit"]

MAKERS: Final = 2
"""Reports, workbooks and prices made at once while clients wait: each takes a process."""
MAKERS_EACH: Final = 1
"""Of one workspace."""
IN_LINE: Final = 4
"""Requests of one workspace that may wait for their turn."""
TURN_S: Final = 60.0
"""How long a request waits for its turn."""

_CALLERS_MAX: Final = 10_000


class RateLimit:
    """Buckets by caller; those not seen for longest are forgotten, they would be full again.

    Parameters
    ----------
    per_second : float
        Requests that a caller may make in the long run; 0 = no limit.
    burst : int
        Requests that a caller may make at once.
    monotonic : callable
        For tests.
    """

    def __init__(self, per_second: float, burst: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.burst, self._monotonic = per_second, float(burst), monotonic
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """Take a token; 0, or the seconds until there is one."""
        if self.per_second <= 0:
            return 0.0
        with self._lock:
            now = self._monotonic()
            tokens, since = self._held.get(caller, (self.burst, now))
            tokens = min(self.burst, tokens + (now - since) * self.per_second)
            wait = 0.0 if tokens >= 1.0 else (1.0 - tokens) / self.per_second
            self._held[caller] = (tokens if wait else tokens - 1.0, now)
            self._held.move_to_end(caller)
            while len(self._held) > _CALLERS_MAX:
                self._held.popitem(last=False)
            return wait

    def wait(self, caller: str) -> float:
        """The seconds until there is a token; 0 where there is one. None is taken."""
        if self.per_second <= 0:
            return 0.0
        with self._lock:
            tokens, since = self._held.get(caller, (self.burst, self._monotonic()))
            tokens = min(self.burst, tokens + (self._monotonic() - since) * self.per_second)
            return 0.0 if tokens >= 1.0 else (1.0 - tokens) / self.per_second


class Proven:
    """Digests of keys and tokens that were good when last shown; those not seen for longest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, None] = OrderedDict()

    def knows(self, digest: str) -> bool:
        """Whether the key was good when last shown."""
        with self._lock:
            return digest in self._held

    def add(self, digest: str) -> None:
        """A key that has proved itself."""
        with self._lock:
            self._held[digest] = None
            self._held.move_to_end(digest)
            while len(self._held) > _CALLERS_MAX:
                self._held.popitem(last=False)

    def forget(self, digest: str) -> None:
        """A key that has failed."""
        with self._lock:
            self._held.pop(digest, None)


class Bodies:
    """Bytes of large bodies that requests hold until they are answered; one owner has half of them at most.

    Parameters
    ----------
    most : int
        Bytes of all; what is more is turned away.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()

    def take(self, owner: str, size: int) -> int:
        """Hold so many bytes more; 0, or the limit that is in the way."""
        with self._lock:
            for held, limit in ((self._held.total(), self.most), (self._held[owner], self.most // 2)):
                if held + size > limit:
                    return limit
            self._held[owner] += size
            return 0

    def give_back(self, owner: str, size: int) -> None:
        """Hold so many bytes less."""
        with self._lock:
            self._held[owner] -= size
            if self._held[owner] <= 0:
                del self._held[owner]


class Places:
    """Places for work that takes a process of its own while a client waits; each owner has a share of them.

    Parameters
    ----------
    most : int
        Taken at once, by all.
    each : int
        Taken at once by one owner.
    line : int
        How many of one owner may wait for a place; one more is turned away. Who waits holds a thread.
    line_of_all : int, optional
        How many of all owners may.
    """

    def __init__(self, most: int, each: int, line: int, line_of_all: int | None = None) -> None:
        self.most, self.each, self.line, self.line_of_all = most, each, line, line_of_all
        self._changed = threading.Condition()
        self._taken: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    @contextmanager
    def place(self, owner: str, patience_s: float) -> Iterator[bool]:
        """Take a place for as long as the block runs; false when there was none within the time."""
        got = self._enter(owner, patience_s)
        try:
            yield got
        finally:
            if got:
                with self._changed:
                    _less(self._taken, owner)
                    self._changed.notify_all()

    def _enter(self, owner: str, patience_s: float) -> bool:
        with self._changed:
            if self._free(owner):
                self._taken[owner] += 1
                return True
            if self._waiting[owner] >= self.line or self._waiting.total() == self.line_of_all:
                return False
            self._waiting[owner] += 1
            try:
                if not self._changed.wait_for(lambda: self._free(owner), patience_s):
                    return False
                self._taken[owner] += 1
                return True
            finally:
                _less(self._waiting, owner)

    def _free(self, owner: str) -> bool:
        return self._taken[owner] < self.each and self._taken.total() < self.most


def _less(counts: Counter[str], owner: str) -> None:
    """One less; owners with nothing are forgotten."""
    counts[owner] -= 1
    if counts[owner] <= 0:
        del counts[owner]
