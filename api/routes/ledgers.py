"""Ledgers: begun with a frozen plan, added to and never changed, read as reports."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query, Request, Response
from sqlalchemy import select

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import problems
from api.etags import NOT_MODIFIED, content, tagged
from api.faults import Fault
from api.idempotency import Once, Reply
from api.paging import Cursor, Limit, Offset, newest_first
from api.routes.prices import OBJECT, file_answers
from api.routes.results import REPORT_POLICY
from api.routes.uploading import ROWS_BODY, RowsDep
from api.schemas.common import Page, Whole
from api.schemas.money import (
    EntryName,
    EntryOut,
    FreezePost,
    LedgerCheck,
    LedgerOut,
    LedgerPost,
    LedgerTable,
    Period,
    ScopePost,
)
from api.schemas.plans import RowPage
from api.services import ledger_reports, ledgers
from api.services.ledgers import Moved
from api.store.models import Ledger, LedgerEntry
from api.store.scope import Scope
from api.uploads import JSON, XLSX, Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from api.access import Caller
    from api.context import Services

__all__ = ["router"]

router = gate.router("ledgers")

TRIES = 5
"""How often an entry is made anew because others were faster."""

READ = {**problems("not_found", "ledger_broken", "invalid_options"), **NOT_MODIFIED}
OF_ENTRY = ("not_found", "entry_refused", "ledger_broken", "invalid_options", "conflict", "idempotency_key_reused")
OF_PLAN = ("malformed_body", "no_result", "no_plan_found", "document_removed", "plan_not_sound", "horizon_not_taken")
OF_FILE = ("malformed_body", "unsupported_media_type", "archive_too_large")
Until = Annotated[Period | None, Query(description="last period; the last one recorded when left out")]
Replaces = Annotated[EntryName | None, Query(description="the entry that this one corrects")]
Number = Annotated[Whole, Query(ge=1, le=10**6)]


def _added(
    held: Services,
    caller: Caller,
    once: Once,
    ledger_id: str,
    task_of: Callable[[Scope], Mapping[str, Any]],
    **more: Any,
) -> Response:
    """Make an entry and store it; where the chain has gone on meanwhile, make it anew."""
    for _ in range(TRIES):
        made = ledgers.made_for(held, caller, ledger_id, task_of, **more)

        def change(scope: Scope, made: ledgers.Made = made) -> Reply:
            row = ledgers.stored(held, scope, caller, ledger_id, made)
            return Reply(201, EntryOut.of(row), {"Location": f"/v1/ledgers/{ledger_id}/entries/{row.number}"})

        try:
            return once.run(change)
        except Moved:
            continue
    raise Fault("conflict", f"ledger {ledger_id} is being changed by others: try again")


def _replaced(session: Session, ledger_id: str) -> dict[str, str]:
    """Entries that are corrected, with those that do it."""
    query = select(LedgerEntry.replaces, LedgerEntry.entry_id)
    query = query.where(LedgerEntry.ledger_id == ledger_id, LedgerEntry.replaces.is_not(None))
    return {old: new for old, new in session.execute(query) if old is not None}


@router.post(
    "/ledgers",
    status_code=201,
    response_model=LedgerOut,
    responses=problems(*OF_ENTRY, *OF_PLAN),
)
def create_ledger(held: ServicesDep, caller: CallerDep, once: OnceDep, body: LedgerPost) -> Response:
    """Begin a ledger: a verified plan with its prices is frozen, as what is promised."""
    made = ledgers.begin(held, caller, body)

    def change(scope: Scope) -> Reply:
        row = ledgers.opened(held, scope, caller, body, made)
        return Reply(201, LedgerOut.of(row), {"Location": f"/v1/ledgers/{row.id}"})

    return once.run(change)


@router.get("/ledgers", responses=problems())
def list_ledgers(held: ServicesDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50) -> Page[LedgerOut]:
    """Ledgers, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Ledger)
        page, after = newest_first(session, query, Ledger.id, cursor, limit)
        return Page(items=[LedgerOut.of(found) for found in page], next=after)


@router.get("/ledgers/{ledger_id}", response_model=LedgerOut, responses={**problems("not_found"), **NOT_MODIFIED})
def get_ledger(request: Request, held: ServicesDep, caller: CallerDep, ledger_id: str) -> Response:
    """A ledger: how many entries it has, and the hash of the last one."""
    with held.store.read() as session:
        return tagged(request, LedgerOut.of(Scope(session, caller.workspace_id).get(Ledger, ledger_id)))


@router.post(
    "/ledgers/{ledger_id}/freezes", status_code=201, response_model=EntryOut, responses=problems(*OF_ENTRY, *OF_PLAN)
)
def freeze_plan(held: ServicesDep, caller: CallerDep, once: OnceDep, ledger_id: str, body: FreezePost) -> Response:
    """Freeze another plan, which counts from its first period on, or correct a freeze."""
    return _added(held, caller, once, ledger_id, lambda scope: ledgers.freezing(scope, body), plan_id=body.plan)


@router.post(
    "/ledgers/{ledger_id}/actuals",
    status_code=201,
    response_model=EntryOut,
    responses=problems(*OF_ENTRY, *OF_FILE),
    openapi_extra=ROWS_BODY,
)
def record_actuals(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    upload: RowsDep,
    ledger_id: str,
    replaces: Replaces = None,
) -> Response:
    """Record what happened: tables `actuals`, `one_offs`, `staff`, `rates`. Every bad row is named, and nothing is
    taken then; a period is recorded once."""
    return _imported(held, caller, once, upload, ledger_id, "actuals", replaces)


@router.post(
    "/ledgers/{ledger_id}/forecasts",
    status_code=201,
    response_model=EntryOut,
    responses=problems(*OF_ENTRY, *OF_FILE),
    openapi_extra=ROWS_BODY,
)
def record_forecast(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    upload: RowsDep,
    ledger_id: str,
    replaces: Replaces = None,
) -> Response:
    """Record what is expected: table `forecast`. What it does not name is expected as planned."""
    return _imported(held, caller, once, upload, ledger_id, "forecast", replaces)


def _imported(
    held: Services, caller: Caller, once: Once, upload: Upload, ledger_id: str, what: str, replaces: str | None
) -> Response:
    task = ledgers.imported(held, upload, what, replaces)
    return _added(held, caller, once, ledger_id, lambda _: task, upload=upload)


@router.post(
    "/ledgers/{ledger_id}/scope",
    status_code=201,
    response_model=EntryOut,
    responses=problems("malformed_body", *OF_ENTRY),
)
def record_scope(held: ServicesDep, caller: CallerDep, once: OnceDep, ledger_id: str, body: ScopePost) -> Response:
    """Record that an entity came in or went out from a period on."""
    return _added(held, caller, once, ledger_id, lambda _: ledgers.scoping(body))


@router.get("/ledgers/{ledger_id}/entries", responses=problems("not_found"))
def list_ledger_entries(
    held: ServicesDep,
    caller: CallerDep,
    ledger_id: str,
    cursor: Annotated[Number | None, Query(description="`next` of the page before")] = None,
    limit: Limit = 50,
) -> Page[EntryOut]:
    """Entries of a ledger without their bodies, newest first."""
    with held.store.read() as session:
        Scope(session, caller.workspace_id).get(Ledger, ledger_id)
        query = select(LedgerEntry).where(LedgerEntry.ledger_id == ledger_id)
        page, after = newest_first(session, query, LedgerEntry.number, cursor, limit)
        replaced = _replaced(session, ledger_id)
        items = [EntryOut.of(e, replaced.get(e.entry_id)) for e in page]
    return Page(items=items, next=None if after is None else str(after))


@router.get("/ledgers/{ledger_id}/entries/{number}", response_class=Response, responses={**READ, **OBJECT})
def get_ledger_entry(request: Request, held: ServicesDep, caller: CallerDep, ledger_id: str, number: Whole) -> Response:
    """An entry as it stands in the chain, with its body and the hash of the one before."""
    with held.store.read() as session:
        Scope(session, caller.workspace_id).get(Ledger, ledger_id)
        found = session.get(LedgerEntry, (ledger_id, number)) if 0 < number < 2**31 else None
        if found is None:
            raise Fault("not_found", f"ledger {ledger_id} has no entry {number}")
        return content(request, found.line, JSON, f'"{found.hash}"')


@router.get("/ledgers/{ledger_id}/check", response_model=LedgerCheck, responses=problems("not_found"))
def check_ledger(held: ServicesDep, caller: CallerDep, ledger_id: str) -> LedgerCheck:
    """Hash every entry again: whether the chain holds and ends where it should; periods that are missing."""
    return LedgerCheck(**ledger_reports.check(held, caller, ledger_id))


@router.get("/ledgers/{ledger_id}/file", response_class=Response, responses=file_answers("application/x-ndjson"))
def get_ledger_file(request: Request, held: ServicesDep, caller: CallerDep, ledger_id: str) -> Response:
    """All entries, one a line, as `designate ledger` keeps them: `designate ledger check` reads it anywhere."""
    with held.store.read() as session:
        ledger = Scope(session, caller.workspace_id).get(Ledger, ledger_id)
        body = "".join(f"{line}\n" for line in ledgers.lines(session, ledger)).encode()
        tag = f'"{ledger.head}"'
    return content(request, body, "application/x-ndjson", tag, f"{ledger_id}.jsonl")


@router.get("/ledgers/{ledger_id}/document", response_class=Response, responses={**READ, **OBJECT})
def get_ledger_document(
    request: Request, held: ServicesDep, caller: CallerDep, ledger_id: str, until: Until = None
) -> Response:
    """What was promised, what happened and why it differs, by period and cumulative: `designate.ledger/1`."""
    told, key = ledger_reports.report(held, caller, ledger_id, until)
    return content(request, ledger_reports.as_bytes(told), JSON, _tag(key))


@router.get("/ledgers/{ledger_id}/rows/{name}", response_model=RowPage, responses=READ)
def list_ledger_rows(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    ledger_id: str,
    name: LedgerTable,
    until: Until = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Rows of a table of the report: `periods`, `variance` by demand, `one_offs` by element."""
    rows = ledger_reports.report(held, caller, ledger_id, until)[0][name]
    after = offset + limit if offset + limit < len(rows) else None
    page = RowPage(items=rows[offset : offset + limit], total=len(rows), offset=offset, next_offset=after)
    return tagged(request, page)


@router.get("/ledgers/{ledger_id}/report", response_class=Response, responses={**READ, **file_answers("text/html")})
def get_ledger_report(
    request: Request, held: ServicesDep, caller: CallerDep, ledger_id: str, until: Until = None
) -> Response:
    """The report for a board as one HTML page: what was promised, what happened, what comes next, what it rests on."""
    body, key = ledger_reports.file(held, caller, ledger_id, until, "ledger.html")
    response = content(request, body, "text/html; charset=utf-8", _tag(key))
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


@router.get("/ledgers/{ledger_id}/workbook", response_class=Response, responses={**READ, **file_answers(XLSX)})
def get_ledger_workbook(
    request: Request, held: ServicesDep, caller: CallerDep, ledger_id: str, until: Until = None
) -> Response:
    """All tables of the report as one workbook; no cell can execute."""
    body, key = ledger_reports.file(held, caller, ledger_id, until, "ledger.xlsx")
    return content(request, body, XLSX, _tag(key), f"{ledger_id}.xlsx")


@router.get(
    "/ledgers/{ledger_id}/tables/{name}", response_class=Response, responses={**READ, **file_answers("text/csv")}
)
def get_ledger_table(
    request: Request, held: ServicesDep, caller: CallerDep, ledger_id: str, name: LedgerTable, until: Until = None
) -> Response:
    """One table of the report as CSV; no cell can execute."""
    body, key = ledger_reports.file(held, caller, ledger_id, until, f"{name}.csv")
    return content(request, body, "text/csv; charset=utf-8", _tag(key), f"{ledger_id}-{name}.csv")


def _tag(key: str) -> str:
    return f'"{hashlib.sha256(key.encode()).hexdigest()[:32]}"'
