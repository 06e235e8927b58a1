"""Rules over time and decisions of a small dynamic case, at random.

Dates lie on and beside the first days of periods, since that is where definitions differ.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import OWN
from optimizer.domain.policy import Transition
from optimizer.domain.time.horizon import Horizon, add_months
from optimizer.domain.time.rows import Budget, Commitment, Freeze, Precedence
from optimizer.domain.types import Decision
from optimizer.testing.random_rows import TRANSITION

if TYPE_CHECKING:
    from optimizer.testing.draw import Draw

__all__ = ["Rows", "a_day", "decided", "limits", "put_policy", "timing"]

Rows = dict[str, Any]


def put_policy(rows: Rows, **fields: Any) -> None:
    """Set keys of the policy."""
    rows["policy"] = replace(rows["policy"], **fields)


def a_day(horizon: Horizon, draw: Draw) -> date:
    """A day on, just before, just after or in the middle of the first day of a period, or of the end."""
    begin = add_months(horizon.start, horizon.months * draw.pick(range(horizon.count + 1)))
    return begin + timedelta(days=draw.pick((0, 0, 0, -1, 1, 14)))


def limits(rows: Rows, draw: Draw) -> None:
    """Limits on switches and on what is paid once, waves, big bangs."""
    horizon = rows["policy"].horizon
    years = horizon.periods[-1].planning_year
    put_policy(
        rows,
        max_switches=draw.pick((1, 1, 1, 2)),
        wave_by=draw.pick(("demand", "demand", "entity", "service")),
        max_moves_per_period=draw.maybe((1, 2), 0.15),
        max_moves=draw.maybe((1, 2, 3), 0.15),
        one_off_budget=draw.maybe((10000.0, 40000.0), 0.1),
        handover_months=draw.pick((0.0, 0.0, 2.0, 3.5)),
        transition=draw.pick((Transition(), TRANSITION)),
    )
    if draw.yes(0.2):
        rows["budgets"] = (Budget(draw.pick(range(1, years + 1)), draw.pick((0.0, 15000.0, 60000.0))),)
    if draw.yes(0.2):
        period = draw.maybe(range(1, horizon.count + 1), 0.4)
        more = {"big_bang_cost_factor": draw.pick((0.8, 1.0)), "big_bang_probability": draw.pick((0.0, 0.1))}
        put_policy(rows, transition_mode="big_bang", big_bang_period=period, big_bang_failure_cost=3000.0, **more)


def timing(rows: Rows, draw: Draw) -> None:
    """Freezes and precedence."""
    horizon, services = rows["policy"].horizon, [s.id for s in rows["services"]]
    if draw.yes(0.2):
        begin = a_day(horizon, draw)
        scope = {
            "entity": draw.pick(("", "*", "kind:rco", rows["entities"][0].id)),
            "service": draw.pick(("", "*", services[0])),
            "provider": draw.pick(("", "*", rows["providers"][0].id)),
        }
        rows["freezes"] = (Freeze(begin, add_months(begin, draw.pick((1, 4, 13))), **scope),)
    if len(services) > 1 and draw.yes(0.35):
        first = draw.pick(("*", services[0]))
        rows["precedence"] = (Precedence(first, services[-1], draw.pick((0, 0, 1, 4)), draw.pick(("", "kind:rco"))),)


def decided(rows: Rows, draw: Draw) -> None:
    """Locks and forbids with dates, and commitments; never a lock and a commitment on one demand."""
    horizon = rows["policy"].horizon
    rows["decisions"] = tuple(d for d in rows["decisions"] if draw.yes(0.5))
    offers = [(o.provider, o.service) for o in rows["offers"]]
    if not offers or not rows["demands"]:
        return
    for action in ("lock", "forbid"):
        d = draw.pick(rows["demands"])
        who = [p for p, s in offers if s == d.service] + [OWN]
        if draw.yes(0.12) and not any((x.entity, x.service) == d.key for x in rows["decisions"]):
            begin = draw.maybe((a_day(horizon, draw),), 0.6)
            until = draw.maybe((add_months(begin or horizon.start, 5),), 0.5)
            made = Decision(action, d.entity, "drawn", d.service, draw.pick(who), from_=begin, until=until)
            rows["decisions"] = (*rows["decisions"], made)
    if draw.yes(0.15):
        d = draw.pick(rows["demands"])
        who = [p for p, s in offers if s == d.service] or [OWN]
        if not any(x.action == "lock" and x.service in ("", d.service) for x in rows["decisions"]):
            rows["commitments"] = (Commitment(d.entity, d.service, a_day(horizon, draw), draw.pick(who)),)
