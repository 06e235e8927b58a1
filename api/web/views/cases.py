"""Cases: list, upload, tables, findings, decisions, download."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response

import data
from api.faults import Fault
from api.identities import names_of as people_of
from api.routes import cases as routes
from api.routes import decisions as decision_routes
from api.routes.drafts import create_draft
from api.routes.examples import get_example
from api.services.decisions import open_decisions
from api.store.models import Case, Decision
from api.store.scope import Scope
from api.uploads import JSON, MULTIPART, Upload, assemble
from api.web import fields, listing
from api.web.listing import at_case
from api.web.names import tables_of
from api.web.page import redirected, render
from api.web.site import Site
from api.web.trouble import fault_of, issues_of
from api.web.views.drafts import begun, listed
from api.web.visit import Visit
from optimizer.domain.errors import InputError, UsageError
from optimizer.tables.sources.text import code_page

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["site"]

site = Site()

ROWS: Final = 50
PAGES: Final = ("", "cp1252", "cp1250", "cp1251", "cp1256", "latin-1", "gb18030")
"""Code pages that are offered for CSV which is not UTF-8."""
TABLES: Final = ("entities", "services", "demands", "providers", "offers", "tiers", "current", "decisions")


@site.page("/cases", "page_cases")
def cases(visit: Visit) -> Response:
    """All cases that are not out of lists."""
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        query = scope.select(Case).where(Case.archived.is_(None)).order_by(Case.id.desc())
        part, shown = listing.shown(session.scalars(query.limit(5000)).all(), visit.number("offset", 0), ROWS)
        rows = [(c, scope.revision(c)) for c in part]
        drafts = listed(scope, ROWS) if visit.may("page_draft") else []
    return render(visit, "cases.html", here="case", rows=rows, shown=shown, drafts=drafts)


@site.page("/cases/new", "page_case_new")
def new(visit: Visit) -> Response:
    """Upload a case, or begin with an example."""
    return _new(visit, 200)


def _new(visit: Visit, status: int, errors: fields.Errors | None = None, issues: Any = ()) -> Response:
    typed = dict(visit.form.typed())
    with visit.held.store.read() as session:
        query = Scope(session, visit.caller.workspace_id).select(Case).where(Case.archived.is_(None))
        held = session.scalars(query.order_by(Case.id.desc()).limit(200)).all()
    return render(
        visit,
        "case_new.html",
        status,
        here="case",
        errors=errors or {},
        issues=issues,
        typed=typed,
        pages=[(p, p or "UTF-8") for p in PAGES],
        examples=data.names(),
        held=[(c.id, c.name) for c in held],
    )


@site.sent("/cases", "page_case_create")
def create(visit: Visit) -> Response:
    """Keep an uploaded case; with errors as a draft, on whose page all of them are mended."""
    return _uploaded(visit, lambda upload, name: _created(visit, upload, name), lambda *a: _new(visit, *a))


@site.sent("/cases/example", "page_case_example")
def example(visit: Visit) -> Response:
    """Begin with a packaged case."""
    name = visit.form.text("example")
    if name not in data.names():
        return _new(visit, 422, {"example": [visit.say("Choose one of the examples.")]})
    body = bytes(get_example(visit.request, name).body)
    return _created(visit, Upload(body, f"{name}.json", JSON), name)


def _created(visit: Visit, upload: Upload, name: str) -> Response:
    made = routes.create_case(visit.held, visit.caller, visit.once(), upload, name=name)
    return redirected(f"/cases/{_body(made)['id']}")


def _uploaded(
    visit: Visit, keep: Callable[[Upload, str], Response], form: Callable[..., Response], case_id: str | None = None
) -> Response:
    """What came with the form as a case; with mistakes in cells as a draft; what else is wrong beside the form."""
    read = fields.Reader(visit)
    name = read.label("name")
    page = visit.form.text("encoding")
    if not visit.form.files:
        read.wrong("files", visit.say("Choose a file: a workbook, a zip, or all CSV files of the case in one go."))
    if read.errors:
        return form(422, read.errors)
    try:
        upload = assemble(MULTIPART, b"", visit.form.files)
        upload = Upload(upload.data, upload.name, upload.media_type, code_page(page))
    except (UsageError, Fault) as error:
        return form(422, {"files": [fault_of(error, visit.held.settings).detail]})
    try:
        return keep(upload, name)
    except (InputError, Fault) as error:
        fault = fault_of(error, visit.held.settings)
        if fault.kind.status not in (400, 413, 415, 422):
            raise
        issues = issues_of(fault)
        if fault.code == "bad_input":
            with contextlib.suppress(InputError, Fault):  # mistakes beside cells: they are told with the form
                return begun(create_draft(visit.held, visit.caller, visit.once(), upload, name, case_id))
        return form(422, {} if issues else {"files": [fault.detail]}, issues)


@site.page("/cases/{case_id}", "page_case")
def case(visit: Visit) -> Response:
    """The newest revision: sizes, findings of the reader, decisions, plans."""
    return _case(visit, 200)


def _case(visit: Visit, status: int, errors: fields.Errors | None = None, issues: Any = ()) -> Response:
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at, held = at_case(scope, visit.path["case_id"])
        number = visit.number("revision", held.latest)
        revision = scope.revision(held, number)
        decided = session.scalars(
            scope.select(Decision).where(Decision.case_id == held.id).order_by(Decision.id.desc()).limit(200)
        ).all()
        open_ = [d for d in open_decisions(scope, held.id) if (d.revision is None) != (d.withdrawn is not None)]
        plans = listing.plan_rows(scope, 20, case_id=held.id)
        found = revision.issues
        people = people_of(session, {d.decided_by for d in decided})
    return render(
        visit,
        "case.html",
        status,
        here="case",
        at=at,
        case=held,
        revision=revision,
        found=found,
        decisions=decided,
        waiting=len(open_),
        people=people,
        plans=plans,
        errors=errors or {},
        issues=issues,
        pages=[(p, p or "UTF-8") for p in PAGES],
        tables=[(t, revision.summary.get("tables", {}).get(t)) for t in TABLES],
    )


@site.sent("/cases/{case_id}/revisions", "page_case_revise")
def revise(visit: Visit) -> Response:
    """The next revision, from an uploaded file."""
    case_id = visit.path["case_id"]

    def keep(upload: Upload, comment: str) -> Response:
        routes.create_revision(visit.held, visit.caller, visit.once(), upload, case_id, comment=comment)
        return redirected(f"/cases/{case_id}")

    return _uploaded(visit, keep, lambda *a: _case(visit, *a), case_id)


@site.sent("/cases/{case_id}/decisions/carry", "page_case_carry")
def carry(visit: Visit) -> Response:
    """Make the next revision now, with all decisions."""
    case_id = visit.path["case_id"]
    decision_routes.carry_decisions(visit.held, visit.caller, visit.once(), case_id)
    return redirected(f"/cases/{case_id}")


@site.sent("/decisions/{decision_id}/withdraw", "page_decision_withdraw")
def withdraw(visit: Visit) -> Response:
    """Take a decision back."""
    made = decision_routes.withdraw_decision(visit.held, visit.caller, visit.once(), visit.path["decision_id"])
    return redirected(f"/cases/{_body(made)['case']}")


@site.page("/cases/{case_id}/tables/{table}", "page_case_table")
def table(visit: Visit) -> Response:
    """Rows of a table of a case, some at a time."""
    name, wanted = visit.path["table"], visit.query.get("q", "")
    with visit.held.store.read() as session:
        scope = Scope(session, visit.caller.workspace_id)
        at, held = at_case(scope, visit.path["case_id"])
        content = tables_of(scope, held, held.latest)
    if name == "policy":
        rows = [{"key": k, "value": v} for k, v in sorted(content.get("policy", {}).items())]
    elif name in content and isinstance(content[name], list):
        rows = content[name]
    else:
        raise Fault("not_found", f"the case has no table {name}")
    found = [r for r in rows if wanted.casefold() in " ".join(map(str, r.values())).casefold()] if wanted else rows
    part, shown = listing.shown(found, visit.number("offset", 0), ROWS)
    columns = list(dict.fromkeys(c for r in rows[:500] for c in r))
    return render(
        visit,
        "case_table.html",
        here="case",
        at=at,
        name=name,
        rows=[[_cell(r.get(c)) for c in columns] for r in part],
        columns=columns,
        shown=shown,
        wanted=wanted,
        tables=[t for t in (*TABLES, "policy") if content.get(t)],
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value) if not isinstance(value, dict) else json.dumps(value, ensure_ascii=False)


@site.page("/cases/{case_id}/download/{kind}", "page_case_download")
def download(visit: Visit) -> Response:
    """The newest revision as a file; it is recorded as handed out."""
    kind = visit.path["kind"]
    if kind not in ("original", "xlsx", "csv", "json"):
        raise Fault("not_found", "a case is there as original, xlsx, csv and json")
    with visit.held.store.read() as session:
        held = Scope(session, visit.caller.workspace_id).get(Case, visit.path["case_id"])
    visit.request.state.operation = "download_revision"
    form: Any = kind
    return routes.download_revision(visit.request, visit.held, visit.caller, held.id, held.latest, form)


def _body(response: Response) -> dict[str, Any]:
    """What the service has answered."""
    told: dict[str, Any] = json.loads(bytes(response.body))
    return told
