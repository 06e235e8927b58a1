"""Money: price lists of a plan, a client's statement, who pays for whom, service agreements, fair shares."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response
from pydantic import TypeAdapter

from api.faults import Fault
from api.routes import prices as routes
from api.schemas.common import Id
from api.schemas.money import PriceListPost
from api.services import prices
from api.store.models import Case, Ledger, Plan, PriceList, Study
from api.store.scope import Scope
from api.web import answers, fields, listing
from api.web.listing import At, at_plan
from api.web.money_words import IDLE, LISTS, MEMO, SIDES, WORDS
from api.web.names import names_of
from api.web.page import redirected, render
from api.web.progress import is_open
from api.web.site import Site
from api.web.trouble import issues_of
from api.web.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.web.names import Names
    from api.web.tongue import Tongue

__all__ = ["ID", "of_plan", "price_text", "shown_money", "site"]

site = Site()

LISTED: Final = 50
CLIENTS: Final = 25
FINDINGS: Final = 200
ID: Final[TypeAdapter[str]] = TypeAdapter(Id)


def price_text(tongue: Tongue, price: float | None) -> str:
    """A price with all decimals that it has, two at least."""
    if price is None:
        return "–"
    return tongue.decimal(price, max(2, len(f"{price:.6f}".rstrip("0").partition(".")[2])))


def shown_money(visit: Visit, template: str, status: int = 200, **values: Any) -> Response:
    """A page of money, with its words."""
    tongue = visit.tongue
    return render(
        visit,
        template,
        status,
        here=values.pop("here", "money"),
        price=lambda p: price_text(tongue, p),
        cents=lambda x, plus=False: tongue.decimal(x, 2, plus=plus),
        **WORDS,
        **values,
    )


@site.page("/money", "page_money")
def money(visit: Visit) -> Response:
    """Price lists and ledgers of the workspace, newest first."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        lists = session.scalars(scope.select(PriceList).order_by(PriceList.id.desc()).limit(1000)).all()
        ledgers = session.scalars(scope.select(Ledger).order_by(Ledger.changed.desc()).limit(200)).all()
        part, shown = listing.shown(lists, visit.number("offset", 0), LISTED)
        cases = {
            c.id: c.name for c in session.scalars(scope.select(Case).where(Case.id.in_({p.case_id for p in part})))
        }
    return shown_money(visit, "money.html", lists=part, shown=shown, ledgers=ledgers, cases=cases)


@site.page("/plans/{plan_id}/money", "page_plan_money")
def plan_money(visit: Visit) -> Response:
    """Price lists and fair shares of a plan, and where its ledger begins."""
    return of_plan(visit, 200)


def of_plan(
    visit: Visit, status: int, errors: fields.Errors | None = None, issues: list[dict[str, Any]] | None = None
) -> Response:
    """The page of a plan's money; with what is wrong in a form of it."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at, plan, case = at_plan(scope, visit.path["plan_id"])
        query = scope.select(PriceList).where(PriceList.case_id == case.id)
        every = session.scalars(query.order_by(PriceList.id.desc()).limit(200)).all()
        asked = scope.select(Study).where(Study.plan_id == plan.id, Study.kind == "shares")
        studies = [(s, is_open(s.job)) for s in session.scalars(asked.order_by(Study.id.desc()).limit(20))]
        sound = not is_open(plan.job) and plan.solution in ("optimal", "feasible") and plan.verified
        horizon = scope.revision(case, plan.revision).summary.get("horizon") or {}
    return shown_money(
        visit,
        "plan_money.html",
        status,
        at=at,
        plan=plan,
        lists=[p for p in every if p.plan_id == plan.id],
        earlier=[("", visit.say("none"))] + [(p.id, f"{p.name or p.id} · {p.year}") for p in every],
        sound=sound,
        horizon=horizon,
        studies=studies,
        shares=_shares(visit, studies),
        errors=errors or {},
        issues=issues or [],
        typed=dict(visit.form.typed()),
        lists_by=[(k, visit.say(w)) for k, w in LISTS.items()],
        idles=[(k, visit.say(w)) for k, w in IDLE.items()],
    )


def _shares(visit: Visit, studies: list[tuple[Study, bool]]) -> list[str]:
    """What the newest answer about fair shares says."""
    for study, waits in studies:
        if not waits:
            try:
                return answers.sentences(answers.answer_of(visit.held, visit.caller, study.id), visit.tongue)
            except Fault:
                continue  # it failed, or was removed
    return []


@site.sent("/plans/{plan_id}/prices", "page_prices_make")
def make(visit: Visit) -> Response:
    """Make the price list of a year; it never changes."""
    read, plan_id = fields.Reader(visit), visit.path["plan_id"]
    blank = ("", *LISTS), ("", *IDLE)
    year = read.number("year", low=1, high=200, whole=True, default=1)
    step = read.number("price_step", low=1e-6, high=1e12)
    change = read.number("change", low=0, high=1e9)
    body = {
        "plan": plan_id,
        "year": int(year or 1),
        "name": read.label("name"),
        "price_list": read.choice("price_list", blank[0], "") or None,
        "price_step": step,
        "idle_by": read.choice("idle_by", blank[1], "") or None,
        "max_price_change_rel": None if change is None else change / 100,
        "previous": read.fitting("previous", ID, visit.say("Choose one of the list.")) or None,
    }
    if read.errors:
        return of_plan(visit, 422, read.errors)
    try:
        made = routes.create_price_list(visit.held, visit.caller, visit.once(), PriceListPost.model_validate(body))
    except Fault as fault:
        if fault.kind.status not in (409, 422):
            raise
        issues = issues_of(fault)
        return of_plan(visit, fault.kind.status, {} if issues else {"": [fault.detail]}, issues)
    return redirected(f"/prices/{json.loads(bytes(made.body))['id']}")


def _span(visit: Visit, told: Mapping[str, Any]) -> dict[str, Any]:
    """First and last day of a time whose end is the day after."""
    first, after = date.fromisoformat(told["begin"]), date.fromisoformat(told["end"])
    return {"first": visit.tongue.day(first), "last": visit.tongue.day(after - timedelta(days=1))}


def _at(visit: Visit, list_id: str) -> tuple[At, PriceList, Names, Plan]:
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        found = scope.get(PriceList, list_id)
        at, plan, case = at_plan(scope, found.plan_id)
        return at, found, names_of(scope, case, found.revision), plan


@site.page("/prices/{price_list_id}", "page_prices")
def price_list(visit: Visit) -> Response:
    """Prices, what they recover, who pays for whom."""
    list_id = visit.path["price_list_id"]
    at, found, names, _ = _at(visit, list_id)
    with visit.held.store.read() as session:
        told = json.loads(prices.document_of(Scope(session, visit.caller.workspace_id), list_id) or "{}")
    q = visit.query.get("q", "").strip()
    clients = [c for c in _clients(told) if not q or q.casefold() in names.words(str(c["entity"]))]
    part, shown = listing.shown(clients, visit.number("offset", 0), CLIENTS)
    sides = [k for k in SIDES if any(p[k] for p in told["providers"]) or k in ("full_cost", "charged")]
    return shown_money(
        visit,
        "prices.html",
        **_span(visit, told["year"]),
        at=at,
        row=found,
        told=told,
        names=names,
        lines=[p for p in told["prices"] if p["volume"]],
        sides=sides,
        sums={k: round(sum(p[k] for p in told["providers"]), 2) for k in (*SIDES, "provision")},
        clients=part,
        shown=shown,
        paying=len(_clients(told)),
        q=q,
    )


def _clients(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each client causes and pays; who pays most for others first."""
    out: dict[str, dict[str, Any]] = {}
    for c in told["charges"]:
        row = out.setdefault(c["entity"], {"entity": c["entity"], "own": 0.0, "paid": 0.0})
        row["own"] += c["own_cost"]
        row["paid"] += c["amount"]
    rows = [{**r, "more": round(r["paid"] - r["own"], 2)} for r in out.values()]
    return sorted(rows, key=lambda r: (-abs(r["more"]), r["entity"]))


@site.page("/prices/{price_list_id}/statement", "page_statement")
def statement(visit: Visit) -> Response:
    """What one client is charged, what it paid before, and why that changes."""
    list_id, client = visit.path["price_list_id"], visit.query.get("client", "")
    at, found, names, _ = _at(visit, list_id)
    if not client:
        return redirected(f"/prices/{list_id}")
    told = json.loads(prices.statements(visit.held, visit.caller, list_id, client))
    mine = told["statements"][0]
    memo: dict[str, float] = {}
    for row in mine["memo"]:
        memo[row["term"]] = round(memo.get(row["term"], 0.0) + row["amount"], 2)
    why = mine["why"] or {}
    causes = sorted(((k, why[k]) for k in why if round(why[k], 2)), key=lambda c: -abs(c[1]))
    return shown_money(
        visit,
        "statement.html",
        **_span(visit, told["year"]),
        at=at,
        row=found,
        told=told,
        x=mine,
        names=names,
        memo=[(k, memo[k]) for k in MEMO if memo.get(k)],
        causes=causes,
        unknown=[names.service(s) for s in mine["unknown"]],
        rounding=abs(mine["cross_subsidy"]) * 1000 <= mine["amount"],
    )


@site.page("/prices/{price_list_id}/report", "page_prices_report")
def report(visit: Visit) -> Response:
    """The list as one page to print, or the statement of a client; it is recorded as handed out."""
    list_id, client = visit.path["price_list_id"], visit.query.get("client", "")
    if client:
        visit.request.state.operation = "get_statement_report"
        return routes.get_statement_report(visit.request, visit.held, visit.caller, list_id, client)
    visit.request.state.operation = "get_price_list_report"
    return routes.get_price_list_report(visit.request, visit.held, visit.caller, list_id)


@site.page("/prices/{price_list_id}/workbook", "page_prices_workbook")
def workbook(visit: Visit) -> Response:
    """The list as a workbook, or all statements (``of=statements``); it is recorded as handed out."""
    list_id = visit.path["price_list_id"]
    if visit.query.get("of") == "statements":
        visit.request.state.operation = "get_statements_workbook"
        client = visit.query.get("client") or None
        return routes.get_statements_workbook(visit.request, visit.held, visit.caller, list_id, client)
    visit.request.state.operation = "get_price_list_workbook"
    return routes.get_price_list_workbook(visit.request, visit.held, visit.caller, list_id)


@site.page("/plans/{plan_id}/agreements", "page_agreements")
def agreements(visit: Visit) -> Response:
    """Service agreements held against the plan: missing, ending too early, standards missed."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at, plan, case = at_plan(scope, visit.path["plan_id"])
        names = names_of(scope, case, plan.revision)
    told = visit.held.documents.get(  # neither the plan nor its revision ever changes
        f"agreements of {plan.id}", lambda: prices.agreements(visit.held, visit.caller, plan.id)
    )
    part, shown = listing.shown(told["findings"], visit.number("offset", 0), FINDINGS)
    values: dict[str, Any] = {"at": at, "plan": plan, "told": told, "names": names, "findings": part, "shown": shown}
    return shown_money(visit, "agreements.html", **values, **_span(visit, told))
