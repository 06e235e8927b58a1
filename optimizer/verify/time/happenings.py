"""What happens when, as a document over time should state it: periods, waves, load of lines and sites, entities."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from optimizer.verify import blocks
from optimizer.verify.compare import Money, Rows, Six
from optimizer.verify.entities import entities as entities_of_period
from optimizer.verify.time.figures import months_later

if TYPE_CHECKING:
    from optimizer.verify.time.account import Account
    from optimizer.verify.time.course import Switch
    from optimizer.verify.time.facts import TimeFacts
    from optimizer.verify.time.plan import TimePlan

__all__ = ["entities", "horizon", "lines", "sites", "waves"]


def horizon(facts: TimeFacts) -> dict[str, Any]:
    """The block ``horizon``, its dates counted again."""
    given = facts.horizon
    begins = [months_later(given.start, given.months * k) for k in range(given.count + 1)]
    periods = [
        {
            "period": k + 1,
            "begin": begins[k].isoformat(),
            "end": begins[k + 1].isoformat(),
            "planning_year": given.months * k // 12 + 1,
            "is_target": begins[k] >= given.target_from,
        }
        for k in range(given.count)
    ]
    return {
        "start": given.start.isoformat(),
        "unit": given.unit,
        "count": given.count,
        "target_from": given.target_from.isoformat(),
        "periods": Rows(periods, ("period",)),
    }


def waves(account: Account) -> Rows:
    """The block ``waves``: the switches of each period, and how firm they are."""
    facts, course, rows = account.facts, account.plan.course, []
    for period, money in zip(facts.periods, account.periods, strict=True):
        switches = [s for s in course.switches if s.period == period.number]
        effort = sum((period.facts.effort(period.demands[s.key]) for s in switches), Fraction(0))
        rows.append(
            {
                "period": period.number,
                "begin": period.period.begin.isoformat(),
                "switches": len(switches),
                "forced": sum(s.forced for s in switches),
                "effort_fte": Six(float(effort)),
                "one_off": Money(money.one_off),
                "entities": sorted({s.key[0] for s in switches}),
                "state": _state(facts, switches),
            }
        )
    return Rows(rows, ("period",))


def _state(facts: TimeFacts, switches: list[Switch]) -> str:
    """``committed``: all switches are; ``refined``: some are, or a decision with dates locks one; else ``proposed``."""
    if switches and all(s.committed for s in switches):
        return "committed"
    firm = any(s.committed or _locked_by_date(facts, s) for s in switches)
    return "refined" if firm else "proposed"


def _locked_by_date(facts: TimeFacts, switch: Switch) -> bool:
    begin = facts.periods[switch.period - 1].period.begin
    for row in facts.case.decisions:
        dated = row.from_ is not None or row.until is not None
        if row.action != "lock" or not dated or switch.key not in facts.case.demands_named(row.entity, row.service):
            continue
        if (row.from_ is None or row.from_ <= begin) and (row.until is None or begin < row.until):
            return True
    return False


def lines(plan: TimePlan) -> Rows:
    """The block ``lines``: a row for each period and offer that carries work, units a year."""
    rows = [{"period": n, **row} for n, t in enumerate(plan.tallies, 1) for row in blocks.lines(t).rows]
    return Rows(rows, ("period", "provider", "service"))


def sites(plan: TimePlan) -> Rows:
    """The block ``sites``: a row for each period and provider."""
    rows = [{"period": n, **row} for n, t in enumerate(plan.tallies, 1) for row in blocks.sites(t).rows]
    return Rows(rows, ("period", "provider"))


def entities(account: Account) -> Rows:
    """The block ``entities``: each as in the last period in which it is present."""
    last: dict[str, dict[str, Any]] = {}
    sides = zip(account.plan.tallies, account.path.counted, account.leaves, account.today, strict=True)
    for tally, counted, leaves, today in sides:
        comparable = {key for key in counted if key in tally.provider}
        last |= {str(row["id"]): row for row in entities_of_period(tally, comparable, leaves, today).rows}
    return Rows([last[name] for name in sorted(last)])
