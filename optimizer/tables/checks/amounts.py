"""Amounts that could pass what is counted to the cent.

Money is exact integers of the minor unit (hundredths of the currency) up to 10^15, the size up to which
a JSON number of money holds its cents. Refused is an input of which

* a product could pass that limit: the volume of a demand at the dearest price that anybody asks for it; or
* a whole plan, or today's arrangement, could: every service's volume at its dearest lines as far as these
  have room, all own capacity, all fixed, site, set-up and move costs, and the greatest possible price of
  distance, overlap, languages, hand-overs and dispersion, taken together.

These are upper ends, so that a case which is let in has no plan that passes the limit within its capacities.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from optimizer.domain.policy import Policy
    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.checks.parsed import ParsedTable, ParsedTables

__all__ = ["AMOUNT_MAX", "check_amounts"]

AMOUNT_MAX: Final = 1e13
"""Money; 10^15 of the minor unit."""

_FARTHEST_1000KM: Final = 20.1
"""No two places are farther apart."""

Key = tuple[str, str]


class _Line(NamedTuple):
    unit_cost: float
    """First tier, the dearest, with the fee."""
    room: float
    fixed: float
    provider: str


class _Demand(NamedTuple):
    at: int
    key: Key
    volume: float
    own: float


@dataclass(frozen=True, eq=False)
class _Amounts:
    """The figures that amounts are made of; cells that were refused already count as 0."""

    tables: ParsedTables
    policy: Policy
    demands: list[_Demand]
    lines: dict[str, list[_Line]]
    """Lines of each service, dearest first."""

    @property
    def volume(self) -> dict[str, float]:
        """Volume of each service."""
        out: dict[str, float] = defaultdict(float)
        for d in self.demands:
            out[d.key[1]] += d.volume
        return out

    def dearest(self, service: str) -> float:
        """Greatest price of a unit."""
        return max((line.unit_cost for line in self.lines.get(service, ())), default=0.0)


def check_amounts(tables: ParsedTables, policy: Policy, active: Set[Key], findings: Findings) -> None:
    """Report every product that could pass ``AMOUNT_MAX``, or else the whole when it could."""
    x = _Amounts(tables, policy, list(_demands(tables["demands"], active)), _lines(tables, policy))
    if _products(x, findings):
        return  # the whole passes it because they do
    whole, today = _plan(x), _today(x)
    if max(whole, today) > AMOUNT_MAX:
        what = "a plan" if whole >= today else "today's arrangement"
        findings.add(
            "amount_too_large",
            f"{what} could come to {_told(max(whole, today), policy)} a year",
            table="demands",
            file=tables["demands"].file,
            limit=_told(AMOUNT_MAX, policy),
        )


def _told(amount: float, policy: Policy) -> str:
    return f"{amount:,.2f} {policy.currency}"


def _some(value: Any) -> float:
    return float(value or 0.0)


def _demands(table: ParsedTable, active: Set[Key]) -> Iterator[_Demand]:
    columns = (table[c] for c in ("entity", "service", "settled", "own_unit_cost", "own_fixed_cost"))
    for at, (entity, service, volume, own, fixed) in enumerate(zip(*columns, strict=True)):
        if (entity, service) in active:
            cost = 0.0 if own is None else _some(volume) * own
            yield _Demand(at, (entity, service), _some(volume), cost + _some(fixed))


def _lines(tables: ParsedTables, policy: Policy) -> dict[str, list[_Line]]:
    tiers: dict[Key, float] = {}
    for provider, service, cost in _columns(tables["tiers"], "provider", "service", "unit_cost"):
        tiers[provider, service] = max(tiers.get((provider, service), 0.0), _some(cost))
    per_fte = dict(_columns(tables["providers"], "id", "cost_per_fte"))
    minutes = dict(_columns(tables["services"], "id", "minutes_per_unit"))
    out: dict[str, list[_Line]] = defaultdict(list)
    names = ("provider", "service", "capacity", "base_volume", "fixed_cost", "fee_rate")
    for provider, service, capacity, base, fixed, fee in _columns(tables["offers"], *names):
        by_effort = _some(per_fte.get(provider)) * _some(minutes.get(service)) / policy.minutes_per_fte_year
        price, rate = tiers.get((provider, service), by_effort), 1.0 + _some(fee)
        room = float("inf") if capacity is None else max(0.0, capacity - _some(base))
        out[service].append(_Line(price * rate, room, _some(fixed) * rate, provider))
    return {service: sorted(lines, reverse=True) for service, lines in out.items()}


def _columns(table: ParsedTable, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[n] for n in names), strict=True)


def _products(x: _Amounts, findings: Findings) -> bool:
    """Report demands that somebody's price makes too dear; whether there are any."""
    table, found = x.tables["demands"], False
    for d in x.demands:
        line = max(x.lines.get(d.key[1], ()), default=None)
        asked = [] if line is None else [(d.volume * line.unit_cost, line.provider)]
        amount, who = max([*asked, (d.own, OWN)])
        if amount > AMOUNT_MAX:
            found = True
            told = f"{d.volume:,g} a year at the price of {who} come to {_told(amount, x.policy)}"
            table.report(findings, "amount_too_large", told, d.at, "volume", limit=_told(AMOUNT_MAX, x.policy))
    return found


def _plan(x: _Amounts) -> float:
    """The most that a plan can cost, one-off costs included, money a year."""
    amount = sum(d.own for d in x.demands) + sum(line.fixed for lines in x.lines.values() for line in lines)
    for service, volume in x.volume.items():
        left = volume
        for line in x.lines.get(service, ()):
            taken = min(left, line.room)
            amount += taken * line.unit_cost
            left -= taken
    once = 1.0 + x.policy.discount_rate
    sites = _columns(x.tables["providers"], "site_fixed_cost", "setup_cost")
    return amount + sum(_some(fixed) + once * _some(setup) for fixed, setup in sites) + _terms(x)


def _terms(x: _Amounts) -> float:
    """The most that all terms but service, own, site and set-up can come to."""
    policy, year = x.policy, x.policy.minutes_per_fte_year
    minutes = dict(_columns(x.tables["services"], "id", "minutes_per_unit"))
    target = dict(_columns(x.tables["services"], "id", "target_overlap_hours"))
    spoken = max((len(names or ()) for names in x.tables["entities"]["languages"]), default=0)
    move = float(policy.transition.per_fte)
    per_demand = policy.interface_cost + policy.handover_cost
    amount = per_demand * len(x.demands)
    for service, volume in x.volume.items():
        effort = volume * _some(minutes.get(service)) / year
        amount += effort * policy.distance_cost_per_fte_1000km * _FARTHEST_1000KM
        amount += effort * policy.overlap_cost_per_fte_hour * _some(target.get(service))
        amount += effort * move * (1.0 + policy.discount_rate)
        rate = policy.language_cost_rate * spoken if policy.language_mode == "price" else 0.0
        amount += volume * x.dearest(service) * (rate + max(policy.dispersion_loss, default=0.0))
    return amount


def _today(x: _Amounts) -> float:
    """The most that today's arrangement can come to at the model's prices, or as paid; money a year."""
    volume = {d.key: d.volume for d in x.demands}
    price = {(line.provider, s): line.unit_cost for s, lines in x.lines.items() for line in lines}
    priced = paid = 0.0
    for entity, service, who, cost in _columns(x.tables["current"], "entity", "service", "provider", "unit_cost"):
        units = volume.get((entity, service), 0.0)
        priced += units * price.get((who, service), 0.0)
        paid += units * _some(cost)
    fixed = sum(line.fixed for lines in x.lines.values() for line in lines) + sum(d.own for d in x.demands)
    return max(paid, priced + fixed + _terms(x))
