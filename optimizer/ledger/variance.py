"""Why actual amounts differ from planned ones: by entity, service and period, to the cent.

Each part is a step between running totals that are rounded to cents, so that the parts add up to the whole.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.types import exact
from optimizer.money.amounts import half_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.ledger.periods import LedgerPeriod
    from optimizer.ledger.state import Frozen, Key, State

__all__ = ["PARTS", "Cell", "cells_of"]

PARTS: Final = ("scope", "volume", "timing", "mix", "exchange_rate", "pay", "staffing", "other")
"""Why an amount differs, in the order of the steps."""


@dataclass(frozen=True, slots=True)
class Row:
    """An actual row: source, units, amount in the ledger's currency; what of it rates made."""

    provider: str
    volume: Fraction
    amount: Fraction
    by_rate: Fraction


@dataclass(frozen=True, slots=True)
class Cell:
    """One demand in one period; money in cents, volumes in units.

    Parameters
    ----------
    entity, service, period : str
    planned_provider : str
        Empty where nothing was planned.
    providers : tuple of str
        Who served it.
    planned_volume, volume : Fraction
    planned, actual : int
        u(p₀) · v₀, and Σ A.
    parts : mapping of str to int
        By part; they add up to ``actual`` − ``planned``.
    baseline_planned, baseline : Fraction, optional
        Frozen baseline unit cost · planned and · actual volume, money; ``None`` where no baseline is known.
    quality : str
        Of the planned figures.
    """

    entity: str
    service: str
    period: str
    planned_provider: str
    providers: tuple[str, ...]
    planned_volume: Fraction
    volume: Fraction
    planned: int
    actual: int
    parts: Mapping[str, int]
    baseline_planned: Fraction | None
    baseline: Fraction | None
    quality: str


def cells_of(state: State, period: LedgerPeriod) -> Iterator[Cell]:
    """Every demand that was planned or had actuals in a period.

    In a period without actuals only what was planned is known: it is missing, not nothing.
    """
    frozen = state.frozen(period)
    rows = _rows(state, frozen, period)
    by_site = _by_site(state, frozen, period, rows)
    scope = state.scope(period)
    known = set(frozen.demands) | set(rows)
    for key in sorted(known):
        yield _cell(state, frozen, period, key, rows.get(key, []), scope, by_site)


def _rows(state: State, frozen: Frozen, period: LedgerPeriod) -> dict[Key, list[Row]]:
    out: dict[Key, list[Row]] = defaultdict(list)
    for row in state.rows("actuals", period):
        amount, currency = exact(row["amount"]), row["currency"]
        actual = state.rate(currency, period)
        planned = frozen.rates.get(currency, actual)
        found = Row(row["provider"], exact(row["volume"]), amount * actual, amount * (actual - planned))
        out[row["entity"], row["service"]].append(found)
    return out


def _by_site(
    state: State, frozen: Frozen, period: LedgerPeriod, rows: Mapping[Key, Sequence[Row]]
) -> dict[str, tuple[Fraction, Fraction, Fraction]]:
    """Pay and staffing of each site, money, and the amount that they are spread by."""
    effort: dict[str, Fraction] = defaultdict(Fraction)
    amount: dict[str, Fraction] = defaultdict(Fraction)
    for (_, service), found in rows.items():
        for row in found:
            effort[row.provider] += row.volume * frozen.minutes.get(service, Fraction(0)) / frozen.year_minutes
            amount[row.provider] += row.amount
    staff: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in state.rows("staff", period):
        staff[line["provider"]].append(line)
    out = {}
    for site, lines in staff.items():
        pay, staffing = Fraction(0), Fraction(0)
        mine = frozen.staff.get(site, {})
        for line in lines:
            planned = frozen.planned_cost(site, line["category"])
            if planned is not None:
                pay += exact(line["fte"]) * (exact(line["cost_per_fte"]) - planned) * period.share
                staffing += exact(line["fte"]) * planned * period.share
        needed = sum((share * cost for share, cost in mine.values()), Fraction(0)) * effort[site]
        out[site] = pay, (staffing - needed if mine else Fraction(0)), amount[site]
    return out


def _cell(
    state: State,
    frozen: Frozen,
    period: LedgerPeriod,
    key: Key,
    rows: Sequence[Row],
    scope: Mapping[str, str],
    by_site: Mapping[str, tuple[Fraction, Fraction, Fraction]],
) -> Cell:
    demand = frozen.demands.get(key)
    volume, amount = sum((r.volume for r in rows), Fraction(0)), sum((r.amount for r in rows), Fraction(0))
    planned_volume = Fraction(0) if demand is None else demand.volume * period.share
    price = None if demand is None else frozen.price(key, demand.provider)
    planned = (price or Fraction(0)) * planned_volume
    if demand is None or scope.get(key[0]) == "out":
        steps = {"scope": amount - planned}
    else:
        steps = dict(_steps(state, frozen, key, demand.provider, price or Fraction(0), planned_volume, rows, by_site))
    base = None if demand is None else demand.baseline_unit_cost
    total, parts, before = planned, {}, half_up(planned * 100)
    for name in PARTS[:-1]:
        total += steps.get(name, Fraction(0))
        parts[name] = half_up(total * 100) - before
        before += parts[name]
    parts["other"] = half_up(amount * 100) - before
    return Cell(
        entity=key[0],
        service=key[1],
        period=period.name,
        planned_provider="" if demand is None else demand.provider,
        providers=tuple(sorted({r.provider for r in rows})),
        planned_volume=planned_volume,
        volume=volume,
        planned=half_up(planned * 100),
        actual=half_up(amount * 100),
        parts=parts,
        baseline_planned=None if base is None else base * planned_volume,
        baseline=None if base is None else base * volume,
        quality="" if demand is None else demand.quality,
    )


def _steps(
    state: State,
    frozen: Frozen,
    key: Key,
    planned_provider: str,
    price: Fraction,
    planned_volume: Fraction,
    rows: Sequence[Row],
    by_site: Mapping[str, tuple[Fraction, Fraction, Fraction]],
) -> Iterator[tuple[str, Fraction]]:
    """Parts of a demand that stayed in scope, money; what is left of the price is *other*."""
    others = {f.demands[key].provider for f in state.freezes if f is not frozen and key in f.demands}
    steps: dict[str, Fraction] = defaultdict(Fraction)
    steps["volume"] = price * (sum((r.volume for r in rows), Fraction(0)) - planned_volume)
    for row in rows:
        known = frozen.price(key, row.provider)
        unit = known if known is not None else (row.amount / row.volume if row.volume else Fraction(0))
        if row.provider != planned_provider:
            steps["timing" if row.provider in others else "mix"] += (unit - price) * row.volume
        steps["exchange_rate"] += row.by_rate
        pay, staffing, whole = by_site.get(row.provider, (Fraction(0), Fraction(0), Fraction(0)))
        if whole:
            steps["pay"] += pay * row.amount / whole
            steps["staffing"] += staffing * row.amount / whole
    yield from steps.items()
