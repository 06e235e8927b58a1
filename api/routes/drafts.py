"""Drafts of cases: cells as text that are mended until a case can be made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Query, Request, Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import READING, problems
from api.etags import NOT_MODIFIED, IfMatch, demand, tag_of, tagged
from api.faults import Fault
from api.idempotency import Once, Reply
from api.paging import Cursor, Limit, Offset, newest_first
from api.readers import drafts as readers
from api.routes.uploading import ANY_BODY, UploadDep
from api.schemas.common import Id, Label, Page
from api.schemas.drafts import DraftChanges, DraftOut, DraftRows, DraftStart
from api.services import drafts, starting
from api.store.models import Case, Draft
from api.store.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.access import Caller
    from api.context import Services
    from api.readers.drafts import Checked

__all__ = ["Moved", "router", "stored"]

router = gate.router("drafts")

TRIES: Final = 5
Number = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="only the row of this number")]
TableName = Annotated[str, Query(min_length=1, max_length=300)]
OPENING = ("bad_input", "conflict", "too_many_drafts", "idempotency_key_reused", *READING)
TAGGED: Final[dict[str, Any]] = {
    "headers": {"ETag": {"schema": {"type": "string"}, "description": "of the draft, for the next change"}}
}


class Moved(Fault):
    """The draft was changed while this change was read."""

    def __init__(self) -> None:
        super().__init__("precondition_failed", "the draft was changed meanwhile")


@router.post(
    "/drafts",
    status_code=201,
    response_model=DraftOut,
    responses=problems("malformed_body", "not_found", "archive_too_large", "unsupported_media_type", *OPENING),
    openapi_extra=ANY_BODY,
)
def create_draft(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    upload: UploadDep,
    name: Annotated[Label, Query(description="name of the case to be; the file's by default")] = "",
    case: Annotated[Id | None, Query(description="the case that it is to be a revision of")] = None,
) -> Response:
    """Keep the cells of a case as text, mistakes included, to mend them one by one. Files that are no tables at all are
    refused."""
    found = readers.opened(held.readers, caller.workspace_id, upload, name)

    def change(scope: Scope) -> Reply:
        of = None if case is None else scope.get(Case, case)
        called = name or (of.name if of is not None else upload.name.rpartition(".")[0])
        facts: dict[str, Any] = {"name": called, "origin": "upload", "upload": upload, "case": of}
        return _made(drafts.begin(scope, caller, held.store.clock(), held.settings, found, **facts))

    return once.run(change)


@router.post(
    "/drafts/start",
    status_code=201,
    response_model=DraftOut,
    responses=problems("malformed_body", "not_found", *OPENING),
)
def start_draft(held: ServicesDep, caller: CallerDep, once: OnceDep, body: DraftStart) -> Response:
    """Begin a draft with an example, the template, or a stored case."""
    upload, base, called = starting.source(held, caller, body)
    found = readers.opened(held.readers, caller.workspace_id, upload, called)
    origin = "case" if body.case is not None else "template" if body.template else "example"

    def change(scope: Scope) -> Reply:
        of = None if body.case is None else scope.get(Case, body.case)
        facts: dict[str, Any] = {"name": body.name or called, "origin": origin, "case": of, "base_revision": base}
        return _made(drafts.begin(scope, caller, held.store.clock(), held.settings, found, **facts))

    return once.run(change)


@router.get("/drafts", responses=problems())
def list_drafts(held: ServicesDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50) -> Page[DraftOut]:
    """Drafts without their findings, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Draft)
        page, after = newest_first(session, query, Draft.id, cursor, limit)
    return Page(items=[DraftOut.of(d, whole=False) for d in page], next=after)


@router.get("/drafts/{draft_id}", response_model=DraftOut, responses={**problems("not_found"), **NOT_MODIFIED})
def get_draft(request: Request, held: ServicesDep, caller: CallerDep, draft_id: str) -> Response:
    """A draft: its tables and everything that is wrong with them."""
    with held.store.read() as session:
        return tagged(request, DraftOut.of(Scope(session, caller.workspace_id).get(Draft, draft_id)))


@router.get("/drafts/{draft_id}/rows", responses=problems("not_found", *READING))
def list_draft_rows(
    held: ServicesDep,
    caller: CallerDep,
    draft_id: str,
    table: TableName,
    limit: Limit = 100,
    offset: Offset = 0,
    row: Number = None,
) -> DraftRows:
    """Rows of a table: those with errors first, then those with warnings, then all others."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        draft = scope.get(Draft, draft_id)
        cells = drafts.content_of(scope, draft)
    owner = caller.workspace_id
    return DraftRows.of(readers.rows(held.readers, owner, cells, draft.issues, table, offset, limit, row), offset)


@router.patch(
    "/drafts/{draft_id}",
    response_model=DraftOut,
    responses={
        **problems(
            "malformed_body",
            "bad_input",
            "not_found",
            "conflict",
            "precondition_failed",
            "idempotency_key_reused",
            *READING,
        ),
        200: TAGGED,
    },
)
def change_draft(
    held: ServicesDep, caller: CallerDep, once: OnceDep, draft_id: str, body: DraftChanges, if_match: IfMatch = None
) -> Response:
    """Change cells, rows, columns and tables of a draft, all or none, and read it again. With a stale `If-Match`
    nothing is done, and the answer names both values of every cell."""
    changes = body.model_dump()["changes"]

    def made(cells: bytes) -> Checked:
        return readers.changed(held.readers, caller.workspace_id, cells, changes)

    def refused(cells: bytes) -> Fault:
        sets = [c for c in changes if c["op"] == "set" and c["row"] is not None]
        places = [(c["table"], c["row"], c["column"]) for c in sets]
        return drafts.stale(sets, readers.cells(held.readers, caller.workspace_id, cells, places))

    return _steadily(held, caller, once, draft_id, if_match, made, refused, changes=len(changes))


def _steadily(
    held: Services,
    caller: Caller,
    once: Once,
    draft_id: str,
    if_match: str | None,
    made: Callable[[bytes], Checked],
    refused: Callable[[bytes], Fault],
    **facts: Any,
) -> Response:
    """Read, change and store a draft; again where it was changed in between and the caller does not mind."""
    for left in reversed(range(TRIES)):
        with held.store.read() as session:
            scope = Scope(session, caller.workspace_id)
            draft = scope.get(Draft, draft_id)
            cells, version = drafts.content_of(scope, draft), draft.version
        if draft.undecoded:
            raise Fault("conflict", "the files of the draft are not UTF-8: name their code page first")
        try:
            demand(if_match, DraftOut.of(draft))
        except Fault as fault:
            raise refused(cells) from fault
        found = made(cells)
        try:
            return once.run(lambda s, f=found, v=version: stored(held, caller, s, draft_id, v, f, facts))  # type: ignore[misc]
        except Moved:
            if not left:
                raise
    raise AssertionError("the loop answers or raises")


def stored(
    held: Services, caller: Caller, scope: Scope, draft_id: str, version: int, found: Checked, facts: dict[str, Any]
) -> Reply:
    """Keep what was made of a draft.

    Raises
    ------
    Moved
        It is another one by now.
    """
    draft = scope.get(Draft, draft_id, lock=True)
    if draft.version != version:
        raise Moved
    drafts.update(scope, caller, held.store.clock(), draft, found, **facts)
    out = DraftOut.of(draft)
    return Reply(200, out, {"ETag": tag_of(out.model_dump_json().encode())})


def _made(draft: Draft) -> Reply:
    out = DraftOut.of(draft)
    return Reply(201, out, {"Location": f"/v1/drafts/{draft.id}", "ETag": tag_of(out.model_dump_json().encode())})
