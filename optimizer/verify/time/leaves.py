"""Who bears what in each period, to the cent: a leaf is assignment × term × period.

Definition (``docs/model.md``, planning over time): leaves of a term are rounded to cents by largest remainder to its
rounded total in the period. Effort share bears set-up, exit (the demands that switch away then) and risk (the
switches); what nobody bears is ``unallocated``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import TIME_ONE_OFFS, TIME_TERMS
from optimizer.domain.types import exact
from optimizer.verify.compare import is_number
from optimizer.verify.costs import Charge
from optimizer.verify.exactly import exact_sum, remainder_of
from optimizer.verify.leaves import Bearer, apportion, noise_of, right_total, rounded_cents, spread
from optimizer.verify.time.costs import big_bang_period, charges, double_running_of, transition_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.time.course import Course, Switch
    from optimizer.verify.time.facts import Key
    from optimizer.verify.time.steady import PeriodTally

__all__ = ["ALL_TERMS", "PeriodLeaves", "one_off_charges", "running_leaves", "settled"]

ALL_TERMS: Final = (*TIME_TERMS, *TIME_ONE_OFFS)
"""Running terms, then what is paid once."""

_MEASURED: Final = frozenset({"distance", "overlap"})
"""Terms that rest on measured figures, of which another right computation may differ by noise."""

_NEAR: Final = 1e-6
"""Remainders this near, in cents, but not equal, may be ordered otherwise."""

Exact = dict[str, dict[Bearer, Fraction]]


@dataclass(frozen=True)
class PeriodLeaves:
    """Leaves of one period in whole cents, by term and bearer.

    Parameters
    ----------
    cents : dict
    loose : dict
        By term, leaves that another right rounding may give a cent more or less; empty but for measured noise.
    loose_total : frozenset of str
        Terms whose total may be rounded either way.
    """

    cents: dict[str, dict[Bearer, int]]
    loose: dict[str, frozenset[Bearer]]
    loose_total: frozenset[str] = frozenset()

    def total(self, name: str) -> int:
        """Total of a term, what nobody bears included."""
        return sum(self.cents[name].values())

    @cached_property
    def running_total(self) -> int:
        """All running terms."""
        return sum(self.total(name) for name in TIME_TERMS)

    @cached_property
    def one_off_total(self) -> int:
        """All that is paid once."""
        return sum(self.total(name) for name in TIME_ONE_OFFS)

    def of(self, name: str, key: Key) -> int:
        """One demand's part of a term."""
        return self.cents[name].get((0, *key), 0)

    def slack(self, name: str, key: Key) -> int:
        """Cents by which it may differ."""
        return int((0, *key) in self.loose[name])

    @cached_property
    def _running(self) -> dict[Bearer, int]:
        out: dict[Bearer, int] = {}
        for name in TIME_TERMS:
            for who, cents in self.cents[name].items():
                out[who] = out.get(who, 0) + cents
        return out

    def running(self, who: Bearer) -> int:
        """One bearer's running cost."""
        return self._running.get(who, 0)

    def running_of(self, keys: Iterable[Key]) -> tuple[int, int]:
        """Running cost that falls to some demands, and by how many cents it may differ."""
        named = list(keys)
        slack = sum(self.slack(name, key) for name in TIME_TERMS for key in named)
        return sum(self.running((0, *key)) for key in named), slack

    def nobody(self, name: str) -> int:
        """What no demand bears of a term."""
        return sum(cents for who, cents in self.cents[name].items() if who[0] == 1)

    def nobody_slack(self, name: str) -> int:
        """Cents by which it may differ."""
        return sum(who[0] == 1 for who in self.loose[name])


def settled(exactly: Exact, said: Callable[[str], Any] = lambda _: None) -> PeriodLeaves:
    """Leaves in whole cents; a stated total decides a measured term that ends on half a cent.

    Parameters
    ----------
    exactly : dict
        Unrounded leaves in cents by term.
    said : callable
        The stated total of a term, money.
    """
    cents, loose, either = {}, {}, set()
    for name, leaves in exactly.items():
        noise, total = noise_of(name, leaves), None
        if name in _MEASURED:
            stated, whole = said(name), exact_sum(leaves.values())
            if rounded_cents(whole - Fraction(noise)) != rounded_cents(whole + Fraction(noise)):
                either.add(name)
                if is_number(stated) and right_total(leaves, stated * 100.0, noise):
                    total = round(stated * 100.0)
        cents[name] = apportion(leaves, total)
        loose[name] = _loose(leaves, cents[name], noise)
    return PeriodLeaves(cents, loose, frozenset(either))


def _loose(leaves: dict[Bearer, Fraction], cents: dict[Bearer, int], noise: float) -> frozenset[Bearer]:
    """Leaves around the last remainder that was rounded up, where the next one is as good but for noise."""
    parts = {who: remainder_of(amount) for who, amount in leaves.items()}
    rest = {who: above for who, (_, above) in parts.items()}
    raised = {who for who, (low, _) in parts.items() if cents[who] > low}
    up = [r for who, r in rest.items() if who in raised]
    down = [r for who, r in rest.items() if who not in raised]
    if not up or not down:
        return frozenset()
    low, high, near = min(up), max(down), max(_NEAR, noise)
    if low == high or abs(low - high) > near:
        return frozenset()
    return frozenset(who for who, r in rest.items() if min(abs(r - low), abs(r - high)) <= near)


def running_leaves(tally: PeriodTally) -> Exact:
    """Unrounded leaves of the running terms of a period, in cents, for its length."""
    years = tally.period.period.years
    return {name: spread(made, years) for name, made in charges(tally)}


def one_off_charges(course: Course, tallies: Sequence[PeriodTally]) -> list[dict[str, list[Charge]]]:
    """What is paid once in each period and who bears it, by ``TIME_ONE_OFFS``."""
    facts = course.facts
    out: list[dict[str, list[Charge]]] = [{name: [] for name in TIME_ONE_OFFS} for _ in facts.periods]
    for s in course.switches:
        mine = [facts.at(s.period).demands[s.key]]
        out[s.period - 1]["transition"].append(Charge(transition_of(facts, s), mine))
        out[s.period - 1]["double_running"].append(Charge(double_running_of(facts, s), mine))
    for provider, life in sorted(course.lives.items()):
        if life.setup is not None:
            amount = exact(facts.at(life.setup).figures.provider[provider].setup_cost)
            working = tallies[life.setup - 1].on_site.get(provider, ())
            out[life.setup - 1]["setup"].append(Charge(amount, working, "effort", provider))
        if life.exit is not None:
            amount = exact(facts.at(life.exit).figures.provider[provider].exit_cost)
            leaving = _switching(course, life.exit, lambda s, left=provider: s.old == left)  # type: ignore[misc]
            out[life.exit - 1]["exit"].append(Charge(amount, leaving, "effort", provider))
    bang = big_bang_period(course)
    if bang is not None:
        amount = exact(facts.policy.big_bang_probability) * exact(facts.policy.big_bang_failure_cost)
        out[bang - 1]["risk"].append(Charge(amount, _switching(course, bang, lambda _: True)))
    return out


def _switching(course: Course, period: int, which: Callable[[Switch], bool]) -> list[DemandFacts]:
    """Demands that switch in a period."""
    there = course.facts.at(period).demands
    return [there[s.key] for s in course.switches if s.period == period and which(s)]
