"""All pages as one application inside the service's, at its root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Match

from api.limits import RateLimit
from api.web import assets
from api.web.first import FirstLink
from api.web.site import lost
from api.web.views import (
    admin,
    cases,
    comparing,
    deciding,
    drafts,
    files,
    ledgers,
    missions,
    money,
    moves,
    objecting,
    plans,
    signing,
    solving,
    start,
    studies,
    time,
    why,
)

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from api.context import Services

__all__ = ["Pages"]

_SITES: Final = (
    start,
    signing,
    files,
    cases,
    drafts,
    solving,
    plans,
    moves,
    time,
    why,
    comparing,
    deciding,
    objecting,
    studies,
    missions,
    money,
    ledgers,
    admin,
)
_OTHERS: Final = ("/v1", "/health", "/metrics", "/openapi.json")
"""What is no page, and answers as the API does also where there is nothing."""
_PATIENCE_S: Final = 30.0


class Pages(BaseRoute):
    """The route that leads to the pages.

    A path that is no page is left to the API, whose answer is a problem document, unless a browser asks for it.

    Parameters
    ----------
    held : Services

    Attributes
    ----------
    first : FirstLink
        By which the first administrator comes in.
    """

    name = "pages"
    path = "/"
    methods: frozenset[str] = frozenset()

    def __init__(self, held: Services) -> None:
        for asset in assets.FILES:
            assets.place(asset)  # read before a request waits for it
        self.first = FirstLink()
        routes = [route for view in _SITES for route in view.site.routes]
        self.app = Starlette(
            routes=routes,
            middleware=[Middleware(GZipMiddleware, minimum_size=500, compresslevel=6)],
            exception_handlers={404: lost, 405: lost},
        )
        self.app.router.redirect_slashes = False
        self.app.state.services = held
        self.app.state.first = self.first
        self.app.state.attempts = RateLimit(1 / _PATIENCE_S, held.settings.sign_in_attempts)
        self.routes = routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a page is asked for."""
        path = scope.get("path", "")
        if scope["type"] != "http" or any(path == o or path.startswith(f"{o}/") for o in _OTHERS):
            return Match.NONE, {}
        known = any(route.matches(scope)[0] != Match.NONE for route in self.routes)
        accepted = next((v for k, v in scope["headers"] if k == b"accept"), b"")
        return (Match.FULL if known or b"text/html" in accepted else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await self.app(scope, receive, send)
