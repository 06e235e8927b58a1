"""``designate prices`` and ``designate statements``: what a plan costs its clients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli.options import CaseArg, EncodingOpt, JsonOpt, PlanArg, Reading, read_case_of

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.money.values import PriceList
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime

__all__ = ["IdleOpt", "KindOpt", "MaxChangeOpt", "PreviousOpt", "StepOpt", "add_to", "previous_list"]

_YEAR = Annotated[int, typer.Option(help="planning year of a plan over time, from 1")]
KindOpt = Annotated[
    str | None, typer.Option("--list", help="provider | universal | own [default: price_list of the policy]")
]
StepOpt = Annotated[float | None, typer.Option(help="prices are whole multiples of it [default: the policy's]")]
IdleOpt = Annotated[
    str | None, typer.Option(help="who pays for idle sites: unshared | effort | amount | equal [default: the policy's]")
]
MaxChangeOpt = Annotated[
    float | None, typer.Option("--max-price-change", help="share by which a price may change [default: the policy's]")
]
PreviousOpt = Annotated[
    Path | None, typer.Option(help="prices.json of the year before, as it was frozen", exists=True, dir_okay=False)
]
_OUT = Annotated[Path | None, typer.Option(help="folder for the document, tables (CSV, XLSX) and pages (HTML)")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.command()(prices)
    app.command()(statements)


def prices(
    case: CaseArg,
    plan: PlanArg,
    year: _YEAR = 1,
    kind: KindOpt = None,
    price_step: StepOpt = None,
    idle_by: IdleOpt = None,
    max_price_change: MaxChangeOpt = None,
    previous: PreviousOpt = None,
    out: _OUT = None,
    encoding: EncodingOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Make the price list of a year from a verified plan: full costs, prices, who pays for what."""
    from optimizer.cli import output
    from optimizer.money.ask import price_list
    from optimizer.report.money_files import write_prices
    from optimizer.report.prices_console import print_prices

    loaded, held = _given(case, plan, encoding)
    output.prepare(case, None, out, None)
    terms = {"kind": kind, "price_step": price_step, "idle_by": idle_by, "max_price_change_rel": max_price_change}
    made = price_list(loaded, held, year=year, previous=previous_list(previous), **terms)  # type: ignore[arg-type]
    told = made.document()
    if out is not None:
        write_prices(told, loaded, out)
    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_prices(told, Console())


def statements(
    case: CaseArg,
    plan: PlanArg,
    client: Annotated[
        list[str] | None, typer.Argument(help="ids of entities; left out: all", metavar="[CLIENT]...")
    ] = None,
    year: _YEAR = 1,
    kind: KindOpt = None,
    price_step: StepOpt = None,
    idle_by: IdleOpt = None,
    max_price_change: MaxChangeOpt = None,
    previous: PreviousOpt = None,
    out: _OUT = None,
    encoding: EncodingOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Make the statements of clients: what each is charged, what it paid before, why that changes, what stays."""
    from optimizer.cli import output
    from optimizer.money.ask import statements
    from optimizer.report.money_files import write_statements
    from optimizer.report.prices_console import print_statements

    loaded, held = _given(case, plan, encoding)
    output.prepare(case, None, out, None)
    terms = {"kind": kind, "price_step": price_step, "idle_by": idle_by, "max_price_change_rel": max_price_change}
    made = statements(loaded, held, year=year, previous=previous_list(previous), **terms)  # type: ignore[arg-type]
    told = (made.only(tuple(client)) if client else made).document()
    if out is not None:
        write_statements(told, loaded, out)
    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_statements(told, Console())


def _given(case: Path, plan: Path, encoding: str) -> tuple[Case, Plan | PlanOverTime]:
    """The case, and its plan, right in shape; the figures of a steady one are checked."""
    from optimizer.cli import inputs
    from optimizer.domain.steady import is_over_time
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime

    loaded, _ = read_case_of(case, Reading(encoding=encoding))
    if is_over_time(loaded):
        return loaded, PlanOverTime.from_document(inputs.read_document(plan, over_time=True), loaded)
    return loaded, Plan.from_document(inputs.read_plan(plan, loaded), loaded)


def previous_list(path: Path | None, whose: str = "of the year before") -> PriceList | None:
    """A list that was written before, from its file."""
    from optimizer.cli import inputs
    from optimizer.money.values import PriceList

    if path is None:
        return None
    found: Any = inputs.read_json(path, f"give the prices.json {whose}")
    return PriceList.from_document(found if isinstance(found, dict) else {})
