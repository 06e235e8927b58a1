"""The runner-up of each demand: the cheapest other provider if only this demand moved.

Every rule is kept and nothing else is re-optimised; the extra cost is the change of the total.
Works on the aggregates of the plan, one pair at a time, so that a plan of some thousand demands
takes about a second.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optimizer.arrays.problem import Choice, Problem

__all__ = ["RunnerUp", "runner_ups"]

_TOL = 1e-9

RunnerUp = tuple[int, float]
"""(provider index, change of the total in money a year)."""


def runner_ups(problem: Problem, choice: Choice) -> list[RunnerUp | None]:
    """Cheapest allowed alternative of every demand.

    Parameters
    ----------
    problem : Problem
    choice : Choice
        A plan that keeps every rule; demands that are unserved or locked get ``None``.

    Returns
    -------
    list of (provider index, extra cost) or None, one per demand
    """
    ledger = _Ledger(problem, choice)
    out: list[RunnerUp | None] = []
    start = problem.pairs.start.tolist()
    for d in range(problem.n_demands):
        best: RunnerUp | None = None
        if ledger.provider[d] >= 0 and ledger.locked[d] < 0:
            for pair in range(start[d], start[d + 1]):
                target = ledger.pair_provider[pair]
                if target == ledger.provider[d]:
                    continue
                extra = ledger.extra_cost(d, pair)
                if (best is None or round(extra, 2) < round(best[1], 2)) and ledger.allowed(d, pair):
                    best = (target, extra)
        out.append(best)
    return out


class _Ledger:
    """Aggregates of one plan, as plain Python values for speed."""

    def __init__(self, problem: Problem, choice: Choice) -> None:
        self.problem, self.rules = problem, problem.scalars
        self.own = problem.n_providers
        self.provider: list[int] = choice.provider.tolist()
        self.backup: list[int] = choice.backup.tolist()
        self.entity: list[int] = problem.demand_entity.tolist()
        self.service: list[int] = problem.demand_service.tolist()
        self.volume: list[float] = problem.volume.tolist()
        self.minutes: list[float] = problem.minutes.tolist()
        self.bundle: list[int] = problem.bundle.tolist()
        self.locked: list[int] = problem.locked.tolist()
        self.critical: list[bool] = problem.critical.tolist()
        self.pair_provider: list[int] = problem.pairs.provider.tolist()
        self.pair_linear: list[float] = problem.pairs.linear.tolist()
        self.pair_one_off: list[float] = problem.pairs.one_off.tolist()
        self.pair_move: list[bool] = problem.pairs.is_move.tolist()
        self._lines()
        self._sites()
        self._totals()

    def _lines(self) -> None:
        lines = self.problem.lines
        self.line = lines.index.tolist()
        self.line_capacity: list[float] = lines.capacity.tolist()
        self.line_min: list[float] = lines.min_volume.tolist()
        self.line_fixed: list[float] = lines.fixed_cost.tolist()
        starts = lines.tier_start.tolist()
        self.tiers = [
            list(zip(lines.tier_from[a:b].tolist(), lines.tier_cost[a:b].tolist(), strict=True))
            for a, b in pairwise(starts)
        ]

    def _sites(self) -> None:
        sites = self.problem.sites
        self.site_capacity: list[float] = sites.capacity_minutes.tolist()
        self.site_min: list[float] = sites.min_minutes.tolist()
        self.site_required: list[bool] = sites.is_required.tolist()
        self.site_cost: list[float] = (sites.fixed_cost * ~sites.is_required + sites.setup).tolist()
        self.site_setup: list[float] = sites.setup_one_off.tolist()
        self.site_candidate: list[bool] = sites.is_candidate.tolist()
        self.secretariat: list[bool] = sites.is_secretariat.tolist()
        self.zone: list[int] = sites.zone.tolist()
        self.country: list[int] = sites.country.tolist()

    def _totals(self) -> None:
        self.line_volume: Counter[int] = Counter()
        self.line_count: Counter[int] = Counter()
        self.site_minutes: Counter[int] = Counter()
        self.site_count: Counter[int] = Counter()
        self.relation: Counter[tuple[int, int]] = Counter()
        self.relations: Counter[int] = Counter()
        self.source: Counter[tuple[int, int]] = Counter()
        self.sources: Counter[int] = Counter()
        self.running: Counter[int] = Counter()
        self.falls_line: Counter[tuple[int, int]] = Counter()
        self.falls_site: Counter[tuple[int, int]] = Counter()
        self.reserve: Counter[int] = Counter()
        self.moves, self.one_off, self.agency_minutes = 0, 0.0, 0.0
        self.chosen = [-1] * len(self.provider)
        for d, p in enumerate(self.provider):
            if p >= 0:
                self._enter(d, p)
        self.total_minutes = math.fsum(self.minutes)
        opened = [p for p in range(self.own) if self.site_count[p]]
        self.one_off += math.fsum(self.site_setup[p] for p in opened)
        is_open = [p for p in range(self.own) if self.secretariat[p] and (self.site_count[p] or self.site_required[p])]
        self.open_secretariat = len(is_open)
        self.open_in_zone = Counter(self.zone[p] for p in is_open)
        self._worst_falls()

    def _enter(self, d: int, p: int) -> None:
        e, s = self.entity[d], self.service[d]
        pair = self.chosen[d] = self.problem.pair_of[d, p]
        self.moves += self.pair_move[pair]
        self.one_off += self.pair_one_off[pair]
        if self.bundle[d] >= 0:
            self.sources[self.bundle[d]] += not self.source[self.bundle[d], p]
            self.source[self.bundle[d], p] += 1
        if p == self.own:
            return
        line = self.line[p][s]
        self.running[s] += not self.line_count[line]
        self.line_volume[line] += self.volume[d]  # type: ignore[assignment]
        self.line_count[line] += 1
        self.site_minutes[p] += self.minutes[d]  # type: ignore[assignment]
        self.site_count[p] += 1
        self.relations[e] += not self.relation[e, p]
        self.relation[e, p] += 1
        self.agency_minutes += 0.0 if self.secretariat[p] else self.minutes[d]
        if self.backup[d] >= 0:
            second = self.line[self.backup[d]][s]
            self.falls_line[p, second] += self.volume[d]  # type: ignore[assignment]
            self.falls_site[p, self.backup[d]] += self.minutes[d]  # type: ignore[assignment]
            self.reserve[second] += 1

    def _worst_falls(self) -> None:
        self.worst_line: dict[int, float] = {}
        for (_, line), volume in self.falls_line.items():
            self.worst_line[line] = max(self.worst_line.get(line, 0.0), volume)
        self.worst_site: dict[int, float] = {}
        for (_, site), minutes in self.falls_site.items():
            self.worst_site[site] = max(self.worst_site.get(site, 0.0), minutes)

    def extra_cost(self, d: int, pair: int) -> float:
        """Change of the total when demand ``d`` moves to the provider of ``pair``."""
        old, new = self.provider[d], self.pair_provider[pair]
        parts = [self.pair_linear[pair], -self.pair_linear[self.chosen[d]]]
        parts += self._leave(d, old) if old != self.own else []
        parts += self._join(d, new) if new != self.own else []
        if self.bundle[d] >= 0:
            parts.append(self.rules.handover_cost * (self._sources_after(d, old, new) - self.sources[self.bundle[d]]))
        parts.append(self._dispersion(d, old, new))
        return math.fsum(parts)

    def _leave(self, d: int, p: int) -> list[float]:
        line = self.line[p][self.service[d]]
        volume = self.line_volume[line]
        alone = self.line_count[line] == 1
        after = 0.0 if alone else self._line_cost(line, volume - self.volume[d])
        parts = [after, -self._line_cost(line, volume)]
        if self.site_count[p] == 1:
            parts.append(-self.site_cost[p])
        if self.relation[self.entity[d], p] == 1:
            parts.append(-self.rules.interface_cost)
        return parts

    def _join(self, d: int, p: int) -> list[float]:
        line = self.line[p][self.service[d]]
        volume = self.line_volume[line]
        before = self._line_cost(line, volume) if self.line_count[line] else 0.0
        parts = [self._line_cost(line, volume + self.volume[d]), -before]
        if not self.site_count[p]:
            parts.append(self.site_cost[p])
        if not self.relation[self.entity[d], p]:
            parts.append(self.rules.interface_cost)
        return parts

    def _line_cost(self, line: int, volume: float) -> float:
        tiers = self.tiers[line]
        parts = [self.line_fixed[line]]
        for k, (start, unit_cost) in enumerate(tiers):
            stop = tiers[k + 1][0] if k + 1 < len(tiers) else math.inf
            if volume > start:
                parts.append(unit_cost * (min(volume, stop) - start))
        return math.fsum(parts)

    def _sources_after(self, d: int, old: int, new: int) -> int:
        bundle = self.bundle[d]
        return self.sources[bundle] - (self.source[bundle, old] == 1) + (self.source[bundle, new] == 0)

    def _dispersion(self, d: int, old: int, new: int) -> float:
        loss = self.rules.dispersion_loss
        if not loss:
            return 0.0
        s = self.service[d]
        before = after = self.running[s]
        if old != self.own and self.line_count[self.line[old][s]] == 1:
            after -= 1
        if new != self.own and not self.line_count[self.line[new][s]]:
            after += 1
        rate = [0.0 if n == 0 else loss[min(n, len(loss)) - 1] for n in (before, after)]
        return (rate[1] - rate[0]) * float(self.problem.reference[s])

    def allowed(self, d: int, pair: int) -> bool:
        """Whether every rule still holds after the move (the pair is eligible already)."""
        old, new = self.provider[d], self.pair_provider[pair]
        return (
            (new == self.own or self._new_side(d, new))
            and (old == self.own or self._old_side(d, old))
            and self._entity_side(d, old, new)
            and self._plan_side(d, pair, old, new)
            and self._backup_side(d, new)
        )

    def _new_side(self, d: int, p: int) -> bool:
        line = self.line[p][self.service[d]]
        volume = self.line_volume[line] + self.volume[d]
        minutes = self.site_minutes[p] + self.minutes[d]
        return (
            _fits(volume + self.worst_line.get(line, 0.0), self.line_capacity[line])
            and _fits(minutes + self.worst_site.get(p, 0.0), self.site_capacity[p])
            and _fits(self.line_min[line], volume)
            and _fits(self.site_min[p], minutes)
        )

    def _old_side(self, d: int, p: int) -> bool:
        line = self.line[p][self.service[d]]
        if self.line_count[line] == 1:
            if self.reserve[line]:
                return False
        elif not _fits(self.line_min[line], self.line_volume[line] - self.volume[d]):
            return False
        return self.site_count[p] == 1 or _fits(self.site_min[p], self.site_minutes[p] - self.minutes[d])

    def _entity_side(self, d: int, old: int, new: int) -> bool:
        e, limit = self.entity[d], self.rules.max_providers_per_entity
        if limit is not None:
            after = self.relations[e]
            after -= old != self.own and self.relation[e, old] == 1
            after += new != self.own and not self.relation[e, new]
            if after > limit:
                return False
        return not (self.rules.bundle_together and self.bundle[d] >= 0 and self._sources_after(d, old, new) > 1)

    def _plan_side(self, d: int, pair: int, old: int, new: int) -> bool:
        rules = self.rules
        if rules.max_moves is not None:
            after = self.moves - self.pair_move[self.chosen[d]] + self.pair_move[pair]
            if after > rules.max_moves:
                return False
        closes = old != self.own and self.site_count[old] == 1
        opens = new != self.own and not self.site_count[new]
        if rules.one_off_budget is not None:
            one_off = self.one_off - self.pair_one_off[self.chosen[d]] + self.pair_one_off[pair]
            one_off += (self.site_setup[new] if opens else 0.0) - (self.site_setup[old] if closes else 0.0)
            if not _fits(one_off, rules.one_off_budget):
                return False
        return self._agency_fits(d, old, new) and self._site_count_fits(old if closes else -1, new if opens else -1)

    def _agency_fits(self, d: int, old: int, new: int) -> bool:
        share = self.rules.agency_share_max
        if share is None or new == self.own or self.secretariat[new]:
            return True
        already = old != self.own and not self.secretariat[old]
        return _fits(self.agency_minutes + (0.0 if already else self.minutes[d]), share * self.total_minutes)

    def _site_count_fits(self, closed: int, opened: int) -> bool:
        rules = self.rules
        if rules.site_min is None and rules.site_max is None and not rules.zones:
            return True
        count, zones = self.open_secretariat, self.open_in_zone.copy()
        for site, step in ((closed, -1), (opened, 1)):
            if site >= 0 and self.secretariat[site] and not self.site_required[site]:
                count += step
                zones[self.zone[site]] += step
        if rules.zones and any(zones[z] <= 0 for z in range(3)):
            return False
        return (rules.site_min is None or count >= rules.site_min) and (
            rules.site_max is None or count <= rules.site_max
        )

    def _backup_side(self, d: int, new: int) -> bool:
        if not self.critical[d] or new == self.own:
            return True
        second = self.backup[d]
        if second < 0 or second == new or self.country[second] == self.country[new]:
            return False
        line = self.line[second][self.service[d]]
        volume = self.line_volume[line] + self.falls_line[new, line] + self.volume[d]
        minutes = self.site_minutes[second] + self.falls_site[new, second] + self.minutes[d]
        return _fits(volume, self.line_capacity[line]) and _fits(minutes, self.site_capacity[second])


def _fits(amount: float, limit: float) -> bool:
    return limit == np.inf or amount <= limit + _TOL * max(1.0, abs(limit))
