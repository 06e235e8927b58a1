"""A ledger by period: what was frozen, who is in scope, what is forecast, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import OWN
from optimizer.domain.types import exact
from optimizer.ledger.entries import effective
from optimizer.ledger.periods import LedgerPeriod, from_name, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.ledger.entries import Entry

__all__ = ["Demand", "Frozen", "State"]

Key = tuple[str, str]
"""(entity, service)."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand as it was frozen; figures of a year."""

    provider: str
    volume: Fraction
    own_unit_cost: Fraction | None
    baseline_unit_cost: Fraction | None
    quality: str


class Frozen:
    """A freeze: it counts from its first period until a later one begins."""

    def __init__(self, entry: Entry) -> None:
        body = entry.body
        self.id, self.body = entry.id, body
        self.unit: str = body["unit"]
        begin = from_name(body["begin"], self.unit)
        assert begin is not None  # checked when it was made
        self.begin = begin
        self.currency: str = body["currency"]
        self.rates = {c: exact(r) for c, r in body["rates"].items()} | {self.currency: Fraction(1)}
        self.minutes = {s: exact(m) for s, m in body["minutes"].items()}
        self.year_minutes = exact(body["minutes_per_fte_year"])
        self.prices = {(p["provider"], p["service"]): exact(p["price"]) for p in body["prices"]}
        self.providers = {p for p, _ in self.prices} | {OWN}
        self.demands: dict[Key, Demand] = {
            (d["entity"], d["service"]): Demand(
                d["provider"],
                exact(d["volume"]),
                None if d["own_unit_cost"] is None else exact(d["own_unit_cost"]),
                None if d["baseline_unit_cost"] is None else exact(d["baseline_unit_cost"]),
                d["quality"],
            )
            for d in body["demands"]
        }
        self.staff: dict[str, dict[str, tuple[Fraction, Fraction]]] = {}
        for row in body["staff"]:
            mine = self.staff.setdefault(row["provider"], {})
            mine[row["category"]] = exact(row["share"]), exact(row["cost_per_fte"])

    def price(self, key: Key, provider: str) -> Fraction | None:
        """Frozen price of a unit: of the list, or the line's first unit cost; of own capacity its unit cost."""
        if provider == OWN:
            demand = self.demands.get(key)
            return None if demand is None else demand.own_unit_cost
        return self.prices.get((provider, key[1]))

    def planned_cost(self, provider: str, category: str) -> Fraction | None:
        """Planned cost of one FTE of a category a year; a provider without categories has one for all."""
        mine = self.staff.get(provider, {})
        found = mine.get(category, mine.get(""))
        return None if found is None else found[1]


class State:
    """What counts in a ledger.

    Parameters
    ----------
    entries : sequence of Entry
        The chain, checked.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        counting = effective(entries)
        self.freezes = sorted((Frozen(e) for e in counting if e.kind == "freeze"), key=lambda f: f.begin)
        self._actuals = [e for e in counting if e.kind == "actuals"]
        self._scope = [e for e in counting if e.kind == "scope"]
        self._forecasts = [e for e in counting if e.kind == "forecast"]

    @property
    def unit(self) -> str:
        """Of its periods."""
        return self.freezes[0].unit

    def frozen(self, period: LedgerPeriod) -> Frozen:
        """The freeze that counts in a period."""
        return [f for f in self.freezes if f.begin <= period][-1]

    def period(self, name: str) -> LedgerPeriod | None:
        """A period of the ledger; ``None`` where it is none, or lies before the first freeze."""
        found = from_name(name, self.unit) if self.freezes else None
        return None if found is None or found < self.freezes[0].begin else found

    def recorded(self, without: str | None = None) -> dict[str, str]:
        """Periods that have actuals, with the id of their entry; ``without``: an entry that is being corrected."""
        return {name: e.id for e in self._actuals if e.id != without for name in e.body["periods"]}

    def known_entities(self) -> set[str]:
        """Entities that are planned, or were taken in."""
        return {e for f in self.freezes for e, _ in f.demands} | {s.body["entity"] for s in self._scope}

    @cached_property
    def periods(self) -> list[LedgerPeriod]:
        """From the first freeze to the last period that has actuals."""
        found = [p for p in map(self.period, self.recorded()) if p is not None]
        return until(self.freezes[0].begin, max(found), self.unit) if found else []

    @property
    def missing(self) -> list[str]:
        """Periods without actuals that others come after."""
        recorded = self.recorded()
        return [p.name for p in self.periods if p.name not in recorded]

    def rows(self, table: str, period: LedgerPeriod) -> list[Mapping[str, Any]]:
        """Rows of a table of the actuals of a period."""
        return [row for e in self._actuals for row in e.body[table] if row["period"] == period.name]

    def rate(self, currency: str, period: LedgerPeriod) -> Fraction:
        """Actual rate of a currency in a period; of the ledger's own 1."""
        if currency == self.frozen(period).currency:
            return Fraction(1)
        found = [row["rate"] for row in self.rows("rates", period) if row["currency"] == currency]
        return exact(found[-1])

    def forecast(self, period: LedgerPeriod) -> dict[Key, tuple[Fraction, Fraction]]:
        """Volume and amount that were forecast last, by demand."""
        rows = (row for e in self._forecasts for row in e.body["rows"] if row["period"] == period.name)
        return {(r["entity"], r["service"]): (exact(r["volume"]), exact(r["amount"])) for r in rows}

    def scope(self, period: LedgerPeriod) -> dict[str, str]:
        """Entities that came in or went out by then, the last word counts."""
        out: dict[str, str] = {}
        for begin, entity, change in sorted(self._changes(), key=lambda c: c[0]):
            if begin <= period:
                out[entity] = change
        return out

    def _changes(self) -> Iterator[tuple[LedgerPeriod, str, str]]:
        for e in self._scope:
            begin = self.period(e.body["from"])
            if begin is not None:
                yield begin, e.body["entity"], e.body["change"]
