"""Request ids, limits of body size, headers of safety: plain ASGI, so that streams stay streams."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from api.faults import Fault

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit", "BodyTooLarge", "RequestContext"]

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_SAFETY = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class BodyTooLarge(HTTPException):
    """An HTTPException, because reading a body anywhere lets only those through."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, "body too large")
        self.fault = Fault("body_too_large", f"at most {limit:,} bytes are accepted here", limit=limit)


class RequestContext:
    """Gives every request an id (the caller's own when it is a sane one) and tells it in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _SAFETY.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, tell)


class BodyLimit:
    """Stops reading a body at its limit, whatever its headers say.

    Parameters
    ----------
    app : ASGIApp
    small, large : int
        Bytes; ``large`` for paths that ``uploads`` matches.
    uploads : str
        Regular expression over the path.
    """

    def __init__(self, app: ASGIApp, small: int, large: int, uploads: str) -> None:
        self.app, self.small, self.large = app, small, large
        self.uploads = re.compile(uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.large if self.uploads.search(scope["path"]) else self.small
        length = Headers(scope=scope).get("content-length", "")
        declared = int(length) if length.isascii() and length.isdigit() else 0
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            if declared > limit:
                raise BodyTooLarge(limit)
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLarge(limit)
            return message

        await self.app(scope, limited, send)
