"""What one server process holds: settings, store, queue. Made by ``create_app``, never global."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.jobs.queue import JobQueue
    from api.limits import RateLimit
    from api.metrics import Metrics
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
    """Counts open progress streams."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self.open = 0

    def enter(self) -> bool:
        """Take a place; false when there is none."""
        with self._lock:
            if self.open >= self._limit:
                return False
            self.open += 1
            return True

    def leave(self) -> None:
        """Give the place back."""
        with self._lock:
            self.open -= 1


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
    tokens: Tokens | None = None
    documents: Documents = field(default_factory=Documents)
    rendering: threading.Lock = field(default_factory=threading.Lock)
