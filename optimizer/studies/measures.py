"""What plans are compared by beside cost, each with the key of the policy that limits it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.types import MICRO
from optimizer.model.measured import distances, hours

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem

__all__ = ["MEASURES", "Measure"]

PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a plan that a rule limits.

    Parameters
    ----------
    name, unit : str
    key : str
        Of the policy.
    more : bool
        More of it is better, and the limit is a least one.
    whole : bool
        It counts things.
    of : callable
        The figure of a plan that serves all; ``None`` where there is nothing to measure.
    ideal : callable
        What no plan can better, pair by pair.
    """

    name: str
    unit: str
    key: str
    more: bool
    whole: bool
    of: Callable[[Problem, Choice], float | None]
    ideal: Callable[[Problem], float]

    def limit(self, value: float) -> float:
        """The limit that a plan with this figure just keeps, to six decimals."""
        if self.whole:
            return float(round(value))
        step = (math.floor if self.more else math.ceil)(round(value * 10**PLACES, 3))
        return float(step / 10**PLACES)

    def stricter(self, limit: float) -> float:
        """The next limit that asks for more."""
        step = 1.0 if self.whole else 10.0**-PLACES
        return round(limit + step if self.more else limit - step, PLACES)

    def better(self, one: float, other: float) -> bool:
        """Whether a figure is better than another by more than the last decimal."""
        return (one - other if self.more else other - one) > 0.5 * 10**-PLACES


def _inside(problem: Problem, choice: Choice) -> Bools:
    """Demands at a provider, own capacity left out."""
    return np.asarray((choice.provider >= 0) & (choice.provider < problem.n_providers), np.bool_)


def _mean(problem: Problem, choice: Choice, figure: Ints) -> float | None:
    """Mean by effort of a figure by entity and provider in millionths, over what providers do."""
    at = np.flatnonzero(_inside(problem, choice))
    weight = problem.exact.site.amount[at].astype(object)
    if not len(at) or not weight.sum():
        return None
    values = figure[problem.demand_entity[at], choice.provider[at]].astype(object)
    return float((weight * values).sum() / (weight.sum() * MICRO))


def _best(problem: Problem, figure: Ints, *, more: bool) -> float:
    """The best figure of a pair, which no mean betters."""
    inside = problem.pairs.provider < problem.n_providers
    values = figure[problem.demand_entity[problem.pairs.demand[inside]], problem.pairs.provider[inside]]
    return float((values.max() if more else values.min()) / MICRO) if len(values) else 0.0


def _shares(problem: Problem, choice: Choice) -> dict[int, float]:
    """Share of each provider in all effort."""
    amount = problem.exact.site.amount.astype(object)
    at, total = np.flatnonzero(_inside(problem, choice)), amount.sum()
    out: dict[int, float] = {}
    for d in at.tolist():
        p = int(choice.provider[d])
        out[p] = out.get(p, 0.0) + amount[d]
    return {p: float(v / total) for p, v in out.items()} if total else {}


def _moves(problem: Problem, choice: Choice) -> float:
    return float(((problem.current >= 0) & (choice.provider != problem.current)).sum())


def _agencies(problem: Problem, choice: Choice) -> float:
    return math.fsum(v for p, v in _shares(problem, choice).items() if not problem.sites.is_secretariat[p])


MEASURES: Final[dict[str, Measure]] = {
    m.name: m
    for m in (
        Measure(
            "mean_overlap",
            "hours a day",
            "mean_overlap_min",
            True,
            False,
            lambda x, c: _mean(x, c, hours(x)),
            lambda x: _best(x, hours(x), more=True),
        ),
        Measure(
            "mean_distance",
            "km",
            "mean_distance_max",
            False,
            False,
            lambda x, c: _mean(x, c, distances(x)),
            lambda x: _best(x, distances(x), more=False),
        ),
        Measure("moves", "moves", "max_moves", False, True, _moves, lambda _: 0.0),
        Measure("agency_share", "share of effort", "agency_share_max", False, False, _agencies, lambda _: 0.0),
        Measure(
            "site_share",
            "share of effort",
            "site_share_max",
            False,
            False,
            lambda x, c: max(_shares(x, c).values(), default=0.0),
            lambda _: 0.0,
        ),
    )
}
"""What may stand beside cost, by name."""
