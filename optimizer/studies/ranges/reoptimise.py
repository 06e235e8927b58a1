"""Samples solved again: which decisions of the plan stay, and what holding it costs against the plan of the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from optimizer.domain.time.stills import stills_of
from optimizer.pipeline import solve_any
from optimizer.plan.ranges import DecisionStays, Reoptimised
from optimizer.studies.ranges.sampled import sampled_case
from optimizer.studies.ranges.statistics import band_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams
    from optimizer.model.aliases import Floats
    from optimizer.solvers.accept.solve import Watch
    from optimizer.studies.ranges.figures import RangedFigures
    from optimizer.studies.ranges.held import Outcome

__all__ = ["Solver", "reoptimised"]

Key = tuple[str, str]


class Solver(NamedTuple):
    """How samples are solved again."""

    params: SolveParams
    watch: Watch | None = None


def reoptimised(
    figures: RangedFigures, plan: Mapping[str, Any], drawn: Sequence[tuple[Floats, Outcome]], solver: Solver
) -> Reoptimised:
    """Solve samples again and compare their plans with the one that is held.

    Parameters
    ----------
    figures : RangedFigures
    plan : mapping
        The document of the plan that is held.
    drawn : sequence of (ndarray, Outcome)
        Draws of each sample, and what the plan held comes to in it.
    solver : Solver
    """
    stays = np.zeros(len(plan["assignments"]))
    regret, solved = [], 0
    for u, outcome in drawn:
        if solver.watch is not None and solver.watch.stopped:
            break
        document = solve_any(_case_of(figures, u), solver.params, watch=solver.watch)
        if document["cost"] is None:
            continue
        solved += 1
        sources = _sources(document)
        stays += [_same(row, sources) for row in plan["assignments"]]
        if not outcome.broken:
            regret.append(outcome.discounted - document["cost"]["discounted" if "horizon" in document else "total"])
    return Reoptimised(
        samples=len(drawn),
        solved=solved,
        compared=len(regret),
        regret_mean=round(float(np.mean(regret)), 2) if regret else None,
        regret=band_of(regret),
        regret_max=round(max(regret), 2) if regret else None,
        decisions=tuple(
            _decision(row, round(float(n) / solved, 6) if solved else 0.0)
            for row, n in zip(plan["assignments"], stays, strict=True)
        ),
    )


def _case_of(figures: RangedFigures, u: Floats) -> Case:
    """The case of one sample, without demands that no period holds."""
    case = sampled_case(figures, figures.draw(u))
    if case.policy.horizon is None:
        return case.having(demands=tuple(d for d in case.demands if d.volume > 0))
    there = {d.key for still in stills_of(case) for d in still.case.demands}
    return case.having(demands=tuple(d for d in case.demands if d.key in there))


def _sources(document: Mapping[str, Any]) -> dict[Key, list[tuple[int, int, str]]]:
    """First and last period and source of each stretch of a plan; a steady plan has one."""
    out: dict[Key, list[tuple[int, int, str]]] = {}
    for row in document["assignments"]:
        span = row.get("from_period", 1), row.get("until_period", 1), row["provider"] or ""
        out.setdefault((row["entity"], row["service"]), []).append(span)
    return out


def _same(row: Mapping[str, Any], sources: Mapping[Key, list[tuple[int, int, str]]]) -> bool:
    """Whether another plan has the source of a stretch wherever it serves the demand within it."""
    first, last = row.get("from_period", 1), row.get("until_period", 1)
    beside = [who for a, b, who in sources.get((row["entity"], row["service"]), ()) if a <= last and b >= first]
    return bool(beside) and all(who == (row["provider"] or "") for who in beside)


def _decision(row: Mapping[str, Any], stays: float) -> DecisionStays:
    when = row.get("from_period"), row.get("until_period")
    return DecisionStays(row["entity"], row["service"], *when, row["provider"], stays)
