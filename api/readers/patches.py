"""A change to a case as a list of operations on rows, readable and reversible by people."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from optimizer.tables.schema import TABLE_NAMES

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
    held: dict[str, _Rows] = {}
    issues: list[dict[str, Any]] = []
    for number, operation in enumerate(operations, 1):
        told = _apply(out, held, operation)
        if told:
            issues.append(
                {"code": "patch", "severity": "error", "message": told, "table": operation["table"], "row": number}
            )
    if issues:
        raise Fault("bad_input", f"{len(issues)} operation(s) cannot be done", issues=issues)
    return {**out, **{name: rows.left() for name, rows in held.items()}}


class _Rows:
    """Rows of a table, found by their key without looking at each: a patch may have thousands of operations.

    Parameters
    ----------
    rows : list of dict
    key : tuple of str
        Columns of the key.
    """

    def __init__(self, rows: list[dict[str, Any]], key: tuple[str, ...]) -> None:
        self._rows: list[dict[str, Any] | None] = list(rows)
        self._key = key
        self._places: dict[tuple[Any, ...], list[int]] = {}
        for at, row in enumerate(rows):
            self._places.setdefault(self._coarse(row), []).append(at)

    def left(self) -> list[dict[str, Any]]:
        """Those that are there, in their order."""
        return [row for row in self._rows if row is not None]

    def set(self, row: dict[str, Any]) -> None:
        """Add a row, or change the columns given of the one that is there."""
        place = self._coarse(row)
        at = self._at(place, row)
        if at is None:
            self._places.setdefault(place, []).append(len(self._rows))
            self._rows.append(_filled(row))
        else:
            self._rows[at] = _filled({**(self._rows[at] or {}), **row})

    def remove(self, row: dict[str, Any]) -> bool:
        """Take the row of a key away; whether there was one."""
        place = self._coarse(row)
        at = self._at(place, row)
        if at is None:
            return False
        self._rows[at] = None
        self._places[place].remove(at)
        return True

    def _at(self, place: tuple[Any, ...], row: dict[str, Any]) -> int | None:
        for at in self._places.get(place, ()):
            found = self._rows[at]
            if found is not None and all(_same(found.get(k), row[k]) for k in self._key):
                return at
        return None

    def _coarse(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """Equal for keys that are the same, and seldom for others."""
        return tuple(_number(row.get(k)) for k in self._key)


def _number(value: Any) -> Any:
    """A number where a value is or reads like one."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return str(value)
    return number if number == number else str(value)  # nan is never equal


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in row.items() if v is not None}


def _apply(tables: dict[str, Any], held: dict[str, _Rows], operation: Mapping[str, Any]) -> str:
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
    if table.name not in held:
        held[table.name] = _Rows(rows, table.key)
    if op == "set":
        held[table.name].set(row)
        return ""
    return "" if held[table.name].remove(row) else "there is no row of this key"


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
        rows.append(_filled(row))
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
