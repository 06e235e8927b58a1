"""What people complain of in tools that share costs out, each with a test of its name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from optimizer.money.price_list import prices_of
from optimizer.money.statement import statements_of
from optimizer.money.terms import Terms
from optimizer.report.focus import focus_rows
from optimizer.stating import price_case
from optimizer.testing import edited
from tests.money.cases import planned, small
from tests.money.test_steady import cents
from tests.money.worlds import steady

KINDS = ("provider", "universal", "own")
IDLE = ("unshared", "effort", "amount", "equal")
EVERY = [Terms(k, step, i, m) for k, i, m, step in product(KINDS, IDLE, (None, 0.0, 0.1), (0.01, 7.0))]  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(4))
def test_totals_do_not_rise_when_sharing_options_are_combined(seed: int) -> None:
    """Whatever list, idle key, limit and step: the same full cost and idle cost come back, once, by provider."""
    case, plan = steady(seed)
    seen = set()
    for terms in EVERY:
        accounts = prices_of(case, plan, terms).prices.providers
        back = ("charged", "idle_charged", "reserve", "equalisation", "carried_over", "idle_unshared")
        seen.add(tuple((a.provider, sum(cents(getattr(a, name)) for name in back)) for a in accounts))
    assert len(seen) == 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", KINDS)
def test_totals_do_not_change_on_drill_down(seed: int, kind: Any) -> None:
    """By client, service, provider, kind of client, or two of these: every way of adding up gives one total."""
    case, plan = steady(seed)
    priced = prices_of(case, plan, Terms(kind, 0.01, "effort", 0.1))
    charges = priced.prices.charges
    total = sum(cents(a.charged) + cents(a.idle_charged) for a in priced.prices.providers)
    kinds = {e.id: e.kind for e in case.entities}
    for key in (
        lambda c: c.entity,
        lambda c: c.service,
        lambda c: c.provider,
        lambda c: kinds[c.entity],
        lambda c: (c.provider, c.service),
        lambda c: (kinds[c.entity], c.provider),
    ):
        sums: dict[Any, int] = defaultdict(int)
        for c in charges:
            sums[key(c)] += cents(c.amount)
        assert sum(sums.values()) == total
    shown = statements_of(case, priced)
    assert sum(cents(x.amount) for s in shown.statements for x in (*s.services, *s.idle)) == total


def test_idle_cost_does_not_vanish_with_zero_weights() -> None:
    """Nothing is charged, so that no client has a weight by amount: equal parts, and the last cent is told too."""
    free = small(unit_cost=0.0, site=0.0)
    case = edited(free, tiers=tuple(replace(t, unit_cost=0.0) for t in free.tiers))
    shown = prices_of(case, planned(case), Terms("provider", 0.01, "amount", None)).prices
    idle = {c.entity: c.amount for c in shown.charges if c.service is None}
    assert idle == {"E1": 233.34, "E2": 233.33, "E3": 233.33}
    assert [a.idle_unshared for a in shown.providers if a.provider == "P3"] == [0.0]


def test_idle_cost_is_told_where_no_client_has_a_provider() -> None:
    """With own capacity alone there is nobody to share it over: it stays, unshared, in the account."""
    case = small()
    case = edited(case, demands=tuple(replace(d, own_unit_cost=9.0) for d in case.demands))
    plan = price_case(case, [(d.entity, d.service, "OWN") for d in case.demands])
    assert plan["verification"]["ok"]
    shown = prices_of(case, plan, Terms("universal", 0.01, "equal", None)).prices
    assert shown.charges == ()
    assert [(a.provider, a.idle, a.idle_unshared) for a in shown.providers if a.idle] == [("P3", 700.0, 700.0)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("terms", EVERY[::7], ids=str)
def test_statements_match_the_bill(seed: int, terms: Terms) -> None:
    """Each line of a statement is a row of the bill, and units times the price that is shown is the amount."""
    case, plan = steady(seed)
    priced = prices_of(case, plan, terms)
    shown, told = statements_of(case, priced), priced.prices.document()
    bill = {
        (r["BillingAccountId"], r["x_ServiceId"], r["x_ProviderId"]): r for r in focus_rows(told, told["charges"], case)
    }
    lines = [c for s in shown.statements for c in (*(line for x in s.services for line in x.lines), *s.idle)]
    assert len(lines) == len(bill)
    for c in lines:
        row = bill[c.entity, c.service, c.provider]
        assert (row["BilledCost"], row["ContractedUnitPrice"], row["PricingQuantity"]) == (c.amount, c.price, c.volume)
        if c.price is not None and c.volume is not None and terms.price_list != "own":
            assert abs(c.price * c.volume - c.amount) <= 0.005 + 1e-9 * c.amount
    for s in shown.statements:
        rows = [r for r in bill.values() if r["BillingAccountId"] == s.entity]
        assert sum(cents(r["BilledCost"]) for r in rows) == cents(s.amount)
