"""What a plan saves over time: cash flow, present value, when it breaks even, rate of return.

Definitions: ``docs/model.md`` (planning over time). Amounts are exact; discount factors are floats.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from optimizer.verify.time.leaves import running_leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from optimizer.verify.leaves import Bearer
    from optimizer.verify.time.baseline import BaselinePath
    from optimizer.verify.time.costs import TimeCost
    from optimizer.verify.time.facts import Key, TimeFacts
    from optimizer.verify.time.plan import TimePlan

__all__ = ["TimeSavings", "break_even", "internal_rate", "savings_of"]

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class TimeSavings:
    """Savings of a plan against the baseline path. Lists have an amount a period; all but ``npv`` is not discounted.

    Parameters
    ----------
    saving : tuple of Fraction
        Running cost of the baseline less that of the plan, over the same demands.
    one_off : tuple of Fraction
        One-off cost of the plan less that of the baseline.
    flow : tuple of Fraction
        ``saving`` − ``one_off``.
    forced : tuple of Fraction
        Part of the plan's one-off cost that forced switches make.
    new_demand_cost, source_ended_cost : tuple of Fraction
        Running cost that falls to demands on neither side of the saving.
    npv : float
        Discounted sum of ``flow``.
    break_even : int, optional
        Month of the horizon, from 1, at whose end and all later ends the discounted sum is not below 0.
    payback_years : float, optional
        The same without discount, in years.
    irr : float, optional
    five_years, ten_years : Fraction, optional
        Sum of ``flow`` over the first years; ``None`` when the horizon is shorter.
    run_rate : Fraction, optional
        Saving of the last twelve months; ``None`` when the horizon is shorter.
    """

    saving: tuple[Fraction, ...]
    one_off: tuple[Fraction, ...]
    flow: tuple[Fraction, ...]
    forced: tuple[Fraction, ...]
    new_demand_cost: tuple[Fraction, ...]
    source_ended_cost: tuple[Fraction, ...]
    npv: float
    break_even: int | None
    payback_years: float | None
    irr: float | None
    five_years: Fraction | None
    ten_years: Fraction | None
    run_rate: Fraction | None

    def as_dict(self) -> dict[str, Any]:
        """Floats by name."""

        def plain(value: Any) -> Any:
            if isinstance(value, tuple):
                return [float(x) for x in value]
            return float(value) if isinstance(value, Fraction) else value

        return {name: plain(getattr(self, name)) for name in self.__slots__}


def savings_of(facts: TimeFacts, plan: TimePlan, cost: TimeCost, baseline: BaselinePath) -> TimeSavings:
    """Savings of a priced plan against the baseline path."""
    new, ended = _on_neither_side(facts, plan)
    rows = zip(baseline.cost.periods, cost.periods, new, ended, strict=True)
    saving = [b.running - (p.running - n - e) for b, p, n, e in rows]
    one_off = [p.one_off - b.one_off for b, p in zip(baseline.cost.periods, cost.periods, strict=True)]
    flow = [s - o for s, o in zip(saving, one_off, strict=True)]
    months, plain = facts.horizon.months, [1.0] * len(flow)
    back = break_even(saving, one_off, plain, months)
    return TimeSavings(
        saving=tuple(saving),
        one_off=tuple(one_off),
        flow=tuple(flow),
        forced=tuple(p.forced for p in cost.periods),
        new_demand_cost=tuple(new),
        source_ended_cost=tuple(ended),
        npv=float(sum((Fraction(d) * f for d, f in zip(facts.discounts, flow, strict=True)), _ZERO)),
        break_even=break_even(saving, one_off, facts.discounts, months),
        payback_years=None if back is None else back / 12,
        irr=internal_rate(flow, months / 12),
        five_years=_first(flow, 60 // months),
        ten_years=_first(flow, 120 // months),
        run_rate=sum(saving[-(12 // months) :], _ZERO) if len(saving) * months >= 12 else None,
    )


def _first(flow: Sequence[Fraction], periods: int) -> Fraction | None:
    return sum(flow[:periods], _ZERO) if len(flow) >= periods else None


def _on_neither_side(facts: TimeFacts, plan: TimePlan) -> tuple[list[Fraction], list[Fraction]]:
    """Running cost of each period that falls to demands without a price today, and to those whose source ended."""
    new, ended = list[Fraction](), list[Fraction]()
    for period, tally in zip(facts.periods, plan.tallies, strict=True):
        terms = running_leaves(tally).values()
        fresh = frozenset(period.demands) - period.priced_today - period.source_ended
        new.append(_borne(terms, fresh))
        ended.append(_borne(terms, period.source_ended))
    return new, ended


def _borne(terms: Iterable[Mapping[Bearer, Fraction]], keys: frozenset[Key]) -> Fraction:
    """Money of what demands bear; leaves are in cents."""
    return sum((part for leaves in terms for key in keys if (part := leaves.get((0, *key)))), _ZERO) / 100


def break_even(
    saving: Sequence[Fraction], one_off: Sequence[Fraction], worth: Sequence[float], months: int, edge: Fraction = _ZERO
) -> int | None:
    """The first month at whose end, and at all later ends, what came in covers what was paid.

    Parameters
    ----------
    saving, one_off : sequence of Fraction
        By period; a one-off amount falls on the period's first day, a saving evenly on its months.
    worth : sequence of float
        Discount factor of each period.
    months : int
        Of a period.
    edge : Fraction
        Sums count as 0 up to this amount; below 0 for what another right computation may find.

    Returns
    -------
    int or None
        0 where nothing is paid once and the sum is never below 0; ``None`` where it ends at 0 or below.
    """
    steps: list[Fraction] = []
    for s, o, d in zip(saving, one_off, worth, strict=True):
        each = Fraction(d) * s / months
        steps += [each - Fraction(d) * o, *[each] * (months - 1)]
    ends = list(accumulate(steps))
    if not ends or ends[-1] <= edge:
        return None
    below = [month for month, amount in enumerate(ends, 1) if amount < -edge]
    if below:
        return below[-1] + 1
    return 0 if all(o <= 0 for o in one_off) else 1


def internal_rate(flow: Sequence[Fraction], years: float) -> float | None:
    """Yearly rate at which flows at the ends of the periods are worth nothing.

    Only where the flow turns once, from minus to plus: there is one rate then.

    Parameters
    ----------
    flow : sequence of Fraction
    years : float
        Length of a period.
    """
    signs = [f > 0 for f in flow if f]
    if not signs or signs[0] or sum(a != b for a, b in pairwise(signs)) != 1:
        return None
    low, high = _ZERO, Fraction(1)  # of the factor from one period to the next; worth rises with it
    while _worth(flow, high) < 0:
        low, high = high, high * 2
    left, right = float(low), float(high)
    for _ in range(200):
        middle = (left + right) / 2
        if middle in (left, right):
            break
        left, right = (middle, right) if _worth(flow, Fraction(middle)) < 0 else (left, middle)
    return float(right ** (-1.0 / years)) - 1.0


def _worth(flow: Sequence[Fraction], factor: Fraction) -> Fraction:
    """Σ flow · factor^t / factor, of the sign of the sum."""
    total = _ZERO
    for amount in reversed(flow):
        total = total * factor + amount
    return total
