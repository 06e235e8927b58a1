"""Request ids, limits of bodies, headers of safety: plain ASGI, so that streams stay streams."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from api.faults import Fault
from api.logs import requested
from api.nesting import Nesting

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.access import Caller

__all__ = ["BodyLimit", "BodyRefused", "RequestContext"]

logger = logging.getLogger(__name__)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REFUSALS = frozenset({401, 403})
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_SAFETY = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class BodyRefused(HTTPException):
    """An HTTPException, because reading a body anywhere lets only those through."""

    def __init__(self, code: str, detail: str, limit: int | None = None) -> None:
        self.fault = Fault(code, detail, limit=limit)
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
        facts = {"operation": operation, "method": method, "path": scope["path"], "status": status,
                 "seconds": round(seconds, 4)}  # fmt: skip
        logger.info("%s %s %d %.1f ms", method, scope["path"], status, 1000 * seconds, extra={"facts": facts})


class BodyLimit:
    """Stops reading a body at its limit, whatever its headers say, and JSON where its brackets go too deep.

    Parameters
    ----------
    app : ASGIApp
    small, large : int
        Bytes; ``large`` for paths that ``uploads`` matches.
    uploads : str
        Regular expression over the path.
    depth : int
        Most brackets that may be open at once in a JSON body.
    """

    def __init__(self, app: ASGIApp, small: int, large: int, uploads: str, depth: int) -> None:
        self.app, self.small, self.large, self.depth = app, small, large, depth
        self.uploads = re.compile(uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.large if self.uploads.search(scope["path"]) else self.small
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        declared = int(length) if length.isascii() and length.isdigit() else 0
        nesting = Nesting(self.depth) if "json" in headers.get("content-type", "").lower() else None
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = {} if declared > limit else await receive()
            piece = message.get("body", b"")
            seen += len(piece)
            if max(declared, seen) > limit:
                raise BodyRefused("body_too_large", f"at most {limit:,} bytes are accepted here", limit)
            if nesting is not None:
                self._judge(nesting, piece)
            return message

        await self.app(scope, limited, send)

    def _judge(self, nesting: Nesting, piece: bytes) -> None:
        if b"\0" in piece:  # in UTF-16 and UTF-32 brackets could be told from nothing else
            raise BodyRefused("malformed_body", "JSON is UTF-8 text here, without NUL")
        if nesting.too_deep(piece):
            raise BodyRefused("nested_too_deep", f"brackets go at most {self.depth} deep here", self.depth)
