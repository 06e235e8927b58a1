"""Planning years: every figure is derived again, plainly, from the verifier's leaves; a year follows another."""

from __future__ import annotations

from datetime import date
from fractions import Fraction as F
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.domain.horizon import Horizon
from optimizer.domain.types import Demand, Offer
from optimizer.money.over_time import YearsOverTime
from optimizer.money.price_list import prices_of
from optimizer.money.statement import statements_of
from optimizer.money.terms import Terms
from optimizer.money.values import PriceList
from optimizer.testing import hand
from optimizer.verify.time import TimeEvaluator
from tests.money.derive import bill, dec, of_year
from tests.money.test_steady import TERMS, agree, cents, identities
from tests.money.worlds import over_time
from tests.verify.time_documents import document_of

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def year_after_year(case: Case, plan: dict[str, Any], terms: Terms) -> None:
    """Each year is derived with what the year before leaves."""
    assert case.policy.horizon is not None
    last = case.policy.horizon.periods[-1].planning_year
    before = {(c.entity, c.service): dec(c.unit_cost) for c in case.current if c.unit_cost is not None}
    before = {key: price for key, price in before.items() if key in case.demand}
    carried: dict[tuple[str, str], int] = {}
    for year in range(1, last + 1):
        costs = of_year(case, plan, year)
        priced = prices_of(case, plan, terms, year=year)
        right = bill(
            costs, terms.price_list, terms.price_step, terms.idle_by, terms.max_price_change_rel, before, carried
        )
        agree(priced.prices, right)
        identities(priced.prices, statements_of(case, priced))
        before, carried = _next(priced.prices), right.left


def _next(prices: PriceList) -> dict[tuple[str, str], F]:
    """What each client paid: its price, or the mean of several by volume, to a millionth."""
    held: dict[tuple[str, str], list[Any]] = {}
    for c in prices.charges:
        if c.service is not None:
            held.setdefault((c.entity, c.service), []).append(c)
    out = {}
    for key, lines in held.items():
        each = {c.price for c in lines}
        mean = F(sum(cents(c.amount) for c in lines)) / sum(dec(c.volume) * 100 for c in lines)
        out[key] = dec(each.pop()) if len(each) == 1 else F((mean * 10**6 + F(1, 2)).__floor__(), 10**6)
    return out


@FEW
@given(st.integers(0, 3), TERMS)
def test_every_figure_of_every_year_is_derived_again(seed: int, terms: Terms) -> None:
    year_after_year(*over_time(seed), terms)


@FEW
@given(st.integers(0, 3), TERMS)
def test_all_years_together_recover_the_plan(seed: int, terms: Terms) -> None:
    """Over the horizon: what goes into prices, idle cost and memo are the plan's cost, annuities for set-ups."""
    case, plan = over_time(seed)
    assert case.policy.horizon is not None
    years = YearsOverTime(case, plan)
    got = annuities = 0
    for year in range(1, case.policy.horizon.periods[-1].planning_year + 1):
        priced = prices_of(case, plan, terms, year=year)
        shown = statements_of(case, priced)
        accounts, costs = priced.prices.providers, years.year(year)
        got += sum(cents(a.full_cost) - cents(a.carried_in) - cents(a.provision) + cents(a.idle) for a in accounts)
        got += sum(cents(s.memo_amount) for s in shown.statements) + sum(costs.nobody.values())
        annuities += sum(cents(p.cost.setup) for p in priced.prices.prices)
        annuities += sum(costs.idle.values()) - _site_idle(case, plan, year)
    assert got - annuities == cents(plan["cost"]["total"]) - cents(plan["cost"]["setup"])


def _site_idle(case: Case, plan: dict[str, Any], year: int) -> int:
    assert case.policy.horizon is not None
    of = {p.number: p.planning_year for p in case.policy.horizon.periods}
    rows = (u for u in plan["unallocated"] if u["term"] == "site" and of[u["period"]] == year)
    return sum(cents(u["amount"]) for u in rows)


def candidate(unit: str = "quarter", count: int = 12, **policy: Any) -> tuple[Case, dict[str, Any]]:
    """E1's payroll: at home for half a year, then at a candidate that costs 90,000 to set up."""
    case = hand.case(
        [hand.entity()],
        [hand.service(risk_rate=0.1)],
        [Demand("E1", "pay", 1000.0, own_unit_cost=12.0)],
        [hand.provider(status="candidate", setup_cost=90000.0, site_fixed_cost=4000.0)],
        [Offer("P1", "pay")],
        horizon=Horizon(date(2027, 1, 1), unit, count, date(2027, 1, 1)),  # type: ignore[arg-type]
        backup=False,
        **policy,
    )
    half = {"quarter": 2, "month": 6, "year": 0}[unit]
    rows = [("E1", "pay", t, "OWN" if t <= half else "P1", "") for t in range(1, count + 1)]
    plan = document_of(case, rows)
    plan["verification"] = TimeEvaluator(case).verify(plan).as_dict()
    assert plan["verification"]["ok"], plan["verification"]
    return case, plan


FINE = Terms("provider", 0.01, "unshared", None)


class TestSetUp:
    """The annuity of a candidate: for ``horizon_years`` from its opening, a period its share of a year."""

    def test_by_hand_without_interest(self) -> None:
        """90,000 over 2 years: half a year of the first planning year, all of the second, half of the third."""
        case, plan = candidate(horizon_years=2, discount_rate=0.0)
        found = [prices_of(case, plan, FINE, year=y).prices.prices[0] for y in (1, 2, 3)]
        assert [p.cost.setup for p in found] == [22500.0, 45000.0, 22500.0]
        assert [p.volume for p in found] == [500.0, 1000.0, 1000.0]
        assert [p.cost.service for p in found] == [5000.0, 10000.0, 10000.0]
        assert [p.cost.provision for p in found] == [500.0, 1000.0, 1000.0]
        assert [p.full_cost for p in found] == [30000.0, 60000.0, 37500.0]
        assert [p.price for p in found] == [60.0, 60.0, 37.5]

    def test_with_interest_it_is_the_annuity_of_a_steady_plan(self) -> None:
        """A leaf is rounded to cents in each period."""
        case, plan = candidate(horizon_years=5, discount_rate=0.03)
        quarter = 90000 * F(3, 100) / (1 - F(103, 100) ** -5) / 4
        assert cents(prices_of(case, plan, FINE, year=2).prices.prices[0].cost.setup) == 4 * round(quarter * 100)

    def test_months_and_quarters_agree(self) -> None:
        for year in (1, 2, 3):
            found = [
                prices_of(*candidate(unit, count, horizon_years=5, discount_rate=0.0), FINE, year=year).prices.prices[0]
                for unit, count in (("month", 36), ("quarter", 12))
            ]
            assert found[0].price == found[1].price
            assert abs(found[0].full_cost - found[1].full_cost) <= 0.2

    def test_what_was_done_at_home_is_no_charge_and_stays_as_memo(self) -> None:
        case, plan = candidate(horizon_years=2, discount_rate=0.0)
        shown = statements_of(case, prices_of(case, plan, FINE, year=1)).of("E1")
        assert {(m.term, m.amount) for m in shown.memo} == {("own", 6000.0)}
        assert shown.amount == 30000.0
        assert [line.provider for line in shown.services[0].lines] == ["P1"]


class TestYears:
    def test_a_year_that_is_not_there_is_refused(self) -> None:
        case, plan = candidate()
        for year in (0, 4):
            with pytest.raises(dg.UsageError, match=f"no year {year}: the plan has years 1 to 3"):
                prices_of(case, plan, FINE, year=year)

    def test_the_last_year_may_be_short(self) -> None:
        case, plan = candidate(count=10)
        found = prices_of(case, plan, FINE, year=3).prices
        assert (found.year.begin, found.year.end) == ("2029-01-01", "2029-07-01")
        assert found.prices[0].volume == 500.0

    def test_a_frozen_list_takes_the_place_of_the_years_before(self) -> None:
        case, plan = candidate()
        terms = Terms("provider", 0.01, "unshared", 0.05)
        chained = prices_of(case, plan, terms, year=2).prices
        first = PriceList.from_document(prices_of(case, plan, terms, year=1).prices.document())
        assert prices_of(case, plan, terms, year=2, previous=first).prices == chained

    def test_a_document_whose_figures_are_not_the_case_s_is_refused(self) -> None:
        case, plan = candidate()
        plan["cost"]["total"] += 0.01
        with pytest.raises(dg.InputError) as caught:
            prices_of(case, plan, FINE)
        assert [i.code for i in caught.value.issues] == ["plan_not_ok"]

    def test_rates_follow_their_paths(self) -> None:
        case, _ = candidate()
        from optimizer.domain.time_rows import PathRow
        from optimizer.testing import edited

        risen = PathRow("services", "pay", "risk_rate", date(2028, 7, 1), value=0.3)
        changed = edited(case, paths=(risen,))
        rows = [("E1", "pay", t, "P1", "") for t in range(1, 13)]
        plan = document_of(changed, rows)
        plan["verification"] = TimeEvaluator(changed).verify(plan).as_dict()
        provisions = [prices_of(changed, plan, FINE, year=y).prices.prices[0].cost.provision for y in (1, 2, 3)]
        assert provisions == [1000.0, 2000.0, 3000.0]
