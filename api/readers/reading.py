"""What came of reading a case, as it crosses from process to process and into the store."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue

__all__ = ["Pending", "Reading", "merged", "reading_of"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A case that was read and has no errors.

    Parameters
    ----------
    name : str
    content_hash : str
        SHA-256 of the canonical case.
    tables : bytes
        The canonical case as JSON; nobody in the server needs to parse it. Empty where it was not asked for.
    summary : dict
        Sizes and dates by which a reader sees that the input was read as meant.
    decisions : bytes
        Rows of that table as JSON.
    issues : list of dict
        Warnings and information.
    """

    name: str
    content_hash: str
    tables: bytes
    summary: dict[str, Any]
    decisions: bytes
    issues: list[dict[str, Any]] = field(default_factory=list)


def reading_of(case: Case, issues: Sequence[Issue]) -> Reading:
    """The reading of a case that this process has read."""
    horizon = case.policy.horizon
    counts = {name: len(rows) for name, rows in case.tables.items() if isinstance(rows, list)}
    summary = {
        "tables": counts,
        "demands_active": len(case.demands),
        "headcount": sum(e.headcount for e in case.entities),
        "currency": case.policy.currency,
        "as_of": case.policy.as_of.isoformat(),
        "horizon": None if horizon is None else horizon.as_mapping(),
    }
    tables, decisions = _json(case.tables), _json(case.tables.get("decisions") or [])
    return Reading(case.name, case.case_hash, tables, summary, decisions, [i.as_dict() for i in issues])


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Pending:
    """A decision of a person that the next revision must have, or must have no more.

    Parameters
    ----------
    row : dict
        Of the table ``decisions``.
    withdrawn : bool
    """

    row: dict[str, Any]
    withdrawn: bool


_COLUMNS = ("action", "entity", "service", "provider", "reason", "decided_by", "date")


def merged(tables: Mapping[str, Any], pending: Sequence[Pending]) -> dict[str, Any]:
    """Tables (a copy) in which each decision has its row, and each withdrawn one has none."""
    rows = [dict(r) for r in tables.get("decisions") or []]
    for decision in pending:
        held = [r for r in rows if all(_cell(r, c) == _cell(decision.row, c) for c in _COLUMNS)]
        if decision.withdrawn:
            rows = [r for r in rows if r not in held]
        elif not held:
            rows.append(dict(decision.row))
    return {**tables, "decisions": rows}


def _cell(row: Mapping[str, Any], column: str) -> str:
    return str(row.get(column) or "")
