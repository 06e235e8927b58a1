"""Objections to a plan as the page *Decide* shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.store.models import Objection, Study
from api.web import answers
from api.web.progress import is_open
from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from api.store.models import Plan
    from api.store.scope import Scope
    from api.web.names import Names
    from api.web.visit import Visit

__all__ = ["Shown", "choices", "listed", "priced"]


@dataclass(slots=True)
class Shown:
    """An objection, whether its price is looked for, and what that price is in words."""

    row: Objection
    waits: bool
    price: tuple[str, ...] = ()


def listed(scope: Scope, plan: Plan) -> list[Shown]:
    """Objections to a plan, open ones first, each the newest first."""
    query = scope.select(Objection).where(Objection.plan_id == plan.id)
    rows = scope.session.scalars(query.order_by(Objection.id.desc()).limit(200)).all()
    ids = {r.study_id for r in rows if r.study_id}
    studies = {s.id: s for s in scope.session.scalars(scope.select(Study).where(Study.id.in_(ids)))}
    found = [Shown(r, r.study_id in studies and is_open(studies[r.study_id].job)) for r in rows]
    return sorted(found, key=lambda s: s.row.state != "open")


def priced(visit: Visit, found: list[Shown]) -> list[Shown]:
    """With what each costs, where that was answered."""
    for one in found:
        if one.row.study_id is not None and not one.waits:
            try:
                told = answers.answer_of(visit.held, visit.caller, one.row.study_id)
            except Fault:
                continue  # it was stopped before there was an answer, or its document is gone
            one.price = tuple(answers.sentences(told, visit.tongue)[:2])
    return found


def choices(visit: Visit, names: Names) -> dict[str, Any]:
    """What an objection can be about and wish for."""
    providers = [(k, names.provider(k, visit.tongue)) for k in (OWN, *sorted(names.providers))]
    return {
        "services": [("", visit.say("all services")), *((k, names.service(k)) for k in sorted(names.services))],
        "providers": [("", visit.say("no wish")), *providers],
    }
