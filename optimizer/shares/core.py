"""The core: whether payments exist that no group of clients can better by itself, and how far off it is if not."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.domain.errors import BackendFailed
from optimizer.shares.payments import Payments, least, most
from optimizer.shares.program import GroupProgram
from optimizer.studies.search import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from optimizer.model.aliases import Floats
    from optimizer.shares.costs import Costs, Row
    from optimizer.shares.game import Group
    from optimizer.shares.program import ByDuals
    from optimizer.studies.base import Budget

__all__ = ["EVERY_GROUP", "Core", "Interval", "core_of"]

EVERY_GROUP: Final = 12
"""Clients up to which every group is looked at."""
_PARTS: Final = 4
"""Each search over all groups takes one of so many parts of the time that is left."""


@dataclass(frozen=True, slots=True)
class Interval:
    """What is known of a figure, money a year; ``None``: that end is not known."""

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
        Groups that hold ε: under ``payments`` they pay as much above their cost as any.
    priced : int
        Groups of which a plan is held.
    every_group : bool
        All were looked at.
    unheld : bool
        Proven that nothing holds ε: it has no least value, so that the core is not empty and no payments attain it.
    """

    epsilon: Interval
    indivisibility: Interval
    objection: Interval
    payments: Mapping[str, float] | None
    excess: Interval
    groups: tuple[Group, ...]
    priced: int
    every_group: bool
    unheld: bool = False


def core_of(
    costs: Costs,
    total: float,
    charged: Mapping[str, float],
    budget: Budget,
    *,
    first: Iterable[Group] = (),
    listed_up_to: int = EVERY_GROUP,
) -> Core:
    """The core of a game.

    Parameters
    ----------
    costs : Costs
    total : float
        C: what all clients pay together.
    charged : mapping of str to float
        What each is charged now.
    budget : Budget
    first : iterable of frozenset of str
        Groups to begin with, where not all are looked at.
    listed_up_to : int, default 12
        Clients up to which every group is looked at.
    """
    clients = costs.game.clients
    if len(clients) <= listed_up_to:
        sizes = range(1, len(clients) + 1)
        groups = [frozenset(g) for size in sizes for g in itertools.combinations(clients, size)]
        for i, group in enumerate(groups):
            costs.of(group, seconds=budget.share(len(groups) - i))
        return _listed(Payments(costs, total, charged, groups))
    together = frozenset(clients)
    begin = list(dict.fromkeys([*(frozenset({c}) for c in clients), *first, together]))
    costs.of(together, seconds=budget.share(_PARTS))
    for group in begin:
        if not budget.over and costs.known(group).upper is None:
            costs.of(group, seconds=0.0)
    return _Sought(costs, total, charged, begin, budget).core()


def _listed(known: Payments) -> Core:
    """The core where every group is known: the same programs at both ends of each cost."""
    high, low = known.limits(most, everyone=False), known.limits(least, everyone=False)
    by_plans = None if high is None else known.least_excess(high)
    by_bounds = None if low is None else known.least_excess(low)
    epsilon = Interval(None if by_plans is None else by_plans[0], None if by_bounds is None else by_bounds[0])
    payments: Floats | None = None
    if low is not None and by_bounds is not None and epsilon.upper is not None:
        payments = known.nearest(low, epsilon.upper)
        payments = by_bounds[1] if payments is None else payments
    paid: list[float | None] = []
    for end in (most, least):
        limits = known.limits(end, everyone=True)
        found = None if limits is None else known.most_paid(limits)
        paid.append(None if found is None else known.total - float(found.sum()))
    return Core(
        epsilon=epsilon,
        indivisibility=Interval(*paid),
        objection=_ends(known, known.charged),
        payments=None if payments is None else known.named(payments),
        excess=Interval() if payments is None else _ends(known, payments),
        groups=() if payments is None or epsilon.lower is None else known.holding(payments, epsilon.lower),
        priced=known.priced,
        every_group=True,
        unheld=by_bounds is not None and by_bounds[0] is None,
    )


def _ends(known: Payments, payments: Floats) -> Interval:
    """The most that a group pays above its cost, by both ends of each cost."""
    return Interval(known.excess(payments, most), known.excess(payments, least))


class _Sought(Payments):
    """Groups that are found one by one, each by a program over all of them."""

    def __init__(
        self, costs: Costs, total: float, charged: Mapping[str, float], groups: list[Group], budget: Budget
    ) -> None:
        super().__init__(costs, total, charged, groups)
        self.budget = budget
        self.program = GroupProgram(costs.game, costs.params, costs.watch)

    def core(self) -> Core:
        """What is charged now, then the least ε, then the price of indivisibility, then the nearest payments."""
        by_duals = self.program.by_duals(self.total, seconds=self.budget.share(2))
        objection, _ = self._worst(self.charged, everyone=False)
        epsilon, attained = self._epsilon(by_duals)
        indivisibility = self._indivisibility(epsilon, by_duals)
        payments, excess = self._nearest(epsilon, attained)
        return Core(
            epsilon=epsilon,
            indivisibility=indivisibility,
            objection=objection,
            payments=None if payments is None else self.named(payments),
            excess=excess,
            groups=() if payments is None or epsilon.lower is None else self.holding(payments, epsilon.lower),
            priced=self.priced,
            every_group=False,
        )

    @property
    def _over(self) -> bool:
        return self.budget.over or self.costs.watch.stopped

    def _worst(self, payments: Floats, *, everyone: bool) -> tuple[Interval, bool]:
        """The most that a group pays above its cost, from both ends; whether a plan was found that tells more."""
        upper, more = None, False
        try:
            found = self.program.least(self.named(payments), everyone=everyone, seconds=self.budget.share(_PARTS))
            upper = None if found.least is None else -found.least
            more = bool(found.group) and self._keep(found.group, found.rows)
        except BackendFailed:  # one search is lost, what is known stays
            pass
        lower = self.excess(payments, most)
        if everyone:
            above = float(payments.sum()) - self.costs.known(self.together).most
            lower = above if lower is None else max(lower, above)
        return Interval(lower, upper), more

    def _keep(self, group: Group, rows: Sequence[Row]) -> bool:
        """A plan of a group joins what is known; whether it is the first, or cheaper."""
        before = self.costs.known(group).most
        after = self.costs.hold(group, rows).most
        if group not in self.groups:
            self.groups.append(group)
            return True
        return after < before - CLOSED

    def _epsilon(self, by_duals: ByDuals | None) -> tuple[Interval, Floats | None]:
        """Least ε: from below by groups that are known, from above by the program's bound; payments near to it."""
        lower: float | None = None
        upper: float | None = None
        attained: Floats | None = None
        if by_duals is not None:
            upper, attained = by_duals.excess, np.array([by_duals.payments[c] for c in self.clients])
        while True:
            limits = self.limits(most, everyone=False)
            found = None if limits is None else self.least_excess(limits)
            if found is None:
                break
            lower, payments = found
            attained = payments if attained is None else attained
            if self._over:
                break
            worst, more = self._worst(payments, everyone=False)
            if worst.upper is not None and (upper is None or worst.upper < upper):
                upper, attained = worst.upper, payments
            if not more or (lower is not None and upper is not None and upper - lower <= CLOSED):
                break
        return Interval(lower, upper), attained

    def _indivisibility(self, epsilon: Interval, by_duals: ByDuals | None) -> Interval:
        """C less the most that is paid: less by what known groups allow, by the program's bound no more."""
        lower: float | None = None
        size = len(self.clients)
        ends = [self.total]  # who pays nothing objects to nothing
        all_above = self.total - self.costs.known(self.together).least
        if epsilon.upper is not None:  # each pays so much less than payments that attain it
            ends.append(max(epsilon.upper * size, all_above, 0.0))
        if by_duals is not None:
            ends.append(by_duals.uncovered)
        while True:
            limits = self.limits(most, everyone=True)
            payments = None if limits is None else self.most_paid(limits)
            if payments is None:
                break
            lower = self.total - float(payments.sum())
            if self._over:
                break
            worst, more = self._worst(payments, everyone=True)
            if worst.upper is not None:
                ends.append(lower + max(worst.upper, 0.0) * size)
            if not more or min(ends) - lower <= CLOSED:
                break
        return Interval(lower, min(ends))

    def _nearest(self, epsilon: Interval, attained: Floats | None) -> tuple[Floats | None, Interval]:
        """Of the payments that attain ε as far as it is known, the nearest; groups that object to them are found."""
        if epsilon.upper is None or attained is None:
            return None, Interval()
        while True:
            limits = self.limits(most, everyone=False)
            payments = None if limits is None else self.nearest(limits, epsilon.upper)
            if payments is None:
                return attained, Interval(self.excess(attained, most), epsilon.upper)
            worst, more = Interval(self.excess(payments, most)), False
            if not self._over:
                worst, more = self._worst(payments, everyone=False)
            kept = worst.upper is not None and worst.upper <= epsilon.upper + CLOSED
            if kept or not more:  # those that are proven to attain it go before nearer ones that are not
                proven = kept or worst.lower is None or worst.lower <= epsilon.upper + CLOSED
                return (payments, worst) if proven else (attained, Interval(self.excess(attained, most), epsilon.upper))
