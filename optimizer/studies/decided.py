"""Decisions of a case with some of them withdrawn, so that nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from optimizer.domain.case import Case
    from optimizer.domain.types import Decision

__all__ = ["without_decisions"]


def without_decisions(case: Case, withdrawn: Callable[[Decision], Container[tuple[str, str]]]) -> list[dict[str, Any]]:
    """Rows of ``decisions`` without those that are withdrawn.

    A row that goes on for some of the demands that it speaks of is written out for each of these.

    Parameters
    ----------
    case : Case
    withdrawn : callable
        Demands, (entity, service), for which a decision is withdrawn; it need not speak of all of them.
    """
    out: list[dict[str, Any]] = []
    for row, decision in zip(case.tables.get("decisions", ()), case.decisions, strict=True):
        keys, gone = case.demands_named(decision.entity, decision.service), withdrawn(decision)
        others = [key for key in keys if key not in gone]
        if len(others) == len(keys):
            out.append(dict(row))
        else:
            held = [key for key in others if not _passes_by(case, decision, key)]
            out += [{**row, "entity": entity, "service": service} for entity, service in held]
    return out


def _passes_by(case: Case, decision: Decision, key: tuple[str, str]) -> bool:
    """A lock to today's provider says nothing of a demand that has none; by name it would be an error."""
    return decision.action == "lock" and not decision.provider and key not in case.current_of
