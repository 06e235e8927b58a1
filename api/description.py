"""The OpenAPI description: what routes say of themselves, and what they cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from fastapi.openapi.utils import get_openapi

from api.access import OPEN, ROUTES
from api.casedoc import NAME, case_schema
from api.schemas.problem import Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["allowed_methods", "describe"]

METHODS: Final = ("get", "post", "put", "patch", "delete")
CREATED: Final = {
    # operation that makes one → (path parameter that names it, status)
    "create_case": ("case_id", "201"),
    "create_validation": ("validation_id", "201"),
    "create_plan": ("plan_id", "202"),
    "create_key": ("key_id", "201"),
    "create_webhook": ("webhook_id", "201"),
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same request with the same key has one effect and one answer.",
}  # fmt: skip


def describe(app: FastAPI) -> dict[str, Any]:
    """The description, made once."""
    if app.openapi_schema is None:
        described = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes,
            separate_input_output_schemas=False,
        )  # fmt: skip
        schemas = described["components"]["schemas"]
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= {**problem.pop("$defs", {}), "Problem": problem, NAME: case_schema()}
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for _, method, operation in _operations(described):
            if method == "post":
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
            if ROUTES.get(operation["operationId"]) == OPEN:
                _open(operation)
        _link(described)
        app.openapi_schema = described
    return app.openapi_schema


def _operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def _open(operation: dict[str, Any]) -> None:
    """Routes that need no key."""
    operation.pop("security", None)
    for status in ("401", "403"):
        operation["responses"].pop(status, None)


def _link(described: dict[str, Any]) -> None:
    """Say which operations take what an operation has made."""
    operations = {o["operationId"]: (path, o) for path, _, o in _operations(described)}
    for maker, (parameter, status) in CREATED.items():
        links: dict[str, Any] = {}
        for name, (path, _) in operations.items():
            wanted = re.findall(r"\{(\w+)\}", path)
            values = {parameter: "$response.body#/id", "number": "$response.body#/latest_revision"}
            if parameter in wanted and set(wanted) <= set(values):
                links[name] = {"operationId": name, "parameters": {w: values[w] for w in wanted}}
        if maker == "create_case":
            links["create_plan"] = {"operationId": "create_plan", "requestBody": {"case": "$response.body#/id"}}
        operations[maker][1]["responses"][status]["links"] = links


def allowed_methods(app: FastAPI, path: str) -> str:
    """Methods that the description knows for a path, for the header ``Allow``."""
    found = set()
    for template, methods in describe(app)["paths"].items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path):
            found |= {m.upper() for m in METHODS if m in methods}
    return ", ".join(sorted(found))
