"""A plan over time and the baseline path in whole cents, period by period: everything that is a sum of leaves.

Definitions: ``docs/model.md`` (planning over time). Where another right rounding of measured terms may move a cent, the
document's choice is taken over, and what follows from it is held to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import TIME_ONE_OFFS
from optimizer.verify.compare import is_number, whole_cents
from optimizer.verify.leaves import empty_site, spread
from optimizer.verify.stated import at, listed
from optimizer.verify.time.leaves import ALL_TERMS, PeriodLeaves, one_off_charges, running_leaves, settled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from optimizer.verify.costs import Charge
    from optimizer.verify.leaves import Bearer
    from optimizer.verify.time.baseline import BaselinePath
    from optimizer.verify.time.facts import Key, TimeFacts
    from optimizer.verify.time.plan import TimePlan

__all__ = ["Account", "PeriodAccount", "account_of", "totals"]


@dataclass(frozen=True, slots=True)
class PeriodAccount:
    """Money of one period in whole cents, not discounted.

    Parameters
    ----------
    running, one_off : int
        Of the plan.
    baseline_running, baseline_one_off : int
    new_demand, source_ended : int
        Running cost in the plan of demands on neither side of the saving.
    forced : int
        Transition and double running of forced switches.
    """

    running: int
    one_off: int
    baseline_running: int
    baseline_one_off: int
    new_demand: int
    source_ended: int
    forced: int

    @property
    def saving(self) -> int:
        """Running cost of the baseline less the plan's, over the same demands."""
        return self.baseline_running - self.running + self.new_demand + self.source_ended

    @property
    def net_one_off(self) -> int:
        """One-off cost of the plan less the baseline's."""
        return self.one_off - self.baseline_one_off

    @property
    def flow(self) -> int:
        """Saving less one-off cost."""
        return self.saving - self.net_one_off


@dataclass(frozen=True)
class Account:
    """All periods.

    Parameters
    ----------
    plan : TimePlan
    path : BaselinePath
    leaves, today : tuple of PeriodLeaves
        Of the plan and of the baseline path.
    periods : tuple of PeriodAccount
    """

    plan: TimePlan
    path: BaselinePath
    leaves: tuple[PeriodLeaves, ...]
    today: tuple[PeriodLeaves, ...]
    periods: tuple[PeriodAccount, ...]

    @property
    def facts(self) -> TimeFacts:
        """The case."""
        return self.plan.facts

    @property
    def has_baseline(self) -> bool:
        """Some demand counts in some period."""
        return any(self.path.counted)


def account_of(plan: TimePlan, path: BaselinePath, document: Any) -> Account:
    """The account of a plan; of the document only choices between figures that are equally right are taken over."""
    count = len(plan.tallies)
    rows = [*listed(document, "cash_flow"), *[None] * count][:count]
    once = one_off_charges(plan.course, plan.tallies)
    leaves, today, periods = [], [], []
    for at_, row in enumerate(rows):
        leaves.append(_of_plan(plan, at_, once[at_], row))
        today.append(_of_today(path, at_))
        periods.append(_period(plan, at_ + 1, leaves[-1], today[-1], row))
    return Account(plan, path, tuple(leaves), tuple(today), tuple(periods))


def _of_plan(plan: TimePlan, at_: int, once: Mapping[str, list[Charge]], row: Any) -> PeriodLeaves:
    exactly = running_leaves(plan.tallies[at_]) | {name: spread(charged) for name, charged in once.items()}
    return settled(exactly, lambda name: at(row, "cost", name))


def _of_today(path: BaselinePath, at_: int) -> PeriodLeaves:
    """Of one-off cost the exits of sites that end, which nobody bears."""
    exits: dict[str, dict[Bearer, Fraction]] = {name: {} for name in TIME_ONE_OFFS}
    exits["exit"] = {empty_site(""): path.cost.periods[at_].one_offs["exit"] * 100}
    return settled(running_leaves(path.tallies[at_]) | exits)


def _period(plan: TimePlan, number: int, leaves: PeriodLeaves, today: PeriodLeaves, row: Any) -> PeriodAccount:
    period = plan.facts.at(number)
    ended = period.source_ended
    fresh: frozenset[Key] = frozenset(period.demands) - period.priced_today - ended
    forced = [s.key for s in plan.course.switches if s.period == number and s.forced]
    return PeriodAccount(
        running=leaves.running_total,
        one_off=leaves.one_off_total,
        baseline_running=_accepted(today.running_total, len(today.loose_total), at(row, "baseline_running")),
        baseline_one_off=today.one_off_total,
        new_demand=_accepted(*leaves.running_of(fresh), at(row, "new_demand_cost")),
        source_ended=_accepted(*leaves.running_of(ended), at(row, "source_ended_cost")),
        forced=sum(leaves.of(name, key) for name in ("transition", "double_running") for key in forced),
    )


def _accepted(own: int, slack: int, stated: Any) -> int:
    """The stated cents where they are as right as our own."""
    whole = whole_cents(stated) if slack and is_number(stated) else None
    return own if whole is None or abs(whole - own) > slack else whole


def totals(leaves: tuple[PeriodLeaves, ...]) -> dict[str, int]:
    """Plain sums over the horizon by term, cents."""
    return {name: sum(period.total(name) for period in leaves) for name in ALL_TERMS}
