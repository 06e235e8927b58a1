"""Signing in and out."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from fastapi import Response

from api import gate
from api.faults import Fault
from api.services import keys, sign_ins
from api.web import cookies
from api.web.page import redirected, render
from api.web.site import Site
from api.web.visit import Visit

if TYPE_CHECKING:
    from api.access import Caller

__all__ = ["site"]

site = Site()

KEPT: Final = "f_"
"""Begins the names of fields that a form had before its reader had to sign in again."""


@site.page("/sign-in", "page_sign_in")
def sign_in(visit: Visit) -> Response:
    """A field for the key."""
    if visit.who is not None:
        return redirected(_inside(visit.query.get("next", "/")))
    _only_safe(visit)
    return render(visit, "sign_in.html", place=_inside(visit.query.get("next", "/")), kept=(), files=0)


@site.sent("/sign-in", "page_sign_in_send")
def send(visit: Visit) -> Response:
    """Sign in by key. A new cookie takes the place of the one that the browser had, which ends."""
    _only_safe(visit)
    _attempt(visit)
    form = visit.form
    place, kept = _inside(form.text("place")), _kept(visit)
    try:
        caller = _caller(visit, form.text("key"))
    except Fault as fault:
        if fault.code != "unauthenticated":
            raise
        _failed(visit)
        return render(
            visit, "sign_in.html", 401, place=place, kept=kept, files=0, wrong=visit.say("This key is not valid here.")
        )
    token, seconds = _begun(visit, caller)
    if kept:  # the form that is sent again carries the token of the new cookie
        now = Visit(visit.request, visit.held, visit.tongue, visit.name, caller, None, token, visit.form)
        return _signed(visit, render(now, "again.html", place=place, kept=kept), token, seconds)
    return _signed(visit, redirected(place), token, seconds)


@site.sent("/sign-out", "page_sign_out")
def sign_out(visit: Visit) -> Response:
    """End this sign-in, or all of this person."""
    held, now = visit.held, visit.held.store.clock()
    with held.store.write() as session:
        if visit.form.text("everywhere"):
            sign_ins.end_all(session, visit.caller, now)
        elif visit.sign_in is not None:
            sign_ins.end(session, visit.caller, visit.sign_in.id, now)
    response = redirected("/sign-in")
    cookies.clear(visit.request, response)
    return response


@site.page("/first", "page_first")
def first(visit: Visit) -> Response:
    """The page of the one-time link: a button. What fetches addresses by itself uses nothing up."""
    word = visit.query.get("once", "")
    good = visit.request.app.state.first.fits(word)
    return render(visit, "first.html", HTTPStatus.OK if good else HTTPStatus.GONE, good=good, word=word)


@site.sent("/first", "page_first_send")
def first_send(visit: Visit) -> Response:
    """Sign the first administrator in."""
    _only_safe(visit)
    _attempt(visit)
    key_id = visit.request.app.state.first.take(visit.form.text("once"))
    if key_id is None:
        _failed(visit)
        return render(visit, "first.html", HTTPStatus.GONE, good=False, word="")
    with visit.held.store.read() as session:
        caller, _ = keys.by_id(session, visit.held.store.clock(), key_id, visit.request.state.request_id)
    return _signed(visit, redirected("/"), *_begun(visit, caller))


def _only_safe(visit: Visit) -> None:
    """Raise where a cookie could be read on its way."""
    if not cookies.is_safe_place(visit.request):
        raise Fault("insecure_address")


def _attempt(visit: Visit) -> None:
    """Raise where the address has tried too many wrong keys; good ones are not counted.

    Raises
    ------
    Fault
        ``too_many_sign_ins``.
    """
    wait = visit.request.app.state.attempts.wait(gate.network(visit.request))
    if wait > 0:
        raise Fault("too_many_sign_ins", retry_after_s=math.ceil(wait))


def _failed(visit: Visit) -> None:
    """Take one try off what the address has."""
    visit.request.app.state.attempts.take(gate.network(visit.request))


def _caller(visit: Visit, key: str) -> Caller:
    secret = visit.held.settings.admin_key
    plain = None if secret is None else secret.get_secret_value()
    return keys.authenticate(visit.held.store, key, plain, visit.request.state.request_id)


def _begun(visit: Visit, caller: Caller) -> tuple[str, int]:
    """A new sign-in, and how many seconds it lasts; what the browser had before ends."""
    held, now = visit.held, visit.held.store.clock()
    secret = held.settings.admin_key
    plain = None if secret is None else secret.get_secret_value()
    with held.store.write() as session:
        if visit.sign_in is not None:
            sign_ins.end(session, visit.caller, visit.sign_in.id, now)
        row, token = sign_ins.begin(session, caller, now, held.settings.session_hours, plain)
    return token, int((row.expires - now).total_seconds())


def _signed(visit: Visit, response: Response, token: str, seconds: int) -> Response:
    """The answer, with the cookie."""
    cookies.keep(visit.request, response, token, seconds)
    return response


def _kept(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Fields of the form that could not be sent, as they were."""
    return tuple((n.removeprefix(KEPT), v) for n, v in visit.form.fields if n.startswith(KEPT))


def _inside(place: str) -> str:
    """A place in these pages; the start for any other."""
    plain = place.isprintable() and place.startswith("/") and not place.startswith(("//", "/\\"))
    return place if plain and len(place) <= 2000 else "/"
