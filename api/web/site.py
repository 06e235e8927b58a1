"""The way into every page: who asks is known, and may, before a form is read; errors become pages.

Beside the gate of the API, not through it: pages know their readers by a cookie, the API by what is shown with each
request, and never reads a cookie.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from fastapi import Request, Response
from starlette.formparsers import MultiPartException
from starlette.routing import Route

from api import gate
from api.access import OPEN, PAGES, permit
from api.faults import Fault
from api.services import sign_ins
from api.services.keys import note_use
from api.web import cookies, tongue
from api.web.trouble import page_of
from api.web.visit import TOKEN, Form, Visit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from api.context import Services

    Handler = Callable[[Visit], Response]

__all__ = ["POLICY", "Site", "lost"]

logger = logging.getLogger(__name__)

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FIELDS_MAX: Final = 2000
FILES_MAX: Final = 60
FIELD_BYTES_MAX: Final = 250_000


class Site:
    """Collects pages; each has a name with a line in ``access.PAGES``."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def page(self, path: str, name: str) -> Callable[[Handler], Handler]:
        """A page that shows something and changes nothing."""
        return self._add(path, name, "GET")

    def sent(self, path: str, name: str) -> Callable[[Handler], Handler]:
        """A form that was sent; it answers with another place, or with the form and what is wrong in it."""
        return self._add(path, name, "POST")

    def _add(self, path: str, name: str, method: str) -> Callable[[Handler], Handler]:
        def added(handler: Handler) -> Handler:
            self.routes.append(Route(path, _endpoint(handler, name), methods=[method], name=name))
            return handler

        return added


async def lost(request: Request, error: Exception) -> Response:
    """The page for an address where there is none, or that takes no such request."""
    held: Services = request.app.state.services
    visit = Visit(request, held, _tongue(request, held), "page_start")

    def told() -> Response:
        try:
            _enter(visit)
        except Fault as fault:
            if fault.code != "unauthenticated":
                return page_of(visit, fault)
        return page_of(visit, error)

    request.state.operation = "none"
    return _safe(await to_thread.run_sync(told))


def _endpoint(handler: Handler, name: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        held: Services = request.app.state.services
        request.state.operation = name
        visit = Visit(request, held, _tongue(request, held), name)
        try:
            response = await _answer(visit, handler)
        except Exception as error:
            response = await to_thread.run_sync(page_of, visit, error)
        return _safe(response)

    return endpoint


async def _answer(visit: Visit, handler: Handler) -> Response:
    request = visit.request
    try:
        await to_thread.run_sync(_enter, visit)
    except Fault as fault:
        if fault.code == "unauthenticated" and request.method == "POST" and _is_short(request):
            with contextlib.suppress(Fault):
                visit.form = await _form(request)  # shown again after the sign-in
        raise
    if request.method == "POST":
        if not cookies.is_ours(request):
            raise Fault("form_refused", "the form was sent from another address")
        visit.form = await _form(request)
        if PAGES[visit.name] != OPEN and visit.token and not cookies.token_fits(visit.form.text(TOKEN), visit.token):
            raise Fault("form_refused", "the token of the form is not one of this browser")
    return await to_thread.run_sync(handler, visit)


def _is_short(request: Request) -> bool:
    """Whether a form is one of ours and so short that it may be read although nobody is signed in."""
    length = request.headers.get("content-length", "")
    return cookies.is_ours(request) and length.isascii() and length.isdigit() and int(length[:12]) <= FIELD_BYTES_MAX


def _tongue(request: Request, held: Services) -> tongue.Tongue:
    languages = tongue.offered(held.settings.languages)
    return tongue.chosen(request.cookies.get(cookies.LANGUAGE), request.headers.get("accept-language", ""), languages)


def _enter(visit: Visit) -> None:
    """Take one request off the budget, learn who asks, and whether they may.

    Raises
    ------
    Fault
        ``too_many_requests``, ``unauthenticated``, ``forbidden``.
    """
    request, held, name = visit.request, visit.held, visit.name
    token = cookies.shown(request) if cookies.is_safe_place(request) else None
    digest = None if token is None else hashlib.sha256(token.encode()).hexdigest()
    gate.spend(held, name, gate.network(request), digest)
    request.state.caller = None
    if token is not None and digest is not None:
        _recognise(visit, token, digest)
    if PAGES.get(name) != OPEN:
        permit(name, visit.who)


def _recognise(visit: Visit, token: str, digest: str) -> None:
    held, now = visit.held, visit.held.store.clock()
    secret = held.settings.admin_key.get_secret_value() if held.settings.admin_key else None
    try:
        with held.store.read() as session:
            found, row, unseen = sign_ins.caller_of(session, now, token, secret, visit.request.state.request_id)
    except Fault:
        held.proven.forget(digest)
        return  # as nobody: open pages are shown, others send to the sign-in
    held.proven.add(digest)
    visit.who, visit.sign_in, visit.token = found, row, token
    visit.request.state.caller = found
    if unseen:
        note_use(held.store, found.key_id, now)


async def _form(request: Request) -> Form:
    """The fields and files of a form.

    Raises
    ------
    Fault
        ``malformed_body``, ``unsupported_media_type``.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise Fault("unsupported_media_type", "pages take forms only")
    try:
        async with request.form(max_files=FILES_MAX, max_fields=FIELDS_MAX, max_part_size=FIELD_BYTES_MAX) as given:
            fields, files = [], []
            for name, value in given.multi_items():
                if isinstance(value, str):
                    fields.append((name, value.replace("\r\n", "\n")))
                elif value.filename:
                    files.append((value.filename, await value.read()))
    except MultiPartException as error:
        raise Fault("malformed_body", str(error)) from error
    return Form(tuple(fields), tuple(files))


def _safe(response: Response) -> Response:
    """With headers of safety; a file that has a policy of its own keeps it."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    if not headers.get("cache-control", "").startswith("public"):
        headers["Cache-Control"] = "no-store"
    return response
