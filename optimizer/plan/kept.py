"""Rows that were kept of a search, as a plan to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.domain.steady import SCHEMA_OVER_TIME
from optimizer.plan.plan import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["plan_of_rows"]

_STEADY = ("entity", "service", "provider", "backup")
_OVER_TIME = ("entity", "service", "from_period", "provider", "backup")


def plan_of_rows(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """What a document says of who serves whom (and when), and nothing else of it.

    Parameters
    ----------
    rows : sequence of (entity, service, provider, backup) or of (entity, service, period, provider, backup)
        As ``Watch.on_incumbent`` gives them.
    """
    if rows and len(rows[0]) == len(_OVER_TIME):
        stretches = [dict(zip(_OVER_TIME, row, strict=True)) for row in rows]
        assignments = [{**a, "until_period": a["from_period"]} for a in stretches]
        return {"schema": SCHEMA_OVER_TIME, "assignments": assignments}
    return {"schema": SCHEMA, "assignments": [dict(zip(_STEADY, row, strict=True)) for row in rows]}
