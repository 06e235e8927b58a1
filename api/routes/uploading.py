"""The upload of a request, as a dependency, and how it is described."""

from __future__ import annotations

import copy
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Depends, Request

from api.casedoc import NAME
from api.deps import OnceDep, form_files, is_form
from api.uploads import JSON, MULTIPART, XLSX, ZIP, Upload, assemble

__all__ = ["ANY_BODY", "UPLOAD_BODY", "UploadDep"]

_BINARY = {"schema": {"type": "string", "format": "binary"}}

UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A case: a JSON document, an XLSX workbook, a zip of CSV tables, or a form of CSV files.",
        "content": {
            JSON: {"schema": {"$ref": f"#/components/schemas/{NAME}"}},
            XLSX: _BINARY,
            ZIP: _BINARY,
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                    "required": ["files"],
                }
            },
        },
    }
}


ANY_BODY: dict[str, Any] = copy.deepcopy(UPLOAD_BODY)
"""For checks: a document with errors is what they are for."""
ANY_BODY["requestBody"]["content"][JSON] = {"schema": {"type": "object"}}


async def upload_of(request: Request, once: OnceDep) -> Upload:  # noqa: ARG001 (reads the form first)
    """The case that the request carries."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    files = await form_files(request)
    body = b"" if is_form(request) else await request.body()
    return await to_thread.run_sync(assemble, media_type, body, files)  # packs the files of a form


UploadDep = Annotated[Upload, Depends(upload_of)]
