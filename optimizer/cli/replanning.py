"""What ``designate reoptimise`` reads, runs, writes and prints."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.cli import output
from optimizer.cli.exits import OK, exit_code_of
from optimizer.domain.errors import UsageError
from optimizer.files import write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams

__all__ = ["Targets", "exit_code", "prepare", "read_budgets", "run", "show", "write"]


@dataclass(frozen=True, slots=True)
class Targets:
    """Files to write, as far as asked; ``tables`` is a folder. Plan, tables and report are of the smallest budget."""

    result: Path | None
    case: Path | None
    plan: Path | None
    tables: Path | None
    report: Path | None


def read_budgets(text: str) -> list[int]:
    """``0,1,2`` as numbers; ``UsageError`` for anything else."""
    try:
        wanted = [int(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"--budgets is a list of whole numbers such as 0,1,2,5,10, not {text!r}") from None
    if min(wanted) < 0:
        raise UsageError("--budgets are extra moves, 0 or more")
    return wanted


def prepare(case: Path, targets: Targets) -> None:
    """Try every target before anything is solved.

    Raises
    ------
    UsageError
        Two are one file, one is the case or part of it, or it cannot be written.
    """
    given = [p for p in (targets.result, targets.case, targets.plan, targets.report) if p is not None]
    if len({p.resolve() for p in given}) < len(given):
        raise UsageError("--out, --new-case, --new-plan and --report name one file twice")
    if targets.case is not None and targets.case.suffix != ".json":
        raise UsageError(f"{targets.case} does not end in .json")
    for path in given:
        if os.path.exists(case) and path.resolve() == case.resolve():
            raise UsageError(f"{path} is the case; name another file")
        output.prepare(case, path, None, None)
    if targets.tables is not None:
        output.prepare(case, None, targets.tables, None)


def run(
    case: Case, plan: Mapping[str, Any], events: Any, params: SolveParams, budgets: list[int], *, quiet: bool
) -> dict[str, Any]:
    """Re-optimise with progress on a terminal; Ctrl-C keeps what is found."""
    from optimizer.cli.interrupts import Interrupts
    from optimizer.cli.progress import ProgressLine
    from optimizer.solvers.accept.solve import Watch
    from optimizer.studies.missions.run import reoptimise

    logging.getLogger("optimizer").addHandler(logging.NullHandler())
    with Interrupts() as stop, ProgressLine(quiet=quiet) as line:

        def begin(step: str, budget: int | None) -> None:
            title = "fewest moves" if step == "moves" else f"least cost, {budget or 0} extra moves"
            line.begin(title, figures=step != "moves")  # in the first step figures are moves

        watch = Watch(on_progress=line, cancelled=stop)
        return reoptimise(case, plan, events, params, budgets=budgets, watch=watch, on_phase=begin)


def write(result: Mapping[str, Any], targets: Targets, language: str = "en") -> None:
    """Write what was asked for; a plan, its tables and its report only when there is one."""
    for path, content in ((targets.result, result), (targets.case, result["case"])):
        if path is not None:
            write_text_atomic(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    if not result["plans"]:
        return
    plan = result["plans"][0]
    if targets.plan is not None:
        write_text_atomic(targets.plan, json.dumps(plan, indent=1, ensure_ascii=False) + "\n")
    if targets.tables is not None:
        from optimizer.plan.tables import write_plan_tables
        from optimizer.report.workbook import plan_book

        write_plan_tables(plan, targets.tables, plan_book(plan, _answered(result, plan), language))
    if targets.report is not None:
        from optimizer.report import write_report

        write_report(plan, _answered(result, plan), targets.report, replanned=result, language=language)


def _answered(result: Mapping[str, Any], plan: dict[str, Any]) -> Case:
    """The case that the first point's plan answers."""
    from optimizer.tables import apply_patch
    from optimizer.tables.read import case_from_tables

    case, _ = case_from_tables(result["case"], name=plan["run"]["name"])
    return apply_patch(case, result["points"][0]["patch"])[0]


def exit_code(result: Mapping[str, Any]) -> int:
    """That of the first point's plan; 0 when nothing changed."""
    return exit_code_of(result["plans"][0]) if result["plans"] else OK


def show(result: Mapping[str, Any], as_json: bool, language: str = "en") -> None:
    """The result on standard output, as text in a language or as JSON."""
    if as_json:
        output.echo(result)
        return
    from rich.console import Console

    from optimizer.report.replan_console import print_reoptimisation

    print_reoptimisation(result, Console(), language)
