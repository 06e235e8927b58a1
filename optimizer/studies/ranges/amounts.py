"""Volumes, effort and prices of every period in one sample, as arrays.

Index conventions: ``t`` periods, ``d`` demands of the case, ``s`` services, ``p`` providers (as many as there are: own
capacity), ``o`` offers, each in the order of the case.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.names import OWN, TRANSITION_ELEMENTS
from optimizer.domain.time.profiles import is_there
from optimizer.domain.time.stills import may_serve
from optimizer.studies.ranges.life import ProfileDays
from optimizer.studies.ranges.sums import half_even, millionths

if TYPE_CHECKING:
    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.studies.ranges.periods import Columns, PeriodFigures

__all__ = ["Amounts", "Index"]

_MICRO: Final = 1e6


class Index:
    """Positions of the rows of a case, and what no figure changes; shapes as named."""

    def __init__(self, columns: Columns) -> None:
        case = columns.case
        self.columns, self.case, self.horizon = columns, case, columns.horizon
        self.demand = {d.key: at for at, d in enumerate(case.demands)}
        self.service = {s.id: at for at, s in enumerate(case.services)}
        self.entity = {e.id: at for at, e in enumerate(case.entities)}
        self.provider = {p.id: at for at, p in enumerate(case.providers)} | {OWN: len(case.providers)}
        self.offer = {o.key: at for at, o in enumerate(case.offers)}
        self.service_of: Ints = np.array([self.service[d.service] for d in case.demands], np.int64)
        self.entity_of: Ints = np.array([self.entity[d.entity] for d in case.demands], np.int64)
        self.offer_service: Ints = np.array([self.service[o.service] for o in case.offers], np.int64)
        self.offer_provider: Ints = np.array([self.provider[o.provider] for o in case.offers], np.int64)
        self.line_of = {(self.provider[p], self.service[s]): at for (p, s), at in self.offer.items()}
        self.is_candidate: Bools = np.array([p.status == "candidate" for p in case.providers], np.bool_)
        self.is_agency: Bools = np.array([p.kind != "secretariat" for p in case.providers], np.bool_)
        self.is_target: Bools = np.array([p.is_target for p in self.horizon.periods], np.bool_)
        self.planning_year: Ints = np.array([p.planning_year for p in self.horizon.periods], np.int64)
        self.lives = ProfileDays(columns)
        self.years = float(self.horizon.periods[0].years)
        self.estimated: Bools = np.array([d.basis == "estimated" for d in case.demands], np.bool_)
        self.settled: Floats = np.array([d.volume for d in case.demands], np.float64)
        self.own_there: Bools = np.array(
            [[is_there(case.entity[d.entity], p) for d in case.demands] for p in self.horizon.periods], np.bool_
        )

    @cached_property
    def serving(self) -> Bools:
        """Offers that are there and whose provider may serve, shape (n_periods, n_offers)."""
        case = self.case
        return np.array(
            [
                [
                    may_serve(o, t) and may_serve(p := case.provider[o.provider], t) and p.status != "closed"
                    for o in case.offers
                ]
                for t in self.horizon.periods
            ],
            np.bool_,
        ).reshape(len(self.horizon.periods), -1)

    @cached_property
    def crews(self) -> tuple[Ints, Ints, Ints]:
        """Rows of ``staffing`` for national officers and for professionals of each source that has both, and it."""
        at = {(row.provider, row.category): n for n, row in enumerate(self.case.staffing)}
        both = [
            (n, at[source, "P"], self.provider[source])
            for (source, c), n in at.items()
            if c == "NPO" and (source, "P") in at
        ]
        officers, professionals, source = np.array(both, np.int64).reshape(-1, 3).T
        return officers, professionals, source

    @cached_property
    def rent_due(self) -> Bools:
        """Whether rent counts, shape (n_periods, n_providers)."""
        return np.array(
            [
                [p.rent_free_until is None or p.rent_free_until <= t.begin for p in self.case.providers]
                for t in self.horizon.periods
            ],
            np.bool_,
        ).reshape(len(self.horizon.periods), -1)

    @cached_property
    def tiers(self) -> tuple[Floats, Ints]:
        """First volume of each tier of each offer (inf: none) and its position among the tiers (−1); shape (n, k)."""
        lines: list[list[tuple[float, int]]] = [[] for _ in self.case.offers]
        for at, tier in enumerate(self.case.tiers):
            if (tier.provider, tier.service) in self.offer:
                lines[self.offer[tier.provider, tier.service]].append((tier.from_volume, at))
        most = max([1, *map(len, lines)])
        start, place = np.full((len(lines), most), np.inf), np.full((len(lines), most), -1, np.int64)
        for o, found in enumerate(lines):
            for k, (volume, at) in enumerate(sorted(found)):
                start[o, k], place[o, k] = volume, at
        start[place[:, 0] < 0, 0] = 0.0
        return start, place


class Amounts:
    """What one sample says of every period.

    Parameters
    ----------
    index : Index
    figures : PeriodFigures
    """

    def __init__(self, index: Index, figures: PeriodFigures) -> None:
        self.index, self.figures = index, figures

    @cached_property
    def volume(self) -> Floats:
        """Units a year, shape (n_periods, n_demands); 0 where a demand is absent."""
        lives = self.index.lives
        return half_even(millionths(self._annual) * lives(self.figures), lives.days * np.longdouble(10**6))

    @cached_property
    def _annual(self) -> Floats:
        """Volume of a year before profiles."""
        given = self.figures("demands", "volume")
        if not self.index.estimated.any():
            return given
        heads, each = self.figures("entities", "headcount"), self.figures("services", "units_per_head")
        product = millionths(heads[:, self.index.entity_of]) * millionths(each[:, self.index.service_of])
        grown = (np.floor(product / np.longdouble(10**6) + np.longdouble(0.5)) / _MICRO).astype(np.float64)
        grown = np.where(np.isnan(grown), self.index.settled, grown)
        return np.where(self.index.estimated & np.isnan(given), grown, given)

    @cached_property
    def micro(self) -> Ints:
        """Volume in millionths, exact."""
        return np.rint(self.volume * _MICRO).astype(np.int64)

    @cached_property
    def minutes(self) -> Floats:
        """Minutes a year, shape (n_periods, n_demands)."""
        return self.volume * self.figures("services", "minutes_per_unit")[:, self.index.service_of]

    @cached_property
    def fte_minutes(self) -> float:
        """Minutes of one FTE a year."""
        return self.figures.policy_once("minutes_per_fte_year")

    @cached_property
    def effort(self) -> Floats:
        """FTE, shape (n_periods, n_demands)."""
        return self.minutes / self.fte_minutes

    @cached_property
    def tier_cost(self) -> Floats:
        """Unit cost of each tier of each offer, shape (n_periods or 1, n_offers, k); 0 where there is no tier."""
        _, place = self.index.tiers
        listed = self.figures("tiers", "unit_cost")
        if listed.shape[1] == 0:
            listed = np.zeros((1, 1))
        cost = np.where(place >= 0, listed[:, np.maximum(place, 0)], 0.0)
        bare = place[:, 0] < 0
        if bare.any():
            cost = np.repeat(cost, self.figures.n_periods, axis=0) if len(cost) == 1 else cost
            cost[:, bare, 0] = self._by_effort[:, bare]
        return cost

    @property
    def _by_effort(self) -> Floats:
        """Unit cost of offers without tiers: cost of an FTE by minutes, shape (n_periods, n_offers)."""
        rate = self.figures("providers", "cost_per_fte")[:, self.index.offer_provider]
        minutes = self.figures("services", "minutes_per_unit")[:, self.index.offer_service]
        shape = (self.figures.n_periods, len(self.index.offer_service))
        return np.broadcast_to(rate * minutes / self.fte_minutes, shape)

    @cached_property
    def fee(self) -> Floats:
        """1 + fee rate, shape (n_periods, n_offers)."""
        return self.whole(1.0 + self.figures("offers", "fee_rate"))

    @cached_property
    def first_price(self) -> Floats:
        """Unit cost of the first tier, fee included, shape (n_periods, n_offers)."""
        return self.whole(self.tier_cost[:, :, 0]) * self.fee

    @cached_property
    def site_cost(self) -> Floats:
        """Fixed cost and rent a year, shape (n_periods, n_providers)."""
        rent = np.where(self.index.rent_due, self.figures("providers", "rent"), 0.0)
        return self.figures("providers", "site_fixed_cost") + rent

    @cached_property
    def own_unit(self) -> Floats:
        """Unit cost of own capacity, shape (n_periods, n_demands); NaN for none."""
        return self.whole(self.figures("demands", "own_unit_cost"))

    @cached_property
    def own_fixed(self) -> Floats:
        """Fixed cost of own capacity a year, shape (n_periods, n_demands)."""
        return self.whole(self.figures("demands", "own_fixed_cost"))

    @cached_property
    def per_fte(self) -> Floats:
        """One-off cost of moving one FTE, shape (n_periods,)."""
        total = sum(self.figures.policy(f"transition.{name}") for name in TRANSITION_ELEMENTS)
        rate = total * (1.0 + self.figures.policy("transition.contingency_rate"))
        bang = self.index.case.policy.transition_mode == "big_bang"
        return np.asarray(rate * (self.figures.policy_once("big_bang_cost_factor") if bang else 1.0))

    @cached_property
    def discount(self) -> Floats:
        """δ of each period."""
        middle = (np.arange(self.figures.n_periods) + 0.5) * self.index.years
        return np.asarray((1.0 + self.figures.policy_once("discount_rate")) ** -middle)

    @cached_property
    def compliance(self) -> Floats:
        """Cost of the limit on national officers of one FTE at each source, shape (n_periods, n_providers + 1)."""
        most, rows = self.figures.policy("npo_share_max"), self.index.case.staffing
        out = np.zeros((self.figures.n_periods, len(self.index.provider)))
        if not rows or np.isnan(most).all():
            return out
        officers, professionals, source = self.index.crews
        share, cost = (self.whole(self.figures("staffing", name)) for name in ("share", "cost_per_fte"))
        both = share[:, officers] + share[:, professionals]
        excess = np.maximum(0.0, share[:, officers] - most[:, None] * both)
        dearer = np.maximum(0.0, cost[:, professionals] - cost[:, officers])
        out[:, source] = np.nan_to_num(excess) * dearer
        return out

    def whole(self, found: Floats) -> Floats:
        """Figures with a row for every period."""
        return np.broadcast_to(found, (self.figures.n_periods, *found.shape[1:]))
