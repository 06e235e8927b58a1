"""``designate range``: what a plan that is held comes to when the figures behind it are uncertain."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli.options import (
    BackendOpt,
    CaseArg,
    EncodingOpt,
    JsonOpt,
    LanguageOpt,
    PlanArg,
    Reading,
    SeedOpt,
    ThreadsOpt,
    TimeLimitOpt,
    check_language,
    read_case_of,
)
from optimizer.domain.params import DEFAULT_TIME_LIMIT_S

if TYPE_CHECKING:
    from optimizer.domain.case import Case

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to the main one."""
    app.command("range")(range_)


def range_(
    case: CaseArg,
    plan: PlanArg,
    samples: Annotated[int, typer.Option(help="how many samples are drawn")] = 1000,
    seed: SeedOpt = 0,
    reoptimise: Annotated[int, typer.Option(help="so many of the samples are solved again")] = 0,
    out: Annotated[Path | None, typer.Option(help="write the range here, .json")] = None,
    report: Annotated[Path | None, typer.Option(help="write the HTML report of the plan with its range here")] = None,
    time_limit: TimeLimitOpt = DEFAULT_TIME_LIMIT_S,
    backend: BackendOpt = "auto",
    threads: ThreadsOpt = 1,
    encoding: EncodingOpt = "",
    language: LanguageOpt = "en",
    as_json: JsonOpt = False,
) -> None:
    """Draw the figures that have low and high many times, and price and judge a plan that is held in each sample.

    Time limit, backend and threads are of the samples that are solved again.
    """
    from optimizer.cli import output
    from optimizer.cli.interrupts import Interrupts
    from optimizer.domain.options import Options
    from optimizer.domain.params import SolveParams
    from optimizer.files import write_text_atomic
    from optimizer.report.html import write_report
    from optimizer.report.ranges_console import print_range
    from optimizer.solvers.accept.solve import Watch
    from optimizer.studies.ranges.study import Drawing, range_of, wrong_options

    asked, drawing = Options(), Drawing(samples, seed, reoptimise)
    asked.take(lambda: check_language(language))
    given = asked.take(lambda: _given(case, plan, Reading(encoding=encoding)))
    params = asked.take(
        lambda: SolveParams(backend=backend, time_limit_s=time_limit, threads=threads, seed=seed)  # type: ignore[arg-type]
    )
    if asked.found:  # else they are looked at with the plan
        asked.found += wrong_options(drawing)
    asked.done()
    assert given is not None  # else it is refused
    loaded, document = given
    output.prepare(case, out, None, report)
    with Interrupts() if reoptimise else nullcontext() as stop:  # only samples solved again have something to keep
        watch = None if stop is None else Watch(cancelled=stop)
        found = range_of(loaded, document, drawing, params=params, watch=watch)
    told = found.as_dict()
    if out is not None:
        write_text_atomic(out, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    if report is not None:
        write_report(document, loaded, report, ranges=told, language=language)
    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_range(told, Console(), language)


def _given(path: Path, plan: Path, how: Reading) -> tuple[Case, dict[str, Any]]:
    """The case, and the document of its plan, right in shape."""
    from optimizer.cli import inputs
    from optimizer.domain.steady import is_over_time
    from optimizer.plan.time.plan import PlanOverTime

    case, _ = read_case_of(path, how)
    if is_over_time(case):
        return case, PlanOverTime.from_document(inputs.read_document(plan, over_time=True), case).document()
    return case, inputs.read_plan(plan, case)
