"""``designate bos`` and ``designate bos-countries``: common services of a country team, of one and of all of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.options import (
    BackendOpt,
    CaseArg,
    EncodingOpt,
    JsonOpt,
    LanguageOpt,
    Reading,
    ThreadsOpt,
    check_language,
    read_case_of,
)
from optimizer.domain.params import DEFAULT_TIME_LIMIT_S, SolveParams

__all__ = ["add_to"]

_OUT = Annotated[Path | None, typer.Option(help="folder for the document and its tables (CSV, XLSX)")]
_PLAN = Annotated[Path | None, typer.Option(help="plan of this case, instead of a solve")]
_LIMIT = Annotated[float, typer.Option(help="seconds for the solve")]
_FOLDER = Annotated[
    Path, typer.Argument(metavar="DIR", help="folder for the table (JSON, CSV, XLSX) and the map (SVG)")
]
_CODES = Annotated[str, typer.Option(help="countries, alpha-2, e.g. KE;ET [default: every country team]")]
_ALL = Annotated[float, typer.Option(help="seconds for all countries")]
_EACH = Annotated[float, typer.Option(help="most seconds for one country")]
_KEEP = Annotated[Path | None, typer.Option(help="keep the cases here, a folder for each country")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.command()(bos)
    app.command("bos-countries")(bos_countries)


def bos(
    case: CaseArg,
    plan: _PLAN = None,
    time_limit: _LIMIT = DEFAULT_TIME_LIMIT_S,
    backend: BackendOpt = "auto",
    threads: ThreadsOpt = 1,
    out: _OUT = None,
    encoding: EncodingOpt = "",
    language: LanguageOpt = "en",
    as_json: JsonOpt = False,
) -> None:
    """Solve a country case: net benefit by year and office, cost of setting up, who serves best."""
    from optimizer.cli import inputs, output
    from optimizer.cli.exits import NO_PLAN
    from optimizer.cli.interrupts import Interrupts
    from optimizer.country.ask import bos as answered
    from optimizer.country.ask import require_country
    from optimizer.domain.options import Options
    from optimizer.plan.time.plan import PlanOverTime
    from optimizer.report.country_console import print_country
    from optimizer.report.country_files import write_country
    from optimizer.solvers.accept.solve import Watch

    asked = Options()
    asked.take(lambda: check_language(language))
    params = asked.take(
        lambda: SolveParams(backend=backend, time_limit_s=time_limit, threads=threads)  # type: ignore[arg-type]
    )
    loaded = asked.take(lambda: read_case_of(case, Reading(encoding=encoding))[0])
    if loaded is not None:
        asked.take(partial(require_country, loaded))
    asked.done()
    assert loaded is not None  # else it is refused
    held = None if plan is None else PlanOverTime.from_document(inputs.read_document(plan, over_time=True), loaded)
    output.prepare(case, None, out, None)
    with Interrupts() as stop:
        told = answered(loaded, held, params=params, watch=Watch(cancelled=stop)).document()
    if out is not None:
        write_country(told, out)
    if as_json:
        output.echo(told)
    else:
        from rich.console import Console

        print_country(told, Console(), language)
    if told["npv"] is None:
        raise typer.Exit(NO_PLAN)


def bos_countries(
    folder: _FOLDER,
    countries: _CODES = "",
    time_limit: _ALL = 3600.0,
    each: _EACH = 20.0,
    backend: BackendOpt = "engine",
    cases: _KEEP = None,
    language: LanguageOpt = "en",
    as_json: JsonOpt = False,
) -> None:
    """Make and solve the case of every country team: one table, one map."""
    from optimizer.cli import output
    from optimizer.cli.interrupts import Interrupts
    from optimizer.country.batch import countries as solved
    from optimizer.country.batch import wrong_options
    from optimizer.domain.options import Options
    from optimizer.report.country_console import print_countries
    from optimizer.report.country_files import write_countries
    from optimizer.solvers.accept.solve import Watch

    codes, asked = [c for c in countries.upper().replace(",", ";").replace(" ", "").split(";") if c], Options()
    asked.take(lambda: check_language(language))
    asked.found += wrong_options(codes, time_limit=time_limit, each=each, backend=backend)
    asked.done()
    output.prepare_folder(folder)
    with Interrupts() as stop:
        watch = Watch(cancelled=stop)
        told = solved(codes, time_limit=time_limit, each=each, backend=backend, keep=cases, watch=watch)
    write_countries(told, folder, language)
    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_countries(told, Console(), language)
