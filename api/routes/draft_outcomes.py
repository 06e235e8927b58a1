"""What comes of drafts: files whose code page is named, a workbook, a case; and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request, Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import READING, problems
from api.etags import NOT_MODIFIED, IfMatch, content, demand
from api.faults import Fault
from api.idempotency import Reply
from api.readers import drafts as readers
from api.routes.drafts import Moved, stored
from api.schemas.cases import CaseOut
from api.schemas.drafts import DraftCasePost, DraftOut, EncodingOut, EncodingPost
from api.services import decisions, drafts
from api.store.models import Draft
from api.store.scope import Scope
from api.uploads import XLSX, Upload
from optimizer.domain.errors import UsageError
from optimizer.tables.sources.text import code_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.access import Caller
    from api.context import Services

__all__ = ["router"]

router = gate.router("drafts")

NO_CASE = DraftCasePost()


@router.get("/drafts/{draft_id}/encodings", responses=problems("not_found", "conflict", *READING))
def list_draft_encodings(held: ServicesDep, caller: CallerDep, draft_id: str) -> list[EncodingOut]:
    """Lines of files that are not UTF-8 as each likely code page has them, likely ones first."""
    data, draft = _undecoded(held, caller, draft_id)
    found = readers.page_previews(held.readers, caller.workspace_id, data, draft.upload_name)
    return [EncodingOut(**p) for p in found]


@router.post(
    "/drafts/{draft_id}/encoding",
    response_model=DraftOut,
    responses=problems("malformed_body", "bad_input", "not_found", "conflict", "idempotency_key_reused", *READING),
)
def decode_draft(held: ServicesDep, caller: CallerDep, once: OnceDep, draft_id: str, body: EncodingPost) -> Response:
    """Name the code page of files that are not UTF-8; they are read by it."""
    try:
        page = code_page(body.encoding)
    except UsageError as error:
        raise Fault("invalid_request", str(error)) from error
    data, draft = _undecoded(held, caller, draft_id)
    upload = Upload(data, draft.upload_name, draft.upload_type, page)
    found = readers.opened(held.readers, caller.workspace_id, upload, draft.name)

    def change(scope: Scope) -> Reply:
        try:
            return stored(held, caller, scope, draft_id, draft.version, found, {"encoding": page})
        except Moved as error:
            raise Fault("conflict", "the draft was changed meanwhile") from error

    return once.run(change)


def _undecoded(held: Services, caller: Caller, draft_id: str) -> tuple[bytes, Draft]:
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        draft = scope.get(Draft, draft_id)
        return drafts.upload_of(scope, draft), draft


@router.get(
    "/drafts/{draft_id}/workbook",
    response_class=Response,
    responses={
        **problems("not_found", *READING),
        **NOT_MODIFIED,
        200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}, "description": "A workbook"},
    },
)
def get_draft_workbook(request: Request, held: ServicesDep, caller: CallerDep, draft_id: str) -> Response:
    """The draft as a workbook, as far as it is mended."""
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        draft = scope.get(Draft, draft_id)
        cells = drafts.content_of(scope, draft)
    made = readers.workbook(held.readers, caller.workspace_id, cells)
    return content(request, made, XLSX, f'"{draft.id}-{draft.version}"', f"{draft.id}.xlsx")


@router.post(
    "/drafts/{draft_id}/case",
    status_code=201,
    response_model=CaseOut,
    responses=problems(
        "malformed_body",
        "bad_input",
        "not_found",
        "conflict",
        "revision_conflict",
        "precondition_failed",
        "idempotency_key_reused",
        *READING,
    ),
)
def make_draft_case(
    held: ServicesDep,
    caller: CallerDep,
    once: OnceDep,
    draft_id: str,
    body: DraftCasePost = NO_CASE,
    if_match: IfMatch = None,
) -> Response:
    """Make a case of a clean draft, or a revision of its case; the draft is gone then. With errors nothing is made, and
    the answer names all of them."""

    def made() -> Response:
        with held.store.read() as session:
            scope = Scope(session, caller.workspace_id)
            draft = scope.get(Draft, draft_id)
            demand(if_match, DraftOut.of(draft))
            cells = drafts.content_of(scope, draft)
            pending: Sequence[Any] = () if draft.case_id is None else decisions.pending_of(scope, draft.case_id)
        read = readers.as_case(held.readers, caller.workspace_id, cells, body.name or draft.name, pending)
        version = draft.version

        def change(scope: Scope) -> Reply:
            draft, now = scope.get(Draft, draft_id, lock=True), held.store.clock()
            if draft.version != version:
                raise Moved
            if draft.case_id is None:
                named = {"name": body.name or draft.name or read.name, "description": body.description}
                case, revision = drafts.make_case(scope, caller, now, draft, read, **named)
            else:
                case, revision = drafts.make_revision(
                    scope, caller, now, draft, read, comment=body.comment, accept_newer=body.accept_newer
                )
            return Reply(201, CaseOut.of(case, revision), {"Location": f"/v1/cases/{case.id}"})

        return once.run(change)

    return decisions.steadily(made)


@router.delete("/drafts/{draft_id}", status_code=204, responses=problems("not_found"))
def delete_draft(held: ServicesDep, caller: CallerDep, draft_id: str) -> None:
    """Delete a draft; cases made of others stay."""
    with held.store.write() as session:
        scope = Scope(session, caller.workspace_id)
        drafts.remove(scope, caller, held.store.clock(), scope.get(Draft, draft_id, lock=True))
