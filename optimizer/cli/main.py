"""The ``designate`` command: arguments, printing, exit codes; no logic.

Heavy imports happen inside the commands, so that ``designate --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer import __version__
from optimizer.cli import asking, bench, remote, service
from optimizer.errors import DesignateError, UsageError
from optimizer.params import BACKENDS

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue

__all__ = ["app", "main"]

DEFAULT_TIME_LIMIT_S = 300.0
"""A large case is never proven to the last cent; nobody should have to find that out by waiting."""

app = typer.Typer(
    name="designate",
    help="Who should provide which support service to whom: proven, verified, explained plans.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(bench.app, name="bench")
asking.add_to(app)
service.add_to(app)
remote.add_to(app)

CaseArg = Annotated[
    Path, typer.Argument(metavar="CASE", help="folder of CSV files, .xlsx, .json, or a packaged case's name")
]
PlanArg = Annotated[Path, typer.Argument(metavar="PLAN", help="plan.json")]
JsonOpt = Annotated[bool, typer.Option("--json", help="machine-readable result on standard output")]


def main() -> None:
    """Entry point; every deliberate error leaves through ``exits.fail``."""
    from optimizer.cli.exits import INTERNAL, NO_PLAN, fail, fail_with
    from optimizer.cli.interrupts import Interrupted, end_at_once

    as_json = "--json" in sys.argv
    end_at_once()
    try:
        app(prog_name="designate")
    except DesignateError as error:
        fail(error, as_json)
    except Interrupted:
        fail_with("interrupted", "interrupted, there is no answer", NO_PLAN, as_json)
    except Exception as error:  # an internal failure is told in a line; the traceback is one switch away
        if os.environ.get("DESIGNATE_DEBUG"):
            raise
        told = f"internal failure: {type(error).__name__}: {error} (set DESIGNATE_DEBUG=1 for the traceback)"
        fail_with("internal_error", told, INTERNAL, as_json)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version and stop")
    ] = False,
) -> None:
    """Options of the command itself."""


@app.command()
def solve(
    case: CaseArg,
    out: Annotated[Path | None, typer.Option(help="write the plan document here")] = None,
    tables: Annotated[Path | None, typer.Option(help="write the plan's tables as CSV and XLSX here")] = None,
    report: Annotated[Path | None, typer.Option(help="write a self-contained HTML report here")] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(help=f"seconds for the solver [default: {DEFAULT_TIME_LIMIT_S:g}, none under --work-limit]"),
    ] = None,
    work_limit: Annotated[int | None, typer.Option(help="deterministic work units for the solver")] = None,
    gap: Annotated[float, typer.Option(help="stop at this relative gap")] = 0.0,
    threads: Annotated[int, typer.Option(help="threads for the solver")] = 1,
    memory_limit: Annotated[int | None, typer.Option(help="megabytes for the solver's process")] = None,
    backend: Annotated[str, typer.Option(help=" | ".join(BACKENDS))] = "auto",
    seed: Annotated[int, typer.Option(help="seed of every random choice")] = 0,
    start: Annotated[Path | None, typer.Option(help="plan.json to start from")] = None,
    name: Annotated[str, typer.Option(help="label of the run")] = "",
    online: Annotated[bool, typer.Option(help="look unknown places up over the network")] = False,
    as_json: JsonOpt = False,
) -> None:
    """Find the plan of least cost, prove how good it is, verify it, write it."""
    import logging

    from optimizer.cli import inputs, output
    from optimizer.cli.exits import exit_code_of
    from optimizer.cli.interrupts import Interrupts
    from optimizer.cli.progress import ProgressLine
    from optimizer.params import SolveParams
    from optimizer.pipeline import solve_case
    from optimizer.solving.solve import Watch

    params = SolveParams(
        backend=backend,  # type: ignore[arg-type]  # checked by SolveParams itself
        time_limit_s=DEFAULT_TIME_LIMIT_S if time_limit is None and work_limit is None else time_limit,
        work_limit=work_limit,
        gap_rel=gap,
        threads=threads,
        memory_limit_mb=memory_limit,
        seed=seed,
    )
    loaded, issues = _read(case, online)
    first = None if start is None else inputs.read_plan(start)
    output.prepare(case, out, tables, report)
    logging.getLogger("optimizer").addHandler(logging.NullHandler())  # note_stop says it once, and in its place
    with Interrupts() as stop:
        with ProgressLine(quiet=as_json) as line:
            watch = Watch(on_progress=line, cancelled=stop)
            plan = solve_case(loaded, params, start=first, issues=issues, watch=watch, name=name)
        output.write_plan(plan, loaded, out, tables, report)
    output.note_stop(plan)
    output.show_plan(plan, as_json)
    raise typer.Exit(exit_code_of(plan))


@app.command()
def validate(
    case: CaseArg,
    online: Annotated[bool, typer.Option(help="look unknown places up")] = False,
    as_json: JsonOpt = False,
) -> None:
    """Check a case without solving: every problem at once, with place and remedy."""
    from optimizer.cli import output
    from optimizer.cli.exits import BAD_INPUT, OK
    from optimizer.domain.issues import has_errors
    from optimizer.io import validate_case

    issues = validate_case(_case_path(case), allow_online=online)
    output.show_issues(issues, as_json)
    raise typer.Exit(BAD_INPUT if has_errors(issues) else OK)


@app.command()
def verify(case: CaseArg, plan: PlanArg, as_json: JsonOpt = False) -> None:
    """Check a plan made by anyone: every rule, every cost term, every figure, recomputed."""
    from optimizer.cli import inputs, output
    from optimizer.cli.exits import NOT_VERIFIED, OK
    from optimizer.pipeline import check_plan

    loaded, _ = _read(case)
    result = check_plan(loaded, inputs.read_plan(plan))
    output.show_verification(result, as_json)
    raise typer.Exit(OK if result.ok else NOT_VERIFIED)


@app.command()
def diff(
    a: PlanArg,
    b: PlanArg,
    case_a: Annotated[Path | None, typer.Option(help="case of the first plan: tells why, with --case-b")] = None,
    case_b: Annotated[Path | None, typer.Option(help="case of the second plan")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Say what changed from one plan to another: moves, cost by term, inputs, solver; with both cases, why."""
    from optimizer.cli import inputs, output

    if (case_a is None) != (case_b is None):
        raise UsageError("give both --case-a and --case-b, or neither")
    cases = None if case_a is None or case_b is None else (_read(case_a)[0], _read(case_b)[0])
    output.show_diff(inputs.compare_plans(a, b, cases), as_json)


@app.command()
def reoptimise(
    case: CaseArg,
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="plan.json that is applied today")],
    events: Annotated[Path, typer.Argument(metavar="EVENTS", help="events.json, or a packaged example's name")],
    budgets: Annotated[str, typer.Option(help="extra moves beyond the least, e.g. 0,1,2,5,10")] = "0",
    time_limit: Annotated[float, typer.Option(help="seconds for each solve")] = DEFAULT_TIME_LIMIT_S,
    backend: Annotated[str, typer.Option(help=" | ".join(BACKENDS))] = "auto",
    threads: Annotated[int, typer.Option(help="threads for the solver")] = 1,
    seed: Annotated[int, typer.Option(help="seed of every random choice")] = 0,
    out: Annotated[Path | None, typer.Option(help="write the whole result here: new case, plans, curve")] = None,
    new_case: Annotated[Path | None, typer.Option(help="write the new case here (.json)")] = None,
    new_plan: Annotated[Path | None, typer.Option(help="write the plan of the smallest budget here")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Re-plan after events: the fewest moves first, then the least cost with a few moves more."""
    from optimizer.cli import inputs, replanning
    from optimizer.params import SolveParams

    params = SolveParams(backend=backend, time_limit_s=time_limit, threads=threads, seed=seed)  # type: ignore[arg-type]
    wanted = replanning.read_budgets(budgets)
    loaded, _ = _read(case)
    applied, happened = inputs.read_plan(plan), inputs.read_events(events)
    targets = replanning.prepare(case, out, new_case, new_plan)
    result = replanning.run(loaded, applied, happened, params, wanted, quiet=as_json)
    replanning.write(result, targets)
    replanning.show(result, as_json)
    raise typer.Exit(replanning.exit_code(result))


@app.command()
def price(
    case: CaseArg,
    assignments: Annotated[Path, typer.Argument(help="CSV with columns entity, service, provider (and backup)")],
    out: Annotated[Path | None, typer.Option(help="write the plan document here")] = None,
    report: Annotated[Path | None, typer.Option(help="write an HTML report here")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Price a hand-made plan by the same model and check every rule."""
    from optimizer.cli import inputs, output
    from optimizer.cli.exits import exit_code_of
    from optimizer.pipeline import price_case

    loaded, issues = _read(case)
    output.prepare(case, out, None, report)
    rows, lines = inputs.read_assignments(assignments)
    plan = price_case(loaded, rows, issues, lines=lines)
    output.write_plan(plan, loaded, out, None, report)
    output.show_plan(plan, as_json)
    raise typer.Exit(exit_code_of(plan))


@app.command()
def template(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="empty or new folder")], as_json: JsonOpt = False
) -> None:
    """Write an empty case: every table with its header and one example row, and policy.toml."""
    from optimizer.cli import output
    from optimizer.io import write_template

    output.prepare_folder(folder.parent)
    write_template(folder)
    told = f"template written to {folder}; fill it in and run: designate validate {folder}"
    output.show_done(told, as_json, folder=str(folder))


@app.command()
def example(
    name: Annotated[str, typer.Argument(metavar="NAME", help="packaged case; left out with --entities")],
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="where to write it")] = None,
    entities: Annotated[int | None, typer.Option(help="generate a case with so many entities", min=1)] = None,
    services: Annotated[int, typer.Option(help="services of a generated case")] = 12,
    providers: Annotated[int, typer.Option(help="providers of a generated case")] = 24,
    seed: Annotated[int, typer.Option(help="seed of a generated case")] = 0,
    force: Annotated[bool, typer.Option(help="write into a folder that is not empty")] = False,
    as_json: JsonOpt = False,
) -> None:
    """Copy a packaged case, or generate one of any size with the same structure."""
    from optimizer.cli import examples, output

    if entities is not None:
        target = Path(name) if folder is None else folder
        size = examples.Size(entities, services, providers, seed)
        told = examples.write_generated(target, size, force=force)
    elif folder is None:
        raise UsageError("say where to write it: designate example NAME DIR, or designate example --entities N DIR")
    else:
        target = folder
        told = examples.write_packaged(name, folder, force=force)
    output.show_done(told, as_json, folder=str(target))


@app.command()
def export(
    case: CaseArg,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="ending in .lp or .mps")],
    as_json: JsonOpt = False,
) -> None:
    """Write the mixed-integer program as LP or MPS with readable names."""
    from optimizer.arrays.build import build_problem
    from optimizer.cli import output
    from optimizer.formulation.build import build_program
    from optimizer.formulation.export import write_lp, write_mps

    writers = {".lp": write_lp, ".mps": write_mps}
    if target.suffix not in writers:
        raise UsageError(f"{target} ends in neither .lp nor .mps")
    loaded, _ = _read(case)
    output.prepare(case, target, None, None)
    program = build_program(build_problem(loaded))
    writers[target.suffix](program, target)
    told = f"{program.n_columns:,} columns, {program.n_rows:,} rows written to {target}"
    output.show_done(told, as_json, file=str(target), columns=program.n_columns, rows=program.n_rows)


def _case_path(given: Path) -> Path:
    from optimizer.cli.examples import packaged

    return packaged(given)


def _read(given: Path, online: bool = False) -> tuple[Case, tuple[Issue, ...]]:
    from optimizer.io import read_case

    return read_case(_case_path(given), allow_online=online)
