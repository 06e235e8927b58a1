"""What schedules brought since a time: read from plans and the record, nothing is stored for it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from api.jobs.kinds.reoptimise import CURVE, REOPTIMISE
from api.jobs.runs import OPEN
from api.schemas.digest import DigestItem, DigestOut, Finding, Outcome, RunOut
from api.store.audit import SYSTEM, named
from api.store.models import Artifact, AuditEntry, Case, Job, Plan, PlanResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from api.store.scope import Scope

__all__ = ["RAN", "digest", "run_of"]

RAN: Final = "schedule.ran"
"""Action under which the record has runs of schedules."""

_ORDER: Final[tuple[Outcome, ...]] = (
    "not_begun",
    "failed",
    "infeasible",
    "no_plan",
    "not_verified",
    "cancelled",
    "running",
    "moves",
    "unchanged",
)
_FINE: Final = ("running", "moves", "unchanged")


def run_of(entry: AuditEntry, detail: dict[str, Any]) -> RunOut:
    """A run of a schedule from the record; ``detail`` has the names in it."""
    plans = list(detail.get("plans") or [])
    links = {p: f"/v1/plans/{p}" for p in plans}
    return RunOut(at=entry.at, plans=plans, failed=dict(detail.get("failed") or {}), links=links)


def digest(scope: Scope, since: datetime, until: datetime, limit: int) -> DigestOut:
    """Re-optimisations that schedules began in a time, and those that they could not begin."""
    session = scope.session
    query = scope.select(Plan).join(Job, (Job.id == Plan.job_id) & (Job.subject == Plan.id))
    query = query.where(Job.kind == REOPTIMISE, Plan.created_by == SYSTEM)
    plans = session.scalars(query.where(Plan.created >= since, Plan.created <= until).order_by(Plan.id)).all()
    entries = _runs(scope, since, until)
    names = {c.id: c for c in session.scalars(scope.select(Case).where(Case.id.in_({p.case_id for p in plans})))}
    begun = {p.case_id: p.created for p in plans}  # the latest of each case: plans come in the order of their ids
    items = [*_not_begun(scope, entries, begun), *(_item(scope, p, names[p.case_id]) for p in plans)]
    items.sort(key=lambda i: (_ORDER.index(i.outcome), -(i.moves or 0), -abs(i.saving or 0.0), i.case_name, i.case))
    counts = Counter(i.outcome for i in items)
    return DigestOut(
        since=since,
        until=until,
        runs=len(entries),
        counts={o: counts[o] for o in _ORDER if counts[o]},
        items=items[:limit],
        left_out=max(0, len(items) - limit),
    )


def _runs(scope: Scope, since: datetime, until: datetime) -> Sequence[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.workspace_id == scope.workspace_id, AuditEntry.action == RAN)
    return scope.session.scalars(
        query.where(AuditEntry.at >= since, AuditEntry.at <= until).order_by(AuditEntry.number)
    ).all()


def _not_begun(scope: Scope, entries: Sequence[AuditEntry], begun: dict[str, datetime]) -> list[DigestItem]:
    """Cases that could not be begun, each as it was at its last run; without those that a later run could begin."""
    last: dict[str, tuple[AuditEntry, str]] = {}
    for entry, detail in zip(entries, named(scope.session, entries), strict=True):
        last |= {case_id: (entry, why) for case_id, why in (detail.get("failed") or {}).items()}
    cases = {c.id: c for c in scope.session.scalars(scope.select(Case).where(Case.id.in_(last)))}
    out = []
    for case_id, (entry, why) in last.items():
        if case_id in cases and not (case_id in begun and begun[case_id] >= entry.at):
            links = {"case": f"/v1/cases/{case_id}", "schedule": f"/v1/schedules/{entry.subject}"}
            finding = Finding(code="not_begun", message=why, remedy="mend the case; the next run tries again")
            out.append(_of("not_begun", entry.at, cases[case_id], links, finding=finding))
    return out


def _item(scope: Scope, plan: Plan, case: Case) -> DigestItem:
    session = scope.session
    curve = session.get(Artifact, (plan.id, CURVE))
    points = [] if curve is None else json.loads(curve.content)["points"]
    point = points[-1] if points else {}
    outcome = _outcome(plan, point.get("moves"))
    own = f"/v1/plans/{plan.id}"
    links = {"plan": own, "case": f"/v1/cases/{case.id}", "findings": f"{own}/findings", "report": f"{own}/report"}
    result = None if plan.solution is None else session.get(PlanResult, plan.id)
    document = json.loads(result.document) if result is not None and outcome not in ("moves", "unchanged") else {}
    held = outcome in ("moves", "unchanged", "not_verified")
    return _of(
        outcome,
        plan.created,
        case,
        links,
        plan=plan,
        finding=_finding(plan, outcome, document),
        moves=point.get("moves") if held else None,
        one_off=point.get("one_off") if held else None,
        currency=scope.revision(case, plan.revision).summary.get("currency"),
    )


def _outcome(plan: Plan, moves: int | None) -> Outcome:
    if plan.job.status in OPEN:
        return "running"
    if plan.solution == "infeasible":
        return "infeasible"
    if plan.solution in ("optimal", "feasible"):
        if not plan.verified:
            return "not_verified"
        return "unchanged" if moves == 0 else "moves"
    if plan.job.status == "cancelled":
        return "cancelled"
    return "failed" if plan.job.status == "failed" else "no_plan"


def _finding(plan: Plan, outcome: Outcome, document: dict[str, Any]) -> Finding | None:
    """The first error of a document that holds no plan; of a job without a document, what ended it."""
    if outcome in _FINE:
        return None
    issues = document.get("issues") or []
    first = next((i for i in issues if i["severity"] == "error"), None)
    if first is not None:
        return Finding(code=first["code"], message=first["message"], remedy=first.get("remedy") or "")
    if plan.job.error_code:
        return Finding(code=plan.job.error_code, message=plan.job.error_detail)
    detail = (document.get("status") or {}).get("detail") or plan.job.status
    return Finding(code=outcome, message=str(detail))


def _of(
    outcome: Outcome,
    at: datetime,
    case: Case,
    links: dict[str, str],
    *,
    finding: Finding | None,
    plan: Plan | None = None,
    moves: int | None = None,
    one_off: float | None = None,
    currency: str | None = None,
) -> DigestItem:
    common: dict[str, Any] = {
        "outcome": outcome,
        "attention": outcome not in _FINE,
        "at": at,
        "case": case.id,
        "case_name": case.name,
        "moves": moves,
        "one_off": one_off,
        "currency": currency,
        "finding": finding,
        "links": links,
    }
    if plan is None:
        nothing = dict.fromkeys(("plan", "job_status", "solution", "state", "stale", "saving", "gap_abs"))
        return DigestItem(**common, **nothing, schedule="")
    held = outcome in ("moves", "unchanged", "not_verified")
    return DigestItem(
        **common,
        schedule=plan.name,
        plan=plan.id,
        job_status=plan.job.status,
        solution=plan.solution,
        state=plan.state,
        stale=case.latest > plan.revision,
        saving=plan.savings_annual if held else None,
        gap_abs=plan.gap_abs if held else None,
    )
