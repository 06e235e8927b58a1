"""Waves that are under way: what a plan over time does up to a period becomes commitments of its case."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api.services.analyses import case_of
from api.services.cases import tables_of
from api.services.places import place
from api.services.prices import held_plan
from api.services.results import made_aside
from api.services.steady import fits_horizon
from api.store.models import Case, Plan
from api.store.scope import Scope

if TYPE_CHECKING:
    from api.access import Caller
    from api.context import Services

__all__ = ["operations"]


def operations(held: Services, caller: Caller, plan_id: str, until: int) -> list[dict[str, Any]]:
    """Operations that commit what a plan does up to and in a period, onto the latest revision of its case.

    What is committed already, or is not in that revision any more, is left out.

    Raises
    ------
    Fault
        ``horizon_needed``; ``invalid_options``: there is no such period; of the plan as ``held_plan``.
    """
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        plan = scope.get(Plan, plan_id)
        case = scope.get(Case, plan.case_id)
        latest, onto = tables_of(scope, case)
        fits_horizon("with", scope.revision(case, plan.revision), latest)
        name, tables = case_of(scope, plan)
        task: dict[str, Any] = {
            "task": "commitments",
            "plan": held_plan(session, plan),
            "tables": tables,
            "case_name": name,
        }
        task |= {"onto": json.dumps(onto) if latest.number != plan.revision else None, "until": until}
    with place(held, caller):
        rows = made_aside(held, task)["rows"]
    return [{"op": "set", "table": "commitments", "row": row} for row in rows]
