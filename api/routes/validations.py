"""Checks without solving."""

from __future__ import annotations

from fastapi import Response

from api import gate
from api.deps import CallerDep, OnceDep, ServicesDep
from api.errors import READING, problems
from api.idempotency import Reply
from api.paging import Cursor, Limit, newest_first
from api.readers.pool import NotReadable
from api.routes.uploading import ANY_BODY, UploadDep
from api.schemas.cases import ValidationOut
from api.schemas.common import Page
from api.store.models import Validation
from api.store.scope import Scope
from api.store.types import new_id
from optimizer.domain.errors import InputError

__all__ = ["router"]

router = gate.router("validations")


@router.post(
    "/validations",
    status_code=201,
    response_model=ValidationOut,
    openapi_extra=ANY_BODY,
    responses=problems(
        "malformed_body", "bad_input", "archive_too_large", "unsupported_media_type", "idempotency_key_reused", *READING
    ),
)
def create_validation(held: ServicesDep, caller: CallerDep, once: OnceDep, upload: UploadDep) -> Response:
    """Check a case without storing or solving it. A case with errors is an answer: `ok` is false.
    What is no JSON object, workbook or archive at all is refused."""
    digest, sizes = None, {}
    try:
        found = held.readers.upload(caller.workspace_id, upload, "")
        digest, sizes, issues = found.content_hash, found.summary, found.issues
    except NotReadable:
        raise
    except InputError as error:
        issues = [i.as_dict() for i in error.issues]

    def change(scope: Scope) -> Reply:
        now = held.store.clock()
        row = Validation(
            id=new_id("val", now),
            workspace_id=scope.workspace_id,
            created=now,
            created_by=caller.key_id,
            ok=digest is not None,
            content_hash=digest,
            summary=sizes,
            issues=issues,
        )
        scope.session.add(row)
        return Reply(201, ValidationOut.of(row), {"Location": f"/v1/validations/{row.id}"})

    return once.run(change)


@router.get("/validations", responses=problems())
def list_validations(
    held: ServicesDep, caller: CallerDep, cursor: Cursor = None, limit: Limit = 50
) -> Page[ValidationOut]:
    """Validations without their findings, newest first."""
    with held.store.read() as session:
        query = Scope(session, caller.workspace_id).select(Validation)
        page, after = newest_first(session, query, Validation.id, cursor, limit)
        return Page(items=[ValidationOut.of(v, whole=False) for v in page], next=after)


@router.get("/validations/{validation_id}", responses=problems("not_found"))
def get_validation(held: ServicesDep, caller: CallerDep, validation_id: str) -> ValidationOut:
    """What a check found."""
    with held.store.read() as session:
        return ValidationOut.of(Scope(session, caller.workspace_id).get(Validation, validation_id))
