"""``designate prices`` and ``designate statements``: what a plan costs its clients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli.options import (
    CaseArg,
    EncodingOpt,
    JsonOpt,
    LanguageOpt,
    PlanArg,
    Reading,
    check_language,
    read_case_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.money.values import PriceList
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime

__all__ = [
    "IdleOpt",
    "KindOpt",
    "MaxChangeOpt",
    "PreviousOpt",
    "StepOpt",
    "add_to",
    "previous_list",
    "terms_make_sense",
]

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
    language: LanguageOpt = "en",
    as_json: JsonOpt = False,
) -> None:
    """Make the price list of a year from a verified plan: full costs, prices, who pays for what."""
    from optimizer.cli import output
    from optimizer.money.ask import price_list
    from optimizer.report.money_files import write_prices
    from optimizer.report.prices_console import print_prices

    terms = {"kind": kind, "price_step": price_step, "idle_by": idle_by, "max_price_change_rel": max_price_change}
    loaded, held, before = _all_given(case, plan, previous, terms, Reading(encoding=encoding), language)
    output.prepare(case, None, out, None)
    made = price_list(loaded, held, year=year, previous=before, **terms)  # type: ignore[arg-type]
    told = made.document()
    if out is not None:
        write_prices(told, loaded, out, language)
    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_prices(told, Console(), language)


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
    language: LanguageOpt = "en",
    as_json: JsonOpt = False,
) -> None:
    """Make the statements of clients: what each is charged, what it paid before, why that changes, what stays."""
    from optimizer.cli import output
    from optimizer.money.ask import statements
    from optimizer.report.money_files import write_statements
    from optimizer.report.prices_console import print_statements

    terms = {"kind": kind, "price_step": price_step, "idle_by": idle_by, "max_price_change_rel": max_price_change}
    loaded, held, before = _all_given(case, plan, previous, terms, Reading(encoding=encoding), language)
    output.prepare(case, None, out, None)
    made = statements(loaded, held, year=year, previous=before, **terms)  # type: ignore[arg-type]
    told = (made.only(tuple(client)) if client else made).document()
    if out is not None:
        write_statements(told, loaded, out, language)
    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_statements(told, Console(), language)


def _all_given(
    case: Path, plan: Path, previous: Path | None, terms: Mapping[str, Any], how: Reading, language: str
) -> tuple[Case, Plan | PlanOverTime, PriceList | None]:
    """The case, its plan and the list of the year before; what is wrong with any of them, and terms, at once."""
    from optimizer.domain.options import Options

    asked = Options()
    asked.take(lambda: check_language(language))
    given = asked.take(lambda: _given(case, plan, how))
    before = asked.take(lambda: previous_list(previous))
    if asked.found:  # else they are looked at with the plan
        asked.take(lambda: terms_make_sense(terms))
    asked.done()
    assert given is not None  # else it is refused
    return *given, before


def terms_make_sense(terms: Mapping[str, Any]) -> None:
    """Refuse terms of a price list that make no sense whatever the policy is."""
    from optimizer.domain.policy import Policy
    from optimizer.money.terms import terms_of

    terms_of(Policy(), **terms)


def _given(case: Path, plan: Path, how: Reading) -> tuple[Case, Plan | PlanOverTime]:
    """The case, and its plan, right in shape; the figures of a steady one are checked."""
    from optimizer.cli import inputs
    from optimizer.domain.steady import is_over_time
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime

    loaded, _ = read_case_of(case, how)
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
