"""Where one request ends and the next begins: said once, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import Request

from api.errors import answer
from api.faults import Fault

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Framing"]

_CLOSE: Final = {"Connection": "close"}


class Framing:
    """Refuses a request whose length is said twice, and ends its connection.

    A proxy in front may go by ``Content-Length`` where this server goes by ``Transfer-Encoding``: what one of them
    takes for the rest of a body would be a request to the other, with the rights of whoever comes next.

    Parameters
    ----------
    app : ASGIApp
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        told = _ambiguous(scope) if scope["type"] == "http" else ""
        if not told:
            await self.app(scope, receive, send)
            return
        response = answer(Request(scope), Fault("malformed_body", told), _CLOSE)
        await response(scope, receive, send)


def _ambiguous(scope: Scope) -> str:
    """What is wrong with how the end of the request is told; empty: nothing."""
    headers = Headers(scope=scope)
    if "transfer-encoding" not in headers:
        return ""
    if "content-length" in headers:
        return "a request has Content-Length or Transfer-Encoding, not both"
    return "HTTP/1.0 has no Transfer-Encoding" if scope.get("http_version") == "1.0" else ""
