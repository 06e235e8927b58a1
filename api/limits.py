"""How many requests a caller may make: a bucket of tokens each, filled at a steady rate; which keys are known."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Proven", "RateLimit"]

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
