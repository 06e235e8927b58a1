"""Keys and references: no row twice, no id that leads nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.names import OWN
from optimizer.tables.checks.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.checks.parsed import ParsedTable, ParsedTables

__all__ = ["check_keys", "check_references"]

_DUPLICATE = {"current": "duplicate_current", "tiers": "tier_order"}
"""Codes of tables whose repeated key has a meaning of its own."""


def check_keys(tables: ParsedTables, keys: Iterable[tuple[str, tuple[str, ...]]], findings: Findings) -> None:
    """Report rows that repeat the key of an earlier row of their table."""
    for name, columns in keys:
        table = tables[name]
        if not columns:
            continue
        values: list[Any] = (
            table[columns[0]] if len(columns) == 1 else list(zip(*map(table.__getitem__, columns), strict=True))
        )
        if len(set(values)) == len(values):
            continue
        code = _DUPLICATE.get(name, "duplicate_id" if columns == ("id",) else "duplicate_key")
        first: dict[Any, int] = {}
        for at in list(table.good(*columns)):
            earlier = first.setdefault(values[at], at)
            if earlier != at:
                table.bad.setdefault(columns[-1], set()).add(at)
                shown = values[at] if len(columns) == 1 else " | ".join(map(str, values[at]))
                table.report(
                    findings,
                    code,
                    f"{shown} is in row {table.rows[earlier]} already",
                    at,
                    columns[-1],
                    value=shown,
                    first=table.rows[earlier],
                )


def check_references(tables: ParsedTables, references: Iterable[tuple[str, str, str, str]], findings: Findings) -> None:
    """Report ids that no row of the table they refer to has.

    Parameters
    ----------
    tables : ParsedTables
    references : iterable of (table, column, type, table referred to)
        ``source`` columns may say OWN, ``scope`` columns ``*`` or ``kind:<kind>``.
    findings : Findings
    """
    for name, column, kind, refers in references:
        table = tables[name]
        if not tables[refers].given or "id" not in tables[refers].text:
            continue  # the table or its ids are missing or damaged, which has been reported
        known = _ids(tables[refers])
        if kind == "source":
            known.add(OWN)
        unknown = {v for v in set(table[column]) - known if not (kind == "scope" and _scope(v, refers))}
        if unknown and len(unknown) <= tables[refers].dropped + len(tables[refers].bad.get("id", ())):
            _mark(table, column, unknown)  # rows and ids that were refused there explain all of them
        elif unknown:
            _report_unknown(table, column, unknown, refers, sorted(known - {""}), findings)


def _ids(table: ParsedTable) -> set[str]:
    """Ids of a table, refused ones included: their fault is reported where they stand."""
    cells = table.text["id"]
    return {"", *table["id"], *(cells[at].strip() for at in table.bad.get("id", ()))}


def _scope(value: str, refers: str) -> bool:
    return value == "*" or (refers == "entities" and value.startswith("kind:"))


def _mark(table: ParsedTable, column: str, unknown: set[str]) -> list[int]:
    """Count cells with unknown ids as refused; return those that were not refused before."""
    bad = table.bad.setdefault(column, set())
    found = [at for at, value in enumerate(table[column]) if value in unknown and at not in bad]
    bad.update(found)
    return found


def _report_unknown(
    table: ParsedTable, column: str, unknown: set[str], refers: str, known: Sequence[str], findings: Findings
) -> None:
    guesses: dict[str, str] = {}
    for at in _mark(table, column, unknown):
        value = table[column][at]
        if value not in guesses:
            guesses[value] = did_you_mean(value, known) if len(guesses) < 20 else ""
        told = f"{value!r} is no id of {refers}"
        table.report(findings, "dangling_reference", told, at, column, refers=refers, guess=guesses[value])
