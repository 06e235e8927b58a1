"""Request ids, limits of bodies, headers of safety: plain ASGI, so that streams stay streams."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from api.faults import Fault
from api.logs import requested
from api.nesting import Nesting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.access import Caller

__all__ = ["PATH_SHOWN", "BodyLimit", "BodyRefused", "RequestContext", "shown_path"]

logger = logging.getLogger(__name__)

SLOWEST: Final = 16_384
"""Bytes a second below which a body is given up in the long run."""

PATH_SHOWN: Final = 300
"""Characters of a path that are quoted; the longest there is has about a hundred."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REFUSALS = frozenset({401, 403})
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_SAFETY = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def shown_path(path: str) -> str:
    """A path as logs and answers quote it: who has no key fills neither with what he sends."""
    return path if len(path) <= PATH_SHOWN else f"{path[:PATH_SHOWN]}…"


class BodyRefused(HTTPException):
    """An HTTPException, because reading a body anywhere lets only those through."""

    def __init__(self, code: str, detail: str, **more: Any) -> None:
        self.fault = Fault(code, detail, **more)
        super().__init__(self.fault.kind.status, detail)


class RequestContext:
    """Gives every request an id (the caller's own when it is a sane one) and tells it in the answer.

    Parameters
    ----------
    app : ASGIApp
    observe : callable
        Gets operation, method, status and seconds of every request.
    refused : callable
        Gets caller, address, operation and status of those that were answered 401 or 403.
    """

    def __init__(
        self,
        app: ASGIApp,
        observe: Callable[[str, str, int, float], None],
        refused: Callable[[Caller | None, str, str, int], None],
    ) -> None:
        self.app, self.observe, self.refused = app, observe, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        status, began = 500, time.perf_counter()

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _SAFETY.items():
                    headers.setdefault(name, value)
            await send(message)

        with requested(request_id):
            try:
                await self.app(scope, receive, tell)
            finally:
                self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count and log the answer; a path that is no route has no name of its own, so that names stay few."""
        operation = scope["state"].get("operation", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.observe(operation, method, status, seconds)
        if status in _REFUSALS:
            address = scope["client"][0] if scope.get("client") else ""
            self.refused(scope["state"].get("caller"), address, operation, status)
        path = shown_path(scope["path"])
        facts = {
            "operation": operation,
            "method": method,
            "path": path,
            "status": status,
            "seconds": round(seconds, 4),
        }
        logger.info("%s %s %d %.1f ms", method, path, status, 1000 * seconds, extra={"facts": facts})


class BodyLimit:
    """Stops reading a body at its limit, whatever its headers say, where it comes too slowly, and JSON where its
    brackets go too deep.

    Parameters
    ----------
    app : ASGIApp
    small : int
        Bytes, for paths that no entry of ``larger`` matches.
    larger : mapping of str to int
        Regular expression over the path → bytes.
    depth : int
        Most brackets that may be open at once in a JSON body.
    patience_s : float
        Longest silence within a body, seconds; in all, a body has twice that and a second for every ``SLOWEST`` bytes.
    take, give_back : callable
        Get an owner and a number of bytes, for bodies larger than ``small``: before they are received, and when they
        are answered. ``take`` says 0, or the limit that is in the way.
    """

    def __init__(
        self,
        app: ASGIApp,
        small: int,
        larger: Mapping[str, int],
        depth: int,
        patience_s: float,
        take: Callable[[str, int], int],
        give_back: Callable[[str, int], None],
    ) -> None:
        self.app, self.small, self.depth, self.patience_s = app, small, depth, patience_s
        self.take, self.give_back = take, give_back
        self.larger = [(re.compile(pattern), limit) for pattern, limit in larger.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = next((limit for pattern, limit in self.larger if pattern.search(scope["path"])), self.small)
        body = _Body(self, receive, scope, limit)
        try:
            await self.app(scope, body.receive, send)
        finally:
            body.let_go()


class _Body:
    """The body of one request, as far as it has come."""

    def __init__(self, bounds: BodyLimit, receive: Receive, scope: Scope, limit: int) -> None:
        self._bounds, self._receive, self._scope, self._limit = bounds, receive, scope, limit
        self._taken, self._owner = 0, ""
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        self._declared = int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0
        self._nesting = Nesting(bounds.depth) if "json" in headers.get("content-type", "").lower() else None
        self._seen, self._whole = 0, False
        self._began: float | None = None

    async def receive(self) -> Message:
        """The next piece, judged."""
        if self._whole:
            return await self._receive()
        if self._declared > self._limit:
            raise self._too_large()
        self._hold(self._declared)
        message = await self._next()
        piece = message.get("body", b"")
        self._seen += len(piece)
        self._hold(self._seen)
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        if self._seen > self._limit:
            raise self._too_large()
        if self._nesting is not None:
            self._judge(self._nesting, piece)
        return message

    def _hold(self, size: int) -> None:
        """Have room for a body of so many bytes; of small ones there are no more than connections."""
        if size <= max(self._taken, self._bounds.small):
            return
        caller: Caller | None = self._scope["state"].get("caller")  # let in before its body is asked for
        self._owner = self._owner or (caller.workspace_id if caller else "anonymous")
        limit = self._bounds.take(self._owner, size - self._taken)
        if limit:
            told = "large bodies that are being received and answered take all the memory they may"
            raise BodyRefused("too_many_requests", told, limit=limit, retry_after_s=5)
        self._taken = size

    def let_go(self) -> None:
        """The request is answered."""
        if self._taken:
            self._bounds.give_back(self._owner, self._taken)
            self._taken = 0

    async def _next(self) -> Message:
        """A piece within its time."""
        patience, now = self._bounds.patience_s, time.monotonic()
        self._began = self._began or now
        left = self._began + 2 * patience + self._seen / SLOWEST - now
        try:
            with anyio.fail_after(max(0.0, min(patience, left))):
                return await self._receive()
        except TimeoutError:
            raise BodyRefused("request_timeout", f"the body came too slowly: {self._seen:,} bytes so far") from None

    def _too_large(self) -> BodyRefused:
        return BodyRefused("body_too_large", f"at most {self._limit:,} bytes are accepted here", limit=self._limit)

    def _judge(self, nesting: Nesting, piece: bytes) -> None:
        if b"\0" in piece:  # in UTF-16 and UTF-32 brackets could be told from nothing else
            raise BodyRefused("malformed_body", "JSON is UTF-8 text here, without NUL")
        if nesting.too_deep(piece):
            depth = self._bounds.depth
            raise BodyRefused("nested_too_deep", f"brackets go at most {depth} deep here", limit=depth)
