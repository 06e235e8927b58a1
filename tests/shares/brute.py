"""Fair shares from the definitions: every group priced by enumeration of its plans, programs over all groups."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linprog, minimize

from optimizer.domain.case import Case
from optimizer.testing import best_plan
from optimizer.testing.typed import edited

Group = frozenset[str]


@dataclass(frozen=True)
class Brute:
    """The exact game: cost of each group, infinite where it cannot be served."""

    clients: tuple[str, ...]
    cost: dict[Group, float]

    @property
    def proper(self) -> list[Group]:
        """Groups but nobody and all, that can be served."""
        n = len(self.clients)
        return [g for g, c in self.cost.items() if 0 < len(g) < n and math.isfinite(c)]

    def rows(self, groups: list[Group]) -> np.ndarray:
        return np.array([[float(c in g) for c in self.clients] for g in groups]).reshape(len(groups), len(self.clients))

    def least_core(self, total: float) -> float | None:
        """Least ε with x(N) = total and x(S) ≤ c(S) + ε."""
        groups, n = self.proper, len(self.clients)
        if not groups:
            return None
        above = np.hstack([self.rows(groups), -np.ones((len(groups), 1))])
        equal = np.append(np.ones(n), 0.0)[None, :]
        found = linprog(
            np.append(np.zeros(n), 1.0),
            A_ub=above,
            b_ub=[self.cost[g] for g in groups],
            A_eq=equal,
            b_eq=[total],
            bounds=(None, None),
        )
        return float(found.fun) if found.status == 0 else None

    def most_paid(self) -> float:
        """Greatest x(N) with x(S) ≤ c(S) for every group and all."""
        groups = [*self.proper, frozenset(self.clients)]
        cost = [self.cost[g] for g in groups]
        found = linprog(-np.ones(len(self.clients)), A_ub=self.rows(groups), b_ub=cost, bounds=(None, None))
        return -float(found.fun)

    def nearest(self, charged: dict[str, float], total: float, epsilon: float) -> float:
        """Distance from what is charged to the payments that attain ε."""
        groups, given = self.proper, np.array([charged[c] for c in self.clients])
        scale = max(abs(total), 1.0)
        limits, rows = np.array([self.cost[g] for g in groups]) + epsilon + 0.02, self.rows(groups)
        found = minimize(
            lambda y: float(y @ y),
            np.zeros(len(given)),
            jac=lambda y: 2 * y,
            method="SLSQP",
            options={"maxiter": 1000, "ftol": 1e-15},
            constraints=[
                {"type": "eq", "fun": lambda y: y.sum() + (given.sum() - total) / scale},
                {"type": "ineq", "fun": lambda y: (limits - rows @ given) / scale - rows @ y},
            ],
        )
        return float(np.linalg.norm(found.x)) * scale if found.success else math.nan

    def shapley(self) -> dict[str, float]:
        """Mean over every order of what each adds."""
        value, orders = dict.fromkeys(self.clients, 0.0), list(itertools.permutations(self.clients))
        for order in orders:
            for k, client in enumerate(order):
                value[client] += self.cost[frozenset(order[: k + 1])] - self.cost[frozenset(order[:k])]
        return {c: v / len(orders) for c, v in value.items()}


def brute(case: Case) -> Brute:
    """Price every group of a small case."""
    clients = tuple(sorted({d.entity for d in case.demands}))
    cost = {frozenset[str](): 0.0}
    for size in range(1, len(clients) + 1):
        for group in itertools.combinations(clients, size):
            plan = best_plan(alone(case, frozenset(group)))
            cost[frozenset(group)] = math.inf if plan is None else float(plan.cost)
    return Brute(clients, cost)


def alone(case: Case, group: Group) -> Case:
    """The case with some entities only, and without the rules that a group by itself does not keep."""
    policy = replace(
        case.policy,
        backup=False,
        site_count=None,
        zones=False,
        agency_share_max=None,
        max_moves=None,
        one_off_budget=None,
        allow_unserved=False,
    )
    sites = [replace(p, status="open") if p.status == "required" else p for p in case.providers]
    return edited(
        case,
        policy=policy,
        entities=tuple(e for e in case.entities if e.id in group),
        demands=tuple(d for d in case.demands if d.entity in group),
        current=tuple(c for c in case.current if c.entity in group),
        decisions=tuple(d for d in case.decisions if d.entity in group or d.entity[:1] == "*" or ":" in d.entity),
        providers=tuple(replace(p, min_fte=0.0) for p in sites),
        offers=tuple(replace(o, min_volume=0.0) for o in case.offers),
    )
