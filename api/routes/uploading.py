"""The upload of a request, as a dependency, and how it is described."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Depends, Query, Request

from api.casedoc import NAME
from api.deps import OnceDep, form_files, is_form
from api.faults import Fault
from api.uploads import CSV, JSON, MULTIPART, XLSX, ZIP, Upload, assemble, assemble_rows
from optimizer.domain.errors import UsageError
from optimizer.tables.sources.text import code_page

__all__ = ["ANY_BODY", "ROWS_BODY", "UPLOAD_BODY", "RowsDep", "UploadDep"]

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


ROWS_BODY: dict[str, Any] = copy.deepcopy(ANY_BODY)
"""Tables of rows for a ledger."""
ROWS_BODY["requestBody"]["description"] = (
    "Tables of rows: a CSV file in UTF-8 (the first table), a zip or form of CSV files named by table, a workbook with"
    " a sheet for each, or a JSON object of tables."
)
ROWS_BODY["requestBody"]["content"][CSV] = {"schema": {"type": "string"}}


Encoding = Annotated[str, Query(max_length=40, description="code page of texts that are not UTF-8, e.g. cp1252")]


async def upload_of(request: Request, once: OnceDep, encoding: Encoding = "") -> Upload:  # noqa: ARG001 (reads the form)
    """The case that the request carries."""
    try:
        page = code_page(encoding)
    except UsageError as error:
        raise Fault("invalid_request", str(error)) from error
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    files = await form_files(request)
    body = b"" if is_form(request) else await request.body()
    upload = await to_thread.run_sync(assemble, media_type, body, files)  # packs the files of a form
    return replace(upload, encoding=page)


UploadDep = Annotated[Upload, Depends(upload_of)]


async def rows_of(request: Request, once: OnceDep) -> Upload:  # noqa: ARG001 (reads the form)
    """The tables of rows that the request carries."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    files = await form_files(request)
    body = b"" if is_form(request) else await request.body()
    return await to_thread.run_sync(assemble_rows, media_type, body, files)


RowsDep = Annotated[Upload, Depends(rows_of)]
