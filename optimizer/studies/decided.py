"""Decisions of a case with some of them withdrawn, so that nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.case import Case

__all__ = ["without_decisions"]


def without_decisions(
    case: Case, action: str, demands: Iterable[tuple[str, str]] | None = None, provider: str = ""
) -> list[dict[str, Any]]:
    """Rows of ``decisions`` without those of an action, for some demands or for all.

    A row that speaks of more demands than those is written anew for each of the others.

    Parameters
    ----------
    case : Case
    action : {"lock", "forbid"}
    demands : iterable of (entity, service), optional
        Whose decisions are withdrawn; all when left out.
    provider : str, optional
        Only what names this provider.
    """
    wanted = None if demands is None else set(demands)
    out: list[dict[str, Any]] = []
    for row in case.tables.get("decisions", []):
        meant = row["action"] == action and provider in ("", row.get("provider", ""))
        if not meant:
            out.append(dict(row))
        elif wanted is not None:
            keys = case.demands_named(row["entity"], row.get("service", ""))
            others = [key for key in keys if key not in wanted]
            if len(others) == len(keys):
                out.append(dict(row))
            else:
                out += [{**row, "entity": entity, "service": service} for entity, service in others]
    return out
