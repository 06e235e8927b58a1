"""Move by move: from whom to whom, what it costs before and after, what it saves, why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from fastapi import Response

from api.faults import Fault
from api.services import results
from api.services.steady import only_steady_plans
from api.store.scope import Scope
from api.web import listing
from api.web.listing import at_plan
from api.web.names import names_of
from api.web.page import render
from api.web.site import Site
from api.web.told import Told, running_of
from api.web.visit import Visit
from optimizer.report.moves import SMALL_FTE

__all__ = ["site"]

site = Site()

ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Move:
    """A move; ``before`` is none where it is not priced, or has no price today."""

    row: dict[str, Any]
    before: float | None
    after: float

    @property
    def saving(self) -> float | None:
        """A year, before one-off costs."""
        return None if self.before is None else self.before - self.after


@site.page("/plans/{plan_id}/moves", "page_plan_moves")
def moves(visit: Visit) -> Response:
    """All moves of a plan, the large ones first; what each saves where that is worked out."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at, plan, case = at_plan(scope, visit.path["plan_id"])
        only_steady_plans(scope, plan)
        names = names_of(scope, case, plan.revision)
    document, _ = results.parsed(visit.held, visit.caller, plan.id)
    told = Told(document, names, visit.tongue)
    before = _before(visit, plan.id) if told.moved else None
    found = [Move(a, (before or {}).get((a["entity"], a["service"])), running_of(a)) for a in told.moved]
    wanted = visit.query.get("q", "").strip().casefold()
    found = [m for m in found if not wanted or wanted in names.words(m.row["entity"])]
    small, size = [m for m in found if m.row["effort_fte"] < SMALL_FTE], visit.query.get("size", "")
    chosen = small if size == "small" else [m for m in found if m.row["effort_fte"] >= SMALL_FTE]
    sort = visit.query.get("sort", "")
    chosen.sort(key=lambda m: -(m.saving or 0.0) if sort == "saving" else -m.row["effort_fte"])
    part, shown = listing.shown(chosen, visit.number("offset", 0), ROWS)
    return render(
        visit,
        "moves.html",
        here="plan",
        at=at,
        plan=plan,
        told=told,
        names=names,
        rows=part,
        shown=shown,
        priced=before is not None,
        small=len(small),
        size=size,
        least=SMALL_FTE,
        query={"q": visit.query.get("q", ""), "size": size, "sort": sort},
    )


def _before(visit: Visit, plan_id: str) -> dict[tuple[str, str], float] | None:
    """What each demand costs today; none while the workspace has enough in the making: the page is read without."""
    try:
        return results.before(visit.held, visit.caller, plan_id)
    except Fault as fault:
        if fault.code != "too_many_requests":
            raise
        return None
