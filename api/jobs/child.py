"""The process that solves, settles or renders: ``python -P -m api.jobs.child``.

Gives up the network, reads one task from standard input, limits itself (``limits`` of the task), writes messages to
standard output, and ends at once when standard input closes: its worker is gone. ``{"kind": "cancel"}`` on standard
input asks a solve to stop.
"""

from __future__ import annotations

import base64
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from api.jobs.bookkeeping import LEDGER_TASKS
from api.jobs.drawing import drawn, drawn_beside
from api.jobs.frames import read_frame
from api.jobs.line import open_line
from api.jobs.money import MONEY_TASKS
from api.jobs.reporting import PhasedReports, Reports
from api.jobs.studying import answer_aside, answer_study
from optimizer.child.process_limits import limit_for_good
from optimizer.solvers.pool import end_common_pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.jobs.line import Line
    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams
    from optimizer.solvers.accept.solve import Watch

__all__ = ["load", "main"]

PERMANENT = ("bad_input", "usage", "horizon_not_taken", "backend_refused", "backend_unavailable")
"""Errors that another try would meet again."""

NICE = 10
"""Solvers take what requests on the same machine leave: they work for minutes, a request for milliseconds."""
RESERVES_MB = {"report": 128 * 1024}
"""Address space that a task reserves and does not use: charts are drawn by a machine for JavaScript."""


def _case(task: dict[str, Any]) -> Case:
    from optimizer.tables import case_from_tables

    return case_from_tables(task["tables"], name=task["case_name"])[0]


def _params(task: dict[str, Any]) -> SolveParams:
    from optimizer.domain.params import SolveParams

    return SolveParams(**task["params"])


def _issues(task: dict[str, Any]) -> list[Any]:
    from optimizer.domain.issues import Issue

    return [Issue(**i) for i in task["issues"]]


def _watch(task: dict[str, Any], line: Line, reports: Reports, cancelled: threading.Event) -> Watch:
    from optimizer.solvers.accept.solve import Watch

    return Watch(
        on_progress=reports.progress,
        on_incumbent=reports.incumbent,
        cancelled=cancelled.is_set,
        on_stage=lambda name: line.send("stage", stage=name),
        grace_s=task["grace_s"],
    )


def _solve(task: dict[str, Any], line: Line, cancelled: threading.Event) -> dict[str, Any]:
    from optimizer.pipeline import solve_any

    reports, case = Reports(line), _case(task)
    watch = _watch(task, line, reports, cancelled)
    plan = solve_any(
        case,
        _params(task),
        start=task["start"],
        issues=_issues(task),
        watch=watch,
        name=task["name"],
        tags=task["tags"],
    )
    return {"plan": plan, "charts": drawn_beside(line, plan, case, reports.course)}


def _settle(task: dict[str, Any], line: Line, *_: Any) -> dict[str, Any]:
    from optimizer.stating import settle_case
    from optimizer.studies.missions import point_of

    case = _case(task)
    rows = None if task["rows"] is None else [tuple(r) for r in task["rows"]]
    plan = settle_case(
        case,
        rows,
        _params(task),
        bound=task["bound"],
        stopped_by=task["stopped_by"],
        detail=task["detail"],
        issues=_issues(task),
        name=task["name"],
        tags=task["tags"],
    )
    charts = drawn_beside(line, plan, case, task["course"])
    if "budgets" not in task:
        return {"plan": plan, "charts": charts}
    # A re-optimisation: which step it was in is not known here, so the plan stands without a limit of moves.
    point = point_of(plan, None, None, {}, case.case_hash)
    told = _compared(task, plan, case)
    more = {"moves": None, "points": [point], "issues": [], "plans": [], "comparison": told}
    return {"plan": plan, "charts": charts, "more": more}


def _reoptimise(task: dict[str, Any], line: Line, cancelled: threading.Event) -> dict[str, Any]:
    """Both steps; the plan is that of the last budget, the other points come beside it."""
    from optimizer.studies.missions import reoptimise_current
    from optimizer.tables import apply_patch

    case, reports = _case(task), PhasedReports(line, task["budgets"][-1])
    watch = _watch(task, line, reports, cancelled)
    result = reoptimise_current(
        case,
        _params(task),
        issues=_issues(task),
        budgets=task["budgets"],
        watch=watch,
        on_phase=reports.phase,
        applied=task["applied"],
    )
    plan, point = result["plans"][-1], result["points"][-1]
    plan["run"]["name"], plan["run"]["tags"] = task["name"], task["tags"]
    answers = apply_patch(case, point["patch"])[0] if point["patch"] else case
    told = _compared(task, plan, answers)
    kept = {k: result[k] for k in ("moves", "points", "issues")}
    charts = drawn_beside(line, plan, answers, reports.course)
    return {"plan": plan, "charts": charts, "more": {**kept, "plans": result["plans"][:-1], "comparison": told}}


def _compared(task: dict[str, Any], plan: dict[str, Any], case: Case) -> dict[str, Any] | None:
    """The applied plan with the new one, where there are two."""
    from optimizer.domain.held import holds_plan
    from optimizer.studies.missions import compare
    from optimizer.tables import case_from_tables

    if task["applied"] is None or not holds_plan(plan):
        return None
    before = case_from_tables(task["applied_tables"], name=task["case_name"])[0]
    return compare(task["applied"], plan, case_a=before, case_b=case)


def _price(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    from optimizer.stating import price_case

    rows = [tuple(r) for r in task["rows"]]
    plan = price_case(_case(task), rows, _issues(task), lines=range(1, len(rows) + 1))
    return {"plan": plan, "more": {}}


def _report(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    from optimizer.report.html import render_report

    return {"html": render_report(task["plan"], _case(task), ranges=task.get("ranges"))}


def _charts(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    return {"charts": drawn(task["plan"], _case(task), task["course"])}


def _restate(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    """A plan over time as a plan of this very case, priced and checked anew."""
    from optimizer.pipeline import GroundOverTime
    from optimizer.plan.time.given import path_from_plan
    from optimizer.stating import state_over_time

    case = _case(task)
    ground = GroundOverTime.of(case)
    path = path_from_plan(ground.joint, task["plan"])
    return {"plan": state_over_time(ground, path, None, name=task["plan"]["run"]["name"])}


def _today(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    """What each demand costs a year as it is served today."""
    from optimizer.plan.today import today_by_demand

    return {"demands": [[*key, held.running] for key, held in today_by_demand(_case(task)).items()]}


def _why(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    from optimizer import why

    return {"why": why(_case(task), task["entity"], task["service"], task["plan"]).as_dict()}


def _study_page(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    from optimizer.report.study_page import render_study

    return {"html": render_study(task["answer"], task["name"])}


def _workbook(task: dict[str, Any], *_: Any) -> dict[str, Any]:
    from optimizer.report.workbook import plan_book

    return {"base64": base64.b64encode(plan_book(task["plan"], _case(task))).decode()}


TASKS: dict[str, Callable[[dict[str, Any], Line, threading.Event], dict[str, Any]]] = {
    "solve": _solve,
    "settle": _settle,
    "report": _report,
    "today": _today,
    "charts": _charts,
    "why": _why,
    "workbook": _workbook,
    "reoptimise": _reoptimise,
    "price": _price,
    "restate": _restate,
    "study": answer_study,
    "further": answer_aside,
    "study_page": _study_page,
    **MONEY_TASKS,
    **LEDGER_TASKS,
}


def load() -> None:
    """Load what jobs need, before there is one: for a fork server, whose children have it all at once."""
    import api.further.answers  # noqa: F401
    import optimizer.pipeline
    import optimizer.studies.ask
    import optimizer.studies.missions
    import optimizer.tables  # noqa: F401


def main() -> None:
    """Do one task and end."""
    from optimizer.domain.errors import DesignateError

    line, notice = open_line(NICE)
    cancelled = threading.Event()
    began_ns = time.time_ns()
    task = read_frame(0)
    if task is None:
        return
    limit_for_good(**task["limits"], reserve_mb=RESERVES_MB.get(task["task"], 0))
    if notice:
        line.send("notice", text=notice)
    threading.Thread(target=_listen, args=(cancelled,), daemon=True).start()
    try:
        try:
            made = TASKS[task["task"]](task, line, cancelled)
        finally:
            end_common_pool()  # this process leaves without a goodbye
        if task.get("traced"):
            line.send(
                "span", name=f"child.{task['task']}", began_ns=began_ns, ended_ns=time.time_ns(), facts=_facts(made)
            )
        line.send("done", **made)
    except DesignateError as error:
        told = [i.as_dict() for i in getattr(error, "issues", ())]
        line.send("error", code=error.code, detail=str(error), permanent=error.code in PERMANENT, issues=told)
    except MemoryError as error:
        line.send("error", code="out_of_memory", detail=str(error), permanent=True)
    except Exception as error:
        line.send("error", code="internal_error", detail=f"{type(error).__name__}: {error}", permanent=False)
        raise


def _facts(made: dict[str, Any]) -> dict[str, Any]:
    """What a trace tells of a task that was done."""
    plan = made.get("plan") or {}
    spent = (plan.get("run") or {}).get("timings") or {}
    return {"pid": os.getpid(), **{f"seconds.{k}": v for k, v in spent.items()}}


def _listen(cancelled: threading.Event) -> None:
    while read_frame(0) is not None:
        cancelled.set()
    os._exit(1)  # the worker is gone; solvers end with this process


if __name__ == "__main__":
    main()
