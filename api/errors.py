"""Problem answers (RFC 9457): the only map from errors to answers."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.catalogue import PROBLEMS
from api.description import allowed_methods
from api.faults import Fault, from_usage
from api.idempotency import Once, Replayed
from api.middleware import BodyRefused, shown_path
from api.schemas.common import BIDI, CONTROL
from api.schemas.problem import MEDIA_TYPE, Problem
from api.store.outage import OUTAGE, has_no_room
from optimizer.domain.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.settings import Settings

__all__ = ["MEDIA_TYPE", "READING", "answer", "as_issues", "from_input", "install", "problems"]

logger = logging.getLogger(__name__)

RETRY_AFTER_S = "5"
ALWAYS = (
    "unauthenticated",
    "forbidden",
    "no_access",
    "invalid_request",
    "request_timeout",
    "body_too_large",
    "nested_too_deep",
    "too_many_requests",
    "internal_error",
    "issuer_unavailable",
    "store_unavailable",
    "storage_full",
)
ISSUES_MAX: Final = 1000
"""Problems of one body that are listed; the answer counts all of them."""
READING = ("reading_too_long", "reading_too_large", "reader_lost")
"""Of routes that have a case read."""
_BY_STATUS = {
    400: "malformed_body",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "body_too_large",
    415: "unsupported_media_type",
}
_PASSING = frozenset({401, 408, 413, 429, 503, 507})
"""Statuses of refusals that the same request may not meet again a moment later."""
_TOO_LARGE = {"file_too_large": "body_too_large", "too_many_rows": "too_many_rows"}


def answer(request: Request, fault: Fault, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The response for a fault."""
    kind = fault.kind
    body = Problem(
        type=f"urn:designate:problem:{kind.code}",
        title=kind.title,
        status=kind.status,
        detail=_sendable(fault.detail),
        code=kind.code,
        remedy=kind.remedy,
        instance=shown_path(request.url.path),
        request_id=getattr(request.state, "request_id", ""),
        **_sendable(fault.more),
    )
    out = dict(headers or {})
    if kind.status == HTTPStatus.UNAUTHORIZED:
        out.setdefault("WWW-Authenticate", "Bearer")
    if kind.status in (429, 503):
        out.setdefault("Retry-After", str(fault.more.get("retry_after_s", RETRY_AFTER_S)))
    return JSONResponse(body.model_dump(mode="json", exclude_none=True), kind.status, out, media_type=MEDIA_TYPE)


def _sendable(value: Any) -> Any:
    """A value with all of its texts as UTF-8 can hold them: they may quote half of a surrogate pair."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {k: _sendable(v) for k, v in value.items()}
    return [_sendable(v) for v in value] if isinstance(value, list) else value


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """``responses=`` of a route: the problems it may answer with, beside those every route may."""
    out: dict[int | str, dict[str, Any]] = {}
    for code in (*ALWAYS, *codes):
        kind = PROBLEMS[code]
        known = out.setdefault(kind.status, {"description": "", "content": {MEDIA_TYPE: {"schema": _SCHEMA}}})
        told = f"`{kind.code}`: {kind.title}"
        known["description"] = "; ".join(p for p in (known["description"], told) if p)
        if kind.status in (429, 503):
            known["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "seconds"}}
    return out


_SCHEMA = {"$ref": "#/components/schemas/Problem"}


def install(app: FastAPI) -> None:
    """Register the handlers; nothing else in the service turns an error into an answer."""
    app.add_exception_handler(Fault, _fault)
    app.add_exception_handler(Replayed, _replayed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(InputError, _input)
    app.add_exception_handler(UsageError, _usage)
    app.add_exception_handler(ClientDisconnect, _gone)
    for kind in OUTAGE:
        app.add_exception_handler(kind, _database)
    app.add_exception_handler(Exception, _unexpected)


def _replayed(_: Request, error: Exception) -> Response:
    assert isinstance(error, Replayed)
    return error.response


def _refuse(request: Request, fault: Fault) -> Response:
    """The answer to work that had begun; kept for who repeats the request, unless time alone may change it."""
    response = answer(request, fault)
    once: Once | None = getattr(request.state, "once", None)
    if once is None or fault.kind.status in _PASSING:
        return response
    return once.keep(response)


def _fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, Fault)
    return _refuse(request, error)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error, BodyRefused):
        return answer(request, error.fault)
    code = _BY_STATUS.get(error.status_code, "internal_error" if error.status_code >= 500 else "malformed_body")
    headers = dict(error.headers or {})
    if code == "method_not_allowed":
        headers["Allow"] = allowed_methods(request.app, request.url.path)
    return answer(request, Fault(code, str(error.detail)), headers)


def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        return answer(request, Fault("malformed_body", str(found[0]["msg"]), issues=as_issues(found)))
    return answer(request, Fault("invalid_request", f"{len(found)} problem(s)", issues=as_issues(found)))


def as_issues(found: Sequence[Mapping[str, Any]], *above: str) -> list[dict[str, Any]]:
    """What pydantic has found, as issues; of very many the first.

    Parameters
    ----------
    found : sequence of mapping
        Errors of pydantic.
    *above : str
        Where the value stands that was looked at: ``body``.
    """
    return [
        {
            "code": str(e["type"]),
            "severity": "error",
            "message": _said(e),
            "column": ".".join(str(p) for p in (*above, *e["loc"])),
            **({"remedy": str(e["ctx"]["remedy"])} if "remedy" in e.get("ctx", ()) else {}),
        }
        for e in found[:ISSUES_MAX]
    ]


def _said(found: Mapping[str, Any]) -> str:
    """What pydantic says, without its own words for what this service has refused, and without patterns of names."""
    if found["type"] == "string_pattern_mismatch" and BIDI in found["ctx"]["pattern"]:
        return "holds characters that no name has: control characters, or ones that turn a text or take no room"
    if found["type"] == "string_pattern_mismatch" and CONTROL in found["ctx"]["pattern"]:
        return "holds control characters"
    return str(found["msg"]).removeprefix("Value error, ")


def _input(request: Request, error: Exception) -> Response:
    assert isinstance(error, InputError)
    return _refuse(request, from_input(error, request.app.state.services.settings))


def from_input(error: InputError, settings: Settings) -> Fault:
    """The answer to a case with errors: all issues; 413 when it is only too large."""
    issues = [i.as_dict() for i in error.issues]
    codes = {i.code for i in error.issues if i.severity == "error"}
    if codes and codes <= set(_TOO_LARGE):
        first = next(i for i in error.issues if i.code in _TOO_LARGE)
        limit = settings.max_rows if first.code == "too_many_rows" else settings.max_upload_bytes
        return Fault(_TOO_LARGE[first.code], first.message, issues=issues, limit=limit)
    return Fault("bad_input", str(error), issues=issues)


def _usage(request: Request, error: Exception) -> Response:
    assert isinstance(error, UsageError)
    return _refuse(request, from_usage(error))


def _gone(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    """Nobody reads this answer; it ends the request as what it is, no failure of the service."""
    return answer(request, Fault("malformed_body", "the connection ended before the body did"))


def _database(request: Request, error: Exception) -> JSONResponse:
    logger.warning("store: %s", error, exc_info=True)
    return answer(request, Fault("storage_full" if has_no_room(error) else "store_unavailable"))


def _unexpected(request: Request, error: Exception) -> Response:
    logger.error("unhandled error", exc_info=error)
    return _refuse(request, Fault("internal_error"))
