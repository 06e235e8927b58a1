"""Cost, baseline, savings and cash flow as a document over time should state them: sums of leaves, in cents.

Definitions: ``docs/model.md`` (planning over time).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import TIME_ONE_OFFS, TIME_TERMS
from optimizer.verify.compare import Cents, Either, Expect, Money, Rows, Six, Within, is_number
from optimizer.verify.stated import at
from optimizer.verify.time.account import totals
from optimizer.verify.time.leaves import ALL_TERMS
from optimizer.verify.time.savings import break_even, internal_rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.verify.time.account import Account, PeriodAccount
    from optimizer.verify.time.costs import TimeCost
    from optimizer.verify.time.leaves import PeriodLeaves

__all__ = ["baseline", "cash_flow", "cost", "savings", "unallocated"]

_EDGE: Final = Fraction(1, 10**6)
"""Cents by which sums of discounted cents may differ."""

_RATE: Final = 1e-7
"""By how much another right computation of an internal rate may differ, of itself and of 1."""


def cost(account: Account, exact: TimeCost) -> dict[str, Any]:
    """The block ``cost``: plain sums over the horizon, and what they are worth at its start."""
    return _sums(account.leaves, exact)


def baseline(account: Account) -> dict[str, Any] | None:
    """The block ``baseline``; ``None`` where no demand counts in any period."""
    if not account.has_baseline:
        return None
    broken = {(v.period, v.rule, v.entity, v.service, v.provider) for v in account.path.violations}
    sums = _sums(account.today, account.path.cost, told=True)
    return {**sums, "violations": BrokenInPeriods(frozenset(broken))}


class BrokenInPeriods(Expect):
    """The set of things that today's path breaks; words and amounts are not compared."""

    keys: Final = ("period", "rule", "entity", "service", "provider", "message", "amount")

    def __init__(self, names: frozenset[tuple[Any, ...]]) -> None:
        self.names = names

    def accepts(self, stated: Any) -> bool:
        """Same set of (period, rule, entity, service, provider), rows complete and by period."""
        if not isinstance(stated, list) or not all(map(self._readable, stated)):
            return False
        periods = [row["period"] for row in stated]
        return periods == sorted(periods) and {tuple(row[k] for k in self.keys[:5]) for row in stated} == self.names

    def _readable(self, row: Any) -> bool:
        if not isinstance(row, dict) or row.keys() != set(self.keys):
            return False
        texts = all(isinstance(row[k], str) for k in self.keys[1:6])
        return texts and type(row["period"]) is int and is_number(row["amount"])

    @property
    def shown(self) -> Any:
        """The set, sorted."""
        return [{**dict(zip(self.keys, n, strict=False)), "message": "", "amount": None} for n in sorted(self.names)]


def _sums(leaves: tuple[PeriodLeaves, ...], exact: TimeCost, *, told: bool = False) -> dict[str, Any]:
    """``told``: totals of terms are stated nowhere by period, so that measured ones may be rounded otherwise."""
    cents = totals(leaves)
    loose = {name: sum(name in p.loose_total for p in leaves) if told else 0 for name in ALL_TERMS}
    running, once = (sum(cents[n] for n in names) for names in (TIME_TERMS, TIME_ONE_OFFS))
    slack = sum(loose.values())
    return {
        **{name: Money(amount, loose[name]) for name, amount in cents.items()},
        "total": Money(running + once, slack),
        "running": Money(running, slack),
        "one_off": Money(once),
        "discounted": Six(exact.objective),
    }


def savings(account: Account, objective: float, plan: Any) -> dict[str, Any] | None:
    """The block ``savings``; ``None`` without a baseline.

    Parameters
    ----------
    account : Account
    objective : float
        Discounted cost, unrounded.
    plan : dict
        As stated: the bound is taken from it.
    """
    if not account.has_baseline:
        return None
    facts, periods = account.facts, account.periods
    flow, months = [p.flow for p in periods], facts.horizon.months
    worth = sum((Fraction(d) * f for d, f in zip(facts.discounts, flow, strict=True)), Fraction(0)) / 100
    run_rate, once = _last_year([p.saving for p in periods], months), totals(account.leaves)
    rate = internal_rate([Fraction(f, 100) for f in flow], months / 12)
    return {
        "annual": run_rate,
        "run_rate": run_rate,
        "total": Money(sum(p.saving for p in periods)),
        "upper_limit": _upper_limit(float(worth), objective, at(plan, "bounds", "best_bound")),
        "one_off": {name: Money(once[name]) for name in TIME_ONE_OFFS},
        "one_off_forced": Money(sum(p.forced for p in periods)),
        "npv": Cents(worth),
        "break_even": Either(tuple(_break_even(periods, facts.discounts, months))),
        "payback_years": Either(
            tuple(None if m is None else Six(m / 12) for m in _break_even(periods, [1.0] * len(periods), months))
        ),
        "irr": None if rate is None else Within(rate, _RATE, relative=_RATE),
        "five_years": _first_years(flow, 60 // months),
        "ten_years": _first_years(flow, 120 // months),
        "new_demand_cost": Money(sum(p.new_demand for p in periods)),
        "source_ended_cost": Money(sum(p.source_ended for p in periods)),
    }


def _upper_limit(npv: float, objective: float, bound: Any) -> Within | None:
    """Most that any plan could be worth: what this one costs above the bound is open; and no less than it is worth."""
    return Cents(max(npv, npv + objective - bound), 0.0101) if is_number(bound) else None


def _break_even(periods: Sequence[PeriodAccount], worth: Sequence[float], months: int) -> list[int | None]:
    """Months until the flow is earned back; more than one answer where a sum is 0 but for the noise of floats."""
    saving, once = [Fraction(p.saving) for p in periods], [Fraction(p.net_one_off) for p in periods]
    edge = _EDGE + sum(map(abs, [*saving, *once]), Fraction(0)) / 10**13
    found = [break_even(saving, once, worth, months, e) for e in (Fraction(0), edge, -edge)]
    return list(dict.fromkeys(found))


def _first_years(flow: Sequence[int], periods: int) -> Money | None:
    """Plain sum over the first years; ``None`` when the horizon is shorter."""
    return Money(sum(flow[:periods])) if periods <= len(flow) else None


def _last_year(saving: Sequence[int], months: int) -> Money | None:
    """Saving of the last twelve months; ``None`` when the horizon is shorter."""
    periods = 12 // months
    return Money(sum(saving[-periods:])) if periods <= len(saving) else None


def cash_flow(account: Account) -> Rows:
    """The block ``cash_flow``: a row a period."""
    facts, rows = account.facts, []
    flow = [p.flow for p in account.periods]
    plain = list(accumulate(flow))
    worth = list(accumulate(Fraction(d) * f for d, f in zip(facts.discounts, flow, strict=True)))
    for k, (leaves, money) in enumerate(zip(account.leaves, account.periods, strict=True)):
        begun = facts.horizon.periods[k]
        rows.append(
            {
                "period": k + 1,
                "begin": begun.begin.isoformat(),
                "planning_year": begun.planning_year,
                "discount": Within(facts.discounts[k], 1.5e-12),
                "cost": {name: Money(leaves.total(name)) for name in TIME_TERMS},
                "one_off": {name: Money(leaves.total(name)) for name in TIME_ONE_OFFS},
                "running": Money(money.running),
                "one_off_total": Money(money.one_off),
                "one_off_forced": Money(money.forced),
                "baseline_running": Money(money.baseline_running),
                "baseline_one_off": Money(money.baseline_one_off),
                "new_demand_cost": Money(money.new_demand),
                "source_ended_cost": Money(money.source_ended),
                "saving": Money(money.saving),
                "flow": Money(money.flow),
                "cumulative": Money(plain[k]),
                "cumulative_discounted": Cents(worth[k] / 100),
            }
        )
    return Rows(rows, ("period",))


def unallocated(account: Account) -> Rows:
    """What no assignment bears, by period and term: open sites without work, exits that nobody's move caused."""
    rows = [
        {"period": number, "term": name, "amount": Money(cents, leaves.nobody_slack(name))}
        for number, leaves in enumerate(account.leaves, 1)
        for name in sorted(ALL_TERMS)
        if (cents := leaves.nobody(name)) or leaves.nobody_slack(name)
    ]
    return Rows(rows, ("period", "term"), lambda row: row["amount"].cents == 0)
