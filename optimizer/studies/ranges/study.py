"""``designate range``: what a plan that is held comes to when the figures behind it are uncertain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from optimizer.domain.issues import Issue
from optimizer.domain.options import Options
from optimizer.domain.params import SolveParams
from optimizer.domain.steady import is_over_time
from optimizer.plan.ranges import RANGE_SCHEMA, RangeOfPlan
from optimizer.studies.ranges.arrays import HeldOverTime
from optimizer.studies.ranges.draws import uniforms
from optimizer.studies.ranges.figures import RangedFigures
from optimizer.studies.ranges.reoptimise import Solver, reoptimised
from optimizer.studies.ranges.statistics import (
    Remembered,
    broken_rules,
    cash_of,
    crossings,
    ranged_rows,
    spreads,
    tornado,
)
from optimizer.studies.ranges.steady import HeldSteady

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.solvers.accept.solve import Watch
    from optimizer.studies.ranges.held import Outcome

__all__ = ["DEFAULT_SAMPLES", "Drawing", "range_of", "wrong_options"]

DEFAULT_SAMPLES: Final = 1000
"""Samples where no number is given."""


class Drawing(NamedTuple):
    """How a range is drawn.

    Parameters
    ----------
    samples : int
    seed : int
        Of numpy's default generator.
    reoptimise : int
        So many of the samples are solved again.
    """

    samples: int = DEFAULT_SAMPLES
    seed: int = 0
    reoptimise: int = 0


def range_of(
    case: Case,
    plan: Mapping[str, Any],
    drawing: Drawing,
    *,
    params: SolveParams | None = None,
    watch: Watch | None = None,
) -> RangeOfPlan:
    """Draw the uncertain figures of a case many times, and price and judge a plan in each sample.

    Parameters
    ----------
    case : Case
        With rows of ``assumptions`` or ``paths`` that have ``low`` and ``high``.
    plan : mapping
        Document of a plan of this case, verified.
    drawing : Drawing
    params, watch : optional
        Of the samples that are solved again.

    Raises
    ------
    InputError
        ``range_outside``, ``range_not_a_figure``, ``no_ranges``: the ranges make no sense; ``plan_of_another_case``,
        ``plan_not_ok``: the plan does not answer the case, or its check found something.
    OptionsRefused
        Numbers of samples, or the seed, make no sense; with other faults they are told as ``InputError``.
    """
    samples, seed, again = drawing
    asked = Options()
    asked.found += [*wrong_options(drawing), *_problems_of(case, plan)]
    figures = asked.take(lambda: RangedFigures(case))
    asked.done()
    assert figures is not None  # else it is refused
    horizon = case.policy.horizon
    held = HeldSteady(figures, plan) if horizon is None else HeldOverTime(figures, plan, horizon)
    drawn = [(u, held.outcome(u)) for u in uniforms(samples, len(figures.rows), seed)]
    kept = [(u, o) for u, o in drawn if o is not None]
    single = Remembered(held)
    solver = Solver(params or SolveParams(), watch)
    return RangeOfPlan(
        schema=RANGE_SCHEMA,
        case_hash=case.case_hash,
        plan=plan["run"]["id"],
        name=case.name,
        currency=case.policy.currency,
        over="year" if horizon is None else "horizon",
        samples=samples,
        seed=seed,
        **_of_samples(case, single.outcome(figures.still()), [o for _, o in kept], samples),
        rows=ranged_rows(figures),
        tornado=tornado(single, figures),
        thresholds=crossings(single, figures),
        reoptimised=reoptimised(figures, plan, kept[:again], solver) if again else None,
    )


def wrong_options(drawing: Drawing) -> list[Issue]:
    """Everything that makes no sense of a drawing."""
    samples, seed, again = drawing
    asked = Options()
    asked.number("samples", samples, 1, whole=True)
    asked.number("seed", seed, 0, whole=True)
    asked.number("reoptimise", again, 0, max(samples, 0), whole=True)
    return asked.found


def _of_samples(case: Case, planned: Outcome | None, valid: Sequence[Outcome], samples: int) -> dict[str, Any]:
    """What follows from all samples together."""
    horizon, broken = case.policy.horizon, sum(bool(o.broken) for o in valid)
    return {
        "invalid": samples - len(valid),
        "broken": broken,
        "invalid_share": round(1 - len(valid) / samples, 6),
        "broken_share": round(broken / len(valid), 6) if valid else 0.0,
        "broken_rules": broken_rules(valid),
        "cash": cash_of(planned, valid, [] if horizon is None else [p.begin for p in horizon.periods]),
        **spreads(planned, valid),
    }


def _problems_of(case: Case, plan: Mapping[str, Any]) -> list[Issue]:
    """What forbids to hold the plan in this case."""
    found = []
    if is_over_time(case) != is_over_time(plan) or plan["run"]["case_hash"] != case.case_hash:
        told, remedy = "the plan answers another case", "Give the case that was solved."
        found.append(Issue("plan_of_another_case", "error", told, remedy))
    if plan["cost"] is None or not plan["verification"]["ok"]:
        told, remedy = "the plan is not whole, or its check found something", "Give a plan that is verified."
        found.append(Issue("plan_not_ok", "error", told, remedy))
    return found
