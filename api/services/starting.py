"""What a draft begins with where nothing is uploaded: an example, the template, a stored case."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import data
from api.faults import Fault
from api.services import cases
from api.store.models import Case
from api.store.scope import Scope
from api.uploads import JSON, Upload
from optimizer.tables import read_case
from optimizer.tables.template import EXAMPLE
from optimizer.tables.write import case_json

if TYPE_CHECKING:
    from api.access import Caller
    from api.context import Services
    from api.schemas.drafts import DraftStart

__all__ = ["example_document", "source"]


@cache
def example_document(name: str) -> tuple[bytes, str]:
    """A packaged case as JSON, and its hash."""
    case, _ = read_case(data.case_path(name))
    return case_json(case.tables).encode(), case.case_hash


def source(held: Services, caller: Caller, body: DraftStart) -> tuple[Upload, int | None, str]:
    """The case as a file, the revision it is, and what it is called.

    Raises
    ------
    Fault
        ``not_found``.
    """
    if body.template:
        return Upload(case_json(EXAMPLE).encode(), "template.json", JSON), None, body.name
    if body.example is not None:
        if body.example not in data.names():
            there = ", ".join(data.names())
            raise Fault("not_found", f"no packaged case {body.example!r}; there are: {there}")
        return Upload(example_document(body.example)[0], f"{body.example}.json", JSON), None, body.example
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        case = scope.get(Case, body.case or "")
        revision, tables = cases.written_tables(scope, case, body.revision)
        return Upload(tables, "case.json", JSON), revision.number, case.name
