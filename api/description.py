"""The OpenAPI description: what routes say of themselves, and what they cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from fastapi.openapi.utils import get_openapi

from api.access import OPEN, ROUTES
from api.casedoc import NAME, case_schema
from api.catalogue import PROBLEMS
from api.schemas.problem import MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["METHODS", "allowed_methods", "describe"]

METHODS: Final = ("get", "post", "put", "patch", "delete")
_ID: Final = "$response.body#/id"
_FIRST: Final = "$response.body#/items/0/id"
GIVES: Final[dict[str, tuple[tuple[str, ...], dict[str, str]]]] = {
    # operation whose answer tells an id → (statuses, parameters with their place in the answer: first its own)
    "create_case": (("201",), {"case_id": _ID, "number": "$response.body#/latest_revision"}),
    "create_draft": (("201",), {"draft_id": _ID}),
    "start_draft": (("201",), {"draft_id": _ID}),
    "list_drafts": (("200",), {"draft_id": _FIRST}),
    "create_validation": (("201",), {"validation_id": _ID}),
    "create_plan": (("202",), {"plan_id": _ID}),
    "create_study": (("202",), {"study_id": _ID}),
    "create_price_list": (("201",), {"price_list_id": _ID}),
    "create_ledger": (("201",), {"ledger_id": _ID}),
    "create_objection": (("201",), {"objection_id": _ID}),
    "create_decision": (("201",), {"decision_id": _ID}),
    "create_baseline": (("201",), {"baseline_id": _ID}),
    "create_evaluation": (("201", "202"), {"evaluation_id": _ID}),
    "create_comparison": (("201",), {"comparison_id": _ID}),
    "create_events": (("202", "200"), {"event_id": "$response.body#/events/0/id"}),
    "create_schedule": (("201",), {"schedule_id": _ID}),
    "create_key": (("201",), {"key_id": _ID}),
    "create_webhook": (("201",), {"webhook_id": _ID}),
    "list_cases": (("200",), {"case_id": _FIRST, "number": "$response.body#/items/0/latest_revision"}),
    "list_validations": (("200",), {"validation_id": _FIRST}),
    "list_plans": (("200",), {"plan_id": _FIRST}),
    "list_studies": (("200",), {"study_id": _FIRST}),
    "list_jobs": (("200",), {"job_id": _FIRST}),
    "list_price_lists": (("200",), {"price_list_id": _FIRST}),
    "list_ledgers": (("200",), {"ledger_id": _FIRST}),
    "keep_study_plan": (("201", "200"), {"plan_id": _ID}),
    "list_objections": (("200",), {"objection_id": _FIRST}),
    "list_decisions": (("200",), {"decision_id": _FIRST}),
    "list_baselines": (("200",), {"baseline_id": _FIRST}),
    "list_evaluations": (("200",), {"evaluation_id": _FIRST}),
    "list_comparisons": (("200",), {"comparison_id": _FIRST}),
    "list_events": (("200",), {"event_id": _FIRST}),
    "list_schedules": (("200",), {"schedule_id": _FIRST}),
    "list_keys": (("200",), {"key_id": _FIRST}),
    "list_webhooks": (("200",), {"webhook_id": _FIRST}),
}
LEADS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    # operation → operations that take its id elsewhere than in their path
    "create_case": {
        "create_plan": {"requestBody": {"case": _ID}},
        "create_baseline": {"requestBody": {"case": _ID}},
        "create_evaluation": {"requestBody": {"case": _ID}},
        "create_study": {"requestBody": {"case": _ID}},
        "create_events": {"requestBody": {"case": _ID}},
        "list_plans": {"parameters": {"query.case": _ID}},
        "list_studies": {"parameters": {"query.case": _ID}},
        "list_events": {"parameters": {"query.case": _ID}},
    },
    "create_plan": {
        "create_comparison": {"requestBody": {"first_plan": _ID, "second_plan": _ID}},
        "create_baseline": {"requestBody": {"case": "$response.body#/case", "plan": _ID}},
    },
    "create_baseline": {
        "get_baseline_savings": {"parameters": {"path.baseline_id": _ID, "query.plan": "$response.body#/plan"}},
    },
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same request with the same key has one effect and one answer.",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The description, made once."""
    if app.openapi_schema is None:
        described = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            separate_input_output_schemas=False,
        )
        schemas = described["components"]["schemas"]
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= {**problem.pop("$defs", {}), "Problem": problem, NAME: case_schema()}
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for _, method, operation in _operations(described):
            if method in ("post", "patch"):
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
            if ROUTES.get(operation["operationId"]) == OPEN:
                _open(operation)
            if "requestBody" in operation:
                _only_what_is_described(operation)
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


def _only_what_is_described(operation: dict[str, Any]) -> None:
    """A body of another media type than those of the description is refused before it is read."""
    told = {"description": f"`unsupported_media_type`: {PROBLEMS['unsupported_media_type'].title}"}
    schema = {"$ref": "#/components/schemas/Problem"}
    operation["responses"].setdefault("415", {**told, "content": {MEDIA_TYPE: {"schema": schema}}})


def _link(described: dict[str, Any]) -> None:
    """Say which operations take the ids that an operation tells."""
    operations = {o["operationId"]: (path, o) for path, _, o in _operations(described)}
    for maker, (statuses, values) in GIVES.items():
        links: dict[str, Any] = {}
        for name, (path, _) in operations.items():
            wanted = re.findall(r"\{(\w+)\}", path)
            if next(iter(values)) in wanted and set(wanted) <= set(values):
                links[name] = {"operationId": name, "parameters": {w: values[w] for w in wanted}}
        links |= {name: {"operationId": name, **how} for name, how in LEADS.get(maker, {}).items()}
        for status in statuses:
            operations[maker][1]["responses"][status]["links"] = links


def allowed_methods(app: FastAPI, path: str) -> str:
    """Methods that the description knows for a path, for the header ``Allow``."""
    found = set()
    for template, methods in describe(app)["paths"].items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path):
            found |= {m.upper() for m in METHODS if m in methods}
    return ", ".join(sorted(found))
