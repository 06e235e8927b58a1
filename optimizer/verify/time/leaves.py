"""Who bears what, period by period: each demand's part of every running term and of what is paid once.

Definition (``docs/model.md``, planning over time): a leaf is one assignment's part of one term in one period. Running
terms fall as in a steady plan. A switch bears its transition and double running; the work of a site, by effort, its
set-up; those that leave it, by effort, its exit; the switches of a big bang, by effort, its risk. What nobody bears
stays with the site.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.domain.names import TIME_ONE_OFFS
from optimizer.verify.leaves import Bearer, apportion, empty_site
from optimizer.verify.time.costs import big_bang_period, charges, double_running_of, one_offs, transition_of

if TYPE_CHECKING:
    from optimizer.verify.time.facts import Key
    from optimizer.verify.time.plan import TimePlan
    from optimizer.verify.time.steady import PeriodTally

__all__ = ["PeriodLeaves", "exact_leaves", "in_cents", "running_leaves"]

PeriodLeaves = dict[str, dict[Bearer, Fraction]]
"""Money by term and bearer."""


def running_leaves(tally: PeriodTally) -> PeriodLeaves:
    """Running cost of a period by term and bearer, for its length, unrounded."""
    years = tally.period.period.years
    out: PeriodLeaves = {}
    for name, made in charges(tally):
        leaves = out[name] = dict[Bearer, Fraction]()
        for charge in made:
            weights = {d.key: d.volume if charge.weight == "volume" else d.minutes for d in charge.bearers}
            _share(leaves, years * charge.amount, weights, charge.provider)
    return out


def exact_leaves(plan: TimePlan) -> list[PeriodLeaves]:
    """Leaves of each period, unrounded."""
    return [running_leaves(t) | once for t, once in zip(plan.tallies, _one_off_leaves(plan), strict=True)]


def in_cents(leaves: PeriodLeaves) -> dict[str, dict[Bearer, int]]:
    """Leaves of a period in whole cents: each term by largest remainder to its rounded total."""
    return {name: apportion({who: 100 * x for who, x in parts.items()}) for name, parts in leaves.items()}


def _one_off_leaves(plan: TimePlan) -> list[PeriodLeaves]:
    course, facts = plan.course, plan.facts
    out: list[PeriodLeaves] = [{name: {} for name in TIME_ONE_OFFS} for _ in facts.periods]
    for s in course.switches:
        leaves = out[s.period - 1]
        _share(leaves["transition"], transition_of(facts, s), {s.key: 1})
        _share(leaves["double_running"], double_running_of(facts, s), {s.key: 1})
    paid = [money for money, _ in one_offs(course)]
    for provider, life in course.lives.items():
        if life.setup is not None:
            work = {d.key: d.minutes for d in plan.tallies[life.setup - 1].on_site.get(provider, ())}
            amount = facts.setup_cost(provider, life.setup)
            _share(out[life.setup - 1]["setup"], amount, work, provider)
        if life.exit is not None:
            left = ((s.key, s.minutes) for s in course.switches if (s.period, s.old) == (life.exit, provider))
            _share(out[life.exit - 1]["exit"], facts.exit_cost(provider, life.exit), _summed(left), provider)
    bang = big_bang_period(course)
    if bang is not None:
        moving = ((s.key, s.minutes) for s in course.switches if s.period == bang and not s.forced)
        _share(out[bang - 1]["risk"], paid[bang - 1]["risk"], _summed(moving))
    return out


def _summed(parts: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    out: dict[Key, int] = {}
    for key, part in parts:
        out[key] = out.get(key, 0) + part
    return out


def _share(leaves: dict[Bearer, Fraction], amount: Fraction, weights: Mapping[Key, int], provider: str = "") -> None:
    """Add an amount to the leaves of its bearers by their weights; without bearers to that of the site."""
    whole = sum(weights.values())
    if not whole:
        if amount:
            leaves[empty_site(provider)] = leaves.get(empty_site(provider), Fraction(0)) + amount
        return
    for key, weight in weights.items():
        who = (0, *key)
        leaves[who] = leaves.get(who, Fraction(0)) + amount * Fraction(weight, whole)
