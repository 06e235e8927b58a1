"""Style sheet, scripts, the choice of a language, the template of a case: open to all."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from api.faults import Fault
from api.routes.examples import get_template
from api.web import assets, cookies, tongue
from api.web.page import redirected
from api.web.site import Site
from api.web.visit import Visit

__all__ = ["site"]

site = Site()

YEAR_S: Final = 365 * 24 * 3600


@site.page("/static/{digest}/{name:path}", "page_static")
def static(visit: Visit) -> Response:
    """A file of ours; its address changes with its content, so that it may be kept for good."""
    name = visit.path["name"]
    if name not in assets.FILES:
        raise Fault("not_found", f"there is no file {name}")
    kept = {"Cache-Control": f"public, max-age={YEAR_S}, immutable"}
    return Response(assets.content(name), headers=kept, media_type=assets.FILES[name])


@site.sent("/language", "page_language")
def language(visit: Visit) -> Response:
    """Read the pages in another language."""
    code, back = visit.form.text("language"), visit.form.text("back")
    if code not in tongue.offered(visit.held.settings.languages):
        raise Fault("invalid_request", "the pages are not offered in this language")
    response = redirected(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")
    secure = visit.request.url.scheme == "https"
    response.set_cookie(cookies.LANGUAGE, code, max_age=YEAR_S, secure=secure, httponly=True, samesite="lax")
    return response


@site.page("/template/{kind}", "page_template")
def template(visit: Visit) -> Response:
    """A small case that shows every table and column."""
    kind = visit.path["kind"]
    if kind not in ("xlsx", "csv"):
        raise Fault("not_found", "there is a template as xlsx and as csv")
    return get_template("xlsx" if kind == "xlsx" else "csv")
