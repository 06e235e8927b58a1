"""JSON schema of a case document, made from the one description of tables and columns."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from optimizer.domain.policy import POLICY_KEYS
from optimizer.tables.schema import TABLES, Column, Table

__all__ = ["NAME", "case_schema"]

NAME: Final = "CaseDocument"

_LISTS = {"weekdays", "languages", "regions", "labels"}


@cache
def case_schema() -> dict[str, Any]:
    """Schema of ``{table: [row, …], policy: {…}}``; cells may be text or, where they are figures, numbers."""
    tables = {t.name: _table(t) for t in TABLES}
    keys = {k.name: {"description": k.meaning} for k in POLICY_KEYS}
    policy = {"type": "object", "properties": keys, "additionalProperties": False, "description": "Rules and prices."}
    return {
        "title": NAME,
        "type": "object",
        "description": "A case: tables of rows, and the policy. Blank cells are left out.",
        "properties": {**tables, "policy": policy},
        "required": [t.name for t in TABLES if t.required],
        "additionalProperties": False,
    }


def _table(table: Table) -> dict[str, Any]:
    row = {
        "type": "object",
        "properties": {c.name: _column(c) for c in table.columns},
        "required": [c.name for c in table.columns if c.required],
        "additionalProperties": False,
    }
    return {"type": "array", "items": row, "description": table.meaning}


def _column(column: Column) -> dict[str, Any]:
    told = column.meaning if column.unit == "-" else f"{column.meaning} [{column.unit}]"
    if column.type in ("number", "whole", "coordinate"):
        schema: dict[str, Any] = {"type": ["number", "string"]}
        if column.minimum is not None:
            schema["exclusiveMinimum" if column.above else "minimum"] = column.minimum
        if column.maximum is not None:
            schema["maximum"] = column.maximum
    elif column.type in _LISTS:
        schema = {"type": ["array", "string"], "items": {"type": "string"}}
    elif column.type == "flag":
        schema = {"type": ["boolean", "string"]}
    else:
        schema = {"type": "string"}
        if column.choices:
            schema["enum"] = list(column.choices)
    return {**schema, "description": told}
