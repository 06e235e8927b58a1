"""Small dynamic cases by hand: one office, two services, today at P1 for 10 a unit; P2 does it for 8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.time.horizon import Horizon
from optimizer.domain.types import CurrentRow, Demand, Offer, Tier
from optimizer.testing import edited
from optimizer.testing.hand import BANGKOK, NEW_YORK, case, changed, entity, provider, service
from optimizer.verify.time import TimeEvaluator, TimeRow, TimeViolation

START = date(2026, 1, 1)
PAY, HR = ("E1", "pay"), ("E1", "hr")


def over_time(c: Case, count: int = 3, unit: Any = "year", **fields: Any) -> Case:
    """A steady case over periods from 2026; ``fields`` are tables, and keys of the policy."""
    tables = {k: fields.pop(k) for k in list(fields) if k in Case.__annotations__}
    target = fields.pop("target_from", START)
    horizon = Horizon(START, unit, count, target)
    return edited(c, policy=replace(c.policy, horizon=horizon, **fields), **tables)


def office(count: int = 3, unit: Any = "year", **fields: Any) -> Case:
    """1,000 units of pay and 2,000 of hr, 1 and 2 FTE; no rate, no rule."""
    rows = ["pay", "hr"]
    c = case(
        [entity()],
        [service(s) for s in rows],
        [Demand(*PAY, 1000.0), Demand(*HR, 2000.0)],
        [provider(), provider("P2", NEW_YORK, "America/New_York")],
        [Offer(p, s) for p in ("P1", "P2") for s in rows],
        [Tier("P2", s, 0.0, 8.0) for s in rows],
        [CurrentRow(*PAY, "P1"), CurrentRow(*HR, "P1")],
        discount_rate=0.0,
    )
    return over_time(c, count, unit, **fields)


def with_third(c: Case, **more: Any) -> Case:
    """The case with P3 in Bangkok, which offers both at 9."""
    return edited(
        c,
        providers=(*c.providers, provider("P3", BANGKOK, "Asia/Bangkok", **more)),
        offers=(*c.offers, Offer("P3", "hr"), Offer("P3", "pay")),
        tiers=(*c.tiers, Tier("P3", "hr", 0.0, 9.0), Tier("P3", "pay", 0.0, 9.0)),
    )


def rows_of(pay: str, hr: str = "", **others: str) -> list[TimeRow]:
    """Rows from sources by period, as in ``P1 P1 P2``; ``-`` where the demand is absent; ``E2_pay`` for others."""
    named = {PAY: pay, HR: hr or pay} | {tuple(k.split("_")): v for k, v in others.items()}
    return [
        (key[0], key[1], number, source, "")
        for key, path in named.items()
        for number, source in enumerate(path.split(), 1)
        if source != "-"
    ]


def broken(c: Case, rows: list[TimeRow]) -> list[TimeViolation]:
    return TimeEvaluator(c).violations(rows)


def rules_broken(c: Case, rows: list[TimeRow]) -> set[str]:
    return {v.rule for v in broken(c, rows)}


def only(c: Case, rows: list[TimeRow]) -> TimeViolation:
    found = broken(c, rows)
    assert len(found) == 1, found
    return found[0]


def paid(c: Case, rows: list[TimeRow], name: str) -> list[float]:
    """One-off cost or running term of each period."""
    cost = TimeEvaluator(c).cost(rows)
    return [float({**p.terms, **p.one_offs}[name]) for p in cost.periods]


def whole(amounts: Mapping[str, Fraction]) -> dict[str, float]:
    """What is not 0."""
    return {name: float(amount) for name, amount in amounts.items() if amount}


__all__ = [
    "HR",
    "PAY",
    "START",
    "broken",
    "changed",
    "office",
    "only",
    "over_time",
    "paid",
    "rows_of",
    "rules_broken",
    "whole",
    "with_third",
]
