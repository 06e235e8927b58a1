"""What changed in the input from one case to another: rows by table and key, cells, policy keys."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from optimizer.tables.schema import POLICY_TABLE, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.tables.schema import Table

__all__ = ["changed_inputs"]


def changed_inputs(a: Case, b: Case) -> dict[str, Any]:
    """Differences of the tables and the policy of two cases, as they were read (blanks left out).

    Returns
    -------
    dict
        ``tables``: those that differ, each with ``table``, ``key`` (names of its key columns), ``added`` and
        ``removed`` (rows), ``changed`` (``key`` with its values and ``cells``: column, a, b). A table without a key
        has no changed rows: one went, another came. ``policy``: key, a, b; ``None`` where one case leaves it out.
    """
    tables = [_table(t, a.tables.get(t.name) or (), b.tables.get(t.name) or ()) for t in TABLES]
    return {
        "tables": [t for t in tables if t["added"] or t["removed"] or t["changed"]],
        "policy": _cells("key", _flat(a.tables.get(POLICY_TABLE) or {}), _flat(b.tables.get(POLICY_TABLE) or {})),
    }


def _table(table: Table, a: Sequence[Mapping[str, Any]], b: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {"table": table.name, "key": list(table.key)}
    if not table.key:
        return {**out, "added": _beyond(b, a), "removed": _beyond(a, b), "changed": []}
    mine, yours = ({tuple(r.get(k) for k in table.key): r for r in rows} for rows in (a, b))
    changed = [
        {"key": dict(zip(table.key, key, strict=True)), "cells": cells}
        for key in mine
        if key in yours and (cells := _cells("column", mine[key], yours[key]))
    ]
    added = [dict(r) for key, r in yours.items() if key not in mine]
    return {**out, "added": added, "removed": [dict(r) for k, r in mine.items() if k not in yours], "changed": changed}


def _beyond(rows: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows that stand here more often than there."""
    left = Counter(_whole(r) for r in others)
    out = []
    for row in rows:
        if left[_whole(row)]:
            left[_whole(row)] -= 1
        else:
            out.append(dict(row))
    return out


def _whole(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((k, repr(v)) for k, v in row.items()))


def _cells(name: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{name: k, "a": a.get(k), "b": b.get(k)} for k in sorted({*a, *b}) if a.get(k) != b.get(k)]


def _flat(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Policy keys with those of its tables beside them: ``transition.separation``."""
    out: dict[str, Any] = {}
    for key, value in policy.items():
        if isinstance(value, dict):
            out |= {f"{key}.{k}": v for k, v in value.items()}
        else:
            out[key] = value
    return out
