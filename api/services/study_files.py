"""What is made of the answers of studies while a client waits: page, workbook, map."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.services.analyses import case_of
from api.services.places import place
from api.services.plans import result_of
from api.services.results import made_aside
from api.services.studies import answer
from api.store.models import Case, Plan, Study
from api.store.scope import Scope

if TYPE_CHECKING:
    from api.access import Caller
    from api.context import Services

__all__ = ["country_map", "report", "workbook"]


def report(held: Services, caller: Caller, study_id: str) -> tuple[bytes, str]:
    """The answer as an HTML page, made in a process of its own; and its hash."""
    document, digest = answer(held, caller, study_id)
    with held.store.read() as session:
        scope = Scope(session, caller.workspace_id)
        study = scope.get(Study, study_id)
        task = _page(scope, study, json.loads(document))
    with place(held, caller):
        html: str = made_aside(held, task)["html"]
    return html.encode(), digest


def workbook(held: Services, caller: Caller, study_id: str) -> tuple[bytes, str]:
    """Tables of the answer as a workbook, made in a process of its own; and the hash of the answer."""
    document, digest = answer(held, caller, study_id)
    with place(held, caller):
        made = made_aside(held, {"task": "study_workbook", "answer": document.decode()})
    return base64.b64decode(made["base64"]), digest


def country_map(held: Services, caller: Caller, study_id: str) -> tuple[bytes, str]:
    """The map of an answer of ``bos_countries``, made in a process of its own; and the hash of the answer.

    Raises
    ------
    Fault
        ``conflict``: it is of another kind.
    """
    with held.store.read() as session:
        kind = Scope(session, caller.workspace_id).get(Study, study_id).kind
    if kind != "bos_countries":
        raise Fault("conflict", f"study {study_id} has no map: it is of kind {kind}, only bos_countries has one")
    document, digest = answer(held, caller, study_id)
    with place(held, caller):
        svg: str = made_aside(held, {"task": "country_map", "answer": document.decode()})["svg"]
    return svg.encode(), digest


def _page(scope: Scope, study: Study, answer: dict[str, Any]) -> dict[str, Any]:
    """The task that makes the page of an answer; a range stands in the report of its plan, while that is there."""
    plan = scope.get(Plan, study.plan_id) if study.kind == "range" and study.plan_id is not None else None
    if plan is None or plan.removed is not None:
        name = "country teams" if study.case_id is None else scope.get(Case, study.case_id).name
        return {"task": "study_page", "answer": answer, "name": study.name or name}
    name, tables = case_of(scope, plan)
    document = json.loads(result_of(scope.session, plan).document)
    return {"task": "report", "plan": document, "tables": tables, "case_name": name, "ranges": answer["document"]}
