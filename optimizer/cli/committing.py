"""``designate commit``: what a plan over time has under way becomes commitments of its case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.options import CaseArg, EncodingOpt, JsonOpt, PlanArg, Reading, read_case_of

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to the main one."""
    app.command()(commit)


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
