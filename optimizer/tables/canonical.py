"""The canonical case: one form for every equal input.

Rows sorted by key, numbers as JSON numbers without trailing zeros, cells left out that are blank
or equal to the column's default, places settled, policy complete.
"""

from __future__ import annotations

import json
from datetime import date, time
from typing import TYPE_CHECKING, Any, Protocol

from optimizer.tables.parse.cells import LIST_TYPES, PARSERS
from optimizer.tables.places.reference import WEEKDAYS
from optimizer.tables.schema import POLICY_TABLE, TABLES, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.policy import Policy
    from optimizer.tables.checks.parsed import ParsedTables
    from optimizer.tables.places.locate import Located

__all__ = ["Row", "canonical_policy", "canonical_rows", "canonical_tables", "plain_number", "sort_tables"]

Row = dict[str, Any]


class Columns(Protocol):
    """A table as columns of parsed values."""

    def __getitem__(self, column: str, /) -> list[Any]: ...


def plain_number(value: float) -> float | int:
    """The number as JSON writes it shortest: whole numbers without a point."""
    return int(value) if float(value).is_integer() else value


def sort_tables(tables: ParsedTables) -> None:
    """Put the rows of every table into the order of their keys (of their content when they have none)."""
    for schema in TABLES:
        table = tables[schema.name]
        if schema.key:
            keys: Sequence[Any] = list(zip(*map(table.__getitem__, schema.key), strict=True))
        else:
            keys = [json.dumps(row, sort_keys=True) for row in canonical_rows(schema, table)]
        order = sorted(range(len(table)), key=keys.__getitem__)
        if order != list(range(len(table))):
            table.rows = [table.rows[i] for i in order]
            table.values = {c: [v[i] for i in order] for c, v in table.values.items()}


def canonical_tables(tables: ParsedTables, policy: Policy) -> dict[str, Any]:
    """Canonical tables and effective policy of sorted tables.

    Estimated volumes stay blank: they follow from other cells.
    """
    out: dict[str, Any] = {}
    for schema in TABLES:
        table = tables[schema.name]
        if not len(table):
            continue
        out[schema.name] = canonical_rows(schema, table, _settled(table.values.get("located", ())))
    out[POLICY_TABLE] = canonical_policy(policy)
    return out


def _settled(places: Sequence[Located]) -> dict[str, list[Any]]:
    if not places:
        return {}
    return {
        "latitude": [p.place.latitude for p in places],
        "longitude": [p.place.longitude for p in places],
        "country": [p.place.country for p in places],
        "time_zone": [p.time_zone for p in places],
        "weekend": [p.weekend for p in places],
    }


def canonical_rows(schema: Table, table: Columns, replaced: dict[str, list[Any]] | None = None) -> list[Row]:
    """Rows of a table as plain JSON objects; some columns may be replaced by settled values."""
    columns: dict[str, list[Any]] = {}
    gaps = False
    for column in schema.columns:
        values, blanks = _canonical_column((replaced or {}).get(column.name, table[column.name]), column)
        if blanks < len(values):
            columns[column.name] = values
            gaps = gaps or blanks > 0
    names = tuple(columns)
    rows = zip(*columns.values(), strict=True)
    if not gaps:
        return [dict(zip(names, row, strict=True)) for row in rows]
    return [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in rows]


def _canonical_column(values: list[Any], column: Column) -> tuple[list[Any], int]:
    """Values as JSON, and how many are blank."""
    default = PARSERS[column.type](column.default, column) if column.default else None
    kept = {v: _plain(v, column) for v in set(values)}
    if default is not None:
        kept[default] = None
    plain = [kept[v] for v in values]
    return plain, plain.count(None)


def _plain(value: Any, column: Column) -> Any:
    """One value as JSON, ``None`` when it is blank."""
    if value is None or value == "":
        return None
    if column.type == "weekdays":
        return [WEEKDAYS[d] for d in sorted(value)] or "none"
    if column.type in LIST_TYPES:
        return sorted(value) or None
    if isinstance(value, float):
        return plain_number(value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else value


def canonical_policy(policy: Policy) -> dict[str, Any]:
    """Effective policy with numbers in their shortest form."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, list):
            return [plain(v) for v in value]
        return plain_number(value) if isinstance(value, float) else value

    return {k: plain(v) for k, v in policy.as_mapping().items()}
