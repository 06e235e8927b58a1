"""Objections to plans: made by anybody, priced by a study, accepted as a decision or rejected with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from api.faults import Fault
from api.schemas.decisions import DecisionPost
from api.services import decisions
from api.services.cases import tables_of
from api.store.audit import record
from api.store.models import Case, Objection, Plan
from api.store.types import new_id
from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from datetime import datetime

    from api.access import Caller
    from api.schemas.objections import AcceptPost, ObjectionPost
    from api.store.models import Decision
    from api.store.scope import Scope

__all__ = ["accept", "decision_of", "made", "open_one", "question_of", "reject"]


def made(scope: Scope, caller: Caller, at: datetime, plan_id: str, body: ObjectionPost) -> Objection:
    """A new objection.

    Raises
    ------
    Fault
        ``not_found``; ``invalid_options``: entity, service or provider are none of the plan's case; all at once.
    """
    plan = scope.get(Plan, plan_id)
    issues = _unknown(scope, plan, body)
    if issues:
        raise Fault("invalid_options", "; ".join(i["message"] for i in issues), issues=issues)
    found = Objection(
        id=new_id("obj", at),
        workspace_id=scope.workspace_id,
        created=at,
        created_by=caller.key_id,
        plan_id=plan.id,
        entity=body.entity,
        service=body.service,
        provider=body.provider,
        reason=body.reason,
        state="open",
        answer="",
    )
    scope.session.add(found)
    facts = {"plan": plan.id, "entity": body.entity, "service": body.service, "provider": body.provider}
    record(scope.session, caller, at, "objection.made", found.id, **facts)
    return found


def _unknown(scope: Scope, plan: Plan, body: ObjectionPost) -> list[dict[str, Any]]:
    """What the objection speaks of and the case of the plan does not have."""
    _, tables = tables_of(scope, scope.get(Case, plan.case_id), plan.revision)

    def ids(table: str, column: str = "id") -> set[str]:
        return {str(r[column]) for r in tables.get(table) or []}

    known = (
        ("entity", body.entity, ids("entities"), "an entity"),
        ("service", body.service, ids("services"), "a service"),
        ("provider", body.provider, ids("providers") | {OWN}, "a provider"),
    )
    return [
        {
            "code": "invalid_options",
            "severity": "error",
            "message": f"{value} is not {what} of the case",
            "column": f"body.{column}",
            "remedy": f"give the id of {what} of the revision that the plan is of",
        }
        for column, value, among, what in known
        if value and value not in among
    ]


def open_one(scope: Scope, objection_id: str, *, lock: bool = False) -> Objection:
    """An objection that is not answered yet.

    Raises
    ------
    Fault
        ``not_found``; ``conflict``: it was answered.
    """
    found = scope.get(Objection, objection_id, lock=lock)
    if found.state != "open":
        raise Fault("conflict", f"objection {found.id} is {found.state} already")
    return found


def question_of(found: Objection) -> dict[str, Any]:
    """What a study ``why_not`` is asked to price it.

    Raises
    ------
    Fault
        ``invalid_options``: it is about all services of an entity, and a price is of one.
    """
    if not found.service:
        raise Fault("invalid_options", "only an objection about one service has a price: this one is about all")
    return {"entity": found.entity, "service": found.service, "provider": found.provider}


def decision_of(found: Objection, body: AcceptPost) -> DecisionPost:
    """The decision that it becomes.

    Raises
    ------
    Fault
        ``invalid_options``: it names no provider, and neither does the answer.
    """
    provider = body.provider or (found.provider if body.action != "forbid" else "")
    try:
        return DecisionPost(
            action=body.action,
            entity=found.entity,
            service=found.service,
            provider=provider,
            reason=body.reason,
            plan=found.plan_id,
        )
    except ValidationError as error:
        raise Fault("invalid_options", f"{body.action} needs a provider: the objection wishes for none") from error


def accept(scope: Scope, caller: Caller, at: datetime, found: Objection, body: DecisionPost) -> Decision:
    """Make it a decision about the case of the plan, in the caller's transaction."""
    case = scope.get(Case, scope.get(Plan, found.plan_id).case_id, lock=True)
    decision = decisions.post(scope, caller, at, case, body)
    found.decision_id = decision.id
    _answered(scope, caller, at, found, "accepted", body.reason)
    return decision


def reject(scope: Scope, caller: Caller, at: datetime, found: Objection, reason: str) -> None:
    """Say why it is not followed."""
    _answered(scope, caller, at, found, "rejected", reason)


def _answered(scope: Scope, caller: Caller, at: datetime, found: Objection, state: str, reason: str) -> None:
    found.state, found.answer, found.answered, found.answered_by = state, reason, at, caller.key_id
    record(scope.session, caller, at, f"objection.{state}", found.id, plan=found.plan_id, decision=found.decision_id)
