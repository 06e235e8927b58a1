"""``designate solve``: one case, or several one after the other with the same solver processes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli.options import (
    BackendOpt,
    CasesArg,
    EncodingOpt,
    JsonOpt,
    PageLanguageOpt,
    Reading,
    SeedOpt,
    ThreadsOpt,
    check_language,
)
from optimizer.domain.errors import UsageError
from optimizer.domain.params import DEFAULT_TIME_LIMIT_S, SolveParams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.cli.batch import Targets
    from optimizer.domain.case import Case

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to the main one."""
    app.command()(solve)


def solve(
    cases: CasesArg,
    out: Annotated[Path | None, typer.Option(help="write the plan document here; several cases: a folder")] = None,
    tables: Annotated[Path | None, typer.Option(help="write the plan's tables into this folder, CSV and XLSX")] = None,
    report: Annotated[Path | None, typer.Option(help="write an HTML report here; several cases: a folder")] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(help=f"seconds for each case [default: {DEFAULT_TIME_LIMIT_S:g}; no limit with --work-limit]"),
    ] = None,
    work_limit: Annotated[int | None, typer.Option(help="deterministic work units for the solver")] = None,
    gap: Annotated[float, typer.Option(help="stop when the relative gap is this small")] = 0.0,
    threads: ThreadsOpt = 1,
    memory_limit: Annotated[int | None, typer.Option(help="megabytes for the solver's process")] = None,
    backend: BackendOpt = "auto",
    seed: SeedOpt = 0,
    start: Annotated[Path | None, typer.Option(help="plan.json to start from")] = None,
    name: Annotated[str, typer.Option(help="label of the run")] = "",
    online: Annotated[bool, typer.Option("--online", help="look unknown places up over the network")] = False,
    encoding: EncodingOpt = "",
    language: PageLanguageOpt = "en",
    as_json: JsonOpt = False,
) -> None:
    """Find the plan of least cost, prove how good it is, verify it.

    With several cases --out, --tables and --report name folders: each case gets files of its own there, named after
    it. A case that fails does not stop the others; the exit code is that of the worst one.
    """
    from optimizer.cli.batch import Targets

    check_language(language)
    params = _params(time_limit, work_limit, gap, threads, memory_limit, backend, seed)
    wanted, how = Targets(out, tables, report, language), Reading(online, encoding)
    if len(cases) == 1:
        _one(cases[0], params, wanted, start, name, how, as_json)
    if start is not None:
        raise UsageError("--start belongs to one case; solve that one by itself")
    from optimizer.cli import batch

    result = batch.run(batch.jobs_of(cases, wanted), params, name=name, how=how, quiet=as_json, whole=as_json)
    batch.show(result, as_json)
    raise typer.Exit(result["exit_code"])


def _params(
    time_limit: float | None,
    work_limit: int | None,
    gap: float,
    threads: int,
    memory_limit: int | None,
    backend: str,
    seed: int,
) -> SolveParams:
    """What the options ask for; the time limit that they leave out is the package's own."""
    limit: dict[str, Any] = {} if time_limit is None else {"time_limit_s": time_limit}
    return SolveParams(
        backend=backend,  # type: ignore[arg-type]  # checked by SolveParams itself
        work_limit=work_limit,
        gap_rel=gap,
        threads=threads,
        memory_limit_mb=memory_limit,
        seed=seed,
        **limit,
    )


def _one(
    case: Path, params: SolveParams, wanted: Targets, start: Path | None, name: str, how: Reading, as_json: bool
) -> None:
    """One case: its summary on the screen, its exit code."""
    import logging

    from optimizer.cli import inputs, output
    from optimizer.cli.exits import exit_code_of
    from optimizer.cli.interrupts import Interrupts
    from optimizer.cli.options import read_case_of
    from optimizer.cli.progress import ProgressLine
    from optimizer.pipeline import solve_any
    from optimizer.solvers.accept.solve import Watch

    loaded, issues = read_case_of(case, how)
    first = None if start is None else inputs.read_start(start, loaded)
    output.prepare(case, wanted.out, wanted.tables, wanted.report)
    logging.getLogger("optimizer").addHandler(logging.NullHandler())  # note_stop says it once, and in its place
    with Interrupts() as stop:
        with ProgressLine(quiet=as_json) as line:
            watch = Watch(on_progress=line, cancelled=stop)
            plan = solve_any(loaded, params, start=first, issues=issues, watch=watch, name=name)
        output.write_plan(plan, loaded, wanted.out, wanted.tables, wanted.report, wanted.language)
    output.note_stop(plan)
    output.show_plan(plan, as_json)
    if first is not None and not as_json:
        typer.echo(f"\n{_start_in_words(loaded, first, plan)}")
    raise typer.Exit(exit_code_of(plan))


def _start_in_words(case: Case, start: Mapping[str, Any], plan: Mapping[str, Any]) -> str:
    """Whether the plan given to start from was used, or why not."""
    if plan["status"]["solution"] == "infeasible":
        return "Start: not used, for no plan keeps every rule."
    broken = _broken_by(case, start)
    if broken:
        rules = ", ".join(sorted(broken))
        return f"Start: not used as a plan, for it does not keep every rule of this case ({rules})."
    told = "Start: it keeps every rule of this case, so the plan is no worse"
    backend = plan["run"]["solver"]["backend"]
    return f"{told}; {backend} {'began' if plan['run']['solver']['start_used'] else 'did not begin'} with it."


def _broken_by(case: Case, start: Mapping[str, Any]) -> set[str]:
    """Rules of the case that a plan to start from breaks."""
    from optimizer.domain.steady import is_over_time
    from optimizer.model.build import build_problem
    from optimizer.model.time.joint import build_joint
    from optimizer.plan.given import choice_from_plan
    from optimizer.plan.time.given import path_from_plan
    from optimizer.solvers.accept.over_time import path_rows
    from optimizer.solvers.over_time.backups import carried_over
    from optimizer.verify.checker import Evaluator
    from optimizer.verify.time import TimeEvaluator

    if is_over_time(case):
        joint, judge = build_joint(case), TimeEvaluator(case)
        given = path_from_plan(joint, start)
        carried = carried_over(joint, given)
        paths = [given] if carried is None else [given, carried]  # the solve takes the first that keeps every rule
        return min(({v.rule for v in judge.violations(path_rows(joint, p))} for p in paths), key=len)
    problem = build_problem(case)
    return {v.rule for v in Evaluator(case).violations(problem.decode(choice_from_plan(problem, start)))}
