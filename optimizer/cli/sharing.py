"""``designate shares`` and ``designate agreements``: what is fair beside what clients pay, what they were promised."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.plan.plan import Plan

__all__ = ["add_to", "steady_given"]

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
    from optimizer.cli import output
    from optimizer.cli.interrupts import Interrupts
    from optimizer.cli.pricing import previous_list, terms_make_sense
    from optimizer.domain.options import Options
    from optimizer.report.shares_console import print_shares
    from optimizer.report.shares_files import write_shares
    from optimizer.shares.ask import fair_shares, wrong_options
    from optimizer.solvers.accept.solve import Watch

    asked = Options()
    asked.take(lambda: check_language(language))
    given = asked.take(lambda: steady_given(case, plan, Reading(encoding=encoding)))
    before = asked.take(lambda: previous_list(previous))
    params = asked.take(
        lambda: SolveParams(backend=backend, time_limit_s=solve_limit, threads=threads)  # type: ignore[arg-type]
    )
    terms = {"kind": kind, "price_step": price_step, "idle_by": idle_by, "max_price_change_rel": max_price_change}
    if asked.found:  # else these are looked at with the plan
        asked.take(lambda: terms_make_sense(terms))
        asked.found += wrong_options(players, samples, time_limit)
    asked.done()
    assert given is not None  # else it is refused
    output.prepare(case, None, out, None)
    with Interrupts() as stop:
        made = fair_shares(
            *given,
            **terms,  # type: ignore[arg-type]
            previous=before,
            players=players,
            samples=samples,
            seed=seed,
            params=params,
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


def steady_given(case: Path, plan: Path, how: Reading) -> tuple[Case, Plan]:
    """A steady case and its plan, right in shape."""
    from optimizer.cli import inputs
    from optimizer.domain.steady import only_steady
    from optimizer.plan.plan import Plan

    loaded, _ = read_case_of(case, how)
    only_steady(loaded)
    return loaded, Plan.from_document(inputs.read_plan(plan, loaded), loaded)


def agreements(
    case: CaseArg, plan: PlanArg, out: _OUT = None, encoding: EncodingOpt = "", as_json: JsonOpt = False
) -> None:
    """Hold service agreements against a plan: what is missing, ends too early, is missed; measured service levels."""
    from optimizer.cli import output
    from optimizer.money.agreements import agreements
    from optimizer.report.agreements_out import print_agreements, write_agreements

    told = agreements(*steady_given(case, plan, Reading(encoding=encoding))).document()
    output.prepare(case, None, out, None)
    if out is not None:
        write_agreements(told, out)
    if as_json:
        output.echo(told)
        return
    from rich.console import Console

    print_agreements(told, Console())
