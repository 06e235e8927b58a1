"""Entity tags: who has the current state gets a short answer."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response

if TYPE_CHECKING:
    from fastapi import Request
    from pydantic import BaseModel

__all__ = ["NOT_MODIFIED", "content", "tagged"]

NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "What you hold is current (`If-None-Match`)"}
}


def tagged(request: Request, body: BaseModel) -> Response:
    """A body with its tag, or 304."""
    data = body.model_dump_json().encode()
    return content(request, data, "application/json", f'"{hashlib.sha256(data).hexdigest()[:32]}"')


def content(request: Request, data: bytes, media_type: str, tag: str, file: str = "") -> Response:
    """Bytes with their tag, or 304; ``file`` makes browsers save them."""
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    given = request.headers.get("if-none-match", "")
    if given == "*" or tag in [t.strip().removeprefix("W/") for t in given.split(",")]:
        return Response(status_code=304, headers=headers)
    if file:
        headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return Response(data, headers=headers, media_type=media_type)
