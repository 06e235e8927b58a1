"""``designate ledger``: what was promised, what happened, why it differs."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.cli.options import CaseArg, EncodingOpt, JsonOpt, LanguageOpt, PlanArg, Reading, check_language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.options import Options
    from optimizer.ledger.entries import Entry

__all__ = ["add_to"]

_LedgerArg = Annotated[Path, typer.Argument(metavar="LEDGER", help="file of the ledger, e.g. ledger.jsonl")]
_FileArg = Annotated[Path, typer.Argument(metavar="FILE", help="CSV file, workbook (.xlsx) or folder of CSV files")]
_ReplacesOpt = Annotated[str | None, typer.Option(help="id of the entry that this one corrects")]
_AuthorOpt = Annotated[str, typer.Option(help="who adds the entry [default: the user of this machine]")]
_RateOpt = Annotated[list[str] | None, typer.Option(help="planned rate of a currency, e.g. EUR=1.08; may be repeated")]
_PricesOpt = Annotated[
    Path | None, typer.Option(help="prices.json of this plan [default: made now]", exists=True, dir_okay=False)
]
_UnitOpt = Annotated[str, typer.Option(help="month | quarter | half | year, of all periods of the ledger")]
_BeginOpt = Annotated[str, typer.Option(help="first period, e.g. 2026-03 [default: that of as_of]")]
_UntilOpt = Annotated[str, typer.Option(help="last period [default: the last one recorded]")]
_OutOpt = Annotated[Path | None, typer.Option(help="folder for the report (HTML), its document and tables (CSV, XLSX)")]


def add_to(app: typer.Typer) -> None:
    """Add the group to the main command."""
    group = typer.Typer(no_args_is_help=True, help="What a plan promised, what happened, and why it differs.")
    for command in (freeze, record, forecast, scope, check, report):
        group.command()(command)
    app.add_typer(group, name="ledger")


def _author(given: str) -> str:
    return given or getpass.getuser()


def _added(entry: Entry, as_json: bool) -> None:
    from optimizer.cli import output

    if as_json:
        output.echo({"id": entry.id, "kind": entry.kind, "at": entry.at, "hash": entry.hash})
    else:
        typer.echo(f"{entry.id} {entry.kind}, hash {entry.hash[:16]}")


def freeze(
    ledger: _LedgerArg,
    case: CaseArg,
    plan: PlanArg,
    prices: _PricesOpt = None,
    unit: _UnitOpt = "month",
    begin: _BeginOpt = "",
    rate: _RateOpt = None,
    replaces: _ReplacesOpt = None,
    author: _AuthorOpt = "",
    encoding: EncodingOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Freeze a plan with its prices: what is promised from a period on; begins the ledger where there is none."""
    from optimizer.cli.pricing import previous_list
    from optimizer.cli.sharing import steady_given
    from optimizer.domain.options import Options
    from optimizer.ledger.book import Ledger

    asked = Options()
    given = asked.take(lambda: steady_given(case, plan, Reading(encoding=encoding)))
    listed = asked.take(lambda: previous_list(prices, "of this plan"))
    rates = _rates(rate or (), asked)
    asked.done()
    assert given is not None  # else it is refused
    book = Ledger(ledger, _author(author))
    made = book.freeze(*given, listed, unit=unit, begin=begin, rates=rates, replaces=replaces)
    _added(made, as_json)


def _rates(texts: Iterable[str], asked: Options) -> dict[str, float]:
    """Planned rates of currencies; what is not written as one is among the options."""
    out: dict[str, float] = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            out[name.strip()] = float(number)
        except ValueError:
            asked.refuse("option_malformed", "rate", f"{text!r} is no rate", "a rate is written like EUR=1.08")
    return out


def record(
    ledger: _LedgerArg, file: _FileArg, replaces: _ReplacesOpt = None, author: _AuthorOpt = "", as_json: JsonOpt = False
) -> None:
    """Record what happened in a period; every bad row is named, and nothing is taken then."""
    from optimizer.ledger.book import Ledger

    _added(Ledger(ledger, _author(author)).record(file, replaces=replaces), as_json)


def forecast(
    ledger: _LedgerArg, file: _FileArg, replaces: _ReplacesOpt = None, author: _AuthorOpt = "", as_json: JsonOpt = False
) -> None:
    """Record what is expected; what is not named is expected as planned."""
    from optimizer.ledger.book import Ledger

    _added(Ledger(ledger, _author(author)).forecast(file, replaces=replaces), as_json)


def scope(
    ledger: _LedgerArg,
    entity: Annotated[str, typer.Argument(help="id of the entity")],
    change: Annotated[str, typer.Argument(help="in | out")],
    begin: Annotated[str, typer.Argument(metavar="PERIOD", help="first period, e.g. 2026-03")],
    replaces: _ReplacesOpt = None,
    author: _AuthorOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Record that an entity came in or went out from a period on."""
    from optimizer.ledger.book import Ledger

    _added(Ledger(ledger, _author(author)).scope(entity, change, begin, replaces=replaces), as_json)


def check(ledger: _LedgerArg, as_json: JsonOpt = False) -> None:
    """Check the chain of a ledger, and name periods that are missing."""
    from optimizer.cli import output
    from optimizer.ledger.book import Ledger

    told = Ledger(ledger).report().document()
    shown = {key: told[key] for key in ("entries", "head", "missing")}
    if as_json:
        output.echo(shown)
        return
    missing = f"; missing {', '.join(told['missing'])}" if told["missing"] else ""
    typer.echo(f"{told['entries']:,} entries, the chain holds, hash of the last one {told['head']}{missing}")


def report(
    ledger: _LedgerArg,
    until: _UntilOpt = "",
    out: _OutOpt = None,
    language: LanguageOpt = "en",
    as_json: JsonOpt = False,
) -> None:
    """Tell what was promised, what happened and why it differs, by period and cumulative, to the cent."""
    from optimizer.cli import output
    from optimizer.domain.options import Options
    from optimizer.ledger.book import Ledger
    from optimizer.report.ledger_out import print_ledger, write_ledger_report

    asked = Options()
    asked.take(lambda: check_language(language))
    made = asked.take(lambda: Ledger(ledger).report(until))
    asked.done()
    assert made is not None  # else it is refused
    told = made.document()
    if out is not None:
        write_ledger_report(told, out, language)
    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_ledger(told, Console(), language)
