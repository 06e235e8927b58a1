"""``designate bench``: measure the engine and its peers, list what is measured, report what came out.

The package ``benchmarks`` is part of the source tree, not of the wheel; it is imported only when
one of these commands runs.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from benchmarks.task import Task

__all__ = ["app"]

app = typer.Typer(help="Measure the engine and its peers side by side (source tree only).", no_args_is_help=True)

JsonOpt = Annotated[bool, typer.Option("--json", help="machine-readable result on standard output")]
SuiteOpt = Annotated[str | None, typer.Option(help="smoke | daily | release")]


@app.command()
def run(
    suite: SuiteOpt = None,
    instances: Annotated[Path | None, typer.Option(help="folder with FAMILY/INSTANCE.txt, in place of a suite")] = None,
    known: Annotated[Path | None, typer.Option(help="CSV of known values for --instances")] = None,
    family: Annotated[str | None, typer.Option(help="these families alone, with commas")] = None,
    only: Annotated[str | None, typer.Option(help="these instances alone, with commas")] = None,
    backends: Annotated[str | None, typer.Option(help="with commas; default: engine and all peers")] = None,
    limit: Annotated[float | None, typer.Option(help="seconds for each instance and backend", min=0.01)] = None,
    out: Annotated[Path, typer.Option(help="results; rows are stored beside it as they come")] = Path("results.json"),
    resume: Annotated[bool, typer.Option("--resume", help="go on where an earlier run stopped")] = False,
    seed: Annotated[int, typer.Option(help="seed of every random choice", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="threads for those that can use them", min=1)] = 2,
    as_json: JsonOpt = False,
) -> None:
    """Run a suite, or files from elsewhere, and write one row for each instance and backend."""
    _need_benchmarks()
    from benchmarks.run import BUDGETS, Order, choose, run_tasks
    from optimizer.cli.interrupts import Interrupts
    from optimizer.cli.output import show_done

    if (suite is None) == (instances is None):
        raise UsageError("give either --suite or --instances")
    if known is not None and instances is None:
        raise UsageError("--known goes with --instances; a suite has its own values")
    if suite is not None:
        tasks = choose(
            _suite(suite), families=_names(family), only=_names(only), backends=_names(backends), seconds=limit
        )
    else:
        tasks = _foreign(instances, known, family, only, backends, limit)
    with Interrupts() as stop:
        budget = BUDGETS.get(suite or "")
        order = Order(out, resume=resume, seed=seed, threads=threads, budget_s=budget, cancelled=stop)
        rows = run_tasks(tasks, order)
    cells = sum(len(t.limits) for t in tasks)
    show_done(
        f"{len(rows)} rows in {out}, {cells} cells asked for", as_json, file=str(out), rows=len(rows), cells=cells
    )


@app.command("list")
def list_specs(suite: SuiteOpt = None, as_json: JsonOpt = False) -> None:
    """Show the registered specs: family, name, problem, suites, limits, best known value."""
    _need_benchmarks()
    import json

    from benchmarks.registry import specs

    found = [s for s in specs() if suite is None or suite in s.suites]
    if suite is not None and not found:
        raise UsageError(f"no spec belongs to a suite {suite!r}; choose one of smoke, daily, release")
    rows = [
        {
            "family": s.family,
            "instance": s.name,
            "problem": s.kind,
            "best_known": s.best_known,
            "status": s.status,
            "source": s.source,
            "limits": {name: dict(limits) for name, limits in s.limits.items()},
        }
        for s in found
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for s in found:
        value = "" if s.best_known is None else f"{s.best_known:,.2f} ({s.status})"
        typer.echo(f"{s.family:<17} {s.name:<16} {s.kind:<8} {', '.join(s.suites):<22} {value}".rstrip())


@app.command()
def report(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="results.json of a run")],
    out: Annotated[Path, typer.Option(help="folder for report.md and the plots")] = Path("bench-report"),
    suite: Annotated[str | None, typer.Option(help="show cells of this suite that were not run")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Write a Markdown report with plots: targets, one table for each family, every figure's origin."""
    _need_benchmarks()
    from benchmarks.report import write_report
    from benchmarks.store import read_results
    from optimizer.cli.output import show_done

    tasks = [] if suite is None else _suite(suite)
    files = write_report(read_results(results), tasks, out)
    show_done(f"report written to {files[0]}", as_json, files=[str(f) for f in files])


@app.command()
def publish(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="results.json of a run")],
    suite: Annotated[str, typer.Option(help="the suite that was run; its missing cells are shown")] = "daily",
    as_json: JsonOpt = False,
) -> None:
    """Make benchmarks/results anew from a results file, and the section of benchmarks/README.md that shows it."""
    _need_benchmarks()
    from benchmarks.publish import publish as write
    from benchmarks.store import read_results
    from optimizer.cli.output import show_done

    files = write(read_results(results), _suite(suite))
    show_done(f"{len(files)} files written, {files[-1]} among them", as_json, files=[str(f) for f in files])


@app.command()
def service(
    out: Annotated[Path, typer.Option(help="figures")] = Path("service.json"),
    smoke: Annotated[bool, typer.Option("--smoke", help="a small run, to see that everything works")] = False,
    to_page: Annotated[bool, typer.Option("--publish", help="write benchmarks/results and README.md")] = False,
    note: Annotated[str, typer.Option(help="what else ran on the machine; shown with the figures")] = "",
) -> None:
    """Measure the service on this machine: requests while solves run, memory, cancel to stopped."""
    _need_benchmarks()
    from benchmarks.service_load import main

    words = [f"--out={out}", f"--note={note}"]
    raise typer.Exit(main([*words, *(["--smoke"] if smoke else []), *(["--publish"] if to_page else [])]))


@app.command()
def drills(
    store: Annotated[str, typer.Option(help="postgres (a server of its own) | sqlite (one process)")] = "postgres",
    only: Annotated[str | None, typer.Option(help="these drills alone, with commas")] = None,
    out: Annotated[Path, typer.Option(help="figures")] = Path("drills.json"),
    workers: Annotated[int, typer.Option(help="on PostgreSQL", min=2, max=64)] = 4,
    scale: Annotated[str, typer.Option(help="full (to be published) | small (to see that everything works)")] = "full",
    to_page: Annotated[bool, typer.Option("--publish", help="write benchmarks/results and README.md")] = False,
    note: Annotated[str, typer.Option(help="what else ran on the machine; shown with the figures")] = "",
    names: Annotated[bool, typer.Option("--list", help="show the drills and do none")] = False,
    as_json: JsonOpt = False,
) -> None:
    """Do to a service what has lost jobs elsewhere, and count: lost, done twice, throughput; 1 if a promise broke."""
    _need_benchmarks()
    from benchmarks.drills.command import Asked, do, listed

    if names:
        import json

        found = listed()
        lines = [f"{d['name']:<22} {', '.join(d['stores']):<16} {d['about']}" for d in found]
        typer.echo(json.dumps(found, indent=1) if as_json else "\n".join(lines))
        return
    say = partial(typer.echo, err=True) if as_json else typer.echo
    asked = Asked(store, _names(only), out, workers, scale, to_page, note)
    code = do(asked, say)
    if as_json:
        typer.echo(out.read_text(encoding="utf-8"))
    raise typer.Exit(code)


@app.command()
def studies(
    case: Annotated[str, typer.Option(help="a packaged case")] = "secretariat",
    questions: Annotated[int, typer.Option(help="random why-not questions", min=1)] = 100,
    peers: Annotated[int, typer.Option(help="how many of them HiGHS is asked too", min=0)] = 3,
    solve_s: Annotated[float, typer.Option(help="seconds for the plan that is asked about", min=1)] = 60.0,
    limit: Annotated[float, typer.Option(help="seconds for each question", min=0.1)] = 45.0,
    threads: Annotated[int, typer.Option(min=1)] = 2,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    out: Annotated[Path, typer.Option(help="figures")] = Path("studies.json"),
    to_page: Annotated[bool, typer.Option("--publish", help="write benchmarks/results and README.md")] = False,
    note: Annotated[str, typer.Option(help="what else ran on the machine; shown with the figures")] = "",
) -> None:
    """Ask random why-not questions: time to the first interval and to the end, width; HiGHS from cold beside it."""
    _need_benchmarks()
    from benchmarks.studies import Asked, measure
    from benchmarks.studies_page import publish, table

    asked = Asked(case, questions, peers, solve_s, limit, threads, seed)
    found = measure(asked, out, partial(typer.echo, err=True), note)
    typer.echo(table(found))
    if to_page:
        publish(found)


def _need_benchmarks() -> None:
    """Say plainly when only the wheel is installed."""
    from importlib.util import find_spec

    try:
        there = find_spec("benchmarks.registry") is not None
    except ModuleNotFoundError:
        there = False
    if not there:
        raise UsageError(
            "the benchmarks are part of the source tree, not of the installed package: get the source and install it"
            " with `pip install --editable .`"
        )


def _names(given: str | None) -> tuple[str, ...]:
    """Names out of a comma-separated list."""
    return tuple(n for n in (w.strip() for w in (given or "").split(",")) if n)


def _suite(name: str) -> list[Task]:
    from benchmarks.registry import suite

    return suite(name)


def _foreign(
    folder: Path | None,
    known: Path | None,
    family: str | None,
    only: str | None,
    backends: str | None,
    limit: float | None,
) -> list[Task]:
    from benchmarks.foreign import foreign_tasks, left_out, read_known
    from benchmarks.run import choose
    from benchmarks.task import PEERS

    assert folder is not None
    limits = dict.fromkeys(_names(backends) or PEERS, 60.0 if limit is None else limit)
    values = {} if known is None else read_known(known)
    tasks = choose(foreign_tasks(folder, values, limits, _names(family), _names(only)), backends=_names(backends))
    for line in left_out(folder, values, _names(family), _names(only)):
        typer.echo(line, err=True)
    return tasks
