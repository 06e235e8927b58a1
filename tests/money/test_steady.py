"""Every figure of a steady price list is what a plain derivation from the plan document alone gives."""

from __future__ import annotations

import json
from fractions import Fraction as F
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.domain.case import Case
from optimizer.money.price_list import Priced, prices_of
from optimizer.money.statement import statements_of
from optimizer.money.statement_values import Statements
from optimizer.money.terms import Terms
from optimizer.money.values import PriceList
from tests.money.derive import Bill, bill, dec, of_document
from tests.money.worlds import Made, steady

SEEDS = st.integers(0, 7)
KINDS = st.sampled_from(["provider", "universal", "own"])
STEPS = st.sampled_from([0.01, 0.1, 0.000001, 0.37, 5.0, 1000.0])
IDLE = st.sampled_from(["unshared", "effort", "amount", "equal"])
CHANGES = st.sampled_from([None, 0.0, 0.05, 0.333333, 2.5])
TERMS = st.builds(Terms, KINDS, STEPS, IDLE, CHANGES)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def cents(money: float) -> int:
    whole = round(money * 100)
    assert abs(whole - money * 100) < 1e-4
    return whole


def derived(case: Case, plan: dict[str, Any], terms: Terms) -> Bill:
    today = {(c.entity, c.service): dec(c.unit_cost) for c in case.current if c.unit_cost is not None}
    return bill(
        of_document(case, plan), terms.price_list, terms.price_step, terms.idle_by, terms.max_price_change_rel, today
    )


def agree(found: PriceList, right: Bill) -> None:
    """Every price and every charge."""
    assert {(p.provider, p.service): cents(p.full_cost) for p in found.prices} == right.full
    assert {(p.provider, p.service): None if p.price is None else dec(p.price) for p in found.prices} == right.price
    assert {(p.provider, p.service): cents(p.equalisation) for p in found.prices} == right.moved
    assert {(p.provider, p.service): cents(p.carried_over) for p in found.prices} == right.left
    lines = {(c.entity, c.service, c.provider): c for c in found.charges if c.service is not None}
    assert {k: cents(c.amount) for k, c in lines.items()} == right.paid
    assert {k: cents(c.list_amount) for k, c in lines.items()} == right.listed
    assert {k: cents(c.own_cost) for k, c in lines.items()} == right.own
    for key, line in lines.items():
        assert line.price is not None
        assert abs(dec(line.price) - right.unit[key]) <= F(1, 2 * 10**6)
    idle = {(c.entity, c.provider): cents(c.amount) for c in found.charges if c.service is None}
    assert idle == {key: amount for key, amount in right.idle_paid.items() if amount}


def identities(found: PriceList, shown: Statements) -> None:
    """Both sides of every account, the accounts against prices and charges, statements against both."""
    for p in found.prices:
        assert cents(p.full_cost) == sum(map(cents, (p.charged, p.reserve, p.equalisation, p.carried_over)))
        parts = p.cost
        every = (parts.service, parts.site, parts.dispersion, parts.npo_compliance, parts.setup, parts.provision)
        assert cents(p.full_cost) == sum(map(cents, every)) + cents(parts.carried_in)
    services = {(p.provider, p.service) for p in found.prices}
    for service in {s for _, s in services}:
        assert sum(cents(p.equalisation) for p in found.prices if p.service == service) == 0
    for a in found.providers:
        right = (a.charged, a.idle_charged, a.reserve, a.equalisation, a.carried_over, a.idle_unshared)
        assert cents(a.full_cost) + cents(a.idle) == sum(map(cents, right))
        mine = [c for c in found.charges if c.provider == a.provider]
        assert sum(cents(c.amount) for c in mine) == cents(a.charged) + cents(a.idle_charged)
        assert sum(cents(c.own_cost) for c in mine) == cents(a.own_cost) == cents(a.full_cost) - cents(a.carried_in)
        others = (a.reserve, a.equalisation, a.carried_over)
        assert cents(a.cross_subsidy) == cents(a.idle_charged) - sum(map(cents, others)) + cents(a.carried_in)
        assert cents(a.reserve_balance) == cents(a.reserve_opening) - cents(a.reserve)
    assert all(c.amount >= 0 for c in found.charges)
    total = sum(cents(s.amount) for s in shown.statements)
    assert total == sum(cents(c.amount) for c in found.charges)
    assert sum(cents(s.cross_subsidy) for s in shown.statements) == sum(cents(a.cross_subsidy) for a in found.providers)
    for s in shown.statements:
        assert cents(s.amount) == sum(cents(x.amount) for x in (*s.services, *s.idle))
        assert cents(s.cross_subsidy) == cents(s.amount) - cents(s.own_cost)
        for x in s.services:
            assert cents(x.amount) == sum(cents(line.amount) for line in x.lines)
            if x.change is None:
                assert x.why is None
                assert x.before is None
            else:
                assert x.before is not None
                assert x.why is not None
                assert cents(x.change) == cents(x.amount) - cents(x.before.amount)
                assert cents(x.change) == sum(map(cents, (x.why.volume, x.why.provider, x.why.price)))
        known = [x for x in s.services if x.change is not None]
        if s.change is not None:
            assert cents(s.change) == sum(cents(x.change or 0) for x in known) + cents(s.idle_change or 0)
            causes = () if s.why is None else (s.why.volume, s.why.provider, s.why.price)
            assert cents(s.change) == sum(map(cents, causes)) + cents(s.idle_change or 0)
            assert s.before is not None
            if not s.unknown and (s.idle_change is not None or not s.idle):
                assert cents(s.change) == cents(s.amount) - cents(s.before)


def made(case: Case, plan: dict[str, Any], terms: Terms) -> tuple[Priced, Statements]:
    priced = prices_of(case, plan, terms)
    return priced, statements_of(case, priced)


@FEW
@given(SEEDS, TERMS)
def test_every_figure_is_derived_again_from_the_document(seed: int, terms: Terms) -> None:
    case, plan = steady(seed)
    priced, shown = made(case, plan, terms)
    agree(priced.prices, derived(case, plan, terms))
    identities(priced.prices, shown)


@FEW
@given(SEEDS, TERMS)
def test_statements_and_what_stays_add_up_to_the_cost_of_the_plan(seed: int, terms: Terms) -> None:
    """Σ charges + reserves + equalisation + carried over + unshared idle − provisions + memo = the plan's total."""
    case, plan = steady(seed)
    priced, shown = made(case, plan, terms)
    recovered = sum(cents(a.full_cost) + cents(a.idle) - cents(a.provision) for a in priced.prices.providers)
    memo = sum(cents(s.memo_amount) for s in shown.statements)
    assert recovered + memo == cents(plan["cost"]["total"])


@FEW
@given(SEEDS, TERMS)
def test_documents_and_back(seed: int, terms: Terms) -> None:
    case, plan = steady(seed)
    priced, shown = made(case, plan, terms)
    for value, kind in ((priced.prices, PriceList), (shown, Statements)):
        assert kind.from_document(json.loads(json.dumps(value.document()))) == value


@FEW
@given(SEEDS, STEPS, IDLE)
def test_own_cost_is_charged_as_it_is(seed: int, step: float, idle: Any) -> None:
    """The list ``own``: no cross-subsidy but of idle cost, nothing carried over; as ``provider`` but for rounding."""
    case, plan = steady(seed)
    own, shown = made(case, plan, Terms("own", step, idle, None))
    for s in shown.statements:
        assert cents(s.cross_subsidy) == sum(cents(c.amount) for c in s.idle)
    assert all(p.carried_over == 0 and p.equalisation == 0 for p in own.prices.prices)
    listed = {(c.entity, c.service, c.provider): c for c in own.prices.charges if c.service is not None}
    fine, _ = made(case, plan, Terms("provider", 0.000001, idle, None))
    for c in fine.prices.charges:
        if c.service is not None and c.volume is not None:
            same = listed[c.entity, c.service, c.provider]
            assert abs(cents(same.amount) - cents(c.amount)) <= 6 + 0.0001 * c.volume


@FEW
@given(SEEDS, TERMS)
def test_a_steady_price_stays_within_its_limits(seed: int, terms: Terms) -> None:
    case, plan = steady(seed)
    today = {(c.entity, c.service): c.unit_cost for c in case.current if c.unit_cost is not None}
    priced, _ = made(case, plan, terms)
    most = terms.max_price_change_rel
    for c in priced.prices.charges:
        before = today.get((c.entity, c.service or ""))
        if most is None or before is None or c.service is None:
            assert c.reserve == 0
            continue
        assert c.price is not None
        slack = F(1, 2 * 10**6) if terms.price_list == "own" else 0
        assert dec(before) * (1 - dec(most)) - slack <= dec(c.price) <= dec(before) * (1 + dec(most)) + slack
        assert (c.reserve == 0) == c.method.endswith(terms.price_list) or c.list_amount == c.amount


@pytest.fixture(scope="module")
def worlds() -> list[Made]:
    return [steady(seed) for seed in range(8)]


def test_the_cases_have_what_is_looked_at(worlds: list[Made]) -> None:
    """Idle sites, own capacity, provisions, set-ups, several providers of a service, prices of today."""
    idle = sum(bool(plan["unallocated"]) for _, plan in worlds)
    own = sum(any(a["provider"] == "OWN" for a in plan["assignments"]) for _, plan in worlds)
    setup = sum(plan["cost"]["setup_annualised"] > 0 for _, plan in worlds)
    pooled = sum(
        any(len({x["provider"] for x in plan["lines"] if x["service"] == s.id}) > 1 for s in case.services)
        for case, plan in worlds
    )
    assert min(idle, own, setup, pooled) >= 1, (idle, own, setup, pooled)
