"""A plan in the making: exact loads, the rules that no further demand can mend, and a cost from below."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.types import MICRO, micro
from optimizer.model.parts import Choice
from optimizer.verify.quality import exposed

if TYPE_CHECKING:
    from optimizer.model.aliases import Ints
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import Objective
    from optimizer.verify.facts import Facts

__all__ = ["Partial", "Undo"]

UNSERVED = -1


@dataclass(slots=True)
class Undo:
    """How things stood before a demand was put: the value, and each load that changed (``None``: it was not there)."""

    demand: int
    value: float
    loads: list[tuple[Any, int | None]] = field(default_factory=list)


class Partial:
    """Demands put one by one, and taken back in the opposite order.

    Parameters
    ----------
    problem : Problem
    facts : Facts
        The verifier's: volumes in millionths, minutes in millionths of millionths.
    objective : {"cost", "moves", "unserved"}
    spare : int, optional
        Minutes (as in ``facts``) that may stay unserved; ``None``: every demand is served.

    Attributes
    ----------
    provider : ndarray of shape (n_demands,)
        As in ``Choice``; −1 for what is not put yet.
    value : float
        Objective of what is put. Any completion costs at least this: more demands never make a line, a
        site or a relation cheaper, and dispersion, which may fall, is left out.
    """

    def __init__(self, problem: Problem, facts: Facts, objective: Objective, spare: int | None = None) -> None:
        self.problem, self.facts, self.objective, self.spare = problem, facts, objective, spare
        self.provider: Ints = np.full(problem.n_demands, UNSERVED, np.int64)
        self.value = self._of_required()
        rows = problem.decode(Choice(self.provider, self.provider))
        self._demand = [facts.demands[entity, service] for entity, service, _, _ in rows]
        self._site = [facts.sites[p] for p in problem.provider_ids]
        self._line = {
            (p, s): facts.lines[problem.provider_ids[p], problem.service_ids[s]]
            for p, s in zip(problem.lines.provider.tolist(), problem.lines.service.tolist(), strict=True)
        }
        self._load: dict[Any, int] = {}
        self._options = [self._sorted(d) for d in range(problem.n_demands)]

    def _of_required(self) -> float:
        """Cost of required sites, paid whatever is decided."""
        sites = self.problem.sites
        return float(sites.fixed_cost[sites.is_required].sum()) if self.objective == "cost" else 0.0

    def order(self) -> list[int]:
        """Demands with few providers first, then large ones."""
        return sorted(range(len(self._demand)), key=lambda d: (len(self._options[d]), -self._demand[d].volume))

    def options(self, d: int) -> list[int]:
        """Providers of a demand, the one that looks cheapest first; −1 where it may stay unserved."""
        return self._options[d]

    def backups(self, d: int, provider: int) -> list[int]:
        """Providers that could be the backup of a critical demand at ``provider``."""
        pairs, n = self.problem.pairs, self.problem.n_providers
        others = pairs.provider[pairs.start[d] : pairs.start[d + 1]].tolist()
        return [q for q in others if q not in (provider, n)]

    def least(self, d: int) -> float:
        """What a demand adds to the objective at the least, wherever it goes."""
        return min((self._price(d, p) for p in self._options[d]), default=0.0)

    def _sorted(self, d: int) -> list[int]:
        pairs, locked = self.problem.pairs, int(self.problem.locked[d])
        good = pairs.provider[pairs.start[d] : pairs.start[d + 1]].tolist()
        good = [p for p in good if locked in (-1, p)]
        if self.spare is not None and locked < 0:
            good.append(UNSERVED)
        return sorted(good, key=lambda p: self._price(d, p))

    def _pair(self, d: int, provider: int) -> float:
        """Cost that depends on the pair alone."""
        if provider == UNSERVED:
            return float(self.problem.effort_fte[d]) if self.objective == "unserved" else 0.0
        at = self.problem.pair_of[d, provider]
        if self.objective == "cost":
            return float(self.problem.pairs.linear[at])
        return float(self.problem.pairs.is_move[at]) if self.objective == "moves" else 0.0

    def _price(self, d: int, provider: int) -> float:
        """The pair's cost, and its volume at the last, cheapest, tier of its line."""
        price = self._pair(d, provider)
        if self.objective == "cost" and 0 <= provider < self.problem.n_providers:
            line = self._line[provider, int(self.problem.demand_service[d])]
            price += self._demand[d].volume / MICRO * line.tiers[-1][1] * (1.0 + line.row.fee_rate)
        return price

    def put(self, d: int, provider: int) -> Undo | None:
        """Give a demand to a provider; ``None`` when a rule is broken for good, and nothing is changed."""
        undo = Undo(d, self.value)
        self.value += self._pair(d, provider)
        self.provider[d] = provider
        if provider == UNSERVED:
            kept = self._add("unserved", self._demand[d].minutes, undo)[1] <= (self.spare or 0)
        else:
            kept = all(rule(d, provider, undo) for rule in (self._on_moves, self._on_entity, self._on_site))
        if kept:
            return undo
        self.take_back(undo)
        return None

    def take_back(self, undo: Undo) -> None:
        """Undo a ``put``."""
        for key, before in reversed(undo.loads):
            if before is None:
                del self._load[key]
            else:
                self._load[key] = before
        self.value, self.provider[undo.demand] = undo.value, UNSERVED

    def _add(self, key: Any, amount: int, undo: Undo) -> tuple[int, int]:
        """Add to a load; the load before and after."""
        before = self._load.get(key)
        undo.loads.append((key, before))
        self._load[key] = (before or 0) + amount
        return before or 0, self._load[key]

    def _on_moves(self, d: int, provider: int, undo: Undo) -> bool:
        """Rules ``max_moves`` and ``one_off_budget``, by moves."""
        current = int(self.problem.current[d])
        if current in (UNSERVED, provider):
            return True
        most = self.problem.scalars.max_moves
        if most is not None and self._add("moves", 1, undo)[1] > most:
            return False
        self._add("moved minutes", self._demand[d].minutes, undo)
        return self._in_budget()

    def _in_budget(self) -> bool:
        budget = self.facts.policy.one_off_budget
        if budget is None:
            return True
        spent, below = self.facts.one_off(self._load.get("moved minutes", 0), self._load.get("setup", 0))
        return spent * MICRO <= micro(budget) * below

    def _on_entity(self, d: int, provider: int, undo: Undo) -> bool:
        """Rules ``max_providers_per_entity`` and ``bundle_together``, and costs of relations."""
        problem, scalars, priced = self.problem, self.problem.scalars, self.objective == "cost"
        entity, bundle = int(problem.demand_entity[d]), int(problem.bundle[d])
        if provider < problem.n_providers and not self._add(("deals", entity, provider), 1, undo)[0]:
            self.value += scalars.interface_cost if priced else 0.0
            number, most = self._add(("providers", entity), 1, undo)[1], scalars.max_providers_per_entity
            if most is not None and number > most:
                return False
        if bundle >= 0 and not self._add(("source", bundle, provider), 1, undo)[0]:
            number = self._add(("sources", bundle), 1, undo)[1]
            self.value += scalars.handover_cost if priced and number > 1 else 0.0
            return number <= 1 or not scalars.bundle_together
        return True

    def _on_site(self, d: int, provider: int, undo: Undo) -> bool:
        """Rules of capacity and share, most sites, budget for set-up; costs of line and site."""
        if provider == self.problem.n_providers:
            return True
        site, service = self._site[provider], int(self.problem.demand_service[d])
        line = self._line[provider, service]
        before, volume = self._add(("line", provider, service), self._demand[d].volume, undo)
        if line.capacity is not None and line.base + volume > line.capacity:
            return False
        idle, minutes = self._add(("site", provider), self._demand[d].minutes, undo)
        if site.room is not None and minutes > site.room:
            return False
        if self.objective == "cost":
            self.value += line.cost(volume) - line.cost(before)
        return self._in_share(d, provider, undo) and (idle > 0 or self._opened(provider, undo))

    def _in_share(self, d: int, provider: int, undo: Undo) -> bool:
        """Rules ``agency_share``, ``site_share_max`` and ``exposure_max_fte``."""
        policy, minutes, site = self.facts.policy, self._demand[d].minutes, self._site[provider]
        if policy.exposure_max_fte is not None and exposed(self.facts, site.row.id):
            there = self._add("exposed", minutes, undo)[1]
            if there > micro(policy.exposure_max_fte) * micro(policy.minutes_per_fte_year):
                return False
        share, whole = policy.site_share_max, self.facts.all_minutes
        if share is not None and self._load["site", provider] * MICRO > micro(share) * whole:
            return False
        share = policy.agency_share_max
        if share is None or site.is_secretariat:
            return True
        return self._add("agencies", minutes, undo)[1] * MICRO <= micro(share) * whole

    def _opened(self, provider: int, undo: Undo) -> bool:
        """A site gets its first work."""
        sites, site = self.problem.sites, self._site[provider]
        if site.is_required:
            return True
        if self.objective == "cost":
            self.value += float(sites.fixed_cost[provider] + sites.setup[provider])
        if site.is_secretariat:
            number, most = self._add("open", 1, undo)[1], self.problem.scalars.site_max
            required = sum(s.is_required and s.is_secretariat for s in self._site)
            if most is not None and number + required > most:
                return False
        if site.is_candidate:
            self._add("setup", micro(site.row.setup_cost), undo)
            return self._in_budget()
        return True
