"""The ``designate`` command: arguments, printing, exit codes; no logic.

Heavy imports happen inside the commands, so that ``designate --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli import (
    asking,
    bench,
    bookkeeping,
    committing,
    countries,
    operating,
    pricing,
    ranging,
    remote,
    revising,
    service,
    sharing,
    solving,
    studying,
)
from optimizer.cli.options import (
    CaseArg,
    EncodingOpt,
    JsonOpt,
    PageLanguageOpt,
    PlanArg,
    Reading,
    check_language,
    packaged_names,
    read_case_of,
)
from optimizer.domain.errors import DesignateError, UsageError
from optimizer.version import __version__

__all__ = ["app", "main"]

_FILES_NOT_WRITTEN = (".xls", ".xlsm", ".xlsb", ".ods", ".csv", ".tsv", ".txt", ".json", ".toml", ".zip")
"""Endings of files that a template is not written as; a folder of that name is what nobody means."""

app = typer.Typer(
    name="designate",
    help="Who should provide which support service to whom: proven, verified, explained plans.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
solving.add_to(app)
asking.add_to(app)
revising.add_to(app)
studying.add_to(app)
committing.add_to(app)
ranging.add_to(app)
pricing.add_to(app)
sharing.add_to(app)
bookkeeping.add_to(app)
countries.add_to(app)


def _answered() -> None:
    """Run the command; its answer has left when this ends, or an ``OSError`` says why it has not."""
    try:
        app(prog_name="designate")
    except SystemExit:
        sys.stdout.flush()
        raise


def main() -> None:
    """Entry point; every deliberate error leaves through ``exits.fail``."""
    from optimizer.cli.exits import INTERNAL, NO_PLAN, fail, fail_with
    from optimizer.cli.interrupts import Interrupted, end_at_once
    from optimizer.cli.streams import open_streams, to_nowhere

    as_json = "--json" in sys.argv
    open_streams()
    end_at_once()
    try:
        _answered()
    except DesignateError as error:
        fail(error, as_json)
    except Interrupted:
        fail_with("interrupted", "interrupted, there is no answer", NO_PLAN, as_json)
    except BrokenPipeError:  # who was reading has gone, as with ``| head``
        to_nowhere()
        raise SystemExit(INTERNAL) from None
    except Exception as error:  # an internal failure is told in a line; the traceback is one switch away
        if os.environ.get("DESIGNATE_DEBUG"):
            raise
        told = f"internal failure: {type(error).__name__}: {error} (set DESIGNATE_DEBUG=1 for the traceback)"
        fail_with("internal_error", told, INTERNAL, as_json)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version and stop")
    ] = False,
) -> None:
    """Options of the command itself."""


@app.command()
def validate(
    case: CaseArg,
    online: Annotated[bool, typer.Option("--online", help="look unknown places up over the network")] = False,
    encoding: EncodingOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Check a case without solving: every problem at once, with place and remedy."""
    from optimizer.cli import output
    from optimizer.cli.exits import BAD_INPUT, OK
    from optimizer.domain.issues import has_errors
    from optimizer.tables import validate_case

    issues = validate_case(case, allow_online=online, encoding=encoding)
    output.show_issues(issues, as_json)
    raise typer.Exit(BAD_INPUT if has_errors(issues) else OK)


@app.command()
def verify(case: CaseArg, plan: PlanArg, encoding: EncodingOpt = "", as_json: JsonOpt = False) -> None:
    """Check a plan made by anyone: every rule, every cost term, every figure, recomputed."""
    from optimizer.cli import inputs, output
    from optimizer.cli.exits import NOT_VERIFIED, OK
    from optimizer.domain.steady import is_over_time
    from optimizer.stating import check_plan

    loaded, _ = read_case_of(case, Reading(encoding=encoding))
    result = check_plan(loaded, inputs.read_document(plan, over_time=True))
    output.show_verification(result, as_json, over_time=is_over_time(loaded))
    raise typer.Exit(OK if result.ok else NOT_VERIFIED)


@app.command()
def price(
    case: CaseArg,
    assignments: Annotated[Path, typer.Argument(help="CSV with columns entity, service, provider (and backup)")],
    out: Annotated[Path | None, typer.Option(help="write the plan document here")] = None,
    report: Annotated[Path | None, typer.Option(help="write an HTML report here")] = None,
    encoding: EncodingOpt = "",
    language: PageLanguageOpt = "en",
    as_json: JsonOpt = False,
) -> None:
    """Price a hand-made plan by the same model and check every rule."""
    from optimizer.cli import inputs, output
    from optimizer.cli.exits import exit_code_of
    from optimizer.stating import price_case

    check_language(language)
    loaded, issues = read_case_of(case, Reading(encoding=encoding))
    output.prepare(case, out, None, report)
    listed = inputs.read_assignments(assignments, encoding)
    told = [*issues, *listed.findings(loaded, assignments)]
    plan = price_case(loaded, listed.rows, told, lines=listed.lines)
    output.write_plan(plan, loaded, out, None, report, language)
    output.show_plan(plan, as_json)
    raise typer.Exit(exit_code_of(plan))


@app.command()
def template(
    target: Annotated[Path, typer.Argument(metavar="DIR|FILE.xlsx", help="empty or new folder, or a new workbook")],
    as_json: JsonOpt = False,
) -> None:
    """Write a case to fill in, folder or workbook: every table with its header and an example row, and the policy."""
    from optimizer.cli import output
    from optimizer.tables import write_template

    if not target.is_dir() and target.suffix.lower() in _FILES_NOT_WRITTEN:
        raise UsageError(f"a template is a folder or a workbook: write {target.with_suffix('.xlsx')}, or a folder")
    output.prepare_folder(target.parent)
    write_template(target)
    told = f"template written to {target}; fill it in and run: designate validate {target}"
    output.show_done(told, as_json, **{"file" if target.is_file() else "folder": str(target)})


@app.command()
def example(
    name: Annotated[
        Path,
        typer.Argument(
            metavar="NAME|DIR",
            help="name of a packaged case; with --entities the folder to write to",
            autocompletion=packaged_names,
        ),
    ],
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="folder to write a packaged case to")] = None,
    entities: Annotated[int | None, typer.Option(help="generate a case with this many entities", min=1)] = None,
    services: Annotated[int | None, typer.Option(help="services to generate [default: 12]", min=1)] = None,
    providers: Annotated[int | None, typer.Option(help="providers to generate [default: 24]", min=3)] = None,
    seed: Annotated[int | None, typer.Option(help="seed of the generator [default: 0]", min=0)] = None,
    force: Annotated[bool, typer.Option("--force", help="write into a folder that is not empty")] = False,
    as_json: JsonOpt = False,
) -> None:
    """Copy a packaged case, or generate one of any size.

    designate example tiny DIR copies the case "tiny"; designate example DIR --entities 500 --seed 7 generates one.
    """
    from optimizer.cli import examples, output

    size = examples.Asked(entities, services, providers, seed)
    target, told = examples.write(name, folder, size, force=force)
    output.show_done(told, as_json, folder=str(target))


@app.command()
def export(
    case: CaseArg,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="ending in .lp or .mps")],
    encoding: EncodingOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Write the mixed-integer program as LP or MPS with readable names."""
    from optimizer.cli import output
    from optimizer.model.build import build_problem
    from optimizer.model.formulate import build_program
    from optimizer.model.program.export import write_lp, write_mps

    writers = {".lp": write_lp, ".mps": write_mps}
    if target.suffix not in writers:
        raise UsageError(f"{target} ends in neither .lp nor .mps")
    loaded, _ = read_case_of(case, Reading(encoding=encoding))
    output.prepare(case, target, None, None)
    program = build_program(build_problem(loaded))
    writers[target.suffix](program, target)
    told = f"{program.n_columns:,} columns, {program.n_rows:,} rows written to {target}"
    output.show_done(told, as_json, file=str(target), columns=program.n_columns, rows=program.n_rows)


service.add_to(app)
remote.add_to(app)
operating.add_to(app)
app.add_typer(bench.app, name="bench")
