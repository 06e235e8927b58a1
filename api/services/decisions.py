"""Decisions of people: posted against a case, obeyed by every revision made from then on until withdrawn."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_

from api.faults import Fault
from api.store.audit import record
from api.store.models import Decision, Plan
from api.store.types import new_id
from optimizer.io import case_from_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from api.access import Caller
    from api.schemas.decisions import DecisionPost
    from api.store.models import Case
    from api.store.scope import Scope
    from optimizer.domain.case import Case as ReadCase
    from optimizer.domain.issues import Issue

__all__ = ["check", "merged", "open_decisions", "post", "settle", "with_decisions", "withdraw"]

_COLUMNS = ("action", "entity", "service", "provider", "reason", "decided_by", "date")


def check(tables: Mapping[str, Any], name: str, body: DecisionPost, at: datetime) -> None:
    """Read the case with the decision in it.

    Raises
    ------
    InputError
        The decision names what the case does not have, or contradicts another one.
    """
    row = {
        "action": body.action,
        "entity": body.entity,
        "service": body.service,
        "provider": body.provider,
        "reason": body.reason,
        "decided_by": body.decided_by,
        "date": at.date().isoformat(),
    }
    case_from_tables({**tables, "decisions": [*tables.get("decisions", []), _cells(row)]}, name=name)


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


def merged(tables: Mapping[str, Any], decisions: Sequence[Decision]) -> dict[str, Any]:
    """Tables (a copy) in which each decision has its row, and each withdrawn one has none."""
    rows = copy.deepcopy(list(tables.get("decisions") or []))
    for decision in decisions:
        row = _row(decision)
        held = [r for r in rows if all(str(r.get(c) or "") == str(row.get(c) or "") for c in _COLUMNS)]
        if decision.withdrawn is not None:
            rows = [r for r in rows if r not in held]
        elif not held:
            rows.append(row)
    return {**tables, "decisions": rows}


def with_decisions(
    scope: Scope, case: Case, read: ReadCase, issues: Sequence[Issue]
) -> tuple[ReadCase, Sequence[Issue], Sequence[Decision]]:
    """The content of the next revision with the decisions of the case in it.

    Raises
    ------
    InputError
        A decision does not fit the new content: withdraw it, or mend the content.
    """
    found = open_decisions(scope, case.id)
    if not found:
        return read, issues, found
    tables = merged(read.tables, found)
    if tables["decisions"] == list(read.tables.get("decisions") or []):
        return read, issues, found
    again, told = case_from_tables(tables, name=read.name)
    return again, told, found


def settle(decisions: Sequence[Decision], number: int) -> None:
    """Note the revision that has the decisions, and forget those that it has no more."""
    for decision in decisions:
        if decision.withdrawn is not None:
            decision.revision = None
        elif decision.revision is None:
            decision.revision = number


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
