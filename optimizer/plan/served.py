"""Who bears what: a plan's (or today's) cost by assignment and term, exact and in cents."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from optimizer.arrays.costs import PairTerms, price_pairs
from optimizer.arrays.evaluate import dispersion_loss, line_cost
from optimizer.arrays.problem import Choice
from optimizer.arrays.tally import take
from optimizer.domain.names import COST_TERMS, ONE_OFF_TERMS, RUNNING_TERMS
from optimizer.plan.cents import round_leaves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.arrays.problem import Bools, Floats, Ints, Problem
    from optimizer.arrays.tally import Tally
    from optimizer.domain.case import Case
    from optimizer.domain.types import Demand

__all__ = ["Served"]


@dataclass(frozen=True, eq=False)
class Served:
    """Demands with who serves them, and the cost that each causes or shares.

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
    def tally(self) -> Tally:
        """What the arrangement adds up to."""
        return take(self.problem, Choice(self.provider, np.full_like(self.provider, -1)))

    @cached_property
    def at_site(self) -> Ints:
        """Demands served by a provider other than own capacity."""
        return np.flatnonzero((self.provider >= 0) & (self.provider < self.problem.n_providers))

    @cached_property
    def line_cost(self) -> Floats:
        """Service cost of each line, money a year; shape (n_lines,)."""
        return line_cost(self.problem.lines, self.tally.line_volume)

    @cached_property
    def site_effort(self) -> Floats:
        """Effort at each site, FTE; shape (n_providers,)."""
        d = self.at_site
        effort = np.bincount(self.provider[d], self.problem.effort_fte[d], self.problem.n_providers)
        return np.asarray(effort, np.float64)

    @cached_property
    def site_used(self) -> Bools:
        """Whether a site has a demand of this case; shape (n_providers,)."""
        return np.asarray(np.bincount(self._where, minlength=self.problem.n_providers) > 0, np.bool_)

    @cached_property
    def pair(self) -> PairTerms:
        """Cost terms of the chosen pairs, one row per served demand (see ``served``)."""
        at = self.tally.pair[self.served]
        if (at < 0).any():
            return price_pairs(self.case, self.problem, self.served, self.provider[self.served])
        known = vars(self.problem.pairs)
        return PairTerms(**{f.name: known[f.name][at] for f in fields(PairTerms)})

    @cached_property
    def served(self) -> Ints:
        """Demands that somebody serves."""
        return np.flatnonzero(self.provider >= 0)

    @cached_property
    def moved(self) -> Bools:
        """Demands served by another provider than today's; shape (n_demands,)."""
        return self.tally.moves & (not self.as_baseline)

    @cached_property
    def one_off_transition(self) -> float:
        """One-off cost of all moves, money."""
        return 0.0 if self.as_baseline else math.fsum(self.pair.one_off.tolist())

    @cached_property
    def one_off_setup(self) -> float:
        """Set-up cost of the candidates opened, money."""
        return 0.0 if self.as_baseline else math.fsum(self.problem.sites.setup_one_off[self.site_used].tolist())

    @cached_property
    def exact(self) -> dict[str, Floats]:
        """Unrounded leaves by cost term; arrays of shape (n_demands,)."""
        parts = {
            "service": self._service(),
            "own": self._own(),
            "site": self._shared(self._where, self.problem.effort_fte, self.problem.sites.fixed_cost),
            "interface": self._interface(),
            "handover": self._handover(),
            "distance": self._of_pairs(self.pair.distance),
            "overlap": self._of_pairs(self.pair.overlap),
            "language": self._of_pairs(self.pair.language),
            "dispersion": self._dispersion(),
            "transition_annualised": self._of_pairs(self.pair.transition * (not self.as_baseline)),
            "setup_annualised": self._setup(),
        }
        return {term: parts[term] for term in COST_TERMS}

    @cached_property
    def empty_required(self) -> list[int]:
        """Required sites without a demand: open, with nobody to bear their cost."""
        return np.flatnonzero(self.problem.sites.is_required & ~self.site_used).tolist()

    @cached_property
    def exact_total(self) -> dict[str, float]:
        """Unrounded money a year by term, with ``total`` and ``running``."""
        out = {term: math.fsum(self.exact[term].tolist()) for term in COST_TERMS}
        unallocated = [float(self.problem.sites.fixed_cost[p]) for p in self.empty_required]
        out["site"] = math.fsum([*self.exact["site"].tolist(), *unallocated])
        out["total"] = math.fsum(out[t] for t in COST_TERMS)
        out["running"] = math.fsum(out[t] for t in RUNNING_TERMS)
        return out

    @cached_property
    def cents(self) -> dict[str, NDArray[np.int64]]:
        """Leaves in cents by term; ``site`` has the empty required sites appended."""
        out = {}
        for term in COST_TERMS:
            leaves = self.exact[term]
            if term == "site":
                leaves = np.append(leaves, self.problem.sites.fixed_cost[self.empty_required])
            out[term] = round_leaves(leaves, self.exact_total[term])
        return out

    @cached_property
    def running_cents(self) -> NDArray[np.int64]:
        """Running cost that each demand bears, cents; shape (n_demands,)."""
        n = self.problem.n_demands
        out: NDArray[np.int64] = np.sum([self.cents[t][:n] for t in RUNNING_TERMS], axis=0, dtype=np.int64)
        return out

    def cost_block(self) -> dict[str, float]:
        """Money a year by term, total and running: sums of the leaves in cents."""
        cents = {term: int(self.cents[term].sum()) for term in COST_TERMS}
        total = sum(cents.values())
        out = {term: value / 100 for term, value in cents.items()}
        out["total"] = total / 100
        out["running"] = (total - sum(cents[t] for t in ONE_OFF_TERMS)) / 100
        return out

    @property
    def _where(self) -> Ints:
        return self.provider[self.at_site]

    def _of_pairs(self, values: Floats) -> Floats:
        out = np.zeros(self.problem.n_demands)
        out[self.served] = values
        return out

    def _shared(self, group: Ints, weight: Floats, amount: Floats, members: Ints | None = None) -> Floats:
        """Each group's amount shared over its members by weight."""
        d = self.at_site if members is None else members
        whole = np.bincount(group, weight[d], len(amount))
        out = np.zeros(self.problem.n_demands)
        out[d] = amount[group] * weight[d] / whole[group]
        return out

    def _service(self) -> Floats:
        offered = np.flatnonzero(self.tally.line >= 0)
        return self._shared(self.tally.line[offered], self.problem.volume, self.line_cost, offered)

    def _own(self) -> Floats:
        own = self._of_pairs(self.pair.own)
        for d in np.flatnonzero(np.isnan(own)).tolist():
            own[d] = self.demands[d].own_fixed_cost
        return own

    def _interface(self) -> Floats:
        d, width = self.at_site, max(self.problem.n_providers, 1)
        _, relation = np.unique(self.problem.demand_entity[d] * width + self._where, return_inverse=True)
        amount = np.full(int(relation.max(initial=-1)) + 1, self.problem.scalars.interface_cost)
        return self._shared(relation, self.problem.effort_fte, amount)

    def _handover(self) -> Floats:
        inside = np.flatnonzero((self.problem.bundle >= 0) & (self.provider >= 0))
        amount = self.tally.handovers.astype(np.float64) * self.problem.scalars.handover_cost
        return self._shared(self.problem.bundle[inside], self.problem.effort_fte, amount, inside)

    def _dispersion(self) -> Floats:
        loss = dispersion_loss(self.problem.scalars.dispersion_loss, self.tally.service_providers)
        service = self.problem.demand_service[self.at_site]
        return self._shared(service, self.problem.volume, loss * self.problem.reference)

    def _setup(self) -> Floats:
        if self.as_baseline:
            return np.zeros(self.problem.n_demands)
        return self._shared(self._where, self.problem.effort_fte, self.problem.sites.setup)
