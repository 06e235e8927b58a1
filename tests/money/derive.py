"""Prices, charges and statements once more, plainly, from a plan document (over time: the verifier's leaves).

Written from the definitions on ``docs/money.md``; shares nothing with ``optimizer.money``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction as F
from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.verify.leaves import apportion, spread
from optimizer.verify.time import TimeEvaluator
from optimizer.verify.time.account import account_of
from optimizer.verify.time.stretches import stated_rows

IN_PRICES = ("service", "site", "dispersion", "npo_compliance", "setup")


def dec(number: float) -> F:
    return F(Decimal(repr(float(number))))


def nearest(value: F) -> int:
    """Halves up."""
    twice = 2 * value + 1
    return twice.numerator // (2 * twice.denominator)


def parts(total: int, exact: list[F]) -> list[int]:
    """Largest remainder; the first of equal ones."""
    whole = [x.numerator // x.denominator for x in exact]
    order = sorted(range(len(exact)), key=lambda i: (-round(float(exact[i] - whole[i]), 9), i))
    for i in order[: total - sum(whole)]:
        whole[i] += 1
    return whole


@dataclass
class Leaf:
    volume: F = F(0)
    effort: F = F(0)
    rated: F = F(0)
    cents: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class Costs:
    """Leaves by (entity, service, provider); cents of empty sites."""

    leaves: dict[tuple[str, str, str], Leaf]
    idle: dict[str, int]


def of_document(case: Case, plan: dict[str, Any]) -> Costs:
    """A steady plan, from its document alone."""
    leaves: dict[tuple[str, str, str], Leaf] = {}
    for a in plan["assignments"]:
        if a["provider"] is None:
            continue
        s = case.service[a["service"]]
        leaf = leaves[a["entity"], a["service"], a["provider"]] = Leaf(dec(a["volume"]))
        leaf.effort = leaf.volume * dec(s.minutes_per_unit) / dec(case.policy.minutes_per_fte_year)
        for term, money in a["cost"].items():
            leaf.cents["setup" if term == "setup_annualised" else term] = round(money * 100)
        leaf.rated = (dec(s.risk_rate) + dec(s.liability_rate)) * leaf.cents["service"]
    idle: dict[str, int] = defaultdict(int)
    for row in plan["unallocated"]:
        idle[row["provider"]] += round(row["amount"] * 100)
    return Costs(leaves, dict(idle))


def of_year(case: Case, plan: dict[str, Any], year: int) -> Costs:
    """A planning year, from the verifier's leaves of each period."""
    judge = TimeEvaluator(case)
    rows, _ = stated_rows(judge.facts, plan)
    made = judge.plan(rows)
    account = account_of(made, judge.baseline(), plan)
    source = {(e, s, t): p for e, s, t, p, _ in made.rows} if hasattr(made, "rows") else {}
    if not source:
        for a in plan["assignments"]:
            for t in range(a["from_period"], a["until_period"] + 1):
                source[a["entity"], a["service"], t] = a["provider"] or ""
    out: dict[tuple[str, str, str], Leaf] = defaultdict(Leaf)
    idle: dict[str, int] = defaultdict(int)
    for t, (period, tally, cents) in enumerate(zip(judge.facts.periods, made.tallies, account.leaves, strict=True), 1):
        if period.period.planning_year != year:
            continue
        length = period.period.years
        per_fte = dec(period.figures.policy.minutes_per_fte_year)
        annuities = _annuities(case, judge, made, t)
        for (e, s), d in period.demands.items():
            p = source.get((e, s, t), "")
            if not p:
                continue
            leaf, row = out[e, s, p], period.figures.service[s]
            units = dec(period.case.demand[e, s].volume) * length
            leaf.volume += units
            leaf.effort += units * dec(row.minutes_per_unit) / per_fte
            for term, held in cents.cents.items():
                if term != "setup":
                    leaf.cents[term] += held.get((0, e, s), 0)
            leaf.cents["setup"] += annuities.get((0, e, s), 0)
            leaf.rated += (dec(row.risk_rate) + dec(row.liability_rate)) * cents.cents["service"].get((0, e, s), 0)
            assert d is not None
        for held in (cents.cents["site"], annuities):
            for (kind, provider, _), amount in held.items():
                if kind == 1:
                    idle[provider] += amount
        assert tally is not None
    for leaf in out.values():
        leaf.volume = F(round(leaf.volume * 10**6), 10**6)
    return Costs(dict(out), {p: c for p, c in idle.items() if c})


def _annuities(case: Case, judge: Any, made: Any, t: int) -> dict[Any, int]:
    """Set-ups as annuities: what each demand of a period bears, and what falls on an empty site."""
    from optimizer.verify.costs import Charge

    n, r = case.policy.horizon_years, dec(case.policy.discount_rate)
    yearly = r / (1 - (1 + r) ** -n) if r else F(1, n)
    period, tally = judge.facts.at(t), made.tallies[t - 1]
    charges = []
    for provider, life in sorted(made.course.lives.items()):
        if life.setup is None or life.setup > t or provider not in tally.open_sites():
            continue
        opened = judge.facts.at(life.setup).period.begin
        if period.period.begin >= date(opened.year + n, opened.month, opened.day):
            continue
        once = dec(judge.facts.at(life.setup).figures.provider[provider].setup_cost)
        amount = once * yearly * period.period.years
        charges.append(Charge(amount, tally.on_site.get(provider, ()), "effort", provider))
    return apportion(spread(charges))


@dataclass
class Bill:
    """Everything in cents; prices in money."""

    full: dict[tuple[str, str], int]
    own: dict[tuple[str, str, str], int]
    price: dict[tuple[str, str], F | None]
    listed: dict[tuple[str, str, str], int]
    paid: dict[tuple[str, str, str], int]
    unit: dict[tuple[str, str, str], F]
    moved: dict[tuple[str, str], int]
    left: dict[tuple[str, str], int]
    idle_paid: dict[tuple[str, str], int]


def bill(
    costs: Costs,
    kind: str,
    step: float,
    idle_by: str,
    change: float | None,
    before: dict[tuple[str, str], F],
    carried: dict[tuple[str, str], int] | None = None,
) -> Bill:
    """The charges of a year."""
    lines: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for e, s, p in sorted(costs.leaves):
        if p != OWN:
            lines[p, s].append((e, s, p))
    for line, cents in (carried or {}).items():
        if cents:
            lines.setdefault(line, [])
    full, own, volume, price, moved = {}, {}, {}, {}, {}
    for line, keys in lines.items():
        held = [costs.leaves[k] for k in keys]
        rated = parts(nearest(sum((x.rated for x in held), F(0))), [x.rated for x in held])
        for key, leaf, extra in zip(keys, held, rated, strict=True):
            own[key] = sum(leaf.cents[term] for term in IN_PRICES) + extra
        full[line] = sum(own[k] for k in keys) + (carried or {}).get(line, 0)
        volume[line] = sum((x.volume for x in held), F(0))
    for line in lines:
        same = [x for x in sorted(lines) if x[1] == line[1]] if kind == "universal" else [line]
        units = sum((volume[x] for x in same), F(0))
        moved[line] = 0
        if units:
            each = F(sum(full[x] for x in same)) / units
            if kind == "universal":
                moved[line] = parts(0, [full[x] - each * volume[x] for x in same])[same.index(line)]
            on_step = nearest(each / 100 / dec(step)) * dec(step)
            price[line] = max(F(0), on_step) if volume[line] and kind != "own" else None
        else:
            price[line] = None
    listed, paid, unit = {}, {}, {}
    for line, keys in lines.items():
        for key in keys:
            units, p = costs.leaves[key].volume, price[line]
            listed[key] = own[key] if p is None else nearest(p * units * 100)
            exact = F(own[key]) / (units * 100) if p is None else p
            unit[key] = _held(exact, change, before.get(key[:2]), dec(step))
            paid[key] = listed[key] if unit[key] == exact else nearest(unit[key] * units * 100)
    left = {line: full[line] - moved[line] - sum(listed[k] for k in keys) for line, keys in lines.items()}
    return Bill(full, own, price, listed, paid, unit, moved, left, _idle(costs, idle_by, paid))


def _held(price: F, change: float | None, before: F | None, step: F) -> F:
    if change is None or before is None:
        return price
    low, high = max(F(0), before - before * dec(change)), before + before * dec(change)
    if low <= price <= high:
        return price
    for grid in (step, F(1, 10**6)):
        found = (high / grid).__floor__() * grid if price > high else (low / grid).__ceil__() * grid
        if low <= found <= high:
            return found
    raise AssertionError("no price between the ends")


def _idle(costs: Costs, idle_by: str, paid: dict[tuple[str, str, str], int]) -> dict[tuple[str, str], int]:
    clients = sorted({e for e, _, _ in paid})
    if idle_by == "unshared" or not clients:
        return {}
    weight = {e: F(0) for e in clients}
    for key, cents in paid.items():
        weight[key[0]] += {"effort": costs.leaves[key].effort, "amount": F(cents), "equal": F(0)}[idle_by]
    if not sum(weight.values()):
        weight = {e: F(1) for e in clients}
    whole, out = sum(weight.values(), F(0)), {}
    for provider, cents in costs.idle.items():
        for e, part in zip(clients, parts(cents, [cents * weight[e] / whole for e in clients]), strict=True):
            out[e, provider] = part
    return out
