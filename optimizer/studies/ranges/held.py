"""The plan held: who serves whom in every period that a sample may have, and what it comes to."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.plan.time.savings import break_even
from optimizer.verify.time.evaluator import TimeEvaluator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.model.aliases import Floats
    from optimizer.verify.time.plan import TimeRow

__all__ = ["HeldPlan", "Money", "Outcome", "evaluated", "outcome_of"]

Key = tuple[str, str]


class HeldPlan:
    """Sources and backups of a plan document, asked for any period.

    A period within no stretch, which a demand has in a sample only, belongs to the stretch before it; where there is
    none, to the first. So the plan is held, and nothing switches that did not.

    Parameters
    ----------
    document : mapping
        ``designate.plan/2``.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        found: dict[Key, list[tuple[int, str, str]]] = {}
        for row in document["assignments"]:
            stretch = row["from_period"], row["provider"] or "", row["backup"] or ""
            found.setdefault((row["entity"], row["service"]), []).append(stretch)
        self._stretches = {key: sorted(stretches) for key, stretches in found.items()}

    def at(self, key: Key, period: int) -> tuple[str, str]:
        """Source and backup of a demand in a period; empty where the plan says nothing of the demand."""
        stretches = self._stretches.get(key)
        if stretches is None:
            return "", ""
        place = max(0, bisect_right(stretches, period, key=lambda s: s[0]) - 1)
        return stretches[place][1:]

    def rows(self, present: Mapping[Key, Sequence[int]]) -> list[TimeRow]:
        """Rows for every period in which each demand is present."""
        return [(*key, period, *self.at(key, period)) for key, periods in present.items() for period in periods]


@dataclass(frozen=True, slots=True, eq=False)
class Money:
    """Money of each period, not discounted; shapes (n_periods,).

    Parameters
    ----------
    running, one_off : ndarray
        Of the plan.
    saving, net_one_off : ndarray, optional
        Against the baseline path; ``None`` where no demand counts in it.
    discount : ndarray
    """

    running: Floats
    one_off: Floats
    saving: Floats | None
    net_one_off: Floats | None
    discount: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the plan held comes to in one sample.

    Parameters
    ----------
    running, one_off : float
        Plain sums over the horizon, money.
    saving, npv : float, optional
        ``None`` where there is no baseline.
    break_even : int, optional
        Months; ``None`` too where it does not break even.
    discounted : float
        The objective.
    broken : frozenset of str
        Rules that it breaks.
    cumulative, cumulative_discounted : ndarray of shape (n_periods,), optional
        Flow added up.
    """

    running: float
    one_off: float
    saving: float | None
    npv: float | None
    break_even: int | None
    discounted: float
    broken: frozenset[str]
    cumulative: Floats | None
    cumulative_discounted: Floats | None


def outcome_of(money: Money, months: int, broken: frozenset[str]) -> Outcome:
    """The figures of one sample.

    Parameters
    ----------
    money : Money
    months : int
        Of a period.
    broken : frozenset of str
    """
    running, one_off = float(money.running.sum()), float(money.one_off.sum())
    discounted = float(money.discount @ (money.running + money.one_off))
    if money.saving is None or money.net_one_off is None:
        return Outcome(running, one_off, None, None, None, discounted, broken, None, None)
    flow = money.saving - money.net_one_off
    worth = money.discount * flow
    back = break_even(money.saving * 100, money.net_one_off * 100, money.discount, months)
    saving, npv = float(money.saving.sum()), float(worth.sum())
    return Outcome(running, one_off, saving, npv, back, discounted, broken, np.cumsum(flow), np.cumsum(worth))


def evaluated(case: Case, held: HeldPlan) -> Outcome:
    """The plan held on a case, by the independent evaluator: exact, and slower than arrays."""
    evaluator = TimeEvaluator(case)
    facts = evaluator.facts
    plan = evaluator.plan(held.rows(facts.present))
    cost, saved, path = plan.cost(), evaluator.savings(held.rows(facts.present)), evaluator.baseline()
    counts = any(path.counted)
    money = Money(
        running=np.array([float(p.running) for p in cost.periods]),
        one_off=np.array([float(p.one_off) for p in cost.periods]),
        saving=np.array([float(s) for s in saved.saving]) if counts else None,
        net_one_off=np.array([float(o) for o in saved.one_off]) if counts else None,
        discount=np.array(facts.discounts),
    )
    broken = frozenset(name for name, (_, found) in plan.results().items() if found)
    return outcome_of(money, facts.horizon.months, broken)
