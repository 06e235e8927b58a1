"""What one server process holds: settings, store, queue. Made by ``create_app``, never global."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from anyio import CapacityLimiter

from api.limits import IN_LINE, MAKERS, MAKERS_EACH, Places, Proven

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.jobs.queue import JobQueue
    from api.limits import RateLimit
    from api.metrics import Metrics
    from api.readers.pool import Readers
    from api.services.accesses import Accesses
    from api.services.identities import Tokens
    from api.settings import Settings
    from api.store.engine import Store

__all__ = ["Documents", "Services", "Streams"]


class Documents:
    """The last few parsed plan documents, by hash: pages of one plan are read one after the other."""

    def __init__(self, size: int = 4) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._held: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def get(self, key: str, load: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The document; it must not be changed."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        document = load()
        with self._lock:
            self._held[key] = document
            while len(self._held) > self._size:
                self._held.popitem(last=False)
        return document


class Streams:
    """Counts open progress streams, of all and of each person."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()

    def enter(self, person: str) -> int:
        """Take a place; 0, or the limit that is in the way."""
        with self._lock:
            if self._open.total() >= self._most:
                return self._most
            if self._open[person] >= self._each:
                return self._each
            self._open[person] += 1
            return 0

    def leave(self, person: str) -> None:
        """Give the place back."""
        with self._lock:
            self._open[person] -= 1
            if self._open[person] <= 0:
                del self._open[person]


@dataclass(frozen=True)
class Services:
    """Everything a route needs; at ``request.app.state.services``."""

    settings: Settings
    store: Store
    queue: JobQueue
    streams: Streams
    metrics: Metrics
    rate: RateLimit
    accesses: Accesses
    readers: Readers
    tokens: Tokens | None = None
    proven: Proven = field(default_factory=Proven)
    parsing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    documents: Documents = field(default_factory=Documents)
    making: Places = field(default_factory=lambda: Places(MAKERS, MAKERS_EACH, IN_LINE))
