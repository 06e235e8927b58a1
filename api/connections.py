"""Connections that cannot hold a server: a bound on how many, and on how long one may take to say what it wants."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from typing import ClassVar

__all__ = ["bounded"]


class _Bounded(H11Protocol):
    """HTTP/1.1 with a time limit for the head of a request, and for what still comes once it has been answered.

    The body of a request that is being answered has its own time limit (``api.middleware.BodyLimit``); an idle
    connection between two requests has the keep-alive limit of the server.
    """

    most: ClassVar[int]
    most_each: ClassVar[int]
    patience_s: ClassVar[float]
    open: ClassVar[Counter[str]]

    _timer: asyncio.TimerHandle | None = None
    _host: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count it, or drop it where there are too many."""
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        if len(self.connections) > self.most or self.open[host] >= self._most_of(host):
            transport.abort()
            return
        self._host = host
        self.open[host] += 1
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        if self._host is not None:
            self.open[self._host] -= 1
            if self.open[self._host] <= 0:
                del self.open[self._host]
            self._host = None
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; the clock runs until a request is there whole, but for its body."""
        super().data_received(data)
        if self._answering:
            self._stop()
        elif self._timer is None:
            self._watch()

    def on_response_complete(self) -> None:
        """Begin anew; what the client still sends of the old request is on the clock again."""
        super().on_response_complete()
        if self.conn.their_state.__name__ == "SEND_BODY":
            self._watch()

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _most_of(self, host: str) -> int:
        """A proxy on this machine speaks for many."""
        try:
            return self.most if ipaddress.ip_address(host).is_loopback else self.most_each
        except ValueError:
            return self.most

    def _watch(self) -> None:
        self._stop()
        self._timer = self.loop.call_later(self.patience_s, self._late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if not self._answering and not self.transport.is_closing():
            self.transport.abort()


def bounded(most: int, most_each: int, patience_s: float) -> type[asyncio.Protocol]:
    """A protocol class for ``uvicorn.Config(http=…)``.

    Parameters
    ----------
    most : int
        Connections open at once; one more is dropped.
    most_each : int
        Of one address; addresses of this machine are those of proxies and count only in all.
    patience_s : float
        Seconds for the head of a request to arrive whole.
    """
    members: dict[str, Any] = {"most": most, "most_each": most_each, "patience_s": patience_s, "open": Counter()}
    return type("BoundedProtocol", (_Bounded,), members)
