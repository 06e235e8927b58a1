"""Compare two plans: what moves, what it costs, why they differ."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from api.services.analyses import compared
from api.store.scope import Scope
from api.web import listing
from api.web.listing import at_plan
from api.web.names import names_of
from api.web.page import render
from api.web.site import Site
from api.web.visit import Visit
from api.web.words import TERMS, marked

__all__ = ["site"]

site = Site()

MOVES: Final = 50
TOTALS: Final = {"running": marked("Running cost"), "total": marked("In all, with one-off costs a year")}


@site.page("/compare", "page_compare")
def compare(visit: Visit) -> Response:
    """Two plans side by side; with one, which other there is to choose."""
    first, second = visit.query.get("first", ""), visit.query.get("second", "")
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        plans = [p for p in listing.plan_rows(scope, 200) if p.holds]
        at = at_plan(scope, first)[0] if first else None
        sides = [at_plan(scope, id_) for id_ in (first, second) if id_]
        names = names_of(scope, sides[-1][2], sides[-1][1].revision) if sides else None
    told = compared(visit.held, visit.caller, first, second) if first and second and first != second else None
    options = [(p.id, f"{p.name} · {visit.say('revision %(n)s', n=p.revision)}") for p in plans]
    return render(
        visit,
        "compare.html",
        here="compare",
        at=at,
        told=told,
        names=names,
        options=options,
        first=first,
        second=second,
        titles=[s[1].name or s[2].name for s in sides],
        change=None if told is None else _total(told),
        terms={k: visit.say(v) for k, v in {**TERMS, **TOTALS}.items()},
        most=MOVES,
    )


def _total(told: dict[str, list[dict[str, float | None]]]) -> float | None:
    """Change of the whole cost from the first plan to the second."""
    return next((r["change"] for r in told["cost"] if r["term"] == "total"), None)  # type: ignore[comparison-overlap]
