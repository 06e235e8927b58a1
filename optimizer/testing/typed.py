"""Cases made of typed rows, past the reader, with the tables that say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.case import Case
from optimizer.tables.canonical import canonical_policy, canonical_rows
from optimizer.tables.schema import POLICY_TABLE, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.tables.schema import Table

__all__ = ["case_of", "edited", "tables_of"]

_PLACE: Final = ("latitude", "longitude", "country", "city")
_WORK: Final = {"time_zone": "time_zone", "work_start": "start", "work_end": "end", "weekend": "weekend"}
_TYPED: Final = (
    "policy",
    "entities",
    "services",
    "demands",
    "providers",
    "offers",
    "tiers",
    "current",
    "decisions",
    "assumptions",
    "countries",
    "absent_entities",
    "name",
    "paths",
    "profiles",
    "staffing",
    "freezes",
    "precedence",
    "budgets",
    "commitments",
    "agreements",
    "indicators",
    "measurements",
    "surveys",
)


def case_of(**fields: Any) -> Case:
    """A case of typed rows, with the tables that say the same; nothing is checked, rows stay in their order.

    Parameters
    ----------
    **fields
        As ``Case`` takes them, but for ``tables``.
    """
    return Case(**fields, tables=_tables(fields))


def edited(case: Case, **fields: Any) -> Case:
    """The case with other typed rows and the tables that say the same; nothing is checked.

    For tests that need what the reader refuses, or many cases quickly; everybody else wants
    ``optimizer.replace``, which reads and checks.

    Parameters
    ----------
    case : Case
    **fields
        Tuples of rows by table, ``policy``, ``countries``, ``absent_entities``, ``name``.

    Raises
    ------
    TypeError
        A case has no such field.
    """
    if unknown := sorted(set(fields) - set(_TYPED)):
        raise TypeError(f"a case has no {', '.join(unknown)}")
    return case_of(**{name: getattr(case, name) for name in _TYPED} | fields)


def tables_of(case: Case) -> dict[str, Any]:
    """Canonical tables of a case's typed rows: what ``Case.tables`` would be had they been read."""
    return _tables({name: getattr(case, name) for name in _TYPED})


def _tables(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Tables of typed rows; demands without volume leave no trace in them."""
    out: dict[str, Any] = {}
    for schema in TABLES:
        rows = list(fields.get(schema.name, ()))
        if schema.name == "entities":
            rows = sorted((*rows, *fields.get("absent_entities", ())), key=lambda e: e.id)
        if rows:
            out[schema.name] = canonical_rows(schema, _columns(schema, rows))
    out[POLICY_TABLE] = canonical_policy(fields["policy"])
    return out


def _columns(schema: Table, rows: Sequence[Any]) -> Mapping[str, list[Any]]:
    return {c.name: [_cell(row, schema.name, c.name) for row in rows] for c in schema.columns}


def _cell(row: Any, table: str, column: str) -> Any:
    if column in _PLACE and hasattr(row, "place"):
        return getattr(row.place, column)
    if column in _WORK and hasattr(row, "work"):
        return getattr(row.work, _WORK[column])
    if (table, column) == ("demands", "volume") and row.basis == "estimated":
        return None
    return getattr(row, "from_" if column == "from" else column)
