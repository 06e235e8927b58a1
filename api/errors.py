"""Problem answers (RFC 9457): the exception, the body, the only map from other errors to answers."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.catalogue import PROBLEMS
from api.schemas.problem import Problem
from optimizer.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MEDIA_TYPE", "ProblemError", "answer", "install", "problems"]

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "5"
ALWAYS = ("unauthenticated", "forbidden", "invalid_request", "body_too_large", "internal_error", "store_unavailable")
_BY_STATUS = {
    400: "malformed_body", 404: "not_found", 405: "method_not_allowed", 406: "not_acceptable",
    413: "body_too_large", 415: "unsupported_media_type",
}  # fmt: skip
_TOO_LARGE = {"file_too_large": "body_too_large", "too_many_rows": "too_many_rows"}


class ProblemError(HTTPException):
    """A deliberate answer of the catalogue.

    Parameters
    ----------
    code : str
        Of ``catalogue.PROBLEMS``.
    detail : str
        What is wrong with this request, in words.
    headers : mapping, optional
    **more
        Further members of the body: ``issues``, ``limit`` …
    """

    def __init__(self, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        kind = PROBLEMS[code]
        super().__init__(kind.status, detail or kind.title, dict(headers or {}))
        self.code = code
        self.more = more


def answer(request: Request, error: ProblemError) -> JSONResponse:
    """The response for a problem."""
    kind = PROBLEMS[error.code]
    body = Problem(
        type=f"urn:designate:problem:{kind.code}",
        title=kind.title,
        status=kind.status,
        detail=error.detail,
        code=kind.code,
        remedy=kind.remedy,
        instance=request.url.path,
        request_id=getattr(request.state, "request_id", ""),
        **error.more,
    )
    headers = dict(error.headers or {})
    if kind.status == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("WWW-Authenticate", "Bearer")
    if kind.status in (429, 503):
        headers.setdefault("Retry-After", RETRY_AFTER_S)
    content = body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, kind.status, headers, media_type=MEDIA_TYPE)


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
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(InputError, _input)
    app.add_exception_handler(UsageError, _usage)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeout, _database)
    app.add_exception_handler(Exception, _unexpected)


def _http(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, ProblemError):
        return answer(request, error)
    assert isinstance(error, HTTPException)
    code = _BY_STATUS.get(error.status_code, "internal_error" if error.status_code >= 500 else "malformed_body")
    return answer(request, ProblemError(code, str(error.detail), headers=error.headers))


def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    issues = [
        {
            "code": str(e["type"]),
            "severity": "error",
            "message": str(e["msg"]),
            "column": ".".join(str(p) for p in e["loc"]),
        }
        for e in error.errors()
    ]
    if any(i["code"] == "json_invalid" for i in issues):
        return answer(request, ProblemError("malformed_body", issues[0]["message"], issues=issues))
    return answer(request, ProblemError("invalid_request", f"{len(issues)} problem(s)", issues=issues))


def _input(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InputError)
    return answer(request, from_input(error))


def from_input(error: InputError) -> ProblemError:
    """The answer to a case with errors: all issues; 413 when it is only too large."""
    issues = [i.as_dict() for i in error.issues]
    codes = {i.code for i in error.issues if i.severity == "error"}
    if codes and codes <= set(_TOO_LARGE):
        first = next(i for i in error.issues if i.code in _TOO_LARGE)
        return ProblemError(_TOO_LARGE[first.code], first.message, issues=issues)
    return ProblemError("bad_input", str(error), issues=issues)


def _usage(request: Request, error: Exception) -> JSONResponse:
    return answer(request, ProblemError("invalid_options", str(error)))


def _database(request: Request, error: Exception) -> JSONResponse:
    logger.warning("store: %s", error, exc_info=True)
    return answer(request, ProblemError("store_unavailable"))


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    logger.error("unhandled error", exc_info=error)
    return answer(request, ProblemError("internal_error"))
