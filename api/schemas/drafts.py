"""Bodies of drafts of cases."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from api.schemas.common import PRINTABLE, Id, Label, Links, Note, Out, Sent
from api.schemas.problem import IssueOut

if TYPE_CHECKING:
    from api.store.models import Draft

__all__ = [
    "DraftCasePost",
    "DraftChanges",
    "DraftOut",
    "DraftRow",
    "DraftRows",
    "DraftStart",
    "EncodingOut",
    "EncodingPost",
]

Name = Annotated[str, StringConstraints(max_length=300, pattern=PRINTABLE)]
"""Of a table or a column, as somebody has written it."""
CellText = Annotated[str, StringConstraints(max_length=4000, pattern=PRINTABLE)]


class DraftChange(Sent):
    """One change, named by table, row and column. `set` writes a cell; `add` adds a row of `cells`; `remove` takes a
    row away; `rename` gives a column (or, without one, the table) the name in `to`, and takes it away where that
    is blank. Rows keep their numbers."""

    op: Literal["set", "add", "remove", "rename"]
    table: Name = Field(min_length=1)
    row: int | None = Field(None, ge=1, le=2**31 - 1, description="number of the row, for `set` and `remove`")
    column: Name = Field("", description="for `set` and `rename`")
    value: CellText = Field("", description="new text of the cell")
    cells: dict[str, CellText] = Field(default={}, max_length=64, description="texts of a new row by column")
    to: Name = Field("", description="new name, for `rename`")


class DraftChanges(Sent):
    """Changes of a draft in their order, all or none."""

    changes: list[DraftChange] = Field(min_length=1, max_length=10_000)


class DraftStart(Sent):
    """What a draft begins with: one of these."""

    example: Label | None = Field(None, description="a packaged case, see `GET /v1/examples`")
    template: bool = Field(False, description="the case that shows every table and column")
    case: Id | None = Field(None, description="a stored case; the draft is to be a revision of it")
    revision: int | None = Field(None, ge=1, le=2**31 - 1, description="of that case; the latest by default")
    name: Label = ""

    @model_validator(mode="after")
    def _one(self) -> DraftStart:
        if sum((self.example is not None, self.template, self.case is not None)) != 1:
            raise ValueError("give one of example, template and case")
        if self.revision is not None and self.case is None:
            raise ValueError("a revision needs its case")
        return self


class DraftCasePost(Sent):
    """What the case is to be called, or why the revision is made."""

    name: Label = Field("", description="of a new case; the draft's by default")
    description: Note = Field("", description="of a new case")
    comment: Note = Field("", description="of a revision")
    accept_newer: bool = Field(False, description="also where the case has a newer revision than the draft began with")


class EncodingPost(Sent):
    """The code page of the files."""

    encoding: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=PRINTABLE)]


class EncodingOut(Out):
    """Lines of the files as a code page has them."""

    encoding: str
    lines: list[str] = Field(description="up to three lines with characters that are not ASCII")
    likely: bool = Field(description="all of these characters are letters")


class DraftTable(Out):
    """A table of a draft."""

    name: str
    columns: list[str] = Field(description="as the file names them; by position (`#3`) where it does not")
    rows: int
    faulty: int = Field(description="rows with errors")
    errors: int
    warnings: int
    link: str


class DraftOut(Out):
    """A draft: cells as text, and what is wrong with them."""

    id: str
    name: str
    origin: str = Field(description="upload, example, template or case")
    case: str | None = Field(description="the case that it is to be a revision of")
    base_revision: int | None = Field(description="the revision that it began with, or that was the latest then")
    file: str
    version: int = Field(description="rises with every change")
    clean: bool = Field(description="no errors: a case can be made of it")
    content_hash: str | None = Field(description="of the case, where it is clean")
    encoding_needed: bool = Field(description="its files are not UTF-8: name their code page first")
    tables: list[DraftTable]
    issue_counts: dict[str, int] = Field(description="findings by severity")
    issues: list[IssueOut] | None = Field(description="every finding of the reader of cases; null in lists")
    created: datetime
    created_by: str
    changed: datetime
    changed_by: str
    links: Links

    @classmethod
    def of(cls, d: Draft, *, whole: bool = True) -> DraftOut:
        """From the store."""
        own = f"/v1/drafts/{d.id}"
        return cls(
            id=d.id,
            name=d.name,
            origin=d.origin,
            case=d.case_id,
            base_revision=d.base_revision,
            file=d.upload_name,
            version=d.version,
            clean=d.content_hash is not None,
            content_hash=d.content_hash,
            encoding_needed=d.undecoded,
            tables=[DraftTable(**t, link=f"{own}/rows?table={t['name']}") for t in d.tables],
            issue_counts=dict(Counter(i["severity"] for i in d.issues)),
            issues=[IssueOut(**i) for i in d.issues] if whole else None,
            created=d.created,
            created_by=d.created_by,
            changed=d.changed,
            changed_by=d.changed_by,
            links={"self": own, "workbook": f"{own}/workbook", "case": f"{own}/case"},
        )


class DraftRow(Out):
    """A row of a table of a draft."""

    row: int
    cells: dict[str, str] = Field(description="texts by column")
    problems: list[IssueOut] = Field(description="what is wrong in this row")


class DraftRows(Out):
    """Rows of a table: those with errors first, then those with warnings, then all others."""

    items: list[DraftRow]
    columns: list[str]
    more_columns: list[str] = Field(description="columns that the table may have and the draft lacks")
    total: int
    offset: int
    next_offset: int | None

    @classmethod
    def of(cls, told: dict[str, Any], offset: int) -> DraftRows:
        """From a reader."""
        after = offset + len(told["rows"])
        return cls(
            items=[DraftRow(**r) for r in told["rows"]],
            columns=told["columns"],
            more_columns=told["more"],
            total=told["total"],
            offset=offset,
            next_offset=after if after < told["total"] else None,
        )
