"""A change to a case as a list of operations on rows, readable and reversible by people."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from optimizer.io.schema import TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["apply_patch"]


def apply_patch(tables: Mapping[str, Any], operations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """New tables; what does not fit is refused, all of it at once.

    Parameters
    ----------
    tables : mapping
        Canonical tables of a case.
    operations : sequence of mapping
        ``op``, ``table`` and ``row`` of each (see ``api.schemas.cases.PatchOperation``).

    Raises
    ------
    Fault
        ``bad_input`` with an issue for each operation that cannot be done.
    """
    out = copy.deepcopy(dict(tables))
    issues: list[dict[str, Any]] = []
    for number, operation in enumerate(operations, 1):
        told = _apply(out, operation)
        if told:
            issues.append(
                {"code": "patch", "severity": "error", "message": told, "table": operation["table"], "row": number}
            )
    if issues:
        raise Fault("bad_input", f"{len(issues)} operation(s) cannot be done", issues=issues)
    return out


def _apply(tables: dict[str, Any], operation: Mapping[str, Any]) -> str:
    """Do one operation; the reason when it cannot be done."""
    op, row = operation["op"], dict(operation["row"])
    if operation["table"] == "policy":
        return _policy(tables.setdefault("policy", {}), op, row)
    table = TABLE_NAMES.get(operation["table"])
    if table is None:
        return f"there is no table {operation['table']}"
    rows: list[dict[str, Any]] = tables.setdefault(table.name, [])
    if not table.key:
        return _keyless(rows, op, row)
    missing = [k for k in table.key if row.get(k) in (None, "")]
    if missing:
        return f"the row needs its key: {', '.join(missing)}"
    at = next((i for i, r in enumerate(rows) if all(_same(r.get(k), row[k]) for k in table.key)), None)
    if op == "remove":
        if at is None:
            return "there is no row of this key"
        del rows[at]
    elif at is None:
        rows.append({k: v for k, v in row.items() if v is not None})
    else:
        rows[at] = {k: v for k, v in {**rows[at], **row}.items() if v is not None}
    return ""


def _policy(policy: dict[str, Any], op: str, values: dict[str, Any]) -> str:
    """Set keys of the policy, or go back to their defaults."""
    for key, value in values.items():
        head, _, part = key.partition(".")
        place = policy.setdefault(head, {}) if part else policy
        if not isinstance(place, dict):
            return f"{head} has no parts"
        if op == "remove" or value is None:
            place.pop(part or head, None)
        else:
            place[part or head] = value
    return ""


def _keyless(rows: list[dict[str, Any]], op: str, row: dict[str, Any]) -> str:
    """Tables without a key: rows are added, and removed by the columns given."""
    if op == "set":
        rows.append({k: v for k, v in row.items() if v is not None})
        return ""
    kept = [r for r in rows if not all(_same(r.get(k), v) for k, v in row.items())]
    if not row or len(kept) == len(rows):
        return "no row has these values"
    rows[:] = kept
    return ""


def _same(held: Any, given: Any) -> bool:
    """Keys are texts, but a tier's volume may come as 0 or 0.0."""
    if isinstance(held, int | float) and isinstance(given, int | float):
        return float(held) == float(given)
    return str(held) == str(given)
