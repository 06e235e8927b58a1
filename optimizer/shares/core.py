"""The core: whether payments exist that no group of clients can better by itself, and how far off it is if not."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_matrix, hstack

from optimizer.domain.errors import BackendFailed
from optimizer.model.build import build_problem
from optimizer.model.program.layout import Options, lay_out
from optimizer.shares.nearest import nearest
from optimizer.shares.program import GroupProgram
from optimizer.solvers.linear import linear_optimum, linear_program
from optimizer.studies.search import CLOSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from optimizer.model.aliases import Bools, Floats
    from optimizer.shares.costs import Cost, Costs
    from optimizer.shares.game import Game, Group
    from optimizer.solvers.accept.solve import Watch
    from optimizer.studies.base import Budget

__all__ = ["EVERY_GROUP", "Core", "Interval", "core_of", "every_group"]

EVERY_GROUP: Final = 12
"""Clients up to which every group is looked at."""
_SHARE: Final = 4
"""Each search over all groups takes a part of the time that is left, one in so many."""
_FAR: Final = 100.0
"""Times the total: an excess below minus this is none, nothing holds it."""


@dataclass(frozen=True, slots=True)
class Interval:
    """What is known of a figure, money a year; ``None``: no end is known."""

    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Core:
    """What is known of the core.

    Parameters
    ----------
    epsilon : Interval
        Least ε with x(N) = C and x(S) ≤ c(S) + ε for every group S but nobody and all.
    indivisibility : Interval
        C less the most that clients can pay where no group, nor all together, pays above its own cost.
    objection : Interval
        The most that a group is charged above its own cost, as charged now.
    payments : mapping of str to float, optional
        Of those that attain ε, the nearest to what is charged (least squares).
    excess : Interval
        The most that a group pays above its own cost under ``payments``.
    groups : tuple of frozenset of str
        Groups that hold ε: under ``payments`` they pay just as much above their cost as any.
    looked_at : int
        Groups whose cost is known from above.
    every_group : bool
        All were looked at.
    """

    epsilon: Interval
    indivisibility: Interval
    objection: Interval
    payments: dict[str, float] | None
    excess: Interval
    groups: tuple[Group, ...]
    looked_at: int
    every_group: bool


def every_group(clients: Sequence[str]) -> list[Group]:
    """Every group of clients but nobody, smallest first."""
    sizes = range(1, len(clients) + 1)
    return [frozenset(g) for size in sizes for g in itertools.combinations(clients, size)]


def core_of(
    costs: Costs,
    total: float,
    charged: dict[str, float],
    budget: Budget,
    *,
    first: Iterable[Group] = (),
    most: int = EVERY_GROUP,
) -> Core:
    """The core of a game.

    Parameters
    ----------
    costs : Costs
    total : float
        C: what all clients pay together.
    charged : dict of str to float
        What each is charged now.
    budget : Budget
    first : iterable of frozenset of str
        Groups to begin with, where not all are looked at.
    most : int, default 12
        Clients up to which every group is looked at.
    """
    clients = costs.game.clients
    together = frozenset(clients)
    if len(clients) <= most:
        groups = every_group(clients)
        for i, group in enumerate(groups):
            costs.of(group, seconds=budget.share(len(groups) - i))
        return _Listed(costs, total, charged, groups).core()
    begin = dict.fromkeys([*(frozenset({c}) for c in clients), *first, *(together - {c} for c in clients), together])
    for group in begin:
        costs.of(group, seconds=0.0)
    return _Sought(costs, total, charged, list(begin), budget).core()


class _Linear:
    """The two linear programs over groups that are known."""

    def __init__(self, costs: Costs, total: float, charged: dict[str, float], groups: list[Group]) -> None:
        self.costs, self.total, self.groups = costs, total, groups
        self.clients = costs.game.clients
        self.charged = np.array([charged[c] for c in self.clients])
        self.together = frozenset(self.clients)
        self.layout = _some_layout(costs.game)
        self.watch: Watch = costs.watch

    def members(self, groups: Sequence[Group]) -> Bools:
        """Who is in which group, shape (n_groups, n_clients)."""
        return np.array([[c in g for c in self.clients] for g in groups], np.bool_).reshape(len(groups), -1)

    def limits(self, end: Callable[[Cost], float], *, all_too: bool) -> tuple[Bools, Floats] | None:
        """Groups with their cost at one end, those without a plan left out; ``None``: of one nothing is known."""
        groups = [g for g in self.groups if all_too or g != self.together]
        cost = np.array([end(self.costs.known(g)) for g in groups])
        if (cost == -np.inf).any():
            return None
        held = np.isfinite(cost)
        return self.members(groups)[held], cost[held]

    def least_excess(self, known: tuple[Bools, Floats]) -> tuple[float | None, Floats] | None:
        """Least ε over groups, and payments that attain it; ε is ``None`` where nothing holds it."""
        members, cost = known
        floor = -_FAR * max(abs(self.total), 1.0)
        rows = csr_matrix(np.hstack([members.astype(np.float64), -np.ones((len(cost), 1))]))
        sums = csr_matrix(np.append(np.ones(len(self.clients)), 0.0))
        lower = np.append(np.full(len(cost), -np.inf), self.total)
        free = np.append(np.full(len(self.clients), -np.inf), floor)
        objective = np.append(np.zeros(len(self.clients)), 1.0)
        found = self._solved(objective, csr_matrix(_stack(rows, sums)), lower, np.append(cost, self.total), free)
        if found is None:
            return None
        epsilon = float(found[-1])
        return (None if epsilon <= 0.99 * floor else epsilon), found[:-1]

    def most_paid(self, known: tuple[Bools, Floats]) -> Floats | None:
        """Payments with the greatest sum under which no group pays above its cost."""
        members, cost = known
        rows = csr_matrix(members.astype(np.float64))
        return self._solved(-np.ones(len(self.clients)), rows, np.full(len(cost), -np.inf), cost, None)

    def _solved(
        self, cost: Floats, rows: csr_matrix, lower: Floats, upper: Floats, free: Floats | None
    ) -> Floats | None:
        program = linear_program(self.layout, cost, rows, lower, upper, free)
        try:
            found = linear_optimum(program, self.watch.pool, self.watch.cancelled)
        except BackendFailed:  # an end less
            return None
        return None if found is None else found.values

    def nearest(self, known: tuple[Bools, Floats], epsilon: float) -> Floats | None:
        """Of the payments that attain ε, the nearest to what is charged."""
        return nearest(self.charged, known[0], known[1] + epsilon, self.total)

    def holding(self, payments: Floats, epsilon: float) -> tuple[Group, ...]:
        """Groups that pay as much above their cost as any, largest excess first."""
        listed = [g for g in self.groups if g != self.together and np.isfinite(self.costs.known(g).most)]
        if not listed:
            return ()
        cost = np.array([self.costs.known(g).most for g in listed])
        above = self.members(listed) @ payments - cost
        at = [i for i in np.argsort(-above, kind="stable").tolist() if above[i] >= epsilon - CLOSED]
        return tuple(listed[i] for i in at)

    def named(self, payments: Floats | None) -> dict[str, float] | None:
        """Payments by client."""
        return None if payments is None else dict(zip(self.clients, payments.tolist(), strict=True))

    def known_from_above(self) -> int:
        """Groups of which a plan is held."""
        return sum(self.costs.known(g).upper is not None for g in self.groups)

    def above(self, payments: Floats, end: Callable[[Cost], float]) -> float | None:
        """The most that a known group pays above its cost at one end; all together are none."""
        known = self.limits(end, all_too=False)
        if known is None or not len(known[1]):
            return None
        return float((known[0] @ payments - known[1]).max())


class _Listed(_Linear):
    """Every group is known."""

    def core(self) -> Core:
        """Both ends of each figure by the same program at both ends of each cost."""
        high, low = self.limits(_most, all_too=False), self.limits(_least, all_too=False)
        by_plans = self.least_excess(high) if high is not None and len(high[1]) else None
        by_bounds = self.least_excess(low) if low is not None and len(low[1]) else None
        epsilon = Interval(None if by_plans is None else by_plans[0], None if by_bounds is None else by_bounds[0])
        payments: Floats | None = None
        groups: tuple[Group, ...] = ()
        if low is not None and by_bounds is not None and epsilon.upper is not None:
            payments = self.nearest(low, epsilon.upper)
            payments = by_bounds[1] if payments is None else payments
            groups = self.holding(payments, epsilon.upper)
        return Core(
            epsilon=epsilon,
            indivisibility=self._indivisibility(),
            objection=Interval(self.above(self.charged, _most), self.above(self.charged, _least)),
            payments=self.named(payments),
            excess=Interval()
            if payments is None
            else Interval(self.above(payments, _most), self.above(payments, _least)),
            groups=groups,
            looked_at=self.known_from_above(),
            every_group=True,
        )

    def _indivisibility(self) -> Interval:
        ends: list[float | None] = []
        for end in (_most, _least):
            known = self.limits(end, all_too=True)
            paid = None if known is None else self.most_paid(known)
            ends.append(None if paid is None else self.total - float(paid.sum()))
        return Interval(*ends)


class _Sought(_Linear):
    """Groups are found one by one, each by a program over all of them."""

    def __init__(
        self, costs: Costs, total: float, charged: dict[str, float], groups: list[Group], budget: Budget
    ) -> None:
        super().__init__(costs, total, charged, groups)
        self.budget = budget
        self.program = GroupProgram(costs.game, costs.params, costs.watch)
        self._seen = set(groups)

    def core(self) -> Core:
        """What is charged now, then the least ε, then the price of indivisibility, then the nearest payments."""
        objection = self._worst(self.charged, everyone=False)[0]
        epsilon, payments = self._epsilon()
        paid = self._paid()
        most = None if epsilon.upper is None else max(epsilon.upper, 0.0) * len(self.clients)
        over = [v for v in (paid.upper, most, self.total) if v is not None]
        excess, payments = self._nearest(epsilon, payments)
        return Core(
            epsilon=epsilon,
            indivisibility=Interval(paid.lower, min(over)),
            objection=objection,
            payments=self.named(payments),
            excess=excess,
            groups=() if payments is None or epsilon.lower is None else self.holding(payments, epsilon.lower),
            looked_at=self.known_from_above(),
            every_group=False,
        )

    @property
    def _over(self) -> bool:
        return self.budget.over or self.watch.stopped

    def _worst(self, payments: Floats, *, everyone: bool) -> tuple[Interval, bool]:
        """The most that a group pays above its cost, from both ends; whether a group was found that tells more."""
        named = dict(zip(self.clients, payments.tolist(), strict=True))
        try:
            found = self.program.least(named, everyone=everyone, seconds=self.budget.share(_SHARE))
        except BackendFailed:
            return Interval(self.above(payments, _most)), False
        more = bool(found.group) and self._told(found.group, found.rows)
        lower = self.above(payments, _most)
        if everyone:
            all_above = float(payments.sum()) - self.costs.known(self.together).most
            lower = all_above if lower is None else max(lower, all_above)
        return Interval(lower, None if found.least is None else -found.least), more

    def _told(self, group: Group, rows: Sequence[tuple[str, str, str, str]]) -> bool:
        """A plan of a group is kept; whether it is new or cheaper."""
        before = self.costs.known(group).most
        after = self.costs.hold(group, rows).most
        if group not in self._seen:
            self._seen.add(group)
            self.groups.append(group)
            return True
        return after < before - CLOSED

    def _epsilon(self) -> tuple[Interval, Floats | None]:
        """Least ε: from below by groups that are known, from above by the program's bound."""
        lower: float | None = None
        upper: float | None = None
        best: Floats | None = None
        while True:
            known = self.limits(_most, all_too=False)
            found = None if known is None or not len(known[1]) else self.least_excess(known)
            if found is None:
                return Interval(lower, upper), best
            lower, payments = found
            best = payments if best is None else best
            if self._over:
                return Interval(lower, upper), best
            worst, more = self._worst(payments, everyone=False)
            if worst.upper is not None and (upper is None or worst.upper < upper):
                upper, best = worst.upper, payments
            if not more or (lower is not None and upper is not None and upper - lower <= CLOSED):
                return Interval(lower, upper), best

    def _paid(self) -> Interval:
        """Price of indivisibility, in the same way."""
        lower: float | None = None
        upper: float | None = None
        while True:
            known = self.limits(_most, all_too=True)
            payments = None if known is None else self.most_paid(known)
            if payments is None:
                return Interval(lower, upper)
            lower = self.total - float(payments.sum())
            if self._over:
                return Interval(lower, upper)
            worst, more = self._worst(payments, everyone=True)
            if worst.upper is not None:
                reached = lower + max(worst.upper, 0.0) * len(self.clients)  # all pay so much less: nobody is above
                upper = reached if upper is None else min(upper, reached)
            if not more or (upper is not None and upper - lower <= CLOSED):
                return Interval(lower, upper)

    def _nearest(self, epsilon: Interval, attained: Floats | None) -> tuple[Interval, Floats | None]:
        """Of the payments that attain ε as far as it is known, the nearest; groups that object to them are found."""
        if epsilon.upper is None or attained is None:
            return Interval(), None
        while True:
            known = self.limits(_most, all_too=False)
            payments = None if known is None else self.nearest(known, epsilon.upper)
            if payments is None:
                payments, more = attained, False
                return Interval(self.above(payments, _most), epsilon.upper), payments
            if self._over:
                return Interval(self.above(payments, _most)), payments
            worst, more = self._worst(payments, everyone=False)
            if not more or (worst.upper is not None and worst.upper <= epsilon.upper + CLOSED):
                return worst, payments


def _least(cost: Cost) -> float:
    return cost.least


def _most(cost: Cost) -> float:
    return cost.most


def _stack(rows: csr_matrix, last: csr_matrix) -> csr_matrix:
    return csr_matrix(hstack([rows.T, last.T]).T)


def _some_layout(game: Game):  # type: ignore[no-untyped-def]
    return lay_out(build_problem(game.of(frozenset())), Options())
