"""Packaged cases ready to post, and templates to fill in."""

from __future__ import annotations

from typing import Literal

from fastapi import Request, Response

import data
from api import gate
from api.errors import problems
from api.etags import NOT_MODIFIED, content
from api.faults import Fault
from api.schemas.common import Out
from api.services.starting import example_document
from api.uploads import JSON, XLSX, ZIP, packed_csv
from optimizer.tables.template import EXAMPLE, policy_template
from optimizer.tables.write import case_csv, case_json, case_xlsx

__all__ = ["router"]

router = gate.router("examples")

_BINARY = {"schema": {"type": "string", "format": "binary"}}


class ExampleOut(Out):
    """A packaged case."""

    name: str
    link: str


@router.get("/examples", responses=problems())
def list_examples() -> list[ExampleOut]:
    """Packaged cases."""
    return [ExampleOut(name=n, link=f"/v1/examples/{n}") for n in data.names()]


@router.get(
    "/examples/{name}",
    response_class=Response,
    responses={
        **problems("not_found"),
        **NOT_MODIFIED,
        200: {"content": {JSON: {"schema": {"$ref": "#/components/schemas/CaseDocument"}}}, "description": "A case"},
    },
)
def get_example(request: Request, name: str) -> Response:
    """A packaged case as a JSON document, ready to post to `/v1/cases`."""
    if name not in data.names():
        raise Fault("not_found", f"no packaged case {name!r}; there are: {', '.join(data.names())}")
    body, digest = example_document(name)
    return content(request, body, JSON, f'"{digest[:32]}"')


@router.get(
    "/templates/{kind}",
    response_class=Response,
    responses={
        **problems(),
        200: {"content": {JSON: {"schema": {"type": "object"}}, XLSX: _BINARY, ZIP: _BINARY}, "description": "A case"},
    },
)
def get_template(kind: Literal["json", "xlsx", "csv"]) -> Response:
    """A small case that shows every table and column; `csv` is a zip of files."""
    if kind == "json":
        return Response(case_json(EXAMPLE), media_type=JSON)
    if kind == "xlsx":
        return _file(case_xlsx(EXAMPLE), XLSX, "template.xlsx")
    return _file(packed_csv({**case_csv(EXAMPLE), "policy.toml": policy_template()}), ZIP, "template.zip")


def _file(body: bytes, media_type: str, name: str) -> Response:
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
