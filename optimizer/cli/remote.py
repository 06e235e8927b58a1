"""Commands that talk to a service. The client loads inside them, never before."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli.options import JsonOpt, case_names
from optimizer.errors import UsageError
from optimizer.params import SolveParams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client, PlanStatus, Point, Table

__all__ = ["DEFAULT_URL", "KeyOpt", "UrlOpt", "add_to", "code_of", "connect", "told_of", "waited"]

UrlOpt = Annotated[str, typer.Option(help="address of the service", envvar="DESIGNATE_URL")]
KeyOpt = Annotated[
    Path | None, typer.Option("--key-file", help="file that holds the API key [default: the variable DESIGNATE_KEY]")
]
IdArg = Annotated[str, typer.Argument(metavar="PLAN", help="id of a plan, pln_...")]
DEFAULT_URL = "http://127.0.0.1:8080"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    for command in (submit, status, fetch):
        app.command()(command)


def submit(
    case: Annotated[
        str,
        typer.Argument(
            metavar="CASE", help="folder, .zip, .xlsx, .json, packaged name, or cas_...", autocompletion=case_names
        ),
    ],
    name: Annotated[str, typer.Option(help="label of case and run")] = "",
    time_limit: Annotated[float | None, typer.Option(help="seconds for the solver")] = None,
    work_limit: Annotated[int | None, typer.Option(help="deterministic work units")] = None,
    gap: Annotated[float | None, typer.Option(help="stop at this relative gap")] = None,
    threads: Annotated[int | None, typer.Option(help="threads for the solver")] = None,
    backend: Annotated[str | None, typer.Option(help="solver, as of `designate solve`")] = None,
    seed: Annotated[int | None, typer.Option(help="seed of every random choice")] = None,
    priority: Annotated[int, typer.Option(help="1 goes first, 9 last", min=1, max=9)] = 5,
    wait: Annotated[bool, typer.Option("--wait", help="follow the run to its end")] = False,
    encoding: Annotated[str, typer.Option(help="code page of tables that are not UTF-8, e.g. cp1252")] = "",
    url: UrlOpt = DEFAULT_URL,
    key: KeyOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Send a case to a service and have it solved there."""
    given = {
        "time_limit_s": time_limit,
        "work_limit": work_limit,
        "gap_rel": gap,
        "threads": threads,
        "backend": backend,
        "seed": seed,
    }
    options: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    SolveParams(**options)  # what it refuses, no service takes; a number that is none could not even be sent
    with connect(url, key) as client:
        kept = _is_id(case)
        stored = client.case(case) if kept else client.submit_case(_source(case), name=name, encoding=encoding)
        plan = client.submit_plan(stored, options=options, name=name, priority=priority)
        _leave(waited(client, plan, as_json) if wait else plan, as_json)


def status(
    plan: IdArg,
    wait: Annotated[bool, typer.Option("--wait", help="follow the run to its end")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="end the run, keep its best plan")] = False,
    url: UrlOpt = DEFAULT_URL,
    key: KeyOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Say how far a plan of a service is; with --cancel, end its run."""
    with connect(url, key) as client:
        found = client.cancel(plan) if cancel else client.plan(plan)
        _leave(waited(client, found, as_json) if wait else found, as_json)


def fetch(
    plan: IdArg,
    out: Annotated[Path | None, typer.Option(help="write the plan document here (.json)")] = None,
    tables: Annotated[Path | None, typer.Option(help="write the tables into this folder (CSV)")] = None,
    workbook: Annotated[Path | None, typer.Option(help="write all tables as one workbook (.xlsx)")] = None,
    report: Annotated[Path | None, typer.Option(help="write the HTML report here")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="wait for its end first")] = False,
    url: UrlOpt = DEFAULT_URL,
    key: KeyOpt = None,
    as_json: JsonOpt = False,
) -> None:
    """Download a plan of a service: document, tables, report."""
    import json

    from optimizer.cli import output
    from optimizer.cli.exits import exit_code_of

    for path in (out, workbook, report, tables and tables / "assignments.csv"):
        if path is not None:
            output.prepare_folder(path.parent)
    with connect(url, key) as client:
        if wait:
            waited(client, client.plan(plan), as_json)
        content = client.document_bytes(plan)
        document = json.loads(content)
        files: list[tuple[Path | None, bytes]] = [(out, content)]
        if workbook is not None:
            files.append((workbook, client.workbook(plan)))
        if report is not None:
            files.append((report, client.report(plan).encode()))
        if tables is not None:
            files += [(tables / f"{t}.csv", client.table(plan, t)) for t in _TABLES]
    _write(files)
    output.show_plan(document, as_json)
    raise typer.Exit(exit_code_of(document))


_TABLES: tuple[Table, ...] = ("assignments", "moves", "lines", "sites", "entities")


def _write(files: list[tuple[Path | None, bytes]]) -> None:
    from optimizer.io.files import write_bytes_atomic

    for path, content in files:
        if path is not None:
            write_bytes_atomic(path, content)


@contextmanager
def connect(url: str, key_file: Path | None) -> Iterator[Client]:
    """The client of a service, for a ``with`` block; what goes wrong at the door is told in words of the command.

    Raises
    ------
    UsageError
        There is no key, it cannot be read or is not accepted; nothing answers at the address.
    """
    from api.client import Absent, Client, Refused

    with Client(url, _key(key_file)) as client:
        try:
            yield client
        except Absent as error:
            told = f"no service answers at {url}; is it running? --url or DESIGNATE_URL names another one"
            raise _usage(error.code, told) from error
        except Refused as error:
            if error.status != _NOT_KNOWN:
                raise
            number = f" [request {error.request}]" if error.request else ""
            told = f"the key is not accepted; check DESIGNATE_KEY or --key-file{number}"
            raise _usage(error.code, told) from error


_NOT_KNOWN = 401


def _usage(code: str, told: str) -> UsageError:
    """A refusal with the code that it has anyway."""
    error = UsageError(told)
    error.code = code
    return error


def _key(key_file: Path | None) -> str:
    import os

    key = os.environ.get("DESIGNATE_KEY", "")
    if key_file is not None:
        try:
            key = key_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {key_file}: {error}") from error
    if not key.strip():
        raise UsageError("no API key: set DESIGNATE_KEY, or name a file with --key-file")
    return key.strip()


def _is_id(case: str) -> bool:
    return case.startswith("cas_") and not Path(case).exists()


def _source(case: str) -> Path:
    from optimizer.cli.examples import packaged

    return packaged(Path(case))


def waited(client: Client, plan: PlanStatus, as_json: bool) -> PlanStatus:
    """The plan when its job has ended, with progress on standard error when that is a terminal."""
    from optimizer.backends.base import Progress
    from optimizer.cli.progress import ProgressLine

    with ProgressLine(quiet=as_json) as line:

        def show(point: Point) -> None:
            line(Progress(point.elapsed_s, point.incumbent, point.bound, phase=point.phase))

        return client.wait(plan.id, on_progress=show)


def _leave(plan: PlanStatus, as_json: bool) -> None:
    """Print, and leave with the code of the answer; 0 as long as there is none."""
    import json

    print(json.dumps(plan.raw, indent=1) if as_json else told_of(plan))  # noqa: T201
    raise typer.Exit(code_of(plan))


def told_of(plan: PlanStatus) -> str:
    """How it stands with a plan, in one line."""
    parts = [f"plan {plan.id}: {plan.job_status}"]
    if plan.solution:
        parts.append(plan.solution)
    if plan.objective is not None:
        gap = "no bound known" if plan.gap_abs is None else f"at most {plan.gap_abs:,.2f} above the best"
        parts.append(f"cost {plan.objective:,.2f} a year, {gap}")
    standing = plan.raw.get("progress")
    if standing is not None:
        parts.append(_standing(standing))
    if plan.savings_annual is not None:
        parts.append(f"saves {plan.savings_annual:,.2f} a year")
    if plan.error_code:
        parts.append(f"{plan.error_detail} ({plan.error_code})")
    return ", ".join(parts)


def _standing(now: dict[str, Any]) -> str:
    """How far a run has come."""
    best = "no plan yet" if now["incumbent"] is None else f"best so far {now['incumbent']:,.2f} a year"
    gap = "no bound yet" if now["bound"] is None else f"bound {now['bound']:,.2f}"
    if now["gap_abs"] is not None:
        gap = f"at most {now['gap_abs']:,.2f} above the best possible"
    return f"{now['phase'] or 'at work'} after {now['elapsed_s']:.0f} s, {best}, {gap}"


def code_of(plan: PlanStatus) -> int:
    """Exit code that a plan of a service stands for; 0 as long as there is no answer."""
    from optimizer.cli.exits import INFEASIBLE, INTERNAL, NO_PLAN, NOT_VERIFIED, OK

    if not plan.ended:
        return OK
    if plan.solution == "infeasible":
        return INFEASIBLE
    if plan.has_plan:
        return OK
    if plan.solution in ("optimal", "feasible"):
        return NOT_VERIFIED
    return INTERNAL if plan.job_status == "failed" else NO_PLAN
