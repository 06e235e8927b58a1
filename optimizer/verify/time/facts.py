"""What a dynamic case says about its periods, prepared once for any number of plans."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

from optimizer.domain.names import OWN, TRANSITION_ELEMENTS
from optimizer.domain.types import Decision, exact
from optimizer.verify.calendar import OverlapCalendar
from optimizer.verify.facts import Facts
from optimizer.verify.geography import Geography
from optimizer.verify.time.life import may_serve
from optimizer.verify.time.periods import PeriodCase, horizon_of, period_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.time.horizon import Period
    from optimizer.domain.time.rows import Commitment
    from optimizer.verify.eligibility import Refusal
    from optimizer.verify.facts import DemandFacts

__all__ = ["Key", "PeriodFacts", "TimeFacts", "in_scope"]

Key = tuple[str, str]
"""(entity, service)."""

_ON_ARRIVAL: Final = "agency_saving"
"""The one refusal that counts only where a demand arrives."""

_ALL: Final = ("", "*")


def in_scope(case: Case, scope: str, entity: str) -> bool:
    """Whether an entity scope (id, ``kind:<kind>``, ``*`` or blank) covers an entity."""
    if scope in _ALL or scope == entity:
        return True
    head, _, kind = scope.partition(":")
    return head == "kind" and case.entity[entity].kind == kind


class PeriodFacts:
    """One period.

    Parameters
    ----------
    of : PeriodCase
    commitments : sequence of Commitment
        Those whose first period this is; each acts like a lock in it.
    geography, calendar
        Shared by the periods.

    Attributes
    ----------
    facts : Facts
        Of the period's steady case, commitments among its locks.
    committed : dict
        Commitments of the period by demand.
    """

    def __init__(
        self, of: PeriodCase, commitments: Sequence[Commitment], geography: Geography, calendar: OverlapCalendar
    ) -> None:
        self.period: Period = of.period
        self.figures, self.case = of.figures, of.case
        locks = tuple(Decision("lock", c.entity, "committed", c.service, c.provider) for c in commitments)
        self.facts = Facts(
            of.case.having(decisions=(*of.case.decisions, *locks)) if locks else of.case, geography, calendar
        )
        self.committed: dict[Key, list[str]] = {}
        for c in commitments:
            self.committed.setdefault((c.entity, c.service), []).append(c.provider)
        elements = of.figures.policy.transition
        self.per_fte = sum((exact(getattr(elements, k)) for k in TRANSITION_ELEMENTS), Fraction(0)) * (
            1 + exact(elements.contingency_rate)
        )
        self._prices: dict[tuple[Key, str], Fraction | None] = {}

    @property
    def number(self) -> int:
        """From 1."""
        return self.period.number

    @property
    def demands(self) -> dict[Key, DemandFacts]:
        """Demands that are present."""
        return self.facts.demands

    def refusals(self, key: Key, source: str, *, arriving: bool) -> list[Refusal]:
        """What stands against a source of a present demand; the agency test only where the demand arrives."""
        found = self.facts.eligibility.verdict(self.demands[key].row, source).refusals
        return [r for r in found if arriving or r.code != _ON_ARRIVAL]

    def price(self, key: Key, source: str) -> Fraction | None:
        """First-tier cost a year of a present demand at a source, ended ones too; ``None`` without a price."""
        if (key, source) not in self._prices:
            self._prices[key, source] = self._price(key, source)
        return self._prices[key, source]

    def _price(self, key: Key, source: str) -> Fraction | None:
        row, volume = self.figures.demand[key], exact(self.demands[key].row.volume)
        if source == OWN:
            if row.own_unit_cost is None:
                return None
            return exact(row.own_fixed_cost) + volume * exact(row.own_unit_cost)
        offer = self.figures.offer.get((source, key[1]))
        if offer is None:
            return None
        return volume * self.figures.line_prices[offer.key][0][1] * (1 + exact(offer.fee_rate))

    @cached_property
    def priced_today(self) -> frozenset[Key]:
        """Present demands whose source of today has a price and has not ended: both sides of the saving."""
        return frozenset(k for k, d in self.demands.items() if d.today and self.facts.has_price(d.row, d.today))

    @cached_property
    def source_ended(self) -> frozenset[Key]:
        """Present demands whose source of today has a price and has ended."""
        known = {k for k, d in self.demands.items() if d.today and self.price(k, d.today) is not None}
        return frozenset(known - self.priced_today)

    def may_serve(self, provider: str) -> bool:
        """Whether the dates of a provider let it serve."""
        return may_serve(self.figures.provider[provider], self.period)


@dataclass(frozen=True, slots=True)
class Binding:
    """A commitment and the first period, from its date on, in which its demand is present."""

    row: Commitment
    period: int


class TimeFacts:
    """A dynamic case, prepared.

    Parameters
    ----------
    case : Case
    """

    def __init__(self, case: Case) -> None:
        self.case, self.policy, self.horizon = case, case.policy, horizon_of(case)
        cases = period_cases(case)
        self.present: dict[Key, tuple[int, ...]] = {}
        for of in cases:
            for d in of.case.demands:
                self.present[d.key] = (*self.present.get(d.key, ()), of.period.number)
        self.bindings = tuple(b for row in case.commitments if (b := self._binding(row)) is not None)
        geography, calendar = Geography(case.countries), OverlapCalendar(case.policy.calendar_year)
        self.periods = tuple(
            PeriodFacts(of, [b.row for b in self.bindings if b.period == of.period.number], geography, calendar)
            for of in cases
        )
        self.today: dict[Key, str] = {k: row.provider for k, row in case.current_of.items() if k in self.present}
        self.discounts = tuple(self._discount(p.period) for p in self.periods)
        self.window = min(12 // self.horizon.months, len(self.periods))

    def at(self, period: int) -> PeriodFacts:
        """A period by its number."""
        return self.periods[period - 1]

    def dates_of(self, period: int) -> Period:
        """Dates of a period."""
        return self.periods[period - 1].period

    def setup_cost(self, provider: str, period: int) -> Fraction:
        """What it costs to set a site up in a period."""
        return exact(self.at(period).figures.provider[provider].setup_cost)

    def exit_cost(self, provider: str, period: int) -> Fraction:
        """What it costs to leave a site in a period."""
        return exact(self.at(period).figures.provider[provider].exit_cost)

    def is_committed(self, key: Key, period: int, source: str) -> bool:
        """Whether a commitment puts a demand at a source in a period."""
        return source in self.at(period).committed.get(key, ())

    def _binding(self, row: Commitment) -> Binding | None:
        for number in self.present.get((row.entity, row.service), ()):
            if self.horizon.periods[number - 1].begin >= row.from_:
                return Binding(row, number)
        return None

    def _discount(self, period: Period) -> float:
        """Worth at the start of 1 paid in the middle of a period."""
        months = 12 * period.years.numerator // period.years.denominator
        middle = (2 * period.number - 1) * months / 24.0
        return float((1.0 + self.policy.discount_rate) ** -middle)
