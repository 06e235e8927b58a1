"""Plans: the list, one plan, its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response

from api.faults import Fault
from api.routes import results as routes
from api.services import results
from api.services.drawings import drawing_file, drawings
from api.store.scope import Scope
from api.web import listing
from api.web.listing import at_plan
from api.web.names import names_of, tables_of
from api.web.page import render
from api.web.progress import is_open
from api.web.ranges import asked_of, newest_range
from api.web.site import Site
from api.web.told import Told, cost_of
from api.web.views.solving import live_parts
from api.web.visit import Visit
from optimizer.domain.steady import is_over_time

if TYPE_CHECKING:
    from api.web.names import Names

__all__ = ["site"]

site = Site()

LISTED: Final = 50
ROWS: Final = 25
LOSERS: Final = 6
MOVERS: Final = 10
FLOWS: Final = 12
SORTS: Final = ("entity", "cost", "fte", "distance", "hours", "next")


@site.page("/plans", "page_plans")
def plans(visit: Visit) -> Response:
    """All plans that are not out of lists."""
    state = visit.query.get("state", "")
    with visit.held.store.read() as session:
        wanted = {"state": state} if state else {}
        rows = listing.plan_rows(Scope(session, visit.caller.workspace_id), 2000, **wanted)
    part, shown = listing.shown(rows, visit.number("offset", 0), LISTED)
    return render(visit, "plans.html", here="plan", plans=part, shown=shown, state=state)


@site.page("/plans/{plan_id}", "page_plan")
def plan(visit: Visit) -> Response:
    """The plan; while its search goes on, how that goes."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at, found, case = at_plan(scope, visit.path["plan_id"])
        if is_open(found.job):
            watching = visit.query.get("updates") != "off"
            return render(visit, "solving.html", here="solve", at=at, watching=watching, **live_parts(scope, found))
        names = names_of(scope, case, found.revision)
        stale = case.latest > found.revision
        policy = tables_of(scope, case, found.revision).get("policy") or {}
        asked = [s for s in asked_of(scope, found.id, ("range",)) if not is_open(s.job)]
    try:
        document, _ = results.parsed(visit.held, visit.caller, found.id)
    except Fault as fault:
        if fault.code not in ("no_plan_found", "document_removed"):
            raise
        return render(visit, "no_plan.html", fault.kind.status, here="plan", at=at, plan=found, fault=fault)
    values: dict[str, Any] = {"here": "plan", "at": at, "plan": found, "stale": stale}
    if is_over_time(document):
        return render(visit, "plan_over_time.html", document=document, **values)
    values["drawn"] = drawings(visit.held, visit.caller, found.id, visit.tongue.code)
    return _steady(visit, Told(document, names, visit.tongue, policy, newest_range(visit, asked)), values)


def _steady(visit: Visit, told: Told, values: dict[str, Any]) -> Response:
    sites, idle = told.sites()
    rows = _rows(visit, told)
    part, shown = listing.shown(rows, visit.number("offset", 0), ROWS)
    losers, movers = told.losers(), told.movers()
    return render(
        visit,
        "plan.html",
        told=told,
        document=told.plan,
        names=told.names,
        sites=sites,
        idle=idle,
        losers=losers[:LOSERS] if visit.query.get("losers") != "all" else losers,
        worse=len(losers),
        movers=movers[:MOVERS] if visit.query.get("movers") != "all" else movers,
        moving=len(movers),
        flows=told.flows(),
        most_flows=FLOWS,
        rows=part,
        shown=shown,
        asked=_asked(visit),
        cost_of=cost_of,
        countries=_countries(told.names),
        services=[(k, told.names.service(k)) for k in sorted({a["service"] for a in told.plan["assignments"]})],
        providers=[(k, told.names.provider(k, visit.tongue)) for k in _providers(told)],
        **values,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters and order of the assignments."""

    q: str
    service: str
    provider: str
    country: str
    moved: str
    sort: str

    def as_query(self) -> dict[str, str]:
        """As parameters of an address."""
        return {name: getattr(self, name) for name in self.__slots__}


def _asked(visit: Visit) -> Asked:
    given = {name: visit.query.get(name, "").strip() for name in Asked.__slots__}
    given["sort"] = given["sort"] if given["sort"] in SORTS else "entity"
    return Asked(**given)


def _rows(visit: Visit, told: Told) -> list[dict[str, Any]]:
    """Assignments that fit the filters, in the order that is asked for."""
    asked, names = _asked(visit), told.names
    wanted = asked.q.casefold()
    rows = [
        a
        for a in told.plan["assignments"]
        if (not wanted or wanted in names.words(a["entity"]))
        and (not asked.service or a["service"] == asked.service)
        and (not asked.provider or a["provider"] == asked.provider)
        and (not asked.country or names.entities.get(a["entity"], {}).get("country") == asked.country)
        and (not asked.moved or a["moved_from"] is not None)
    ]
    keys: dict[str, Any] = {
        "entity": lambda a: (names.entity(a["entity"]).casefold(), a["service"]),
        "cost": lambda a: -cost_of(a),
        "fte": lambda a: -a["effort_fte"],
        "distance": lambda a: -(a["distance_km"] or 0.0),
        "hours": lambda a: 99.0 if a["overlap_hours"] is None else a["overlap_hours"],
        "next": lambda a: float("inf") if a["runner_up"] is None else a["runner_up"]["extra_cost"],
    }
    return sorted(rows, key=keys[asked.sort])


def _countries(names: Names) -> list[tuple[str, str]]:
    found = sorted({str(e["country"]) for e in names.entities.values() if e.get("country")})
    return [(c, c) for c in found]


def _providers(told: Told) -> list[str]:
    return sorted({a["provider"] for a in told.plan["assignments"] if a["provider"] is not None})


@site.page("/plans/{plan_id}/workbook", "page_plan_workbook")
def workbook(visit: Visit) -> Response:
    """All tables as a workbook; it is recorded as handed out."""
    visit.request.state.operation = "get_plan_workbook"
    return routes.get_plan_workbook(visit.request, visit.held, visit.caller, visit.path["plan_id"])


@site.page("/plans/{plan_id}/report", "page_plan_report")
def report(visit: Visit) -> Response:
    """The report as one page that needs no network, with the policy of reports; it is recorded as handed out."""
    visit.request.state.operation = "get_report"
    return routes.get_report(visit.request, visit.held, visit.caller, visit.path["plan_id"])


@site.page("/plans/{plan_id}/charts/{chart}", "page_plan_chart")
def chart(visit: Visit) -> Response:
    """One drawing of a plan as a file in the reader's language."""
    path = visit.path
    content = drawing_file(visit.held, visit.caller, path["plan_id"], path["chart"], visit.tongue.code)
    name = f'inline; filename="{path["chart"]}.svg"'
    return Response(content, media_type="image/svg+xml", headers={"Content-Disposition": name})
