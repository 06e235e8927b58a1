"""Errors as pages that help: what is wrong, where, what to do; and what was typed is not lost."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.exceptions import HTTPException

from api.errors import from_input
from api.faults import Fault
from api.middleware import BodyRefused
from api.store.outage import OUTAGE, has_no_room
from api.web.page import redirected, render
from api.web.words import OTHER_TROUBLE, TROUBLES
from optimizer.domain.errors import InputError, UsageError

if TYPE_CHECKING:
    from fastapi import Response

    from api.settings import Settings
    from api.web.visit import Visit

__all__ = ["fault_of", "issues_of", "page_of"]

logger = logging.getLogger(__name__)

_AGAIN = frozenset({"too_many_requests", "too_many_plans", "form_refused", "conflict", "revision_conflict"})
"""Refusals after which the same form may go well."""
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


def fault_of(error: Exception, settings: Settings) -> Fault:
    """An error as a refusal with a code, as the API tells it too."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, BodyRefused):
        return error.fault
    if isinstance(error, InputError):
        return from_input(error, settings)
    if isinstance(error, UsageError):
        return Fault("invalid_options", str(error))
    if isinstance(error, HTTPException):
        return Fault(_BY_STATUS.get(error.status_code, "malformed_body"), str(error.detail))
    if isinstance(error, OUTAGE):
        logger.warning("store: %s", error, exc_info=True)
        return Fault("storage_full" if has_no_room(error) else "store_unavailable")
    logger.error("unhandled error", exc_info=error)
    return Fault("internal_error")


def issues_of(fault: Fault) -> list[dict[str, Any]]:
    """All that is wrong, each with what is known of code, place and remedy."""
    issues: list[dict[str, Any]] = fault.more.get("issues") or []
    return issues


def page_of(visit: Visit, error: Exception) -> Response:
    """The page for an error."""
    fault = fault_of(error, visit.held.settings)
    status = fault.kind.status
    if status == HTTPStatus.UNAUTHORIZED:
        return _sign_in_again(visit)
    again = {"Retry-After": str(fault.more.get("retry_after_s", 5))} if status in (429, 503) else {}
    title, told = TROUBLES.get(fault.code, OTHER_TROUBLE)
    return render(
        visit,
        "trouble.html",
        status,
        again,
        trouble={"title": visit.say(title), "help": visit.say(told)},
        fault=fault,
        issues=issues_of(fault),
        kept=visit.form.typed(),
        may_again=status >= HTTPStatus.INTERNAL_SERVER_ERROR or fault.code in _AGAIN,
    )


def _sign_in_again(visit: Visit) -> Response:
    """Nobody is signed in, or no longer: a page is come back to, a form is kept and can be sent again."""
    request = visit.request
    if request.method == "GET":
        place = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return redirected("/sign-in" if place == "/" else f"/sign-in?next={quote(place, safe='')}")
    return render(
        visit, "sign_in.html", 401, place=request.url.path, kept=visit.form.typed(), files=len(visit.form.files)
    )
