"""``designate prices`` and ``designate statements``: what a plan costs its clients."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from optimizer.cli.options import CaseArg, EncodingOpt, JsonOpt, PlanArg, Reading, read_case_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from optimizer.domain.case import Case
    from optimizer.money.values import PriceList
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime

__all__ = ["add_to"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What both commands are asked; each field is an option of both."""

    year: Annotated[int, typer.Option(help="planning year of a plan over time, from 1")] = 1
    kind: Annotated[
        str | None, typer.Option("--list", help="provider | universal | own [default: price_list of the policy]")
    ] = None
    price_step: Annotated[
        float | None, typer.Option(help="prices are whole multiples of it [default: the policy's]")
    ] = None
    idle_by: Annotated[
        str | None,
        typer.Option(help="who pays for idle sites: unshared | effort | amount | equal [default: the policy's]"),
    ] = None
    max_price_change: Annotated[
        float | None,
        typer.Option("--max-price-change", help="share by which a price may change [default: the policy's]"),
    ] = None
    previous: Annotated[
        Path | None, typer.Option(help="prices.json of the year before, as it was frozen", exists=True, dir_okay=False)
    ] = None
    out: Annotated[Path | None, typer.Option(help="folder for the document, tables (CSV, XLSX) and pages (HTML)")] = (
        None
    )
    encoding: EncodingOpt = ""
    as_json: JsonOpt = False

    def terms(self) -> dict[str, Any]:
        """As ``optimizer.money.ask`` takes them."""
        names = {"kind": self.kind, "price_step": self.price_step, "idle_by": self.idle_by}
        return {**names, "max_price_change_rel": self.max_price_change, "previous": _previous(self.previous)}


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.command("prices")(_with_options(prices))
    app.command("statements")(_with_options(statements))


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of what both are asked, which it gets as one value."""
    own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "asked"]
    hints = get_type_hints(_Asked, include_extras=True)
    kind = inspect.Parameter.KEYWORD_ONLY
    shared = [inspect.Parameter(f.name, kind, default=f.default, annotation=hints[f.name]) for f in fields(_Asked)]

    def run(**given: Any) -> None:
        asked = _Asked(**{p.name: given.pop(p.name) for p in shared})
        command(**given, asked=asked)

    run.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*own, *shared)}
    run.__doc__ = inspect.getdoc(command)
    return run


def prices(case: CaseArg, plan: PlanArg, asked: _Asked) -> None:
    """Make the price list of a year from a verified plan: full costs, prices, who pays for what."""
    from optimizer.cli import output
    from optimizer.money.ask import price_list
    from optimizer.report.money_files import write_prices
    from optimizer.report.prices_console import print_prices

    loaded, held = _given(case, plan, asked.encoding)
    output.prepare(case, None, asked.out, None)
    told = price_list(loaded, held, year=asked.year, **asked.terms()).document()
    if asked.out is not None:
        write_prices(told, loaded, asked.out)
    _show(told, print_prices, as_json=asked.as_json)


def statements(
    case: CaseArg,
    plan: PlanArg,
    asked: _Asked,
    client: Annotated[
        list[str] | None, typer.Argument(help="ids of entities; left out: all", metavar="[CLIENT]...")
    ] = None,
) -> None:
    """Make the statements of clients: what each is charged, what it paid before, why that changes, what stays."""
    from optimizer.cli import output
    from optimizer.money.ask import statements
    from optimizer.report.money_files import write_statements
    from optimizer.report.prices_console import print_statements

    loaded, held = _given(case, plan, asked.encoding)
    output.prepare(case, None, asked.out, None)
    made = statements(loaded, held, year=asked.year, **asked.terms())
    told = (made.only(tuple(client)) if client else made).document()
    if asked.out is not None:
        write_statements(told, loaded, asked.out)
    _show(told, print_statements, as_json=asked.as_json)


def _show(told: dict[str, Any], print_it: Callable[[dict[str, Any], Console], None], *, as_json: bool) -> None:
    """The document on standard output, or what it says in words and tables."""
    from optimizer.cli import output

    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_it(told, Console())


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


def _previous(path: Path | None) -> PriceList | None:
    from optimizer.cli import inputs
    from optimizer.money.values import PriceList

    if path is None:
        return None
    found: Any = inputs.read_json(path, "give the prices.json of the year before")
    return PriceList.from_document(found if isinstance(found, dict) else {})
