"""Ledgers: a plan is promised, what happens is recorded, and the two are held against each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response
from pydantic import TypeAdapter

from api.faults import Fault
from api.routes import ledgers as routes
from api.schemas.money import LedgerPost, Period, ScopePost
from api.services import ledger_reports
from api.store.models import Case, Ledger, LedgerEntry, Plan
from api.store.scope import Scope
from api.uploads import MULTIPART, assemble_rows
from api.web import fields
from api.web.money_words import STEPS
from api.web.names import Names, names_of
from api.web.page import redirected
from api.web.site import Site
from api.web.trouble import issues_of
from api.web.views.money import ID, of_plan, shown_money
from api.web.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["site"]

site = Site()

DEMANDS: Final = 20
ENTRIES: Final = 200
KINDS: Final = ("actuals", "forecast")
PERIOD: Final[TypeAdapter[str]] = TypeAdapter(Period)


@site.sent("/plans/{plan_id}/ledgers", "page_ledger_make")
def make(visit: Visit) -> Response:
    """Begin a ledger: the plan with its prices is frozen, as what is promised."""
    read, plan_id = fields.Reader(visit), visit.path["plan_id"]
    body = {
        "plan": plan_id,
        "name": read.label("ledger", needed=True),
        "unit": read.choice("unit", STEPS, "month"),
        "price_list": read.fitting("list", ID, visit.say("Choose one of the list.")) or None,
        "begin": _period(visit, read, needed=False) or None,
    }
    if read.errors:
        return of_plan(visit, 422, read.errors)
    asked = LedgerPost.model_validate(body)
    try:
        made = routes.create_ledger(visit.held, visit.caller, visit.once(), asked)
    except Fault as fault:
        if fault.kind.status not in (409, 422):
            raise
        issues = issues_of(fault)
        return of_plan(visit, fault.kind.status, {} if issues else {"": [fault.detail]}, issues)
    return redirected(f"/ledgers/{json.loads(bytes(made.body))['id']}")


@site.page("/ledgers/{ledger_id}", "page_ledger")
def ledger(visit: Visit) -> Response:
    """What was promised, what happened, why it differs; every entry."""
    return _ledger(visit, 200)


def _ledger(
    visit: Visit, status: int, errors: fields.Errors | None = None, issues: Sequence[dict[str, Any]] = ()
) -> Response:
    ledger_id = visit.path["ledger_id"]
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        found = scope.get(Ledger, ledger_id)
        query = scope.session.query(LedgerEntry).where(LedgerEntry.ledger_id == ledger_id)
        entries = query.order_by(LedgerEntry.number.desc()).limit(ENTRIES).all()
        replaced = {e.replaces: e.entry_id for e in entries if e.replaces}
        names = _names(scope, entries)
    until = visit.query.get("until", "")
    whole, _ = ledger_reports.report(visit.held, visit.caller, ledger_id, None)
    periods = [p["period"] for p in whole["periods"] if not p["cumulative"]]
    told = whole
    if until in periods:
        told, _ = ledger_reports.report(visit.held, visit.caller, ledger_id, until)
    so_far = [p for p in told["periods"] if p["cumulative"]]
    return shown_money(
        visit,
        "ledger.html",
        status,
        ledger=found,
        told=told,
        last=so_far[-1] if so_far else None,
        single=[p for p in told["periods"] if not p["cumulative"]],
        periods=[(p, p) for p in periods],
        until=until if until in periods else "",
        demands=_demands(told)[:DEMANDS],
        entries=entries,
        replaced=replaced,
        counting=[
            (e.entry_id, f"{e.entry_id} · {', '.join(e.about.get('periods', []))}")
            for e in entries
            if e.kind in KINDS and e.entry_id not in replaced
        ],
        names=names,
        errors=errors or {},
        issues=list(issues),
        typed=dict(visit.form.typed()),
    )


def _names(scope: Scope, entries: Sequence[LedgerEntry]) -> Names:
    """Names of the case whose plan was promised last."""
    for entry in entries:
        plan = None if entry.plan_id is None else scope.session.get(Plan, entry.plan_id)
        if plan is not None and plan.workspace_id == scope.workspace_id:
            return names_of(scope, scope.get(Case, plan.case_id), plan.revision)
    return Names()


def _demands(told: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Clients and services whose amounts differ most from the plan."""
    sums: dict[tuple[str, str], float] = {}
    for row in told["variance"]:
        key = (row["entity"], row["service"])
        sums[key] = sums.get(key, 0.0) + row["actual"] - row["planned"]
    found = [(*key, round(v, 2)) for key, v in sums.items() if round(v, 2)]
    return sorted(found, key=lambda x: (-abs(x[2]), x[0], x[1]))


@site.sent("/ledgers/{ledger_id}/actuals", "page_ledger_record")
def record(visit: Visit) -> Response:
    """Record what happened or what is expected, from a file; every bad row is told, and nothing is taken then."""
    read, ledger_id = fields.Reader(visit), visit.path["ledger_id"]
    what = read.choice("what", KINDS, "actuals")
    if not visit.form.files:
        read.wrong("files", visit.say("Choose a file: a workbook, a CSV file, or a zip of CSV files."))
    if read.errors:
        return _ledger(visit, 422, read.errors)
    replaces = visit.form.text("replaces") or None
    route = routes.record_actuals if what == "actuals" else routes.record_forecast

    def run() -> None:
        upload = assemble_rows(MULTIPART, b"", visit.form.files)
        route(visit.held, visit.caller, visit.once(), upload, ledger_id, replaces)

    return _added(visit, run, "files")


@site.sent("/ledgers/{ledger_id}/scope", "page_ledger_scope")
def scope_(visit: Visit) -> Response:
    """Record that a client came in or went out."""
    read, ledger_id = fields.Reader(visit), visit.path["ledger_id"]
    body = {
        "entity": read.label("entity", needed=True),
        "change": read.choice("change", ("in", "out")),
        "begin": _period(visit, read, needed=True),
    }
    if read.errors:
        return _ledger(visit, 422, read.errors)
    asked = ScopePost.model_validate(body)
    return _added(
        visit, lambda: routes.record_scope(visit.held, visit.caller, visit.once(), ledger_id, asked), "entity"
    )


def _period(visit: Visit, read: fields.Reader, *, needed: bool) -> str:
    told = visit.say("A period is written as 2026-03, 2026-Q1, 2026-H1 or 2026.")
    return read.fitting("begin", PERIOD, told, needed=needed)


def _added(visit: Visit, run: Callable[[], object], field: str) -> Response:
    """The ledger with its new entry, or with everything that is wrong with it."""
    try:
        run()
    except Fault as fault:
        if fault.kind.status not in (400, 409, 413, 415, 422):
            raise
        issues = issues_of(fault)
        return _ledger(visit, fault.kind.status, {} if issues else {field: [fault.detail]}, issues)
    return redirected(f"/ledgers/{visit.path['ledger_id']}")


@site.page("/ledgers/{ledger_id}/report", "page_ledger_report")
def report(visit: Visit) -> Response:
    """The report for a board as one page; it is recorded as handed out."""
    visit.request.state.operation = "get_ledger_report"
    until = visit.query.get("until") or None
    return routes.get_ledger_report(visit.request, visit.held, visit.caller, visit.path["ledger_id"], until)


@site.page("/ledgers/{ledger_id}/workbook", "page_ledger_workbook")
def workbook(visit: Visit) -> Response:
    """All tables of the report as a workbook; it is recorded as handed out."""
    visit.request.state.operation = "get_ledger_workbook"
    until = visit.query.get("until") or None
    return routes.get_ledger_workbook(visit.request, visit.held, visit.caller, visit.path["ledger_id"], until)
