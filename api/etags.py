"""Entity tags: who has the current state gets a short answer."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Header, Response

from api.accesses import DOWNLOADS
from api.faults import Fault

if TYPE_CHECKING:
    from fastapi import Request
    from pydantic import BaseModel

__all__ = ["NOT_MODIFIED", "IfMatch", "content", "demand", "tag_of", "tagged"]

NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "What you hold is current (`If-None-Match`)"}
}

IfMatch = Annotated[str | None, Header(max_length=2000, description="go on only while this is the current `ETag`")]


def tag_of(data: bytes) -> str:
    """The tag of a body that is made anew for each answer."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def demand(if_match: str | None, body: BaseModel) -> None:
    """Go on only while the caller knows the current state; a weak tag is never enough.

    Raises
    ------
    Fault
        ``precondition_failed``.
    """
    if if_match is None or if_match.strip() == "*":
        return
    if tag_of(body.model_dump_json().encode()) not in [t.strip() for t in if_match.split(",")]:
        raise Fault("precondition_failed", "the ETag that If-Match names is not the current one")


def tagged(request: Request, body: BaseModel) -> Response:
    """A body with its tag, or 304."""
    data = body.model_dump_json().encode()
    return content(request, data, "application/json", tag_of(data))


def content(request: Request, data: bytes, media_type: str, tag: str, file: str = "") -> Response:
    """Bytes with their tag, or 304; ``file`` makes browsers save them. Whole documents are recorded as handed out."""
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    given = request.headers.get("if-none-match", "")
    if given == "*" or tag in [t.strip().removeprefix("W/") for t in given.split(",")]:
        return Response(status_code=304, headers=headers)
    _record(request)
    if file:
        headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return Response(data, headers=headers, media_type=media_type)


def _record(request: Request) -> None:
    operation = request.state.operation
    if operation in DOWNLOADS:
        subject = request.path_params[f"{DOWNLOADS[operation]}_id"]
        request.app.state.services.accesses.downloaded(request.state.caller, operation, subject)
