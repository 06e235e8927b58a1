"""Commands that ask about a case or a plan without solving."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.options import CaseArg, EncodingOpt, JsonOpt, Reading, read_case_of

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.command()(why)


def why(
    case: CaseArg,
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="id of the entity")],
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="id of the service")],
    plan: Annotated[Path | None, typer.Option(help="plan.json of this case: who is chosen, cost of a move")] = None,
    encoding: EncodingOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Say why: every provider of one demand, refused with what would lift it, or with its cost."""
    from optimizer.cli import inputs, output
    from optimizer.plan.why import why as explain

    loaded, _ = read_case_of(case, Reading(encoding=encoding))
    held = None if plan is None else inputs.read_plan(plan, loaded)
    output.show_why(explain(loaded, entity, service, held).as_dict(), as_json)
