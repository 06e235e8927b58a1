"""Content of a plan: document, rows, money, findings, certificate, report, tables."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from api import gate
from api.deps import CallerDep, ServicesDep
from api.errors import problems
from api.etags import NOT_MODIFIED, content, tag_of, tagged
from api.paging import Limit, Offset
from api.schemas.analyses import BaselineSavings
from api.schemas.common import Label, Out, Whole
from api.schemas.plans import RowPage, SavingsOut, TableName
from api.schemas.why import WhyOut
from api.services import results
from api.uploads import JSON, XLSX

__all__ = ["router"]

router = gate.router("results")

READ = {**problems("not_found", "no_result", "no_plan_found", "document_removed"), **NOT_MODIFIED}
REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
)
DOCUMENT = "`designate.plan/1`, of a case with a horizon `designate.plan/2`"
Name = Annotated[Label | None, Query()]
Period = Annotated[Whole | None, Query(ge=1, le=120, description="of a plan over time: only what holds in this period")]


class Certificate(Out):
    """What was checked, by other code than made the plan, and what is proven."""

    plan: str
    case_hash: str
    document_hash: str
    solution: str
    bounds: dict[str, Any]
    verification: dict[str, Any]
    proves_not: list[str]


def _file(media_type: str) -> dict[int | str, dict[str, Any]]:
    schema: dict[str, Any] = (
        {"type": "string"} if media_type.startswith("text") else {"type": "string", "format": "binary"}
    )
    return {**READ, 200: {"content": {media_type: {"schema": schema}}, "description": "A file"}}


@router.get(
    "/plans/{plan_id}/document",
    response_class=Response,
    responses={
        **READ,
        200: {
            "content": {JSON: {"schema": {"type": "object"}}},
            "description": DOCUMENT,
        },
    },
)
def get_plan_document(request: Request, held: ServicesDep, caller: CallerDep, plan_id: str) -> Response:
    """The whole plan document, byte for byte what its hash stands for."""
    plan, body, digest = results.document(held, caller, plan_id)
    return content(request, body or json.dumps(plan).encode(), JSON, f'"{digest}"')


@router.get("/plans/{plan_id}/assignments", response_model=RowPage, responses=READ)
def list_assignments(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    plan_id: str,
    limit: Limit = 100,
    offset: Offset = 0,
    entity: Name = None,
    service: Name = None,
    provider: Name = None,
    moved: Annotated[bool | None, Query(description="only those that change provider, or only the others")] = None,
    period: Period = None,
) -> Response:
    """Who serves what, with cost, distance, overlap and the runner-up of each. Over time a row is a stretch
    of periods with one provider, from `from_period` to `until_period`."""
    plan, _, _ = results.document(held, caller, plan_id)
    results.in_horizon(plan, period)
    wanted = {"entity": entity, "service": service, "provider": provider}
    rows = [
        a
        for a in plan["assignments"]
        if all(v is None or a[k] == v for k, v in wanted.items())
        and (moved is None or (a["moved_from"] is not None) == moved)
        and _holds(a, period)
    ]
    return tagged(request, _page(rows, offset, limit))


@router.get("/plans/{plan_id}/lines", response_model=RowPage, responses=READ)
def list_lines(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    plan_id: str,
    limit: Limit = 100,
    offset: Offset = 0,
    service: Name = None,
    provider: Name = None,
    period: Period = None,
) -> Response:
    """Lines in use: volume, capacity, tier, unit cost; over time a row for each period."""
    plan, _, _ = results.document(held, caller, plan_id)
    results.in_horizon(plan, period)
    wanted = {"service": service, "provider": provider}
    rows = [r for r in plan["lines"] if all(v is None or r[k] == v for k, v in wanted.items()) and _holds(r, period)]
    return tagged(request, _page(rows, offset, limit))


@router.get("/plans/{plan_id}/findings", response_model=RowPage, responses=READ)
def list_findings(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    plan_id: str,
    limit: Limit = 100,
    offset: Offset = 0,
    severity: Literal["error", "warning", "info"] | None = None,
    code: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,64}$")] = None,
) -> Response:
    """Coded warnings of the plan; for an infeasible case, which rules are in conflict and by how much."""
    plan, _, _ = results.document(held, caller, plan_id)
    rows = [
        i
        for i in plan["issues"]
        if (severity is None or i["severity"] == severity) and (code is None or i["code"] == code)
    ]
    return tagged(request, _page(rows, offset, limit))


def _holds(row: dict[str, Any], period: int | None) -> bool:
    """Whether a row holds in a period: an assignment has a stretch of them, a line one."""
    if period is None:
        return True
    first, last = (row[name] if name in row else row["period"] for name in ("from_period", "until_period"))
    return bool(first <= period <= last)


def _page(rows: list[dict[str, Any]], offset: int, limit: int) -> RowPage:
    after = offset + limit if offset + limit < len(rows) else None
    return RowPage(items=rows[offset : offset + limit], total=len(rows), offset=offset, next_offset=after)


@router.get(
    "/plans/{plan_id}/savings",
    response_model=SavingsOut,
    responses={**READ, **problems("not_found", "no_result", "no_plan_found", "conflict", "horizon_not_taken")},
)
def get_savings(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    plan_id: str,
    baseline: Annotated[
        str | None,
        Query(
            pattern=r"^bas_[0-9a-f]{28}$", description="a stored baseline to compare with, beside today's arrangement"
        ),
    ] = None,
) -> Response:
    """Cost, baseline and savings, term by term, by entity, provider and service; over time period by period.
    A stored baseline is of a case without a horizon, and compared with plans of such cases only."""
    plan, _, _ = results.document(held, caller, plan_id)
    parts = {k: plan.get(k) for k in ("cost", "baseline", "savings", "bounds", "people", "unallocated", "cash_flow")}
    against = None if baseline is None else BaselineSavings(**results.against(held, caller, baseline, plan_id))
    return tagged(request, SavingsOut(currency=plan["run"]["currency"], against=against, **parts))


@router.get("/plans/{plan_id}/certificate", response_model=Certificate, responses=READ)
def get_certificate(request: Request, held: ServicesDep, caller: CallerDep, plan_id: str) -> Response:
    """What the independent checker found; `designate verify CASE plan.json` repeats it offline."""
    plan, _, digest = results.document(held, caller, plan_id)
    known = {"optimal": [], "infeasible": ["that a smaller set of rules is in conflict"]}
    proves_not = known.get(plan["status"]["solution"], ["that no cheaper plan exists"])
    return tagged(
        request,
        Certificate(
            plan=plan_id,
            case_hash=plan["run"]["case_hash"],
            document_hash=digest,
            bounds=plan["bounds"],
            solution=plan["status"]["solution"],
            verification=plan["verification"],
            proves_not=[*proves_not, "that the input figures are true"],
        ),
    )


@router.get(
    "/plans/{plan_id}/why",
    response_model=WhyOut,
    responses={
        **READ,
        **problems("not_found", "no_result", "no_plan_found", "document_removed", "bad_input", "horizon_not_taken"),
    },
)
def explain_assignment(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    plan_id: str,
    entity: Annotated[Label, Query(description="id of the entity")],
    service: Annotated[Label, Query(description="id of the service")],
) -> Response:
    """Why one demand is served by whom: every provider, refused with what would lift that, or priced. No solve.
    Not for plans over time."""
    body = WhyOut(**results.why(held, caller, plan_id, entity, service)).model_dump_json(by_alias=True).encode()
    return content(request, body, JSON, tag_of(body))


@router.get("/plans/{plan_id}/report", response_class=Response, responses=_file("text/html"))
def get_report(request: Request, held: ServicesDep, caller: CallerDep, plan_id: str) -> Response:
    """The report as one HTML page that needs no network."""
    response = content(request, *results.report(held, caller, plan_id))
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


@router.get("/plans/{plan_id}/workbook", response_class=Response, responses=_file(XLSX))
def get_plan_workbook(request: Request, held: ServicesDep, caller: CallerDep, plan_id: str) -> Response:
    """All tables as one workbook; no cell can execute."""
    body, media_type, tag = results.workbook(held, caller, plan_id)
    return content(request, body, media_type, tag, f"{plan_id}.xlsx")


@router.get("/plans/{plan_id}/tables/{name}", response_class=Response, responses=_file("text/csv"))
def get_plan_table(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    plan_id: str,
    name: TableName,
) -> Response:
    """One table as CSV; no cell can execute. `waves`, `cash_flow` and `staffing` are of plans over time."""
    body, media_type, tag = results.table(held, caller, plan_id, name)
    return content(request, body, media_type, tag, f"{plan_id}-{name}.csv")
