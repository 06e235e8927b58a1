"""Decisions of people: posted against a case, obeyed by every revision made from then on until withdrawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import or_

from api.faults import Fault
from api.readers.reading import Pending, merged
from api.store.audit import record
from api.store.models import Decision, Plan
from api.store.types import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from api.access import Caller
    from api.readers.reading import Reading
    from api.schemas.decisions import DecisionPost
    from api.store.models import Case
    from api.store.scope import Scope

__all__ = [
    "DecisionsChanged",
    "carried_by",
    "open_decisions",
    "pending_of",
    "post",
    "row_of",
    "settle",
    "steadily",
    "withdraw",
]

TRIES: Final = 5

Result = TypeVar("Result")


class DecisionsChanged(Fault):
    """Decisions about the case were made or withdrawn while it was read."""

    def __init__(self) -> None:
        super().__init__("revision_conflict", "decisions about the case were made while it was read")


def steadily(action: Callable[[], Result]) -> Result:
    """Read a case and store it, again as often as decisions are made in between.

    Raises
    ------
    DecisionsChanged
        They do not come to rest.
    """
    for _ in range(TRIES - 1):
        try:
            return action()
        except DecisionsChanged:
            continue
    return action()


def row_of(body: DecisionPost, at: datetime) -> dict[str, Any]:
    """The row of a decision that is not made yet."""
    return _cells(
        {
            "action": body.action,
            "entity": body.entity,
            "service": body.service,
            "provider": body.provider,
            "reason": body.reason,
            "decided_by": body.decided_by,
            "date": at.date().isoformat(),
        }
    )


def post(scope: Scope, caller: Caller, at: datetime, case: Case, body: DecisionPost) -> Decision:
    """Keep a decision."""
    if case.archived is not None:
        raise Fault("conflict", f"case {case.id} is archived")
    if body.plan is not None and scope.get(Plan, body.plan).case_id != case.id:
        raise Fault("conflict", f"plan {body.plan} is not a plan of case {case.id}")
    decision = Decision(
        id=new_id("dec", at),
        workspace_id=scope.workspace_id,
        created=at,
        created_by=caller.key_id,
        case_id=case.id,
        action=body.action,
        entity=body.entity,
        service=body.service,
        provider=body.provider,
        reason=body.reason,
        decided_by=body.decided_by or caller.key_id,
        plan_id=body.plan,
    )
    scope.session.add(decision)
    facts = {"case": case.id, "entity": body.entity, "service": body.service, "provider": body.provider}
    record(scope.session, caller, at, f"decision.{body.action}", decision.id, **facts)
    return decision


def withdraw(scope: Scope, caller: Caller, at: datetime, decision: Decision) -> None:
    """Take a decision back: the next revision is made without it. Twice changes nothing."""
    if decision.withdrawn is None:
        decision.withdrawn = at
        record(scope.session, caller, at, "decision.withdrawn", decision.id, case=decision.case_id)


def open_decisions(scope: Scope, case_id: str) -> Sequence[Decision]:
    """Those that the next revision must have, and those withdrawn that the latest one still has."""
    query = scope.select(Decision).where(Decision.case_id == case_id)
    query = query.where(or_(Decision.withdrawn.is_(None), Decision.revision.is_not(None)))
    return scope.session.scalars(query.order_by(Decision.id)).all()


def pending_of(scope: Scope, case_id: str) -> list[Pending]:
    """The same, as a reader takes them."""
    return [_pending(d) for d in open_decisions(scope, case_id)]


def carried_by(scope: Scope, case: Case, read: Reading) -> Sequence[Decision]:
    """The decisions of the case, all of which the content of the next revision goes by.

    Raises
    ------
    DecisionsChanged
        It does not: it was read before one of them was made, or withdrawn.
    """
    found = open_decisions(scope, case.id)
    rows = json.loads(read.decisions) if found else []
    if merged({"decisions": rows}, [_pending(d) for d in found])["decisions"] != rows:
        raise DecisionsChanged
    return found


def settle(decisions: Sequence[Decision], number: int) -> None:
    """Note the revision that has the decisions, and forget those that it has no more."""
    for decision in decisions:
        if decision.withdrawn is not None:
            decision.revision = None
        elif decision.revision is None:
            decision.revision = number


def _pending(decision: Decision) -> Pending:
    return Pending(_row(decision), decision.withdrawn is not None)


def _row(decision: Decision) -> dict[str, Any]:
    action, reason = decision.action, decision.reason
    if action == "override":  # to the solver it is a lock; that a person overruled a plan stays readable
        action, reason = "lock", f"override: {reason}"
    return _cells(
        {
            "action": action,
            "entity": decision.entity,
            "service": decision.service,
            "provider": decision.provider,
            "reason": reason,
            "decided_by": decision.decided_by,
            "date": decision.created.date().isoformat(),
        }
    )


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    if row["action"] == "override":
        row["action"] = "lock"
    return {k: v for k, v in row.items() if v}
