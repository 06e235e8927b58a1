"""Commands on plans that are there already: compare two, re-plan one after events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.options import (
    BackendOpt,
    CaseArg,
    EncodingOpt,
    EventsArg,
    JsonOpt,
    LanguageOpt,
    PlanArg,
    Reading,
    SeedOpt,
    ThreadsOpt,
    TimeLimitOpt,
    case_names,
    check_language,
    read_case_of,
)
from optimizer.domain.errors import UsageError
from optimizer.domain.params import DEFAULT_TIME_LIMIT_S, SolveParams

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.command()(diff)
    app.command()(reoptimise)


def diff(
    a: PlanArg,
    b: PlanArg,
    case_a: Annotated[Path | None, typer.Option(help="case of the first plan", autocompletion=case_names)] = None,
    case_b: Annotated[Path | None, typer.Option(help="case of the second plan", autocompletion=case_names)] = None,
    encoding: EncodingOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Compare two plans: moves, cost by term, solver.

    With both cases also what changed in the input, why the total changes, and a reason for each move.
    """
    from optimizer.cli import inputs, output

    if (case_a is None) != (case_b is None):
        raise UsageError("give both --case-a and --case-b, or neither")
    cases, how = None, Reading(encoding=encoding)
    if case_a is not None and case_b is not None:
        cases = read_case_of(case_a, how)[0], read_case_of(case_b, how)[0]
    output.show_diff(inputs.compare_plans(a, b, cases), as_json)


def reoptimise(
    case: CaseArg,
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="plan.json of the plan that is applied today")],
    events: EventsArg,
    budgets: Annotated[str, typer.Option(help="extra moves beyond the least, e.g. 0,1,2,5,10")] = "0",
    time_limit: TimeLimitOpt = DEFAULT_TIME_LIMIT_S,
    backend: BackendOpt = "auto",
    threads: ThreadsOpt = 1,
    seed: SeedOpt = 0,
    out: Annotated[Path | None, typer.Option(help="write the whole result here: new case, plans, curve")] = None,
    new_case: Annotated[Path | None, typer.Option(help="write the new case here (.json)")] = None,
    new_plan: Annotated[Path | None, typer.Option(help="write the plan of the smallest budget here")] = None,
    tables: Annotated[Path | None, typer.Option(help="write that plan's tables into this folder, CSV and XLSX")] = None,
    report: Annotated[Path | None, typer.Option(help="write an HTML report of that plan here")] = None,
    encoding: EncodingOpt = "",
    language: LanguageOpt = "en",
    as_json: JsonOpt = False,
) -> None:
    """Re-plan after events, with as few moves as possible.

    First the fewest moves, then the least cost with a few moves more (--budgets). Each move is told with its reason:
    forced (it cannot stay), needed (staying would break a rule) or saving.
    """
    from optimizer.cli import inputs, replanning

    params = SolveParams(backend=backend, time_limit_s=time_limit, threads=threads, seed=seed)  # type: ignore[arg-type]
    check_language(language)
    wanted = replanning.read_budgets(budgets)
    loaded, _ = read_case_of(case, Reading(encoding=encoding))
    applied, happened = inputs.read_plan(plan, loaded), inputs.read_events(events)
    targets = replanning.Targets(out, new_case, new_plan, tables, report)
    replanning.prepare(case, targets)
    result = replanning.run(loaded, applied, happened, params, wanted, quiet=as_json)
    replanning.write(result, targets, language)
    replanning.show(result, as_json, language)
    raise typer.Exit(replanning.exit_code(result))
