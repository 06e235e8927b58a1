"""Planning years of a plan over time: the leaves of their periods added up, set-ups as annuities."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.horizon import add_months
from optimizer.domain.types import exact
from optimizer.model.costs.base import Charge, by_effort
from optimizer.model.served import annuity
from optimizer.model.time.joint import build_joint
from optimizer.model.time.trace import Trace
from optimizer.money.amounts import six
from optimizer.money.leaves import SETUP, Share, YearCosts
from optimizer.plan.cents import leaves_of, round_leaves
from optimizer.plan.time.allocation import Ledger
from optimizer.plan.time.given import path_from_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optimizer.domain.case import Case

__all__ = ["YearsOverTime"]

Key = tuple[str, str, str]


@dataclass(slots=True)
class _Sum:
    """What is added up for one entity, service and source."""

    volume: Fraction = Fraction(0)
    effort: Fraction = Fraction(0)
    provision: Fraction = Fraction(0)
    per_1000km: Fraction = Fraction(0)
    cents: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class YearsOverTime:
    """Every planning year of a plan over time.

    Parameters
    ----------
    case : Case
    plan : mapping
        Document of a plan of this case; of it only who serves whom when is taken, all money is counted anew.
    """

    def __init__(self, case: Case, plan: Mapping[str, Any]) -> None:
        self.joint = build_joint(case)
        self.ledger = Ledger(Trace(self.joint, path_from_plan(self.joint, plan).provider))

    @cached_property
    def total(self) -> int:
        """Cents of the whole horizon."""
        return sum(self.ledger.running(t) + self.ledger.one_off(t) for t in range(self.joint.n_periods))

    def year(self, number: int) -> YearCosts:
        """A planning year, from 1."""
        periods = [t for t, stage in enumerate(self.joint.stages) if stage.period.planning_year == number]
        sums: dict[Key, _Sum] = defaultdict(_Sum)
        idle: dict[str, int] = defaultdict(int)
        nobody: dict[str, int] = defaultdict(int)
        for t in periods:
            self._add(t, sums, idle)
            for term, cents in self.ledger.months[t].nobody.items():
                nobody[term] += cents if term not in ("site", SETUP) else 0
        shares = tuple(_share(key, sums[key]) for key in sorted(sums))
        begin, end = (self.joint.stages[t].period for t in (periods[0], periods[-1]))
        return YearCosts(number, begin.begin, end.end, shares, dict(idle), {k: v for k, v in nobody.items() if v})

    def _add(self, t: int, sums: dict[Key, _Sum], idle: dict[str, int]) -> None:
        stage, served, month = self.joint.stages[t], self.ledger.served[t], self.ledger.months[t]
        setup, years = self._annuities(t, idle), stage.period.years
        rate = exact(stage.figures.policy.distance_cost_per_fte_1000km)
        for d, p in enumerate(served.provider.tolist()):
            if p < 0:
                continue
            demand = served.demands[d]
            service, effort = stage.figures.service[demand.service], served.effort(d) * years
            at = sums[demand.entity, demand.service, self.joint.name(p)]
            at.volume += exact(demand.volume) * years
            at.effort += effort
            at.per_1000km += effort * rate
            for term, leaves in month.by_demand.items():
                at.cents[term] += int(leaves[d]) if term != SETUP else setup[d]
            rates = exact(service.risk_rate) + exact(service.liability_rate)
            at.provision += rates * int(month.by_demand["service"][d])
        for provider, cents in self._empty(t):
            idle[provider] += cents

    def _empty(self, t: int) -> Iterator[tuple[str, int]]:
        """Cents of each site that is open without work."""
        served, n = self.ledger.served[t], self.joint.stages[t].problem.n_demands
        bare = [p for p in np.flatnonzero(self.ledger.trace.open[t]).tolist() if not served.at_sites.get(p)]
        cents = round_leaves(leaves_of(self.ledger.charges[t]["site"], n), self.ledger.exact(t, "site"))[n:]
        return ((self.joint.name(p), amount) for p, amount in zip(bare, cents, strict=True))

    def _annuities(self, t: int, idle: dict[str, int]) -> list[int]:
        """Cents of set-ups that each demand bears in a period; of a site without work they are idle cost."""
        served, n = self.ledger.served[t], self.joint.stages[t].problem.n_demands
        charges, sites = list[Charge](), list[str]()
        for p, amount in self._running_annuities(t):
            members = served.at_sites.get(p, [])
            charges.append(by_effort(served, amount, members))
            sites += [] if members else [self.joint.name(p)]
        total = sum((c.amount for c in charges), Fraction(0))
        cents = round_leaves(leaves_of(charges, n), total)
        for provider, empty in zip(sites, cents[n:], strict=True):
            idle[provider] += empty
        return cents[:n]

    def _running_annuities(self, t: int) -> Iterator[tuple[int, Fraction]]:
        """(site, money of the period) of each set-up that is still being recovered: ``horizon_years`` from opening."""
        policy, period = self.joint.policy, self.joint.stages[t].period
        for opened, p in self.ledger.trace.opens:
            until = add_months(self.joint.stages[opened].period.begin, 12 * policy.horizon_years)
            if opened <= t and self.ledger.trace.open[t, p] and period.begin < until:
                once = exact(self.joint.stages[opened].figures.providers[p].setup_cost)
                yield p, once * annuity(policy.discount_rate, policy.horizon_years) * period.years


def _share(key: Key, found: _Sum) -> Share:
    return Share(*key, six(found.volume), found.effort, dict(found.cents), found.provision, found.per_1000km)
