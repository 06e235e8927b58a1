"""The rules of one period: those of a steady plan, with eligibility and open sites as they are over time."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.verify.findings import Found, Violation
from optimizer.verify.rules import CHECKS
from optimizer.verify.tally import Row, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from optimizer.verify.costs import Charge
    from optimizer.verify.time.facts import Key, PeriodFacts

__all__ = ["PeriodTally", "judge"]

_ELSEWHERE: Final = frozenset({"assign_once", "lock", "max_moves", "one_off_budget"})
"""Rules of ``RULES`` that are judged here, or over all periods."""

_STEADY: Final = tuple(check for check in CHECKS if check.__name__ not in _ELSEWHERE)


class PeriodTally(Tally):
    """A plan of one period counted up; sites are open as the whole plan says.

    Parameters
    ----------
    period : PeriodFacts
    rows : iterable of (entity, service, provider, backup)
    open_now : frozenset of str
        Sites that are open in the period, with work or without.
    """

    def __init__(self, period: PeriodFacts, rows: Iterable[Row], open_now: frozenset[str] = frozenset()) -> None:
        self.period, self.open_now = period, open_now
        self.charged: list[tuple[str, list[Charge]]] | None = None
        super().__init__(period.facts, rows)

    def open_sites(self) -> list[str]:
        """Sites that are open, sorted."""
        return sorted(self.open_now)

    def opened_candidates(self) -> list[str]:
        """Candidates that are open, sorted."""
        return sorted(p for p in self.open_now if self.facts.sites[p].is_candidate)


def judge(tally: PeriodTally, arrives: Callable[[Key], bool]) -> list[tuple[str, Found]]:
    """Every rule of a period by its name: how many things were looked at, and what is broken.

    Parameters
    ----------
    tally : PeriodTally
    arrives : callable
        Whether a demand switches or begins in the period.
    """
    out = [("assign_once", _assign_once(tally, arrives))]
    out += [(check.__name__, check(tally)) for check in _STEADY]
    return [*out, ("lock", _lock(tally))]


def _assign_once(t: PeriodTally, arrives: Callable[[Key], bool]) -> Found:
    """Every present demand has exactly one source, eligible in the period; agencies are tested on arrival."""
    out = [Violation("assign_once", "not present in the period", Fraction(1), "", *who) for who in t.unknown]
    out += [Violation("assign_once", "assigned more than once", Fraction(1), "demand", *who) for who in t.repeated]
    if not t.facts.policy.allow_unserved:
        out += [Violation("assign_once", "not served", Fraction(1), "demand", *d.key) for d in t.unserved()]
    for demand, source in t.served:
        for refusal in t.period.refusals(demand.key, source, arriving=arrives(demand.key)):
            text = f"{refusal.code}: {refusal.figure}"
            out.append(Violation("assign_once", text, Fraction(1), "demand", *demand.key, source))
    return len(t.facts.demands), out


def _lock(t: PeriodTally) -> Found:
    """A demand that a decision locks in the period is where it says; commitments have their own rule."""
    out, locks = [], t.period.case.locks
    for key, decided in locks.items():
        serving = t.provider.get(key, "")
        if serving != decided:
            text = f"decided for {decided}, {f'served by {serving}' if serving else 'not served'}"
            out.append(Violation("lock", text, Fraction(1), "demand", *key, serving))
    return len(locks), out
