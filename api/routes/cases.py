"""Cases and revisions."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import select

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import READING, problems
from api.etags import NOT_MODIFIED, content, tagged
from api.idempotency import Reply
from api.paging import Cursor, Limit, newest_first
from api.readers import stored
from api.routes.revising import made
from api.routes.uploading import UPLOAD_BODY, UploadDep
from api.schemas.cases import CaseOut, RevisionOut
from api.schemas.common import Label, Note, Page, Whole
from api.services import cases, decisions
from api.store.models import Case, Revision
from api.store.scope import Scope
from api.uploads import JSON, XLSX, ZIP

__all__ = ["router"]

router = gate.router("cases")

UPLOAD = problems(
    "malformed_body",
    "bad_input",
    "too_many_rows",
    "archive_too_large",
    "unsupported_media_type",
    "idempotency_key_reused",
    *READING,
)
Number = Annotated[Whole, Field(ge=1, le=2**31 - 1)]
RevisionNo = Annotated[Whole, Path(ge=1, le=2**31 - 1)]


@router.post("/cases", status_code=201, response_model=CaseOut, responses=UPLOAD, openapi_extra=UPLOAD_BODY)
def create_case(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    upload: UploadDep,
    name: Annotated[Label, Query(description="name of the case; the file's by default")] = "",
    description: Annotated[Note, Query()] = "",
) -> Response:
    """Upload a case. With errors nothing is stored, and the answer names all of them."""
    found = held.readers.upload(caller.workspace_id, upload, name)

    def change(scope: Scope) -> Reply:
        case, revision = cases.create(
            scope,
            caller,
            held.store.clock(),
            name=name or found.name,
            description=description,
            read=found,
            upload=upload,
        )
        return Reply(201, CaseOut.of(case, revision), {"Location": f"/v1/cases/{case.id}"})

    return once.run(change)


@router.get("/cases", responses=problems())
def list_cases(
    held: ServicesDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50, archived: bool = False
) -> Page[CaseOut]:
    """Cases, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Case)
        query = query.where(Case.archived.is_not(None) if archived else Case.archived.is_(None))
        page, after = newest_first(session, query, Case.id, cursor, limit)
    return Page(items=[CaseOut.of(c) for c in page], next=after)


@router.get("/cases/{case_id}", response_model=CaseOut, responses={**problems("not_found"), **NOT_MODIFIED})
def get_case(request: Request, held: ServicesDep, caller: CallerDep, case_id: str) -> Response:
    """A case with its latest revision."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        case = scope.get(Case, case_id)
        return tagged(request, CaseOut.of(case, scope.revision(case)))


@router.post(
    "/cases/{case_id}/archive", response_model=CaseOut, responses=problems("not_found", "idempotency_key_reused")
)
def archive_case(held: ServicesDep, caller: CallerDep, once: OnceDep, case_id: str) -> Response:
    """Take a case out of lists; nothing is deleted."""

    def change(scope: Scope) -> Reply:
        case = scope.get(Case, case_id, lock=True)
        cases.archive(scope, caller, held.store.clock(), case)
        return Reply(200, CaseOut.of(case))

    return once.run(change)


@router.post(
    "/cases/{case_id}/revisions",
    status_code=201,
    response_model=RevisionOut,
    responses={
        **UPLOAD,
        **problems("not_found", "conflict", "revision_conflict"),
        422: UPLOAD[422],
        413: UPLOAD[413],
        503: UPLOAD[503],
        200: {"description": "equal to the latest revision"},
    },
    openapi_extra=UPLOAD_BODY,
)
def create_revision(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    upload: UploadDep,
    case_id: str,
    base_revision: Annotated[Number | None, Query(description="refused when it is not the latest any more")] = None,
    comment: Annotated[Note, Query()] = "",
) -> Response:
    """Upload new content for a case. Equal content makes no new revision."""

    def revised() -> Response:
        with held.store.read() as session:
            scope = Scope(session, caller.workspace_id)
            name, pending = scope.get(Case, case_id).name, decisions.pending_of(scope, case_id)
        found = held.readers.upload(caller.workspace_id, upload, name, pending)

        def change(scope: Scope) -> Reply:
            case = scope.get(Case, case_id, lock=True)
            before = case.latest
            revision = cases.revise(
                scope,
                caller,
                held.store.clock(),
                case,
                read=found,
                upload=upload,
                origin="upload",
                comment=comment,
                base=base_revision,
            )
            return made(revision, before)

        return once.run(change)

    return decisions.steadily(revised)


@router.get("/cases/{case_id}/revisions", responses=problems("not_found"))
def list_revisions(
    held: ServicesDep,
    caller: CallerDep,
    case_id: str,
    limit: Limit = 50,
    cursor: Annotated[Number | None, Query(description="`next` of the page before")] = None,
) -> Page[RevisionOut]:
    """Revisions of a case without their findings, newest first."""
    with held.store.read() as session:
        case = Scope(session, caller.workspace_id).get(Case, case_id)
        query = select(Revision).where(Revision.case_id == case.id)
        page, after = newest_first(session, query, Revision.number, cursor, limit)
        items = [RevisionOut.of(r, whole=False) for r in page]
    return Page(items=items, next=None if after is None else str(after))


@router.get(
    "/cases/{case_id}/revisions/{number}",
    response_model=RevisionOut,
    responses={**problems("not_found"), **NOT_MODIFIED},
)
def get_revision(request: Request, held: ServicesDep, caller: CallerDep, case_id: str, number: RevisionNo) -> Response:
    """A revision of a case."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        return tagged(request, RevisionOut.of(scope.revision(scope.get(Case, case_id), number)))


@router.get(
    "/cases/{case_id}/revisions/{number}/document",
    response_class=Response,
    responses={
        **problems("not_found"),
        **NOT_MODIFIED,
        200: {"content": {JSON: {"schema": {"$ref": "#/components/schemas/CaseDocument"}}}, "description": "The case"},
    },
)
def get_revision_document(
    request: Request, held: ServicesDep, caller: CallerDep, case_id: str, number: RevisionNo
) -> Response:
    """The canonical case: tables sorted, blanks left out; ready to post."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        revision, tables = cases.written_tables(scope, scope.get(Case, case_id), number)
        return content(request, tables, JSON, f'"{revision.content_hash}"')


@router.get(
    "/cases/{case_id}/revisions/{number}/download",
    response_class=Response,
    responses={
        **problems("not_found", *READING),
        **NOT_MODIFIED,
        200: {
            "content": {t: {"schema": {"type": "string", "format": "binary"}} for t in (XLSX, ZIP)}
            | {JSON: {"schema": {"type": "object"}}},
            "description": "A file",
        },
    },
)
def download_revision(
    request: Request,
    held: ServicesDep,
    caller: CallerDep,
    case_id: str,
    number: RevisionNo,
    kind: Annotated[Literal["original", "json", "xlsx", "csv"], Query(alias="as")] = "original",
) -> Response:
    """The case as it was uploaded, or in another form. A revision made by a patch has no original: JSON."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        revision, tables = cases.written_tables(scope, scope.get(Case, case_id), number)
        tag = f'"{revision.content_hash[:32]}-{kind}"'
        stem = f"{case_id}-{number}"
        if kind == "original" and revision.upload is not None:
            suffix = {JSON: ".json", XLSX: ".xlsx"}.get(revision.upload_type, ".zip")
            return content(request, revision.upload, revision.upload_type, tag, stem + suffix)
    form = "json" if kind == "original" else kind
    media_type, suffix = {"json": (JSON, "json"), "xlsx": (XLSX, "xlsx"), "csv": (ZIP, "zip")}[form]
    made = stored.in_form(held.readers, caller.workspace_id, tables, form)
    return content(request, made, media_type, tag, f"{stem}.{suffix}")
