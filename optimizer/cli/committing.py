"""``designate commit`` and ``replan``: what of a plan over time is under way is kept, and the rest planned again."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple, NoReturn

import typer

from optimizer.cli.options import (
    BackendOpt,
    CaseArg,
    EncodingOpt,
    JsonOpt,
    PlanArg,
    Reading,
    SeedOpt,
    ThreadsOpt,
    TimeLimitOpt,
    case_names,
    read_case_of,
)
from optimizer.domain.params import SolveParams

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.plan.time.plan import PlanOverTime
    from optimizer.studies.replanning.run import Asked

__all__ = ["add_to"]

LEAST_SHARE: Final = 0.5
"""Share of the time limit that is left for planning, however long reading takes."""


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.command()(commit)
    app.command()(replan)


def commit(
    case: CaseArg,
    plan: PlanArg,
    until: Annotated[int, typer.Option(help="number of the last period that is committed, from 1")],
    out: Annotated[Path, typer.Option(help="write the case with its commitments here: a new folder, .xlsx or .json")],
    encoding: EncodingOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Commit the waves of a plan over time: solved again, the case keeps them and plans the rest anew."""
    from optimizer.cli import inputs, output
    from optimizer.plan.time.commit import commit as committed
    from optimizer.plan.time.plan import PlanOverTime
    from optimizer.tables.write import write_case

    found, _ = read_case_of(case, Reading(encoding=encoding))
    made = committed(found, PlanOverTime.from_document(inputs.read_document(plan, over_time=True), found), until)
    write_case(made, out)
    added = len(made.commitments) - len(found.commitments)
    output.show_done(
        f"{out}: {added:,} commitments added, {len(made.commitments):,} in all, up to period {until}",
        as_json,
        path=str(out),
        added=added,
        commitments=len(made.commitments),
    )


def replan(
    case: CaseArg,
    plan: PlanArg,
    until: Annotated[int, typer.Option(help="number of the last period that is under way: it is committed")] = 0,
    slip: Annotated[int, typer.Option(help="number of a period whose switches come later")] = 0,
    by: Annotated[int, typer.Option(help="periods by which they slip")] = 1,
    entity: Annotated[str, typer.Option(help="only those of this client slip")] = "",
    service: Annotated[str, typer.Option(help="only those of this service slip")] = "",
    to: Annotated[Path | None, typer.Option(help="a changed case to solve instead", autocompletion=case_names)] = None,
    time_limit: TimeLimitOpt = 60.0,
    backend: BackendOpt = "auto",
    threads: ThreadsOpt = 1,
    seed: SeedOpt = 0,
    out: Annotated[Path | None, typer.Option(help="write the plan document here")] = None,
    new_case: Annotated[
        Path | None, typer.Option(help="write the case that it answers here: a new folder, .xlsx or .json")
    ] = None,
    changes: Annotated[Path | None, typer.Option(help="write what changed here (.json)")] = None,
    report: Annotated[Path | None, typer.Option(help="write an HTML report here")] = None,
    encoding: EncodingOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Plan again from a plan over time: what is under way stays, a wave may slip, each change has its reason.

    CASE is the one that PLAN answers. The time limit is of the whole step, reading included.
    """
    import time

    from optimizer.cli import inputs, output
    from optimizer.plan.time.plan import PlanOverTime
    from optimizer.studies.replanning.run import Asked
    from optimizer.studies.replanning.slip import Slip

    params = SolveParams(backend=backend, time_limit_s=time_limit, threads=threads, seed=seed)  # type: ignore[arg-type]
    began, how = time.monotonic(), Reading(encoding=encoding)
    loaded, _ = read_case_of(case, how)
    held = PlanOverTime.from_document(inputs.read_document(plan, over_time=True), loaded)
    wave = Slip(slip, by, entity, service) if slip else None
    asked = Asked(until, wave, None if to is None else read_case_of(to, how)[0])
    for path in (out, changes):
        output.prepare(case, path, None, report)
    left = max(time_limit - (time.monotonic() - began), LEAST_SHARE * time_limit)
    params = dataclasses.replace(params, time_limit_s=left)
    _again(loaded, held, asked, params, _Targets(out, new_case, changes, report), as_json)


class _Targets(NamedTuple):
    """Files to write, as far as asked."""

    plan: Path | None
    case: Path | None
    changes: Path | None
    report: Path | None


def _again(
    case: Case, plan: PlanOverTime, asked: Asked, params: SolveParams, targets: _Targets, as_json: bool
) -> NoReturn:
    """Plan again, write and show it; its exit code."""
    import json

    from optimizer.cli import output
    from optimizer.cli.exits import exit_code_of
    from optimizer.cli.interrupts import Interrupts
    from optimizer.cli.progress import ProgressLine
    from optimizer.files import write_text_atomic
    from optimizer.solvers.accept.watch import Watch
    from optimizer.studies.replanning.run import replan as planned_again
    from optimizer.tables.write import write_case

    with Interrupts() as stop, ProgressLine(quiet=as_json) as line:
        found = planned_again(case, plan, asked, params, Watch(on_progress=line, cancelled=stop))
    document = found.plan.document()
    output.write_plan(document, found.case, targets.plan, None, targets.report)
    if targets.case is not None:
        write_case(found.case, targets.case)
    if targets.changes is not None:
        write_text_atomic(targets.changes, json.dumps(found.changes, indent=1, ensure_ascii=False) + "\n")
    output.note_stop(document)
    if as_json:
        output.echo({"plan": document, "changes": found.changes})
    else:
        output.show_plan(document, as_json=False)
        output.show_diff(found.changes, as_json=False)
    raise typer.Exit(exit_code_of(document))
