"""Every plan of a small problem at once: cost and rules as columns over all plans, in exact whole numbers.

Works on the problem's arrays alone and shares no code with the engine's kernels, the array check
or the verifier; each of those is tested against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from optimizer.model.parts import Choice
from optimizer.model.problem import Problem

MICRO = 1_000_000


@dataclass(frozen=True)
class Best:
    """Cheapest plan that keeps every rule (infinity and ``None`` without one) and how many plans there are."""

    cost: float
    choice: Choice | None
    plans: int


def options(problem: Problem) -> list[np.ndarray]:
    """Providers that each demand may have, after locks."""
    start, out = problem.pairs.start, []
    for d in range(problem.n_demands):
        who = problem.pairs.provider[start[d] : start[d + 1]]
        lock = problem.locked[d]
        out.append(who if lock < 0 else who[who == lock])
    return out


def count(problem: Problem) -> int:
    """Number of plans before any rule but eligibility and locks; backups not counted."""
    return int(np.prod([len(o) for o in options(problem)], dtype=np.int64))


def best_plan(problem: Problem) -> Best:
    """Look at every plan."""
    plans = _plans(options(problem))
    table = _Table(problem, plans)
    good = table.feasible()
    cost = np.where(good, table.cost(), np.inf)
    for i in np.argsort(cost, kind="stable"):
        if not good[i]:
            break
        backup = table.backups(int(i))
        if backup is not None:
            return Best(float(cost[i]), Choice(plans[i].copy(), backup), len(plans))
    return Best(np.inf, None, len(plans))


def _plans(choices: list[np.ndarray]) -> np.ndarray:
    """One row for each combination."""
    grids = np.meshgrid(*choices, indexing="ij")
    return np.stack([g.ravel() for g in grids], axis=1).astype(np.int64)


def _whole(values: np.ndarray) -> np.ndarray:
    """Millionths; volumes have six decimals, minutes a few more that are kept by rounding late."""
    return np.rint(np.asarray(values, np.float64) * MICRO).astype(np.int64)


class _Table:
    """Loads of all plans of a problem."""

    def __init__(self, problem: Problem, plans: np.ndarray) -> None:
        self.problem, self.plans, self.own = problem, plans, problem.n_providers
        n, lines = len(plans), problem.lines
        self.volume = np.zeros((n, len(lines.provider)), np.int64)
        self.minutes = np.zeros((n, self.own), np.int64)
        volume, minutes = _whole(problem.pair_volume), _whole(problem.minutes)
        for i, (d, p) in enumerate(zip(problem.pairs.demand, problem.pairs.provider, strict=True)):
            if p < self.own:
                there = plans[:, d] == p
                self.minutes[there, p] += minutes[d]
                self.volume[there, lines.index[p, problem.demand_service[d]]] += volume[i]
        self.open = (self.minutes > 0) | problem.sites.is_required
        self.set_up = (self.minutes > 0) & problem.sites.is_candidate
        pair = np.full((problem.n_demands, self.own + 1), -1)
        pair[problem.pairs.demand, problem.pairs.provider] = np.arange(problem.n_pairs)
        self.pair = pair[np.arange(problem.n_demands), plans]

    def cost(self) -> np.ndarray:
        """Money a year of each plan."""
        x, sc, sites = self.problem, self.problem.scalars, self.problem.sites
        total = x.pairs.linear[self.pair].sum(axis=1) + self._lines()
        total += self.open @ sites.fixed_cost + self.set_up @ sites.setup
        total += sc.interface_cost * self._relations().sum(axis=1)
        total += sc.handover_cost * np.maximum(self._sources() - 1, 0).sum(axis=1)
        return total + self._dispersion()

    def feasible(self) -> np.ndarray:
        """Which plans keep every rule, backups aside."""
        x, sc, sites, lines = self.problem, self.problem.scalars, self.problem.sites, self.problem.lines
        ok = self._within(self.volume, lines.capacity).all(axis=1)
        ok &= self._within(self.minutes, sites.capacity_minutes).all(axis=1)
        ok &= ((self.volume == 0) | (self.volume >= _whole(lines.min_volume))).all(axis=1)
        ok &= (~self.set_up | (self.minutes + 1 >= _whole(sites.min_minutes))).all(axis=1)
        ok &= ~((self.minutes > 0) & sites.is_closed).any(axis=1)
        if sc.max_providers_per_entity is not None:
            ok &= (self._relations() <= sc.max_providers_per_entity).all(axis=1)
        if sc.bundle_together:
            ok &= (self._sources() <= 1).all(axis=1)
        if sc.agency_share_max is not None:
            given, most = self.minutes[:, ~sites.is_secretariat].sum(axis=1), sc.agency_share_max * x.minutes.sum()
            ok &= given <= most * MICRO + 1.0
        ok &= self._sites()
        moves = x.pairs.is_move[self.pair].sum(axis=1)
        if sc.max_moves is not None:
            ok &= moves <= sc.max_moves
        if sc.one_off_budget is not None:
            spent = x.pairs.one_off[self.pair].sum(axis=1) + self.set_up @ sites.setup_one_off
            ok &= spent <= sc.one_off_budget + 1e-6
        return ok

    @staticmethod
    def _within(load: np.ndarray, capacity: np.ndarray) -> np.ndarray:
        """Capacities and minutes come as floats: a millionth more is rounding."""
        return load <= np.asarray(capacity) * MICRO + 1.0

    def _lines(self) -> np.ndarray:
        lines, out = self.problem.lines, np.zeros(len(self.plans))
        for i in range(len(lines.provider)):
            volume = self.volume[:, i] / MICRO
            start = lines.tier_from[lines.tier_start[i] : lines.tier_start[i + 1]]
            price = lines.tier_cost[lines.tier_start[i] : lines.tier_start[i + 1]]
            stop = np.append(start[1:], np.inf)
            taken = np.clip(volume[:, None], start, stop) - start
            out += np.where(volume > 0, lines.fixed_cost[i], 0.0) + taken @ price
        return out

    def _relations(self) -> np.ndarray:
        """(plan, entity): providers it deals with."""
        x, out = self.problem, np.zeros((len(self.plans), len(self.problem.entity_ids)), np.int64)
        for e in range(out.shape[1]):
            mine = self.plans[:, x.demand_entity == e]
            out[:, e] = sum((mine == p).any(axis=1) for p in range(self.own))
        return out

    def _sources(self) -> np.ndarray:
        """(plan, bundle): distinct sources, own capacity one of them."""
        x = self.problem
        groups = sorted(set(x.bundle.tolist()) - {-1})
        out = np.zeros((len(self.plans), len(groups)), np.int64)
        for k, g in enumerate(groups):
            mine = self.plans[:, x.bundle == g]
            out[:, k] = sum((mine == p).any(axis=1) for p in range(self.own + 1))
        return out

    def _dispersion(self) -> np.ndarray:
        x, out = self.problem, np.zeros(len(self.plans))
        loss = np.array([0.0, *x.scalars.dispersion_loss])
        if len(loss) == 1:
            return out
        for s in range(len(x.service_ids)):
            runs = (self.volume[:, x.lines.service == s] > 0).sum(axis=1)
            out += loss[np.minimum(runs, len(loss) - 1)] * x.reference[s]
        return out

    def _sites(self) -> np.ndarray:
        """Number of open Secretariat sites, and one in each of the three zones."""
        sc, sites = self.problem.scalars, self.problem.sites
        mine = self.open & sites.is_secretariat
        number = mine.sum(axis=1)
        ok = (number >= (sc.site_min or 0)) & (number <= (self.own if sc.site_max is None else sc.site_max))
        if sc.zones:
            for zone in range(3):
                ok &= mine[:, sites.zone == zone].any(axis=1)
        return ok

    def backups(self, i: int) -> np.ndarray | None:
        """A naming of backups that the rule accepts in plan ``i``; ``None`` when there is none."""
        x, where = self.problem, self.plans[i]
        named = np.full(x.n_demands, -1, np.int64)
        if not x.scalars.backup:
            return named
        needs = [d for d in range(x.n_demands) if x.critical[d] and where[d] != self.own]
        fit = [[q for q in range(self.own) if self._fits(i, d, q)] for d in needs]
        for chosen in product(*fit):
            if self._carries(i, needs, chosen):
                named[needs] = chosen
                return named
        return None

    def _fits(self, i: int, d: int, q: int) -> bool:
        """Another provider, abroad, eligible, already running the service."""
        x, p = self.problem, self.plans[i, d]
        line = x.lines.index[q, x.demand_service[d]]
        if q == p or x.refusals[d, q] or x.sites.country[q] == x.sites.country[p] or line < 0:
            return False
        return bool(self.volume[i, line] > 0) and self._carries(i, [d], (q,))

    def _carries(self, i: int, needs: list[int], chosen: tuple[int, ...]) -> bool:
        """For every lost site and survivor: load and what falls to it within line and site capacity."""
        x = self.problem
        on_line: dict[tuple[int, int], int] = {}
        on_site: dict[tuple[int, int], int] = {}
        for d, q in zip(needs, chosen, strict=True):
            p, line = int(self.plans[i, d]), int(x.lines.index[q, x.demand_service[d]])
            on_line[p, line] = on_line.get((p, line), 0) + int(_whole(x.volume[d]))
            on_site[p, q] = on_site.get((p, q), 0) + int(_whole(x.minutes[d]))
        lines = all(self._within(self.volume[i, k] + v, x.lines.capacity[k]) for (_, k), v in on_line.items())
        return lines and all(
            self._within(self.minutes[i, q] + m, x.sites.capacity_minutes[q]) for (_, q), m in on_site.items()
        )
