"""How an entity is served, today and in a plan: shared hours, distance, languages; and the rows that hold each.

Means are by effort over the demands that have a price today, own capacity counted as near and awake all day. Hours
and kilometres count in millionths, so a plan that is as good as today is so exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.types import MICRO, exact
from optimizer.model.conditions import barring, beside
from optimizer.model.losses import compared, lacking
from optimizer.model.measured import distances, hours
from optimizer.model.side import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.case import Case
    from optimizer.model.aliases import Ints
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem

__all__ = ["MEASURES", "Nearness"]

MEASURES: Final = ("overlap", "distance", "languages")
"""What can be made whole, by name."""


@dataclass(frozen=True, eq=False)
class Nearness:
    """Measures of one entity.

    Parameters
    ----------
    case, problem : Case, Problem
    entity : str
    """

    case: Case
    problem: Problem
    entity: str

    @cached_property
    def demands(self) -> list[int]:
        """Demands of the entity whose today can be priced."""
        whole = compared(self.problem, self.problem.current)
        return [int(d) for d in whole[self.problem.demand_entity[whole] == self._e]]

    @cached_property
    def _e(self) -> int:
        return self.problem.entity_ids.index(self.entity)

    @cached_property
    def _figures(self) -> dict[str, list[int]]:
        """Millionths by provider, own capacity last."""
        return {"overlap": hours(self.problem)[self._e].tolist(), "distance": distances(self.problem)[self._e].tolist()}

    def lacking(self, provider: int) -> frozenset[str]:
        """Languages of the entity that a provider lacks; own capacity lacks none."""
        quality = self.problem.quality
        names = () if quality is None else quality.languages
        row = lacking(self.problem, np.array([self._e]), np.array([provider]))[0]
        return frozenset(name for name, lacks in zip(names, row.tolist(), strict=True) if lacks)

    def change(self, measure: str, one: int, other: int) -> float:
        """Hours a day or km by which a provider is beyond another."""
        figures = self._figures[measure]
        return (figures[other] - figures[one]) / MICRO

    def value(self, measure: str, provider: Ints) -> Fraction | None:
        """Mean hours or km, or number of languages that some provider lacks; ``None`` over nothing.

        Parameters
        ----------
        measure : {"overlap", "distance", "languages"}
        provider : ndarray of shape (n_demands,)
        """
        if not self.demands:
            return None
        who = [int(provider[d]) for d in self.demands]
        if measure == "languages":
            return Fraction(len(frozenset().union(*(self.lacking(p) for p in who))))
        work = [int(self.problem.exact.site.amount[d]) for d in self.demands]
        figures = self._figures[measure]
        total = sum(w * figures[p] for w, p in zip(work, who, strict=True))
        return Fraction(total, sum(work) * MICRO) if sum(work) else None

    def allowed(self, measure: str, *, thresholds: bool) -> Fraction:
        """Loss that is no loss: none, or the policy's threshold."""
        policy = self.case.policy
        most = {
            "overlap": policy.worse_overlap_hours,
            "distance": policy.worse_distance_km,
            "languages": policy.worse_languages,
        }
        return exact(float(most[measure])) if thresholds else Fraction(0)

    def loss(self, measure: str, choice: Choice) -> Fraction | None:
        """By how much a plan is worse than today, negative where it is better."""
        today, then = self.value(measure, self.problem.current), self.value(measure, choice.provider)
        if today is None or then is None:
            return None
        return today - then if measure == "overlap" else then - today

    def held(self, problem: Problem, measures: tuple[str, ...], price: float, *, thresholds: bool) -> Iterator[Problem]:
        """Problems that between them have just the plans where no measure is worse than today by more than allowed.

        One for each set of languages that may be lacking.

        Parameters
        ----------
        problem : Problem
        measures : tuple of str
        price : float
            For pairs that stay as backups alone.
        thresholds : bool
        """
        sides = [self._side(m, thresholds=thresholds) for m in measures if m != "languages"]
        rowed = beside(problem, *sides)
        if "languages" not in measures:
            yield rowed
            return
        languages = sorted(self.case.entity[self.entity].languages)
        today = self.value("languages", self.problem.current) or Fraction(0)
        most = int(today + self.allowed("languages", thresholds=thresholds))
        for some in combinations(languages, min(most, len(languages))):
            yield barring(rowed, self._lacks_more(rowed, frozenset(some)), price)

    def _lacks_more(self, problem: Problem, some: frozenset[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Pairs of the entity's demands whose provider lacks another language than these."""
        bad = [bool(self.lacking(p) - some) for p in range(problem.n_providers + 1)]
        mine = np.isin(problem.pairs.demand, self.demands)
        return np.asarray(mine & np.array(bad, np.bool_)[problem.pairs.provider], np.bool_)

    def _side(self, measure: str, *, thresholds: bool) -> Side:
        """No worse than today by more than allowed, each demand against its own today."""
        problem, sign = self.problem, 1 if measure == "overlap" else -1
        figures, work = self._figures[measure], problem.exact.site.amount
        demand = np.repeat(np.array(self.demands, np.int64), problem.n_providers + 1)
        provider = np.tile(np.arange(problem.n_providers + 1), len(self.demands))
        amount = tuple(
            sign * int(work[d]) * (figures[p] - figures[int(problem.current[d])])
            for d, p in zip(demand.tolist(), provider.tolist(), strict=True)
        )
        least = -self.allowed(measure, thresholds=thresholds) * MICRO * sum(int(work[d]) for d in self.demands)
        return Side(demand, provider, amount, -int(-least // 1))
