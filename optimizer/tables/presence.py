"""What of a case with a horizon is there in no period: left out, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.case import Case
    from optimizer.domain.time.stills import Still
    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.checks.parsed import ParsedTables

__all__ = ["only_present"]


def only_present(case: Case, stills: Iterable[Still], tables: ParsedTables, findings: Findings) -> Case:
    """The case without the demands and entities that no period holds."""
    there = {d.key for still in stills for d in still.case.demands}
    table = tables["demands"]
    for at, key in enumerate(zip(table["entity"], table["service"], strict=True)):
        if key not in there:
            table.report(findings, "demand_absent", f"{' | '.join(key)} is there in no period", at, "entity")
    entities = {entity for entity, _ in there}
    return case.having(
        demands=tuple(d for d in case.demands if d.key in there),
        entities=tuple(e for e in case.entities if e.id in entities),
        absent_entities=tuple(e for e in case.entities if e.id not in entities),
    )
