"""What is made of a plan in a process of its own: price lists with their statements, agreements, commitments, files."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from optimizer.domain.case import Case
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime

__all__ = ["MONEY_TASKS", "case_in", "file_of", "plan_in"]


def case_in(task: Mapping[str, Any]) -> Case:
    """The case of a task."""
    from optimizer.tables import case_from_tables

    return case_from_tables(task["tables"], name=task["case_name"])[0]


def plan_in(task: Mapping[str, Any], case: Case) -> Plan | PlanOverTime:
    """The plan of a task; of a steady one the figures are checked, as a command does it."""
    from optimizer.domain.steady import is_over_time
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime

    shape: Any = PlanOverTime if is_over_time(case) else Plan
    found: Plan | PlanOverTime = shape.from_document(json.loads(task["plan"]), case)
    return found


def file_of(write: Callable[[Path], object], name: str) -> dict[str, Any]:
    """One of the files that a function writes into a folder."""
    with TemporaryDirectory() as drafts:
        folder = Path(drafts) / "files"
        write(folder)
        return {"base64": base64.b64encode((folder / name).read_bytes()).decode()}


def _prices(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    """A price list and its statements, from the same figures."""
    from optimizer.money.ask import price_list, statements
    from optimizer.money.values import PriceList

    case = case_in(task)
    plan = plan_in(task, case)
    previous = None if task["previous"] is None else PriceList.from_document(json.loads(task["previous"]))
    asked = {"year": task["year"], "previous": previous, **task["terms"]}
    return {
        "prices": price_list(case, plan, **asked).document(),
        "statements": statements(case, plan, **asked).document(),
    }


def _prices_file(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    from optimizer.report.money_files import write_prices

    told = json.loads(task["document"])
    return file_of(lambda folder: write_prices(told, case_in(task), folder), task["file"])


def _statements_file(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    from optimizer.report.money_files import page_name, write_statements

    told = json.loads(task["document"])
    name = task["file"] or page_name(task["client"])
    return file_of(lambda folder: write_statements(told, case_in(task), folder), name)


def _agreements(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    from optimizer.money.agreements import agreements

    case = case_in(task)
    plan: Any = plan_in(task, case)
    return {"agreements": agreements(case, plan).document()}


def _commitments(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    """Rows of ``commitments`` that the case would have more."""
    from optimizer.plan.time.commit import commit
    from optimizer.tables import case_from_tables

    case = case_in(task)
    plan: Any = plan_in(task, case)
    onto = case if task["onto"] is None else case_from_tables(json.loads(task["onto"]), name=task["case_name"])[0]
    held = [dict(r) for r in onto.tables.get("commitments", ())]
    found = commit(case, plan, task["until"], onto=onto).tables.get("commitments", ())
    return {"rows": [r for r in map(dict, found) if r not in held]}


def _study_workbook(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    """Tables of an answer as sheets, those that have rows."""
    from optimizer.plan.tables import frames_workbook, rows_frame

    tables = json.loads(task["answer"])["tables"]
    frames = {name: rows_frame(rows) for name, rows in tables.items() if rows}
    frames = frames or {"answer": rows_frame([], ("nothing",))}
    return {"base64": base64.b64encode(frames_workbook(frames, _MONEY)).decode()}


def _country_map(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    from optimizer.report.country_map import country_map

    return {"svg": country_map(json.loads(task["answer"])["document"])}


_MONEY: Final = frozenset(
    {"charge", "idle", "core", "lower", "upper", "saving", "one_off", "net", "baseline", "running"}
)
"""Columns that a workbook shows to the cent."""

MONEY_TASKS: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "prices": _prices,
    "prices_file": _prices_file,
    "statements_file": _statements_file,
    "agreements": _agreements,
    "commitments": _commitments,
    "study_workbook": _study_workbook,
    "country_map": _country_map,
}
