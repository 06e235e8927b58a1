"""Price lists and statements: made from a plan, frozen, read in every form; service agreements beside a plan."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from fastapi import Query, Request, Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import problems
from api.etags import NOT_MODIFIED, content, tag_of, tagged
from api.idempotency import Reply
from api.paging import Cursor, Limit, newest_first
from api.routes.results import REPORT_POLICY
from api.schemas.common import Label, Page
from api.schemas.money import PriceListOut, PriceListPost, PricesTable, StatementsTable
from api.services import prices
from api.store.models import PriceList
from api.store.scope import Scope
from api.uploads import JSON, XLSX

__all__ = ["file_answers", "router"]

router = gate.router("money")

OF_PLAN = ("not_found", "no_result", "no_plan_found", "document_removed", "plan_not_sound")
READ = {**problems("not_found"), **NOT_MODIFIED}
Client = Annotated[Label | None, Query(description="id of an entity: its statement alone")]
OneClient = Annotated[Label, Query(description="id of the entity")]
OBJECT: dict[int | str, dict[str, Any]] = {
    200: {"content": {JSON: {"schema": {"type": "object"}}}, "description": "A document"}
}


def file_answers(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Answers of an operation that gives a file."""
    told = {"content": {media_type: {"schema": {"type": "string"}}}, "description": "A file"}
    return {**READ, 200: told}


def _tag(*parts: str | None) -> str:
    """Tag of what is made from parts that never change."""
    return f'"{hashlib.sha256("|".join(p or "" for p in parts).encode()).hexdigest()[:32]}"'


def _found(held: ServicesDep, caller: CallerDep, list_id: str) -> PriceList:
    with held.store.read() as session:
        return Scope(session, caller.workspace_id).get(PriceList, list_id)


@router.post(
    "/price-lists",
    status_code=201,
    response_model=PriceListOut,
    responses=problems("malformed_body", *OF_PLAN, "bad_input", "invalid_options", "idempotency_key_reused"),
)
def create_price_list(held: ServicesDep, caller: CallerDep, once: OnceDep, body: PriceListPost) -> Response:
    """Make the price list of a year and all statements from a verified plan; it never changes."""
    found = prices.made(held, caller, body)

    def change(scope: Scope) -> Reply:
        row = prices.keep(held, scope, caller, body, found)
        return Reply(201, PriceListOut.of(row), {"Location": f"/v1/price-lists/{row.id}"})

    return once.run(change)


@router.get("/price-lists", responses=problems())
def list_price_lists(
    held: ServicesDep,
    caller: CallerDep,
    cursor: Cursor = None,
    limit: Limit = 50,
    case: Annotated[str | None, Query(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")] = None,
    plan: Annotated[str | None, Query(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")] = None,
) -> Page[PriceListOut]:
    """Price lists, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(PriceList)
        for column, value in ((PriceList.case_id, case), (PriceList.plan_id, plan)):
            if value is not None:
                query = query.where(column == value)
        page, after = newest_first(session, query, PriceList.id, cursor, limit)
        return Page(items=[PriceListOut.of(p) for p in page], next=after)


@router.get("/price-lists/{price_list_id}", response_model=PriceListOut, responses=READ)
def get_price_list(request: Request, held: ServicesDep, caller: CallerDep, price_list_id: str) -> Response:
    """A price list without its document."""
    return tagged(request, PriceListOut.of(_found(held, caller, price_list_id)))


@router.get("/price-lists/{price_list_id}/document", response_class=Response, responses={**READ, **OBJECT})
def get_price_list_document(request: Request, held: ServicesDep, caller: CallerDep, price_list_id: str) -> Response:
    """Prices, full costs, charges: `designate.prices/1`."""
    row = _found(held, caller, price_list_id)
    with held.store.read() as session:
        text = prices.document_of(Scope(session, caller.workspace_id), price_list_id) or ""
    return content(request, text.encode(), JSON, f'"{row.content_hash}"')


@router.get(
    "/price-lists/{price_list_id}/report",
    response_class=Response,
    responses={**file_answers("text/html"), **problems("not_found", "too_many_requests")},
)
def get_price_list_report(request: Request, held: ServicesDep, caller: CallerDep, price_list_id: str) -> Response:
    """The price list as one HTML page, ready to print."""
    row = _found(held, caller, price_list_id)
    body = prices.file(held, caller, price_list_id, "prices.html")
    response = content(request, body, "text/html; charset=utf-8", _tag(row.content_hash, "html"))
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


@router.get("/price-lists/{price_list_id}/workbook", response_class=Response, responses=file_answers(XLSX))
def get_price_list_workbook(request: Request, held: ServicesDep, caller: CallerDep, price_list_id: str) -> Response:
    """All tables of the list as one workbook; no cell can execute."""
    row = _found(held, caller, price_list_id)
    body = prices.file(held, caller, price_list_id, "prices.xlsx")
    return content(request, body, XLSX, _tag(row.content_hash, "xlsx"), f"{price_list_id}.xlsx")


@router.get("/price-lists/{price_list_id}/tables/{name}", response_class=Response, responses=file_answers("text/csv"))
def get_price_list_table(
    request: Request, held: ServicesDep, caller: CallerDep, price_list_id: str, name: PricesTable
) -> Response:
    """One table as CSV; `charges` has the column names of FOCUS."""
    row = _found(held, caller, price_list_id)
    body = prices.file(held, caller, price_list_id, f"{name}.csv")
    tag = _tag(row.content_hash, name)
    return content(request, body, "text/csv; charset=utf-8", tag, f"{price_list_id}-{name}.csv")


@router.get("/price-lists/{price_list_id}/statements", response_class=Response, responses={**READ, **OBJECT})
def get_statements(
    request: Request, held: ServicesDep, caller: CallerDep, price_list_id: str, client: Client = None
) -> Response:
    """What each client is charged, what it paid before, and why that changes: `designate.statements/1`."""
    body = prices.statements(held, caller, price_list_id, client).encode()
    return content(request, body, JSON, tag_of(body))


@router.get(
    "/price-lists/{price_list_id}/statements/report", response_class=Response, responses=file_answers("text/html")
)
def get_statement_report(
    request: Request, held: ServicesDep, caller: CallerDep, price_list_id: str, client: OneClient
) -> Response:
    """The statement of one client as one HTML page, ready to print."""
    row = _found(held, caller, price_list_id)
    body = prices.file(held, caller, price_list_id, "", of="statements", client=client)
    tag = _tag(row.content_hash, "statement", client)
    response = content(request, body, "text/html; charset=utf-8", tag)
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


@router.get("/price-lists/{price_list_id}/statements/workbook", response_class=Response, responses=file_answers(XLSX))
def get_statements_workbook(
    request: Request, held: ServicesDep, caller: CallerDep, price_list_id: str, client: Client = None
) -> Response:
    """Statements as one workbook, of all clients or of one; no cell can execute."""
    row = _found(held, caller, price_list_id)
    body = prices.file(held, caller, price_list_id, "statements.xlsx", of="statements", client=client)
    tag = _tag(row.content_hash, "statements.xlsx", client)
    return content(request, body, XLSX, tag, f"{price_list_id}-statements.xlsx")


@router.get(
    "/price-lists/{price_list_id}/statements/tables/{name}",
    response_class=Response,
    responses=file_answers("text/csv"),
)
def get_statements_table(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    price_list_id: str,
    name: StatementsTable,
    client: Client = None,
) -> Response:
    """A table of the statements as CSV, of all clients or of one; `charges` has the column names of FOCUS."""
    row = _found(held, caller, price_list_id)
    body = prices.file(held, caller, price_list_id, f"{name}.csv", of="statements", client=client)
    tag = _tag(row.content_hash, "statements", name, client)
    return content(request, body, "text/csv; charset=utf-8", tag, f"{price_list_id}-statements-{name}.csv")


@router.get(
    "/plans/{plan_id}/agreements",
    response_class=Response,
    responses={**NOT_MODIFIED, **OBJECT, **problems(*OF_PLAN, "bad_input", "horizon_not_taken")},
)
def get_agreements(request: Request, held: ServicesDep, caller: CallerDep, plan_id: str) -> Response:
    """Service agreements of the case held against the plan: missing ones, those that end too early, standards missed,
    scores: `designate.agreements/1`. Not for plans over time."""
    body = json.dumps(prices.agreements(held, caller, plan_id), ensure_ascii=False).encode()
    return content(request, body, JSON, tag_of(body))
