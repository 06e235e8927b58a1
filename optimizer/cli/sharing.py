"""``designate shares`` and ``designate agreements``: what is fair beside what clients pay, what they were promised."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.options import (
    BackendOpt,
    CaseArg,
    EncodingOpt,
    JsonOpt,
    LanguageOpt,
    PlanArg,
    Reading,
    ThreadsOpt,
    check_language,
    read_case_of,
)
from optimizer.cli.pricing import IdleOpt, KindOpt, MaxChangeOpt, PreviousOpt, StepOpt
from optimizer.domain.params import DEFAULT_TIME_LIMIT_S, SolveParams

__all__ = ["add_to"]

_PLAYERS = Annotated[
    str | None,
    typer.Option(help="whose Shapley values: entities | regions | organisations | kinds [default: at most 12 of them]"),
]
_SAMPLES = Annotated[int | None, typer.Option(help="draw so many orders of the players instead of counting all")]
_SEED = Annotated[int, typer.Option(help="of the draws", min=0)]
_LIMIT = Annotated[float, typer.Option(help="seconds for all of it")]
_SOLVE_LIMIT = Annotated[float | None, typer.Option(help="seconds for one solve")]
_OUT = Annotated[Path | None, typer.Option(help="folder for the document and its tables (CSV, XLSX)")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the main one."""
    app.command()(shares)
    app.command()(agreements)


def shares(
    case: CaseArg,
    plan: PlanArg,
    kind: KindOpt = None,
    price_step: StepOpt = None,
    idle_by: IdleOpt = None,
    max_price_change: MaxChangeOpt = None,
    previous: PreviousOpt = None,
    players: _PLAYERS = None,
    samples: _SAMPLES = None,
    seed: _SEED = 0,
    time_limit: _LIMIT = DEFAULT_TIME_LIMIT_S,
    solve_limit: _SOLVE_LIMIT = None,
    backend: BackendOpt = "auto",
    threads: ThreadsOpt = 1,
    out: _OUT = None,
    encoding: EncodingOpt = "",
    language: LanguageOpt = "en",
    as_json: JsonOpt = False,
) -> None:
    """Compare what clients pay with fair shares: alone, in groups that object to nothing, by what each adds."""
    from optimizer.cli import inputs, output
    from optimizer.cli.interrupts import Interrupts
    from optimizer.cli.pricing import previous_list
    from optimizer.domain.steady import only_steady
    from optimizer.plan.plan import Plan
    from optimizer.report.shares_console import print_shares
    from optimizer.report.shares_files import write_shares
    from optimizer.shares.ask import fair_shares
    from optimizer.solvers.accept.solve import Watch

    check_language(language)
    loaded, _ = read_case_of(case, Reading(encoding=encoding))
    only_steady(loaded)
    held = Plan.from_document(inputs.read_plan(plan, loaded), loaded)
    output.prepare(case, None, out, None)
    with Interrupts() as stop:
        made = fair_shares(
            loaded,
            held,
            kind=kind,
            price_step=price_step,
            idle_by=idle_by,
            max_price_change_rel=max_price_change,
            previous=previous_list(previous),
            players=players,
            samples=samples,
            seed=seed,
            params=SolveParams(backend=backend, time_limit_s=solve_limit, threads=threads),  # type: ignore[arg-type]
            time_limit=time_limit,
            watch=Watch(cancelled=stop),
        )
    told = made.document()
    if out is not None:
        write_shares(told, out)
    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_shares(told, Console(), language)


def agreements(
    case: CaseArg, plan: PlanArg, out: _OUT = None, encoding: EncodingOpt = "", as_json: JsonOpt = False
) -> None:
    """Hold service agreements against a plan: what is missing, ends too early, is missed; measured service levels."""
    from optimizer.cli import inputs, output
    from optimizer.domain.steady import only_steady
    from optimizer.money.agreements import agreements
    from optimizer.plan.plan import Plan
    from optimizer.report.agreements_out import print_agreements, write_agreements

    loaded, _ = read_case_of(case, Reading(encoding=encoding))
    only_steady(loaded)
    told = agreements(loaded, Plan.from_document(inputs.read_plan(plan, loaded), loaded)).document()
    output.prepare(case, None, out, None)
    if out is not None:
        write_agreements(told, out)
    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_agreements(told, Console())
