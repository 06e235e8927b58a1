"""An arrangement, a plan's or today's, with the exact figures that its cost terms are made of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.types import MICRO, exact, micro
from optimizer.model.parts import Choice
from optimizer.model.tally import take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.case import Case
    from optimizer.domain.types import Demand
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.problem import Problem
    from optimizer.model.tally import Tally

__all__ = ["Served", "annuity"]


def annuity(rate: float, years: int) -> Fraction:
    """Yearly cost of a one-off cost of 1: r / (1 − (1 + r)^−n), or 1 / n when r = 0."""
    r = exact(rate)
    return r / (1 - (1 + r) ** -years) if r else Fraction(1, years)


@dataclass(frozen=True, eq=False)
class Served:
    """Demands with who serves them.

    A hand-made plan may name pairs that have no price: nothing is offered there (no service cost), or own
    capacity without a unit cost (its fixed cost alone). They break ``assign_once``, and the rest is told.

    Parameters
    ----------
    case, problem : Case, Problem
    provider : ndarray of shape (n_demands,)
        Provider index, ``n_providers`` for own capacity, −1 for nobody.
    as_baseline : bool
        Today's arrangement: no moves, no set-ups.
    """

    case: Case
    problem: Problem
    provider: Ints
    as_baseline: bool = False

    @cached_property
    def demands(self) -> tuple[Demand, ...]:
        """Demands in the order of the problem, by (entity, service)."""
        return tuple(sorted(self.case.demands, key=lambda d: d.key))

    @cached_property
    def volumes(self) -> list[int]:
        """Volume of each demand, millionths of a unit."""
        return [micro(d.volume) for d in self.demands]

    @cached_property
    def minutes(self) -> list[int]:
        """Work of each demand, 10⁻¹² minutes a year."""
        per_unit = {s.id: micro(s.minutes_per_unit) for s in self.case.services}
        return [v * per_unit[d.service] for v, d in zip(self.volumes, self.demands, strict=True)]

    @cached_property
    def _minutes_per_fte(self) -> int:
        return micro(self.case.policy.minutes_per_fte_year) * MICRO

    def effort(self, d: int) -> Fraction:
        """Effort of a demand, FTE."""
        return Fraction(self.minutes[d], self._minutes_per_fte)

    @cached_property
    def move_cost_per_fte(self) -> Fraction:
        """One-off cost of moving one FTE, contingency included."""
        return self.case.policy.transition.per_fte

    @cached_property
    def _annuities(self) -> dict[int, Fraction]:
        return {}

    def annuity(self, years: int) -> Fraction:
        """Yearly cost of a one-off cost of 1 over so many years."""
        if years not in self._annuities:
            self._annuities[years] = annuity(self.case.policy.discount_rate, years)
        return self._annuities[years]

    def priced_today(self, d: int) -> bool:
        """Whether the model can price the demand's source of today."""
        return self.case.priced_today(self.demands[d])

    @cached_property
    def priced(self) -> Bools:
        """Whether the plan's pair has a price: nobody's and those that nothing prices have none; shape (n_demands,)."""
        chosen = zip(self.demands, self.provider.tolist(), strict=True)
        found = [p >= 0 and self.case.has_price(x, self.problem.provider_name(p)) for x, p in chosen]
        return np.array(found, np.bool_)

    @cached_property
    def _references(self) -> dict[str, Fraction]:
        first: dict[str, list[Fraction]] = defaultdict(list)
        for o in self.case.offers:
            if self.case.provider[o.provider].status != "closed":
                first[o.service].append(self.case.line_prices[o.key][0][1])
        volume: dict[str, int] = defaultdict(int)
        for v, d in zip(self.volumes, self.demands, strict=True):
            volume[d.service] += v
        return {s: Fraction(volume[s], MICRO) * sum(costs) / len(costs) for s, costs in first.items()}

    def reference(self, service: str) -> Fraction:
        """reference_s of the dispersion term: all volume at the mean first-tier unit cost, money a year."""
        return self._references.get(service, Fraction(0))

    @cached_property
    def tally(self) -> Tally:
        """What the arrangement adds up to."""
        return take(self.problem, Choice(self.provider, np.full_like(self.provider, -1)))

    @cached_property
    def at_site(self) -> Ints:
        """Demands served by a provider other than own capacity."""
        return np.flatnonzero((self.provider >= 0) & (self.provider < self.problem.n_providers))

    @cached_property
    def at_sites(self) -> dict[int, list[int]]:
        """Demands of each site that has any, by provider index."""
        out: dict[int, list[int]] = defaultdict(list)
        for d in self.at_site.tolist():
            out[int(self.provider[d])].append(d)
        return dict(sorted(out.items()))

    def remote(self) -> Iterator[tuple[int, int, int]]:
        """(demand, entity, provider) of what is served by others than the entity itself."""
        d = self.at_site
        return zip(d.tolist(), self.problem.demand_entity[d].tolist(), self.provider[d].tolist(), strict=True)

    @cached_property
    def site_effort(self) -> Floats:
        """Effort at each site, FTE; shape (n_providers,)."""
        d = self.at_site
        effort = np.bincount(self.provider[d], self.problem.effort_fte[d], self.problem.n_providers)
        return np.asarray(effort, np.float64)

    @cached_property
    def moved(self) -> Bools:
        """Demands served by another provider than today's; shape (n_demands,)."""
        return self.tally.moves & (not self.as_baseline)

    @cached_property
    def empty_required(self) -> list[int]:
        """Required sites without a demand: open, with nobody to bear their cost."""
        return [p for p in np.flatnonzero(self.problem.sites.is_required).tolist() if p not in self.at_sites]
