"""Commands that ask about a case or a plan without solving."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.command()(why)


def why(
    case: Annotated[
        Path, typer.Argument(metavar="CASE", help="folder of CSV files, .xlsx, .json, or a packaged case's name")
    ],
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="id of the entity")],
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="id of the service")],
    plan: Annotated[Path | None, typer.Option(help="plan.json of this case: who is chosen, cost of a move")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable result on standard output")] = False,
) -> None:
    """Say why: every provider of one demand, refused with what would lift it, or with its cost."""
    from optimizer.cli import examples, inputs, output
    from optimizer.io import read_case
    from optimizer.plan.why import why as explain

    loaded, _ = read_case(examples.packaged(case))
    held = None if plan is None else inputs.read_plan(plan)
    output.show_why(explain(loaded, entity, service, held).as_dict(), as_json)
