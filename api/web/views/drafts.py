"""Drafts: the page where a case is mended cell by cell, until it can be made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response
from pydantic import ValidationError

import data
from api.etags import tag_of
from api.faults import Fault
from api.readers import drafts as readers
from api.routes import draft_outcomes as outcomes
from api.routes import drafts as routes
from api.schemas.drafts import DraftCasePost, DraftChanges, DraftOut, DraftStart, EncodingPost
from api.services import drafts as services
from api.store.models import Case, Draft
from api.store.scope import Scope
from api.web import fields, listing, mending, words
from api.web.page import redirected, render
from api.web.site import Site
from api.web.trouble import fault_of, issues_of
from api.web.visit import Visit
from optimizer.domain.errors import InputError
from optimizer.tables.schema import POLICY_TABLE, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.web.mending import Place

__all__ = ["begun", "listed", "site"]

site = Site()

ROWS: Final = 50
LISTED: Final = 60
"""Mistakes that are listed at the top; the others are counted."""
TRIES: Final = 4
_NOWHERE: Final[dict[str, Any]] = {"file": "", "table": "", "row": None, "column": ""}
"""Of a mistake that has no place."""


def begun(response: Response) -> Response:
    """The page of a draft that was made."""
    return redirected(f"/drafts/{json.loads(bytes(response.body))['id']}")


def listed(scope: Scope, limit: int) -> Sequence[Draft]:
    """Drafts, those that were changed last first."""
    return scope.session.scalars(scope.select(Draft).order_by(Draft.changed.desc()).limit(limit)).all()


@site.sent("/drafts", "page_draft_start")
def start(visit: Visit) -> Response:
    """Begin with the template, an example, or a stored case."""
    kind, example, case = (visit.form.text(n) for n in ("start", "example", "case"))
    body: dict[str, Any] = {"template": True}
    if kind == "example" and example in data.names():
        body = {"example": example}
    elif kind == "case":
        body = {"case": case}
    try:
        asked = DraftStart.model_validate(body)
    except ValidationError as error:
        raise Fault("not_found", "there is no such case") from error
    return begun(routes.start_draft(visit.held, visit.caller, visit.once(), asked))


@site.page("/drafts/{draft_id}", "page_draft")
def draft(visit: Visit) -> Response:
    """What is wrong with a draft, beside the cells."""
    return _page(visit)


class _Typed:
    """What a form has to say about cells: what was typed, and what stood there when the page was made."""

    def __init__(self, visit: Visit) -> None:
        self.cells: dict[Place, str] = {}
        self.was: dict[Place, str] = {}
        for name, value in visit.form.fields:
            place = mending.place_of_cell(name)
            if place is not None:
                (self.was if name.startswith("was:") else self.cells)[place] = value
        do = visit.form.text("do")
        if do.startswith("use:") and (place := mending.place_of_cell(do)) is not None:
            column, _, value = place[1].partition(":=")
            self.cells[place[0], column] = value

    @property
    def new(self) -> dict[Place, str]:
        """Cells that the person has changed."""
        return {p: v for p, v in self.cells.items() if p not in self.was or v != self.was[p]}


@site.sent("/drafts/{draft_id}", "page_draft_save")
def save(visit: Visit) -> Response:
    """Keep what was typed, and check again; what somebody else has written meanwhile is not lost either."""
    typed, table, draft_id = _Typed(visit), visit.form.text("table"), visit.path["draft_id"]
    sets = [{"op": "set", "table": table, "row": r, "column": c, "value": v} for (r, c), v in typed.new.items()]
    changes = sets + _deed(visit, table)
    if not changes:
        return _saved(visit, None)
    try:
        body = DraftChanges.model_validate({"changes": changes})
    except ValidationError:
        told = visit.say("At most %(n)s characters, without control characters.", n=visit.tongue.count(4000))
        return _page(visit, 422, typed=typed.new, notes=[told])
    try:
        _patch(visit, draft_id, body, typed)
    except _Differs as differs:
        return _page(visit, 412, typed=typed.new, theirs=differs.theirs)
    except (InputError, Fault) as error:
        fault = fault_of(error, visit.held.settings)
        if fault.code == "not_found":
            return render(visit, "draft_gone.html", 404, here="case", typed=typed.new, table=table)
        if fault.kind.status not in (409, 412, 422):
            raise
        return _page(visit, fault.kind.status, typed=typed.new, issues=issues_of(fault), notes=[fault.detail])
    return _saved(visit, changes[-1])


def _deed(visit: Visit, table: str) -> list[dict[str, Any]]:
    """What the button that was pressed stands for, beside keeping what was typed."""
    form = visit.form
    do, _, row = form.text("do").partition(":")
    if do == "drop" and row.isascii() and row.isdigit() and len(row) < 10:
        return [{"op": "remove", "table": table, "row": int(row)}]
    if do == "add":
        return [{"op": "add", "table": table}]
    if do == "setting" and form.text("key"):
        return [{"op": "add", "table": table, "cells": {"key": form.text("key"), "value": form.text("value")}}]
    if do == "column" and form.text("column"):
        return [{"op": "rename", "table": table, "column": form.text("column"), "to": form.text("to")}]
    if do == "table":
        return [{"op": "rename", "table": table, "to": form.text("to_table")}]
    return []


class _Differs(Exception):
    """Somebody else has written the same cells meanwhile."""

    def __init__(self, theirs: dict[Place, str | None]) -> None:
        super().__init__("the draft was changed meanwhile")
        self.theirs = theirs


def _patch(visit: Visit, draft_id: str, body: DraftChanges, typed: _Typed) -> None:
    """Change the draft; changes of others elsewhere do not matter."""
    held, caller, tag = visit.held, visit.caller, visit.form.text("etag")
    for left in reversed(range(TRIES)):
        try:
            routes.change_draft(held, caller, visit.once(), draft_id, body, tag or None)
            return
        except Fault as fault:
            if fault.code != "precondition_failed" or not left:
                raise
        with held.store.read() as session:
            scope = Scope(session, caller.workspace_id)
            found = scope.get(Draft, draft_id)
            cells, tag = services.content_of(scope, found), _tag(found)
        places = list(typed.new)
        asked = [(visit.form.text("table"), row, column) for row, column in places]
        now = dict(zip(places, readers.cells(held.readers, caller.workspace_id, cells, asked), strict=True))
        theirs = {p: text for p, text in now.items() if text != typed.was.get(p, text) and text != typed.new[p]}
        if theirs:
            raise _Differs(theirs)


def _tag(found: Draft) -> str:
    return tag_of(DraftOut.of(found).model_dump_json().encode())


def _saved(visit: Visit, last: Mapping[str, Any] | None) -> Response:
    """The page after a change: at once where a script asked, else at its address."""
    table, only = visit.form.text("table"), visit.form.text("only")
    if last is not None and last["op"] == "remove":
        only = ""
    if last is not None and last["op"] == "add" and table != POLICY_TABLE:
        only = "last"
    if last is not None and last["op"] == "rename" and not last.get("column"):
        table = last["to"]
    if visit.request.headers.get("hx-request") and (only, table) == (
        visit.form.text("only"),
        visit.form.text("table"),
    ):
        return _page(visit)
    place = {k: v for k, v in {"table": table, "row": only, "offset": visit.form.text("offset")}.items() if v}
    return redirected(f"/drafts/{visit.path['draft_id']}", **place)


def _page(
    visit: Visit,
    status: int = 200,
    *,
    typed: Mapping[Place, str] | None = None,
    theirs: Mapping[Place, str | None] | None = None,
    issues: Sequence[dict[str, Any]] = (),
    notes: Sequence[str] = (),
    newer: bool = False,
) -> Response:
    held, caller = visit.held, visit.caller
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        found = scope.get(Draft, visit.path["draft_id"])
        cells = services.content_of(scope, found)
        case = None if found.case_id is None else scope.get(Case, found.case_id)
    if found.undecoded:
        return _code_pages(visit, found)
    table, only, offset = _place(visit, found)
    if only == "last":
        number = readers.rows(held.readers, caller.workspace_id, cells, (), table, 0, 1)["last"]
        return redirected(f"/drafts/{found.id}", table=table, row=str(number))
    row = int(only) if only else None
    told = readers.rows(held.readers, caller.workspace_id, cells, found.issues, table, offset, ROWS, row)
    mend = mending.mend_of(table, told, only=row is not None, typed=typed or {}, theirs=theirs or {})
    first = min(offset, told["total"])
    shown = listing.Shown(
        first + 1 if told["rows"] else 0,
        first + len(told["rows"]),
        told["total"],
        max(0, first - ROWS) if first else None,
        first + ROWS if first + ROWS < told["total"] else None,
    )
    errors = [i for i in found.issues if i["severity"] == "error"]
    return render(
        visit,
        "draft.html",
        status,
        here="case",
        at=None if case is None else listing.At(case.id, case.name, found.base_revision or case.latest),
        draft=found,
        case=case,
        etag=_tag(found),
        table=table,
        row=row,
        offset=offset,
        mend=mend,
        shown=shown,
        size=next((t for t in found.tables if t["name"] == table), None),
        wrong=[_linked(found, {**_NOWHERE, **e}, table, mend) for e in errors[:LISTED]],
        errors=errors,
        warnings=[i for i in found.issues if i["severity"] == "warning"],
        of_table=[i for i in told["loose"] if i["severity"] == "error"],
        more=told["more"],
        known=mending.tables_known(),
        missing=[t.name for t in TABLES if t.required and t.name not in {s["name"] for s in found.tables}],
        settings=_settings(table, told),
        refused=issues,
        notes=notes,
        theirs=theirs or {},
        lost={p: text for p, text in (typed or {}).items() if p[0] not in _rows(mend)},
        newer=newer,
    )


def _settings(table: str, told: Mapping[str, Any]) -> list[tuple[str, str]]:
    if table != POLICY_TABLE:
        return []
    return mending.settings_left([next(iter(r["cells"].values()), "") for r in told["rows"]])


def _rows(mend: mending.Mend) -> set[int]:
    return {r.number for r in (*mend.faulty, *mend.clean)}


def _place(visit: Visit, found: Draft) -> tuple[str, str, int]:
    """Table, row and offset that the page is at: of the form that was sent, or of the address."""
    form = visit.request.method == "POST"
    table = visit.form.text("table") if form else visit.query.get("table", "")
    only = visit.form.text("only") if form else visit.query.get("row", "")
    sent = visit.form.text("offset") if form else visit.query.get("offset", "")
    offset = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0
    if not table:
        ranked = sorted(found.tables, key=lambda t: (-t["errors"], -t["warnings"]))
        table = ranked[0]["name"] if ranked else "entities"
    fits = only == "last" or (only.isascii() and only.isdigit() and len(only) < 10)
    return table, only if fits else "", offset


def _linked(found: Draft, issue: dict[str, Any], table: str, mend: mending.Mend) -> tuple[dict[str, Any], str]:
    """A mistake and the address of its cell."""
    of, row, column = issue["table"], issue["row"], issue["column"]
    columns: list[str] = next((t["columns"] for t in found.tables if t["name"] == of), [])
    cell = f"#c{row}-{columns.index(column)}" if row and column in columns else ""
    if not cell and row and of == table and row in _rows(mend):
        cell = f"#r{row}"
    if of == table and row in _rows(mend):
        return issue, cell
    if not of:
        return issue, ""
    there = next((t for t in found.tables if t["name"] == of), None)
    one = f"&row={row}" if there is not None and row and row != 1 and cell else ""
    return issue, f"?table={of}{one}{cell}"


def _code_pages(visit: Visit, found: Draft, status: int = 200, errors: fields.Errors | None = None) -> Response:
    offered = outcomes.list_draft_encodings(visit.held, visit.caller, found.id)
    shown: dict[str, Any] = {"draft": found, "offered": offered, "errors": errors or {}, "page_words": words.CODE_PAGES}
    return render(visit, "draft_encoding.html", status, here="case", **shown)


@site.sent("/drafts/{draft_id}/encoding", "page_draft_encoding")
def encoding(visit: Visit) -> Response:
    """Read the files by the code page that was chosen."""
    draft_id, page = visit.path["draft_id"], visit.form.text("encoding")
    if not page or len(page) > 40:
        with visit.held.store.read() as session:
            found = Scope(session, visit.caller.workspace_id).get(Draft, draft_id)
        return _code_pages(visit, found, 422, {"encoding": [visit.say("Choose one of the list.")]})
    asked = EncodingPost(encoding=page)
    outcomes.decode_draft(visit.held, visit.caller, visit.once(), draft_id, asked)
    return redirected(f"/drafts/{draft_id}")


@site.page("/drafts/{draft_id}/workbook", "page_draft_workbook")
def workbook(visit: Visit) -> Response:
    """The draft as a workbook."""
    visit.request.state.operation = "get_draft_workbook"
    return outcomes.get_draft_workbook(visit.request, visit.held, visit.caller, visit.path["draft_id"])


@site.sent("/drafts/{draft_id}/case", "page_draft_make")
def make(visit: Visit) -> Response:
    """Make the case, or the revision."""
    read = fields.Reader(visit)
    body = DraftCasePost(
        name=read.label("name"), comment=read.note("comment"), accept_newer=visit.form.text("accept_newer") == "1"
    )
    if read.errors:
        return _page(visit, 422, notes=[told for texts in read.errors.values() for told in texts])
    tag = visit.form.text("etag") or None
    try:
        made = outcomes.make_draft_case(visit.held, visit.caller, visit.once(), visit.path["draft_id"], body, tag)
    except InputError as error:
        return _page(visit, 422, issues=[i.as_dict() for i in error.issues])
    except Fault as fault:
        if fault.code == "revision_conflict":
            return _page(visit, 409, newer=True)
        if fault.code == "precondition_failed":
            return _page(visit, 412, notes=[visit.say("Somebody has changed this draft meanwhile. Look at it again.")])
        raise
    return redirected(f"/cases/{json.loads(bytes(made.body))['id']}")


@site.sent("/drafts/{draft_id}/delete", "page_draft_delete")
def remove(visit: Visit) -> Response:
    """Delete the draft."""
    outcomes.delete_draft(visit.held, visit.caller, visit.path["draft_id"])
    return redirected("/cases")
