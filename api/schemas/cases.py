"""Bodies of cases, revisions, validations."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.common import BIDI, CONTROL, Links, Note, Out, Sent
from api.schemas.problem import IssueOut

if TYPE_CHECKING:
    from api.store.models import Case, Revision, Validation

__all__ = ["CaseOut", "CellValue", "Patch", "PatchOperation", "RevisionOut", "RevisionRef", "ValidationOut"]

Cell = Annotated[str, StringConstraints(max_length=200, pattern=rf"^[^{CONTROL}{BIDI}]*$")] | float | bool | None
"""Of a case, whose texts may part words by U+200B, as Khmer does."""
CellValue = Cell | list[Cell]
Column = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.]{1,64}$")]


class PatchOperation(Sent):
    """One change of one row. `set` adds the row or changes the columns given (null blanks one); `remove` takes
    it away. Rows are found by the key of their table; `policy` has keys and values instead of rows."""

    op: Literal["set", "remove"]
    table: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,32}$")]
    row: dict[Column, CellValue] = Field(min_length=1, max_length=64, json_schema_extra={"additionalProperties": False})


class Patch(Sent):
    """Changes to the latest revision of a case, all or none."""

    base_revision: int | None = Field(
        None, ge=1, le=2**31 - 1, description="refused when it is not the latest any more"
    )
    comment: Note = ""
    operations: list[PatchOperation] = Field(min_length=1, max_length=10_000)


class CommitPost(Sent):
    """Waves of a plan over time that are under way."""

    until: int = Field(ge=1, le=120, description="number of the last period that is committed, from 1")
    comment: Note = ""


def _counts(issues: list[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(i["severity"] for i in issues))


class RevisionRef(Out):
    """A case at a revision."""

    case: str
    revision: int


class RevisionOut(Out):
    """A revision of a case: what it holds, where it came from."""

    case: str
    number: int
    content_hash: str = Field(description="SHA-256 of the canonical case; equal content, equal hash")
    parent: int | None
    origin: str
    comment: str
    upload_name: str
    created: datetime
    created_by: str
    summary: dict[str, Any] = Field(description="sizes and dates by which you see that the input was read as meant")
    issue_counts: dict[str, int] = Field(description="findings of the reader by severity")
    issues: list[IssueOut] | None = Field(description="warnings and information of the reader; null in lists")
    links: Links

    @classmethod
    def of(cls, r: Revision, *, whole: bool = True) -> RevisionOut:
        """From the store."""
        own = f"/v1/cases/{r.case_id}/revisions/{r.number}"
        return cls(
            case=r.case_id,
            number=r.number,
            content_hash=r.content_hash,
            parent=r.parent,
            origin=r.origin,
            comment=r.comment,
            upload_name=r.upload_name,
            created=r.created,
            created_by=r.created_by,
            summary=r.summary,
            issue_counts=_counts(r.issues),
            issues=[IssueOut(**i) for i in r.issues] if whole else None,
            links={"self": own, "document": f"{own}/document", "download": f"{own}/download"},
        )


class CaseOut(Out):
    """A case."""

    id: str
    name: str
    description: str
    created: datetime
    created_by: str
    archived: datetime | None
    latest_revision: int
    revision: RevisionOut | None = Field(None, description="the latest; left out in lists")
    links: Links

    @classmethod
    def of(cls, case: Case, revision: Revision | None = None) -> CaseOut:
        """From the store."""
        own = f"/v1/cases/{case.id}"
        return cls(
            id=case.id,
            name=case.name,
            description=case.description,
            created=case.created,
            created_by=case.created_by,
            archived=case.archived,
            latest_revision=case.latest,
            revision=None if revision is None else RevisionOut.of(revision),
            links={"self": own, "revisions": f"{own}/revisions", "plans": f"/v1/plans?case={case.id}"},
        )


class ValidationOut(Out):
    """What a check without solving found."""

    id: str
    ok: bool = Field(description="no errors: the case can be solved")
    content_hash: str | None
    summary: dict[str, Any]
    issue_counts: dict[str, int] = Field(description="findings by severity")
    issues: list[IssueOut] | None = Field(description="null in lists")
    created: datetime
    created_by: str
    links: Links

    @classmethod
    def of(cls, v: Validation, *, whole: bool = True) -> ValidationOut:
        """From the store."""
        return cls(
            id=v.id,
            ok=v.ok,
            content_hash=v.content_hash,
            summary=v.summary,
            created=v.created,
            created_by=v.created_by,
            issue_counts=_counts(v.issues),
            issues=[IssueOut(**i) for i in v.issues] if whole else None,
            links={"self": f"/v1/validations/{v.id}"},
        )
