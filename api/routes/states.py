"""States of plans: submit for approval, approve, reject, apply."""

from __future__ import annotations

from fastapi import Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import problems
from api.etags import IfMatch, demand, tag_of
from api.idempotency import Reply
from api.routes.plans import shown
from api.schemas.plans import PlanOut
from api.schemas.states import StateOut, Transition
from api.services import states
from api.store.models import Plan
from api.store.scope import Scope

__all__ = ["router"]

router = gate.router("plan states")

STEP = {
    **problems(
        "malformed_body",
        "not_found",
        "conflict",
        "document_removed",
        "plan_not_sound",
        "plan_stale",
        "precondition_failed",
        "idempotency_key_reused",
    ),
    200: {"headers": {"ETag": {"schema": {"type": "string"}, "description": "of the plan, for the next step"}}},
}
PLAIN = Transition()


@router.post("/plans/{plan_id}/submit", response_model=PlanOut, responses=STEP)
def submit_plan(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    plan_id: str,
    body: Transition = PLAIN,
    if_match: IfMatch = None,
) -> Response:
    """Submit a verified draft for approval."""
    return _step(held, caller, once, plan_id, "submitted", body, if_match)


@router.post(
    "/plans/{plan_id}/approve", response_model=PlanOut, responses={**STEP, 403: problems("own_submission")[403]}
)
def approve_plan(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    plan_id: str,
    body: Transition = PLAIN,
    if_match: IfMatch = None,
) -> Response:
    """Approve a submitted plan; not with the key that submitted it, unless the service allows that."""
    return _step(held, caller, once, plan_id, "approved", body, if_match)


@router.post("/plans/{plan_id}/reject", response_model=PlanOut, responses=STEP)
def reject_plan(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    plan_id: str,
    body: Transition = PLAIN,
    if_match: IfMatch = None,
) -> Response:
    """Reject a submitted plan; the comment says why."""
    return _step(held, caller, once, plan_id, "rejected", body, if_match)


@router.post("/plans/{plan_id}/apply", response_model=PlanOut, responses=STEP)
def apply_plan(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    plan_id: str,
    body: Transition = PLAIN,
    if_match: IfMatch = None,
) -> Response:
    """Say that an approved plan is carried out. The plan applied before is superseded; events start from this one."""
    return _step(held, caller, once, plan_id, "applied", body, if_match)


def _step(
    held: ServicesDep, caller: CallerDep, once: OnceDep, plan_id: str, to: str, body: Transition, if_match: str | None
) -> Response:
    def change(scope: Scope) -> Reply:
        plan = states.lock(scope, plan_id)
        demand(if_match, shown(scope, plan))
        states.move(
            scope,
            caller,
            held.store,
            held.queue,
            held.settings,
            plan,
            to,
            comment=body.comment,
            accept_stale=body.accept_stale,
        )
        out = shown(scope, plan)
        return Reply(200, out, {"ETag": tag_of(out.model_dump_json().encode())})

    return once.run(change)


@router.get("/plans/{plan_id}/states", responses=problems("not_found"))
def list_plan_states(held: ServicesDep, caller: CallerDep, plan_id: str) -> list[StateOut]:
    """Every state the plan came into, oldest first."""
    with held.store.read() as session:
        plan = Scope(session, caller.workspace_id).get(Plan, plan_id)
        return [StateOut.of(s) for s in states.history(session, plan)]
