"""Payments of clients under the costs of the groups that are known: two linear programs and the nearest point."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix, vstack

from optimizer.domain.errors import BackendFailed
from optimizer.model.build import build_problem
from optimizer.model.program.layout import Layout, Options, lay_out
from optimizer.shares.nearest import nearest
from optimizer.solvers.linear import linear_optimum, linear_program
from optimizer.studies.search import CLOSED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from optimizer.model.aliases import Bools, Floats
    from optimizer.shares.costs import Cost, Costs
    from optimizer.shares.game import Group

__all__ = ["Limits", "Payments", "least", "most"]

Limits = tuple["Bools", "Floats"]
"""Who is in which group, shape (n_groups, n_clients), and what each group costs."""

_FAR: Final = 100.0
"""Times the total: an excess below minus this is none, nothing holds it."""


def least(cost: Cost) -> float:
    """The lower end of a cost."""
    return cost.least


def most(cost: Cost) -> float:
    """The upper end of a cost."""
    return cost.most


class Payments:
    """Groups that are known, and what clients may pay under them.

    Parameters
    ----------
    costs : Costs
    total : float
        C: what all clients pay together.
    charged : mapping of str to float
        What each is charged now.
    groups : list of frozenset of str
    """

    def __init__(self, costs: Costs, total: float, charged: Mapping[str, float], groups: list[Group]) -> None:
        self.costs, self.total, self.groups = costs, total, groups
        self.clients = costs.game.clients
        self.charged = np.array([charged[c] for c in self.clients])
        self.together = frozenset(self.clients)

    @cached_property
    def _layout(self) -> Layout:
        """Of the case of nobody: a program has a layout, and these do not look at it."""
        return lay_out(build_problem(self.costs.game.of(frozenset())), Options())

    def members(self, groups: Sequence[Group]) -> Bools:
        """Who is in which group, shape (n_groups, n_clients)."""
        rows = [[c in g for c in self.clients] for g in groups]
        return np.array(rows, np.bool_).reshape(len(groups), len(self.clients))

    def limits(self, end: Callable[[Cost], float], *, everyone: bool) -> Limits | None:
        """Groups with their cost at one end, without those that no plan serves.

        ``None``: of one nothing is known at this end, or there is no group. ``everyone``: all together are one too.
        """
        groups = [g for g in self.groups if everyone or g != self.together]
        cost = np.array([end(self.costs.known(g)) for g in groups])
        held = np.isfinite(cost)
        if not held.any() or (cost == -np.inf).any():
            return None
        return self.members(groups)[held], cost[held]

    def least_excess(self, limits: Limits) -> tuple[float | None, Floats] | None:
        """Least ε with Σ x = C and x(S) ≤ limit + ε, and payments that attain it; ε ``None``: nothing holds it."""
        members, cost = limits
        size, floor = len(self.clients), -_FAR * max(abs(self.total), 1.0)
        rows = np.hstack([members.astype(np.float64), -np.ones((len(cost), 1))])
        sums = np.append(np.ones(size), 0.0)[None, :]
        lower = np.append(np.full(len(cost), -np.inf), self.total)
        free = np.append(np.full(size, -np.inf), floor)
        objective = np.append(np.zeros(size), 1.0)
        matrix = csr_matrix(vstack([csr_matrix(rows), csr_matrix(sums)]))
        found = self._solved(objective, matrix, lower, np.append(cost, self.total), free)
        if found is None:
            return None
        epsilon = float(found[-1])
        return (None if epsilon <= 0.99 * floor else epsilon), found[:-1]

    def most_paid(self, limits: Limits) -> Floats | None:
        """Payments with the greatest sum under which no group pays above its limit."""
        members, cost = limits
        rows = csr_matrix(members.astype(np.float64))
        return self._solved(-np.ones(len(self.clients)), rows, np.full(len(cost), -np.inf), cost, None)

    def _solved(
        self, cost: Floats, rows: csr_matrix, lower: Floats, upper: Floats, free: Floats | None
    ) -> Floats | None:
        program = linear_program(self._layout, cost, rows, lower, upper, free)
        watch = self.costs.watch
        try:
            found = linear_optimum(program, watch.pool, watch.cancelled)
        except BackendFailed:  # an end less
            return None
        return None if found is None else found.values

    def nearest(self, limits: Limits, epsilon: float) -> Floats | None:
        """Of the payments that attain ε, the nearest to what is charged."""
        return nearest(self.charged, limits[0], limits[1] + epsilon, self.total)

    def excess(self, payments: Floats, end: Callable[[Cost], float]) -> float | None:
        """The most that a known group, all together aside, pays above its cost at one end."""
        known = self.limits(end, everyone=False)
        return None if known is None else float((known[0] @ payments - known[1]).max())

    def holding(self, payments: Floats, epsilon: float) -> tuple[Group, ...]:
        """Groups that pay as much above their cost as any, largest excess first."""
        listed = [g for g in self.groups if g != self.together and np.isfinite(self.costs.known(g).most)]
        above = self.members(listed) @ payments - np.array([self.costs.known(g).most for g in listed])
        at = [i for i in np.argsort(-above, kind="stable").tolist() if above[i] >= epsilon - CLOSED]
        return tuple(listed[i] for i in at)

    def named(self, payments: Floats) -> dict[str, float]:
        """Payments by client."""
        return dict(zip(self.clients, payments.tolist(), strict=True))

    @property
    def priced(self) -> int:
        """Groups of which a plan is held."""
        return sum(self.costs.known(g).upper is not None for g in self.groups)
