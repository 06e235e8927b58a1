"""What is read out of a plan's result: the document, its tables, its report."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.faults import Fault
from api.jobs.answered import answered
from api.jobs.process import TaskFailed, run_task
from api.services.analyses import case_of, saved
from api.services.cases import tables_of
from api.services.places import place
from api.services.plans import result_of
from api.services.steady import only_steady_plans
from api.store.models import Artifact, Baseline, Case, Plan, PlanResult
from api.store.outage import OUTAGE
from api.store.scope import Scope
from api.uploads import XLSX
from optimizer.plan.tables import plan_table_csv, plan_table_names

if TYPE_CHECKING:
    from api.access import Caller
    from api.context import Services

__all__ = [
    "Made",
    "against",
    "before",
    "document",
    "in_horizon",
    "made_aside",
    "parsed",
    "report",
    "table",
    "why",
    "workbook",
]

MAKE_TIMEOUT_S = 300.0
_BEFORE = "today.json"

Made = tuple[bytes, str, str]
"""Content, media type, entity tag."""


def document(services: Services, caller: Caller, plan_id: str) -> tuple[dict[str, Any], bytes | None, str]:
    """The plan document, its bytes when they were at hand, and its hash."""
    with services.store.read() as session:
        plan = Scope(session, caller.workspace_id).get(Plan, plan_id)
        result = result_of(session, plan)
        content, digest = result.document, result.content_hash
    return services.documents.get(digest, lambda: json.loads(content)), content, digest


def parsed(services: Services, caller: Caller, plan_id: str) -> tuple[dict[str, Any], str]:
    """The plan document and its hash; its bytes are not read where it is at hand. It must not be changed.

    Raises
    ------
    Fault
        ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``.
    """
    with services.store.read() as session:
        plan = Scope(session, caller.workspace_id).get(Plan, plan_id)
        digest = session.scalar(select(PlanResult.content_hash).where(PlanResult.plan_id == plan.id))
        if digest is None:
            result_of(session, plan)  # says why there is none
            raise Fault("no_result", f"plan {plan_id}: its result came this moment")

        def load() -> dict[str, Any]:
            found: dict[str, Any] = json.loads(result_of(session, plan).document)
            return found

        return services.documents.get(digest, load), digest


def in_horizon(plan: dict[str, Any], period: int | None) -> None:
    """Refuse a period that the plan does not have: no rows would read as nobody being served then.

    Raises
    ------
    Fault
        ``invalid_request``.
    """
    if period is None:
        return
    horizon = plan.get("horizon")
    if horizon is None:
        told, remedy = "the plan has no periods: its case has no horizon", "leave period out"
    elif period > horizon["count"]:
        told, remedy = f"the plan has {horizon['count']} periods", f"give one from 1 to {horizon['count']}"
    else:
        return
    issue = {"code": "no_such_period", "severity": "error", "message": told, "column": "query.period", "remedy": remedy}
    raise Fault("invalid_request", told, issues=[issue])


def against(services: Services, caller: Caller, baseline_id: str, plan_id: str) -> dict[str, Any]:
    """What a plan saves against a stored baseline.

    Raises
    ------
    Fault
        ``conflict``, ``horizon_not_taken``.
    """
    with services.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        frozen = scope.get(Baseline, baseline_id).document
        only_steady_plans(scope, scope.get(Plan, plan_id))
    plan, _, _ = document(services, caller, plan_id)
    return {"baseline_id": baseline_id, "plan_id": plan_id, **saved(frozen, plan)}


def why(services: Services, caller: Caller, plan_id: str, entity: str, service: str) -> dict[str, Any]:
    """Every provider of one demand, refused or priced against the plan; made in a process of its own.

    Raises
    ------
    Fault
        ``bad_input``: the case of the plan has no such demand; ``horizon_not_taken``.
    """
    plan, _, _ = document(services, caller, plan_id)
    with services.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        only_steady_plans(scope, scope.get(Plan, plan_id))
        case_name, tables = case_of(scope, scope.get(Plan, plan_id))
    task = {"task": "why", "tables": tables, "case_name": case_name, "plan": plan, "entity": entity, "service": service}
    with place(services, caller):
        answer: dict[str, Any] = made_aside(services, task)["why"]
    return answer


def report(services: Services, caller: Caller, plan_id: str) -> Made:
    """The HTML report; made once, in a process of its own."""

    def make(plan: dict[str, Any], tables: dict[str, Any], case_name: str) -> bytes:
        html: str = made_aside(services, {"task": "report", "plan": plan, "tables": tables, "case_name": case_name})[
            "html"
        ]
        return html.encode()

    return _made(services, caller, plan_id, "report.html", "text/html; charset=utf-8", make)


def workbook(services: Services, caller: Caller, plan_id: str) -> Made:
    """The plan as one workbook with names beside ids, made in a process of its own; no cell can execute."""

    def make(plan: dict[str, Any], tables: dict[str, Any], case_name: str) -> bytes:
        task = {"task": "workbook", "plan": plan, "tables": tables, "case_name": case_name}
        return base64.b64decode(made_aside(services, task)["base64"])

    return _made(services, caller, plan_id, "plan.xlsx", XLSX, make)


def table(services: Services, caller: Caller, plan_id: str, name: str) -> Made:
    """One table as CSV; no cell can execute.

    Raises
    ------
    Fault
        ``not_found``: the plan has no such table; plans over time have others.
    """

    def make(plan: dict[str, Any], *_: Any) -> bytes:
        if name not in plan_table_names(plan):
            told = f"plan {plan_id} has no table {name}; it has {', '.join(plan_table_names(plan))}"
            raise Fault("not_found", told)
        return plan_table_csv(plan, name)

    return _made(services, caller, plan_id, f"{name}.csv", "text/csv; charset=utf-8", make)


def before(services: Services, caller: Caller, plan_id: str) -> dict[tuple[str, str], float]:
    """What each demand of a plan costs a year today, without one-off costs, by (entity, service).

    Today's arrangement is priced once, in a process of its own, and kept. Demands that nobody serves today, and those
    whose provider has no price, are left out.

    Raises
    ------
    Fault
        ``horizon_not_taken``; those of ``parsed`` and ``made_aside``; ``too_many_requests``.
    """
    with services.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        only_steady_plans(scope, scope.get(Plan, plan_id))

    def priced(_: dict[str, Any], tables: dict[str, Any], case_name: str) -> bytes:
        rows = made_aside(services, {"task": "today", "tables": tables, "case_name": case_name})["demands"]
        return json.dumps(rows).encode()

    content, _, _ = _made(services, caller, plan_id, _BEFORE, "application/json", priced)
    return {(entity, service): cost for entity, service, cost in json.loads(content)}


def made_aside(services: Services, task: dict[str, Any]) -> dict[str, Any]:
    """What a short task makes, in a process of its own.

    Raises
    ------
    Fault
        ``bad_input``, ``invalid_options``, ``internal_error``.
    """
    try:
        return run_task(task, timeout_s=MAKE_TIMEOUT_S, memory_mb=services.settings.memory_limit_mb)
    except TaskFailed as error:
        if error.code == "bad_input":
            raise Fault("bad_input", error.detail, issues=error.issues) from error
        if error.code == "usage":
            raise Fault("invalid_options", error.detail) from error
        raise Fault("internal_error", f"the {task['task']} cannot be made: {error}") from error


def _made(services: Services, caller: Caller, plan_id: str, name: str, media_type: str, make: Any) -> Made:
    """What was made before, or make it and keep it."""
    with services.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        plan = scope.get(Plan, plan_id)
        result = result_of(session, plan)
        digest = result.content_hash
        made = _kept(services, plan_id, name, digest)
        if made is not None:
            return made
        case = scope.get(Case, plan.case_id)
        _, tables = tables_of(scope, case, plan.revision)
        tables = answered(tables, plan.options)
        body, case_name = result.document, case.name
    with place(services, caller):
        made = _kept(services, plan_id, name, digest)  # by who stood before us in line
        if made is not None:
            return made
        content = make(json.loads(body), tables, case_name)
        _keep(services, plan_id, name, digest, media_type, content)
    return content, media_type, f'"{digest[:32]}"'


def _kept(services: Services, plan_id: str, name: str, digest: str) -> Made | None:
    with services.store.read() as session:
        held = session.get(Artifact, (plan_id, name))
        if held is None or held.content_hash != digest:
            return None
        return held.content, held.media_type, f'"{digest[:32]}"'


def _keep(services: Services, plan_id: str, name: str, digest: str, media_type: str, content: bytes) -> None:
    row = Artifact(
        plan_id=plan_id,
        name=name,
        content_hash=digest,
        media_type=media_type,
        content=content,
        created=services.store.clock(),
    )
    # another server was faster, or it cannot be kept: it is at hand all the same
    with contextlib.suppress(IntegrityError, *OUTAGE), services.store.write() as session:
        held_plan = session.get(Plan, plan_id, with_for_update={"read": True, "of": Plan})
        if held_plan is not None and held_plan.removed is None:  # else it must not come back by this way
            session.merge(row)
