"""A location problem as the engine sees it: costs by facility and customer, prices, and what they rule out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.program.units import pair_lines
from optimizer.solvers.engine.amounts import resourced
from optimizer.solvers.engine.location.knapsacks import Work, climb, make_work, penalties
from optimizer.solvers.engine.shared_state import WHOLE_SLACK

if TYPE_CHECKING:
    from optimizer.model.problem import Problem
    from optimizer.solvers.engine.shared_state import SharedState

__all__ = ["Location", "is_location"]

LOCATION_CELLS = 4_000_000
"""Facilities times customers up to which the dense arrays are made."""
GRID, NEED = 4000, 2000
"""Most cells of a facility's room, and of the room of all of them together."""
STEPS, MOST_STEPS, CELLS_A_LOOK = 10, 1500, 2_000_000
"""Steps of the ascent between two looks at the clock at most, in all, and pairs looked at in between."""
SETTLED = 1e-4
"""Step factor below which the prices have settled."""
AHEAD = 0.03
"""How far above the best bound the steps aim, at most."""


def is_location(problem: Problem) -> bool:
    """Whether a problem is single-source facility location and nothing else.

    One service, one demand an entity, volumes that do not depend on the provider, one straight
    cost a line, fixed costs on lines, and no rule that ties sites or demands together otherwise.
    """
    lines, sites, rules = problem.lines, problem.sites, problem.scalars
    one_demand = problem.n_demands == len(problem.entity_ids) and bool((problem.demand_service == 0).all())
    plain = problem.pairs.volume is None and len(lines.tier_from) == len(lines.provider)
    fixed = bool((lines.fixed_cost > 0).any()) and not bool((lines.min_volume > 0).any())
    free_sites = bool(np.isinf(sites.capacity_minutes).all()) and not bool((sites.min_minutes > 0).any())
    inside = bool((problem.pairs.provider < problem.n_providers).all())
    untied = (
        rules.site_min is None
        and rules.site_max is None
        and rules.agency_share_max is None
        and rules.max_moves is None
        and rules.one_off_budget is None
        and not rules.near
        and not (rules.zones or rules.backup or any(rules.dispersion_loss))
    )
    small = len(lines.provider) * problem.n_demands <= LOCATION_CELLS
    return one_demand and plain and fixed and free_sites and inside and untied and small


class Location:
    """A problem as costs by facility and customer, its prices, and what they rule out.

    Parameters
    ----------
    problem : Problem
        For which ``is_location`` holds.
    shared : SharedState
    """

    def __init__(self, problem: Problem, shared: SharedState) -> None:
        self.problem, self.shared = problem, shared
        lines, sites, pairs = problem.lines, problem.sites, problem.pairs
        self.line = pair_lines(problem)
        m, n = len(lines.provider), problem.n_demands
        pair_cost = pairs.linear + lines.tier_cost[self.line] * problem.pair_volume + problem.scalars.interface_cost
        self.cost = np.full((m, n), np.inf)
        self.cost[self.line, pairs.demand] = pair_cost
        required = sites.is_required[lines.provider]
        opening = sites.fixed_cost + np.where(sites.is_candidate, sites.setup, 0.0)
        self.fixed = lines.fixed_cost + np.where(required, 0.0, opening[lines.provider])
        self.offset = float(opening[sites.is_required].sum())
        on_line = resourced(problem).line
        self.take = np.zeros(problem.n_demands)
        self.take[problem.pairs.demand] = on_line.amount
        self.room = np.minimum(on_line.most, float(self.take.sum()))
        whole = [v[np.isfinite(v)] for v in (self.cost, self.fixed, np.array([self.offset]))]
        self.integral = all(bool((v == np.round(v)).all()) for v in whole)
        self.work = self._work()
        self.bound = -math.inf
        self.opened, self.closed = np.full(m, -np.inf), np.full(m, -np.inf)
        self.pair = np.full((m, n), -np.inf)
        self._control = np.array([1.0, -math.inf, 0.0, 0.1])
        self._steps = 0

    def _work(self) -> Work:
        unit = max(int(np.gcd.reduce(self.take.astype(np.int64))), 1)
        take, room = self.take.astype(np.int64) // unit, self.room.astype(np.int64) // unit
        need = int(take.sum())
        coarse, wide = -(-int(room.max(initial=0)) // GRID) or 1, -(-need // NEED) or 1
        cover = np.minimum(-(-room // wide), need // wide)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = self.fixed[:, None] * self.take[None, :] / np.maximum(self.room, 1.0)[:, None]
        first = np.where(np.isfinite(self.cost), self.cost + share, np.inf).min(axis=0)
        return make_work(self.cost.copy(), self.fixed, take // coarse, room // coarse, cover, need // wide, first)

    def price(self, share: float) -> None:
        """Raise the bound until the prices settle or ``share`` of the budget is spent."""
        shared, wk = self.shared, self.work
        steps = max(1, min(STEPS, CELLS_A_LOOK // self.cost.size))
        while not shared.stop() and shared.spent() < share and self._control[0] > SETTLED and self._steps < MOST_STEPS:
            known = max(float(self._control[1]), -1e300)
            near = known + AHEAD * abs(known) if self._steps else 1.3 * float(wk.now.sum())
            bound = climb(wk, steps, min(shared.objective - self.offset, near), self._control)
            self._steps += steps
            shared.add_work(1 + steps * self.cost.size // 100_000)
            self._claim(bound)
            shared.tell()
        shared.stats["lagrangian_bound"], shared.stats["lagrangian_steps"] = self.bound, self._steps

    def _claim(self, bound: float) -> None:
        if bound == math.inf:
            self.shared.infeasible = self.shared.choice is None
            return
        self.bound = max(self.bound, bound + self.offset)
        self.shared.raise_bound(self.round_up(self.bound))

    def round_up(self, bound: float) -> float:
        """The next cost that a plan can have, where all costs are whole numbers."""
        return math.ceil(bound - WHOLE_SLACK) if self.integral and math.isfinite(bound) else bound

    def penalise(self) -> None:
        """What opening, closing or using each facility costs at least, at the prices so far."""
        self._claim(self.penalise_node() - self.offset)

    def penalise_node(self) -> float:
        """The same for what is decided in ``work``; the bound holds for that part only."""
        bound = penalties(self.work, self.opened, self.closed, self.pair) + self.offset
        for values in (self.opened, self.closed, self.pair):
            values += self.offset
        return bound

    def limit(self, most: float) -> float:
        """Penalty above which a facility or pair is in no plan cheaper than ``most``."""
        return (math.ceil(most - 1e-6) - 1 if self.integral and most < math.inf else most) + 1e-7 * abs(most)
