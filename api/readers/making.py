"""What is made of stored cases while a client waits, in a reader: other forms of them, comparisons of their plans."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.jobs.answered import answered
from api.uploads import packed_csv
from optimizer.domain.errors import UsageError
from optimizer.domain.held import holds_plan
from optimizer.tables import case_from_tables
from optimizer.tables.write import case_csv, case_json, case_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.domain.case import Case

__all__ = ["MAKING"]

FORMS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "json": lambda tables: case_json(tables).encode(),
    "xlsx": case_xlsx,
    "csv": lambda tables: packed_csv(case_csv(tables)),
}


def _form(task: dict[str, Any], tables: bytes) -> dict[str, Any]:
    """A case in another form."""
    return {"attached": (FORMS[task["form"]](json.loads(tables)),)}


def _answered(task: dict[str, Any], tables: bytes) -> dict[str, Any]:
    """The very case that a plan answers, and its hash."""
    case = _case(task["case"], tables)
    return {"case_hash": case.case_hash, "attached": (case_json(case.tables).encode(),)}


def _compared(task: dict[str, Any], *attached: bytes) -> dict[str, Any]:
    """A comparison of two plans, each with its case."""
    from optimizer.studies.missions import compare  # it loads much that reading does not need

    documents = [json.loads(plan) for plan in attached[::2]]
    for id_, document in zip(task["plans"], documents, strict=True):
        if not holds_plan(document):
            raise Fault("conflict", f"plan {id_} holds no plan ({document['status']['solution']})")
    case_a, case_b = (_case(told, tables) for told, tables in zip(task["cases"], attached[1::2], strict=True))
    told = compare(*documents, case_a=case_a, case_b=case_b)
    return {"attached": (json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(),)}


def _current(task: dict[str, Any], tables: bytes) -> dict[str, Any]:
    """Today's arrangement of a case, as far as there are demands."""
    case = _case(task["case"], tables)
    rows = [(c.entity, c.service, c.provider, "") for c in case.current if (c.entity, c.service) in case.demand]
    return {"attached": (json.dumps(rows).encode(),)}


def _asked(task: dict[str, Any], tables: bytes) -> dict[str, Any]:
    """Whether a question has a meaning in a case."""
    from optimizer.studies.ask import question_of

    question = question_of(task["kind"], task["fields"])
    try:
        question.check_case(_case(task["case"], tables))  # type: ignore[attr-defined]
    except UsageError as error:
        raise Fault("invalid_options", str(error)) from error
    return {"attached": (b"",)}


def _case(told: dict[str, Any], tables: bytes) -> Case:
    return case_from_tables(answered(json.loads(tables), told["options"]), name=told["name"])[0]


MAKING: dict[str, Callable[..., dict[str, Any]]] = {
    "form": _form,
    "answered": _answered,
    "compared": _compared,
    "current": _current,
    "asked": _asked,
}
"""Tasks by name; each gets the task and what came along with it."""
