"""What is made from plans: comparisons, baselines, hand-made lists priced."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.jobs.answered import answered
from api.jobs.kinds.evaluate import EVALUATE, fill
from api.jobs.process import TaskFailed, run_task
from api.limits import TURN_S
from api.readers import stored
from api.services import jobs
from api.services.cases import tables_of, written_tables
from api.services.places import place
from api.services.plans import open_case, result_of
from api.services.steady import only_steady, only_steady_plans
from api.store.audit import record
from api.store.models import Baseline, Case, Comparison, Evaluation, Plan
from api.store.scope import Scope
from api.store.types import new_id
from optimizer.domain.case import canonical_bytes
from optimizer.domain.held import holds_plan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from api.access import Caller
    from api.context import Services

__all__ = [
    "case_answered",
    "case_of",
    "changed",
    "compared",
    "freeze",
    "keep_comparison",
    "keep_price",
    "picture",
    "price",
    "price_at_once",
    "queue_price",
    "saved",
]

PRICE_TIMEOUT_S = 120.0

Rows = list[tuple[str, str, str, str]]


def case_of(scope: Scope, plan: Plan) -> tuple[str, dict[str, Any]]:
    """Name and document of the very case that a plan answers."""
    case = scope.get(Case, plan.case_id)
    _, tables = tables_of(scope, case, plan.revision)
    return case.name, answered(tables, plan.options)


def case_answered(scope: Scope, plan: Plan) -> stored.Answered:
    """The same for a reader, not parsed."""
    case = scope.get(Case, plan.case_id)
    _, tables = written_tables(scope, case, plan.revision)
    return stored.Answered(case.name, tables, {k: plan.options[k] for k in ("max_moves",) if k in plan.options})


def compared(held: Services, caller: Caller, first: str, second: str) -> dict[str, Any]:
    """What moved from one plan to another, what it costs, and why.

    Raises
    ------
    Fault
        ``no_result``, ``no_plan_found``, ``conflict``: one of them has nothing to compare; ``horizon_not_taken``.
    """
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        plans_of = [scope.get(Plan, id_) for id_ in (first, second)]
        only_steady_plans(scope, *plans_of)
        sides = [(p.id, result_of(session, p).document, case_answered(scope, p)) for p in plans_of]
    return stored.compared(held.readers, caller.workspace_id, sides)


def keep_comparison(
    held: Services, scope: Scope, caller: Caller, first: str, second: str, document: dict[str, Any]
) -> Comparison:
    """Store a comparison."""
    now = held.store.clock()
    row = Comparison(
        id=new_id("cmp", now),
        workspace_id=scope.workspace_id,
        created=now,
        created_by=caller.key_id,
        first_plan_id=first,
        second_plan_id=second,
        document=document,
    )
    scope.session.add(row)
    record(scope.session, caller, now, "comparison.created", row.id, first=first, second=second)
    return row


def picture(
    held: Services, caller: Caller, case_id: str, revision: int | None, plan_id: str | None
) -> tuple[int, dict[str, Any]]:
    """The revision and the document of a baseline: today's arrangement, or a plan's.

    Raises
    ------
    Fault
        ``conflict``: the plan is not of this case or has no assignments, the case has no current arrangement;
        ``horizon_not_taken``; ``too_many_requests``: the workspace has enough in the making.
    """
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        case = scope.get(Case, case_id)
        plan = None if plan_id is None else scope.get(Plan, plan_id)
        if plan is not None and (plan.case_id != case_id or revision not in (None, plan.revision)):
            raise Fault("conflict", f"plan {plan_id} is not of this revision of case {case_id}")
        found, written = written_tables(scope, case, revision if plan is None else plan.revision)
        only_steady(found)
        number, digest, name = found.number, found.content_hash, case.name
        held_plan = None if plan is None else json.loads(result_of(session, plan).document)
    head = {"schema": "designate.baseline/1", "case": case_id, "revision": number, "case_hash": digest}
    if held_plan is not None:
        if not holds_plan(held_plan):
            raise Fault("conflict", f"plan {plan_id} has no cost: it has no assignments, or serves only a part")
        return number, {**head, "source": "plan", "plan": plan_id, **_figures(held_plan)}
    rows = stored.current_rows(held.readers, caller.workspace_id, stored.Answered(name, written, {}))
    if not rows:
        raise Fault("conflict", f"revision {number} of case {case_id} has no current arrangement")
    with place(held, caller):
        priced = price(held, name, json.loads(written), rows)
    return number, {**head, "source": "current", "plan": None, **_figures(priced)}


def _figures(plan: dict[str, Any]) -> dict[str, Any]:
    names = ("entity", "service", "provider", "backup")
    rows = [{k: a.get(k) for k in names} for a in plan["assignments"]]
    return {
        "currency": plan["run"]["currency"],
        "cost": plan["cost"],
        "assignments": rows,
        "verified": plan["verification"]["ok"],
    }


def freeze(
    held: Services,
    scope: Scope,
    caller: Caller,
    *,
    name: str,
    case_id: str,
    revision: int,
    plan_id: str | None,
    document: dict[str, Any],
) -> Baseline:
    """Keep a baseline under a name that is never given again."""
    if scope.session.scalars(scope.select(Baseline).where(Baseline.name == name)).first() is not None:
        raise Fault("conflict", f"there is a baseline {name} already")
    now = held.store.clock()
    row = Baseline(
        id=new_id("bas", now),
        workspace_id=scope.workspace_id,
        created=now,
        created_by=caller.key_id,
        name=name,
        case_id=case_id,
        revision=revision,
        plan_id=plan_id,
        document=document,
        content_hash=hashlib.sha256(canonical_bytes(document)).hexdigest(),
    )
    scope.session.add(row)
    record(scope.session, caller, now, "baseline.created", row.id, name=name, content_hash=row.content_hash)
    return row


def saved(baseline: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any]:
    """Cost of a baseline less that of a plan, term by term; positive is a saving.

    Raises
    ------
    Fault
        ``conflict``: other currencies, or no plan.
    """
    if baseline["currency"] != plan["run"]["currency"]:
        raise Fault("conflict", f"the baseline is in {baseline['currency']}, the plan in {plan['run']['currency']}")
    before, after = baseline["cost"], plan["cost"]
    if before is None or after is None:
        whose = "baseline" if before is None else "plan"
        raise Fault("conflict", f"the {whose} has no cost: it has no assignments, or serves or prices only a part")
    terms = {k: round(v - after[k], 2) for k, v in before.items() if _money(v) and _money(after.get(k))}
    pairs = [{(a["entity"], a["service"]): a["provider"] for a in d["assignments"]} for d in (baseline, plan)]
    both = pairs[0].keys() & pairs[1].keys()
    return {
        "currency": baseline["currency"],
        "baseline": before,
        "cost": after,
        "savings": terms,
        "demands": {
            "both": len(both),
            "moved": sum(pairs[0][k] != pairs[1][k] for k in both),
            "only_baseline": len(pairs[0].keys() - both),
            "only_plan": len(pairs[1].keys() - both),
        },
    }


def _money(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def changed(document: dict[str, Any], changes: Sequence[tuple[str, str, str, str]]) -> Rows:
    """The assignments of a plan with single changes, the changed ones first.

    Raises
    ------
    Fault
        ``bad_input``: the plan has no such demand, or one is changed twice; all of them are told.
    """
    served = {(a["entity"], a["service"]): a for a in document["assignments"]}
    issues, new = [], dict[tuple[str, str], tuple[str, str, str, str]]()
    for i, row in enumerate(changes):
        demand, place = row[:2], f"body.changes.{i}"
        if demand not in served:
            told = f"the plan has no demand of {row[0]} for {row[1]}", "name one of its assignments"
            issues.append(_wrong("unknown_demand", place, *told))
        elif demand in new:
            told = f"the demand of {row[0]} for {row[1]} is changed twice", "name each demand once"
            issues.append(_wrong("duplicate_change", place, *told))
        new[demand] = row
    if issues:
        raise Fault("bad_input", f"{len(issues)} problem(s) in the changes", issues=issues)
    kept = (a for demand, a in served.items() if demand not in new and a["provider"] is not None)
    return [*new.values(), *((a["entity"], a["service"], a["provider"], a["backup"] or "") for a in kept)]


def _wrong(code: str, place: str, message: str, remedy: str) -> dict[str, Any]:
    return {"code": code, "severity": "error", "message": message, "remedy": remedy, "column": place}


def price_at_once(
    held: Services, caller: Caller, case_name: str, tables: dict[str, Any], rows: Sequence[tuple[str, ...]]
) -> dict[str, Any] | None:
    """The priced list; ``None`` where a job has to do it: it is long, or others of the workspace are being priced."""
    if len(rows) > held.settings.price_in_request:
        return None
    with held.making.place(caller.workspace_id, TURN_S) as mine:
        return price(held, case_name, tables, rows) if mine else None


def price(held: Services, case_name: str, tables: dict[str, Any], rows: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """A hand-made list as a plan document, every rule checked; in a process of its own, for who has a place.

    Raises
    ------
    InputError
        The list names what the case does not have.
    Fault
        ``pricing_failed``.
    """
    task = {"task": "price", "tables": tables, "case_name": case_name, "issues": [], "rows": rows}
    try:
        done = run_task(task, timeout_s=PRICE_TIMEOUT_S, memory_mb=held.settings.memory_limit_mb)
    except TaskFailed as error:
        if error.code == "bad_input":
            raise Fault("bad_input", error.detail, issues=error.issues) from error
        raise Fault("pricing_failed", str(error)) from error
    plan: dict[str, Any] = done["plan"]
    return plan


def keep_price(
    held: Services, scope: Scope, caller: Caller, case: Case, revision: int, name: str, document: dict[str, Any]
) -> Evaluation:
    """Store a list priced in the request."""
    now = held.store.clock()
    row = _evaluation(scope, caller, new_id("evl", now), now, case.id, revision, name)
    fill(row, document)
    scope.session.add(row)
    record(scope.session, caller, now, "evaluation.created", row.id, case=case.id, revision=revision)
    return row


def queue_price(
    held: Services, scope: Scope, caller: Caller, case_id: str, revision: int, name: str, rows: Rows
) -> Evaluation:
    """A list that a job prices."""
    case, id_ = open_case(scope, case_id), new_id("evl", held.store.clock())
    job = jobs.submit(
        scope,
        caller,
        held.store,
        held.settings,
        kind=EVALUATE,
        subject=id_,
        case_id=case.id,
        revision=revision,
        options=jobs.options_of({}, held.settings),
        question={"rows": rows},
    )
    row = _evaluation(scope, caller, id_, job.created, case.id, revision, name)
    row.job = job
    scope.session.add(row)
    record(scope.session, caller, job.created, "evaluation.created", row.id, case=case.id, revision=revision)
    held.queue.enqueue_job(scope.session, job)
    return row


def _evaluation(
    scope: Scope, caller: Caller, id_: str, at: datetime, case_id: str, revision: int, name: str
) -> Evaluation:
    return Evaluation(
        id=id_,
        workspace_id=scope.workspace_id,
        created=at,
        created_by=caller.key_id,
        case_id=case_id,
        revision=revision,
        name=name,
    )
