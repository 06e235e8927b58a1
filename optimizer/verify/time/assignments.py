"""Assignments as a document over time should state them: a row for each stretch of one source and backup."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import TIME_TERMS
from optimizer.domain.types import exact
from optimizer.verify.blocks import reach
from optimizer.verify.compare import Cents, Either, Money, Rows, Six, Within
from optimizer.verify.time.leaves import ALL_TERMS
from optimizer.verify.time.stretches import Stretch, stretches_of

if TYPE_CHECKING:
    from optimizer.verify.time.account import Account
    from optimizer.verify.time.neighbours import NearPlan

__all__ = ["assignments"]


def assignments(account: Account, near: NearPlan | None) -> Rows:
    """The block ``assignments``; without ``near`` there are no runner-ups."""
    rows = [_row(account, stretch, near) for stretch in stretches_of(account.plan)]
    return Rows(rows, ("entity", "service", "from_period"))


def _row(account: Account, stretch: Stretch, near: NearPlan | None) -> dict[str, Any]:
    first = account.facts.at(stretch.periods[0])
    d = first.demands[stretch.key]
    volume, effort = _work(account, stretch)
    cents, slack = _borne(account, stretch)
    running, loose = (sum(of[n] for n in TIME_TERMS) for of in (cents, slack))
    journey = account.plan.course.journeys[stretch.key]
    switch = next((s for s in journey.switches if s.period == first.number), None)
    return {
        "entity": stretch.key[0],
        "service": stretch.key[1],
        "from_period": first.number,
        "until_period": stretch.periods[-1],
        "provider": stretch.source or None,
        "backup": stretch.backup or None,
        "volume": Six(float(volume)),
        "volume_basis": d.row.basis,
        "effort_fte": Six(float(effort)),
        "cost": {name: Money(cents[name], slack[name]) for name in ALL_TERMS},
        "price": Within(float(running / (100 * volume)), 1.5e-6 + loose / 100 / float(volume))
        if stretch.source
        else None,
        **reach(account.plan.tallies[first.number - 1], d, stretch.source),
        "moved_from": switch.old if switch is not None else None,
        "forced": switch is not None and switch.forced,
        "by_decision": bool(d.lock),
        "runner_up": None if near is None else _runner_up(near, stretch),
    }


def _runner_up(near: NearPlan, stretch: Stretch) -> Any:
    """The cheapest other source; any other within a cent of it is as good."""
    ranked = near.ranked(stretch)
    ties = [a for a in ranked if a.extra_cost <= ranked[0].extra_cost + 0.01 + near.noise]
    stated = tuple({"provider": a.provider, "extra_cost": Cents(a.extra_cost, 0.0051 + near.noise)} for a in ties)
    return Either(stated) if stated else None


def _work(account: Account, stretch: Stretch) -> tuple[Fraction, Fraction]:
    """Volume over the stretch, and mean effort a year."""
    volume = effort = years = Fraction(0)
    for number in stretch.periods:
        period = account.facts.at(number)
        d, length = period.demands[stretch.key], period.period.years
        volume += exact(d.row.volume) * length
        effort += period.facts.effort(d) * length
        years += length
    return volume, effort / years


def _borne(account: Account, stretch: Stretch) -> tuple[dict[str, int], dict[str, int]]:
    """Leaves of the stretch by term, and by how many cents each may differ."""
    leaves, who = [account.leaves[number - 1] for number in stretch.periods], (0, *stretch.key)
    cents = {name: sum(of.cents[name].get(who, 0) for of in leaves) for name in ALL_TERMS}
    return cents, {name: sum(who in loose for of in leaves if (loose := of.loose[name])) for name in ALL_TERMS}
