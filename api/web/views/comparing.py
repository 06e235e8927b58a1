"""Compare plans, two or many: where their best figures lie, measures, terms; of two, what moves and why they differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response

from api.faults import Fault
from api.jobs.runs import OPEN
from api.routes import studies as routes
from api.services import results
from api.services.analyses import case_of, compared
from api.store.models import Plan, Study
from api.store.scope import Scope
from api.web import answers, asking, listing
from api.web.listing import at_plan
from api.web.names import names_of
from api.web.page import redirected, render
from api.web.sidebyside import MEASURES, USUAL, Side, SideBySide
from api.web.site import Site
from api.web.visit import Visit
from api.web.words import CAUSES, TERMS, marked
from optimizer.domain.steady import is_over_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["site"]

site = Site()

MOVES: Final = 50
MOST: Final = 8
"""Plans that are set side by side at the most."""
LISTED: Final = 40
CAUSE_S: Final = 120.0
TOTALS: Final = {"running": marked("Running cost"), "total": marked("In all, with one-off costs a year")}


@site.page("/compare", "page_compare")
def compare(visit: Visit) -> Response:
    """Plans side by side, those and the measures that the address names; with less than two, which there are."""
    query = visit.request.query_params
    given = [query.get("first", ""), query.get("second", ""), *query.getlist("plan")]
    ids = list(dict.fromkeys(i for i in given if i))[:MOST]
    measures = [m for m in query.getlist("show") if m in MEASURES] or list(USUAL)
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        plans = [p for p in listing.plan_rows(scope, 200) if p.holds]
        at = at_plan(scope, ids[0])[0] if ids else None
        found = [at_plan(scope, id_) for id_ in ids]
        names = names_of(scope, found[-1][2], found[-1][1].revision) if found else None
        causes = _causes(visit, scope, ids) if len(ids) == 2 else None
    sides, left_out = _sides(visit, [(p.id, p.name or case.name) for _, p, case in found])
    beside = SideBySide(sides, visit.tongue) if len(sides) > 1 else None
    told = compared(visit.held, visit.caller, *ids) if beside and len(ids) == 2 else None
    chosen = sorted((p for p in plans if p.id in ids), key=lambda p: ids.index(p.id))
    return render(
        visit,
        "compare.html",
        here="compare",
        at=at,
        beside=beside,
        left_out=left_out,
        told=told,
        names=names,
        causes=causes,
        options=[*chosen, *(p for p in plans if p.id not in ids)][: max(LISTED, len(chosen))],
        ids=ids,
        chosen=measures,
        measures=[(k, visit.say(v)) for k, v in MEASURES.items()],
        change=None if told is None else _total(told),
        terms={k: visit.say(v) for k, v in {**TERMS, **TOTALS}.items()},
        most=MOVES,
        many=MOST,
    )


def _sides(visit: Visit, wanted: Sequence[tuple[str, str]]) -> tuple[list[Side], list[str]]:
    """Plans that can be set side by side, and names of those that cannot."""
    sides, left_out = [], []
    for id_, title in wanted:
        try:
            document, _ = results.parsed(visit.held, visit.caller, id_)
        except Fault as fault:
            if fault.code not in ("no_result", "no_plan_found", "document_removed"):
                raise
            left_out.append(title)
            continue
        if is_over_time(document) or document["cost"] is None:
            left_out.append(title)
        else:
            sides.append(Side(id_, title, document))
    return sides, left_out


def _total(told: Mapping[str, Any]) -> float | None:
    """Change of the whole cost from the first plan to the second."""
    return next((r["change"] for r in told["cost"] if r["term"] == "total"), None)


def _causes(visit: Visit, scope: Scope, ids: Sequence[str]) -> dict[str, Any] | None:
    """What was asked about why two plans differ: the study, and its bridge once it is answered."""
    query = scope.select(Study).where(Study.plan_id == ids[0], Study.kind == "changed").order_by(Study.id.desc())
    study = next((s for s in scope.session.scalars(query.limit(50)) if ids[1] in s.tags), None)
    if study is None:
        return None
    if study.job.status in OPEN:
        return {"id": study.id, "open": True}
    try:
        answer = answers.answer_of(visit.held, visit.caller, study.id)
    except Fault:
        return None
    return {
        "id": study.id,
        "open": False,
        "said": answers.sentences(answer, visit.tongue),
        "bridge": _bridge(visit, answer["tables"]["parts"]),
    }


def _bridge(visit: Visit, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Steps from the cost of the first plan to that of the second, as a drawing of bars."""
    t, at = visit.tongue, 0.0
    steps: list[tuple[str, float, float, str]] = []
    rows: list[list[list[str]]] = []
    for part in parts:
        amount, ends = part["amount"], (part["lower"], part["upper"])
        name = visit.say(CAUSES.get(part["part"], part["part"]))
        rows.append([[name, ""], [t.count(amount, plus=True), ""], *([t.count(e, plus=True), ""] for e in ends)])
        if amount is not None:
            steps.append((name, at, at + amount, "a" if amount < 0 else "w"))
            at += amount
    steps.append((visit.say("In all"), 0.0, at, "i"))
    low, high = min(0.0, *(min(s[1:3]) for s in steps)), max(0.0, *(max(s[1:3]) for s in steps))
    wide = max(high - low, 1.0)
    bars = []
    for name, start, end, kind in steps:
        first, size = 100 * (min(start, end) - low) / wide, 100 * abs(end - start) / wide
        spans = [[kind, round(first, 2), round(size, 2)]]
        bars.append({"name": name, "sub": "", "text": t.short(end - start, plus=True), "spans": spans})
    figures = (visit.say("Change"), visit.say("At least"), visit.say("At most"))
    heads = [(visit.say("Cause"), False), *((word, True) for word in figures)]
    keys = [["a", visit.say("cheaper")], ["w", visit.say("dearer")], ["i", visit.say("In all")]]
    table = {"title": visit.say("Causes"), "note": "", "columns": heads, "rows": rows}
    head = visit.say("From the cost of the first plan to that of the second")
    return {
        "subtitle": head,
        "note": "",
        "keys": keys,
        "bars": bars,
        "zero": round(-100 * low / wide, 2),
        "table": table,
    }


@site.sent("/compare/causes", "page_compare_ask")
def ask(visit: Visit) -> Response:
    """Ask why two plans cost different amounts."""
    first, second = visit.form.text("first"), visit.form.text("second")
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        mine, theirs = scope.get(Plan, first), scope.get(Plan, second)
        other_case = case_of(scope, theirs)[1]
    document, _ = results.parsed(visit.held, visit.caller, second)
    question = {"other": document, "other_case": other_case}
    body = asking.checked(
        {
            "kind": "changed",
            "case": mine.case_id,
            "plan": first,
            "tags": [second],
            "question": question,
            "options": {"time_limit_s": CAUSE_S},
        }
    )
    made = routes.create_study(visit.held, visit.caller, visit.once(), body)
    return redirected(f"/studies/{json.loads(bytes(made.body))['id']}")
