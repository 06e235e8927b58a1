"""Price lists and statements of a case that can be priced in the head, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.money.price_list import prices_of
from optimizer.money.statement import statements_of
from optimizer.money.terms import Terms, terms_of
from optimizer.money.values import PriceList
from optimizer.stating import price_case
from optimizer.testing import hand
from tests.money.cases import planned, small


def made(case: Case, kind: Any = "provider", step: float = 0.01, idle: Any = "unshared", most: Any = None) -> PriceList:
    return prices_of(case, planned(case), Terms(kind, step, idle, most)).prices


def statements(case: Case, **terms: Any) -> dg.Statements:
    given = {"price_list": "provider", "price_step": 0.01, "idle_by": "unshared", "max_price_change_rel": None} | terms
    return statements_of(case, prices_of(case, planned(case), Terms(**given)))


class TestLists:
    def test_provider(self) -> None:
        found = {p.provider: (p.cost.provision, p.full_cost, p.full_unit_cost, p.price) for p in made(small()).prices}
        assert found == {"P1": (2000.0, 46000.0, 11.5, 11.5), "P2": (1200.0, 25200.0, 12.6, 12.6)}

    def test_universal(self) -> None:
        """71,200 over 6,000 units: 11.8666…; P1 gives 1,466.67, P2 gets it; 11.87 · 6,000 brings 20 too much."""
        found = {
            p.provider: (p.price, p.equalisation, p.charged, p.carried_over) for p in made(small(), "universal").prices
        }
        assert found == {"P1": (11.87, -1466.67, 47480.0, -13.33), "P2": (11.87, 1466.67, 23740.0, -6.67)}

    def test_own(self) -> None:
        found = made(small(), "own")
        assert [p.price for p in found.prices] == [None, None]
        assert {c.entity: c.amount for c in found.charges} == {"E1": 11500.0, "E2": 25200.0, "E3": 34500.0}

    def test_a_coarse_step_is_told_with_what_it_leaves(self) -> None:
        found = made(small(), step=5.0)
        assert {p.provider: (p.price, p.carried_over) for p in found.prices} == {
            "P1": (10.0, 6000.0),
            "P2": (15.0, -4800.0),
        }
        assert [(i.code, i.severity, i.value) for i in found.issues] == [
            ("price_step_coarse", "warning", "P1|pay"),
            ("price_step_coarse", "warning", "P2|pay"),
        ]
        assert made(small(), step=0.1).issues == ()

    def test_halves_are_rounded_upwards(self) -> None:
        assert [p.price for p in made(small(), step=1.0).prices] == [12.0, 13.0]

    def test_own_work_and_work_outside_the_case_pay_nothing(self) -> None:
        assert {c.service for c in made(small()).charges} == {"pay"}

    def test_what_rounding_left_goes_into_next_year_s_full_cost(self) -> None:
        first = made(small(), step=5.0)
        case = small()
        second = prices_of(case, planned(case), Terms("provider", 0.01, "unshared", None), previous=first).prices
        assert {p.provider: (p.cost.carried_in, p.full_cost, p.price) for p in second.prices} == {
            "P1": (6000.0, 52000.0, 13.0),
            "P2": (-4800.0, 20400.0, 10.2),
        }

    def test_a_price_is_never_below_nothing(self) -> None:
        """More was left than a year costs: the price is 0, and the rest is still there after it."""
        case = small()
        plan = planned(case)
        first = prices_of(case, plan, Terms("provider", 100.0, "unshared", None)).prices
        much = Terms("provider", 0.01, "unshared", None)
        spoiled = first.document()
        spoiled["prices"][0]["carried_over"] = -50000.0
        found = prices_of(case, plan, much, previous=PriceList.from_document(spoiled)).prices.prices[0]
        assert (found.full_cost, found.price, found.charged, found.carried_over) == (-4000.0, 0.0, 0.0, -4000.0)


class TestIdle:
    @pytest.mark.parametrize(
        ("idle", "shares"),
        [
            ("effort", {"E1": 116.67, "E2": 233.33, "E3": 350.0}),
            ("amount", {"E1": 113.06, "E2": 247.75, "E3": 339.19}),
            ("equal", {"E1": 233.34, "E2": 233.33, "E3": 233.33}),
            ("unshared", {}),
        ],
    )
    def test_shares(self, idle: Any, shares: dict[str, float]) -> None:
        found = made(small(), idle=idle)
        assert {c.entity: c.amount for c in found.charges if c.service is None} == shares
        account = next(a for a in found.providers if a.provider == "P3")
        assert account.idle == 700.0
        assert account.idle_unshared == (700.0 if idle == "unshared" else 0.0)
        assert {c.method for c in found.charges if c.service is None} == ({f"idle-{idle}"} if shares else set())


class TestSteadyPrices:
    def test_a_price_is_held_and_the_reserve_bears_the_rest(self) -> None:
        """E1 paid 10: at most 10.50 of 11.50. E2 paid 15: at least 14.25 where the list says 12.60. E3: not known."""
        found = made(small(), most=0.05)
        assert {c.entity: (c.price, c.amount, c.reserve) for c in found.charges} == {
            "E1": (10.5, 10500.0, 1000.0),
            "E2": (14.25, 28500.0, -3300.0),
            "E3": (11.5, 34500.0, 0.0),
        }
        balances = {a.provider: (a.reserve_opening, a.reserve, a.reserve_balance) for a in found.providers}
        assert balances == {"P1": (1000.0, 1000.0, 0.0), "P2": (1000.0, -3300.0, 4300.0)} | {"P3": balances["P3"]}

    def test_the_held_price_is_on_the_step_within_the_limit(self) -> None:
        """10 · 1.05 = 10.50 with a step of 0.40: 10.40, the multiple below it. None within 1 %: the end itself."""
        by_client = {c.entity: c.price for c in made(small(), step=0.4, most=0.05).charges}
        assert by_client["E1"] == 10.4
        assert {c.entity: c.price for c in made(small(), step=0.7, most=0.01).charges}["E1"] == 10.1

    def test_a_reserve_below_its_least_is_an_error_with_the_amount_for_each_provider(self) -> None:
        case = hand.changed(small(), "providers", "P1", reserve_opening=400.0, reserve_min=0.0)
        case = hand.changed(case, "providers", "P2", reserve_min=4300.01)
        with pytest.raises(dg.InputError) as caught:
            made(case, most=0.05)
        told = [(i.code, i.table, i.column, i.value) for i in caught.value.issues]
        assert told == [("reserve_below_minimum", "providers", "reserve_min", p) for p in ("P1", "P2")]
        assert "falls to -600.00: 600.00 below its least" in caught.value.issues[0].message
        assert "0.01 below its least" in caught.value.issues[1].message

    def test_at_its_least_it_holds(self) -> None:
        case = hand.changed(small(), "providers", "P1", reserve_min=0.0)
        assert made(case, most=0.05).providers[0].reserve_balance == 0.0

    def test_the_year_after_goes_by_what_was_paid_and_what_is_left(self) -> None:
        case = small()
        first = made(case, most=0.05)
        second = prices_of(case, planned(case), Terms("provider", 0.01, "unshared", 0.05), previous=first).prices
        assert {c.entity: c.price for c in second.charges} == {"E1": 11.02, "E2": 13.54, "E3": 11.5}
        assert {a.provider: a.reserve_balance for a in second.providers}["P1"] == -480.0
        assert {a.provider: a.reserve_opening for a in second.providers}["P1"] == 0.0


class TestStatements:
    def test_change_and_its_causes(self) -> None:
        shown = statements(small())
        first, second = shown.of("E1").services[0], shown.of("E2").services[0]
        assert (first.before.amount, first.change, first.why.price) == (10000.0, 1500.0, 1500.0)  # type: ignore[union-attr]
        assert (second.before.providers, second.change, second.why.provider) == (("P1",), -4800.0, -4800.0)  # type: ignore[union-attr]
        third = shown.of("E3")
        assert (third.before, third.change, third.why, third.unknown) == (None, None, None, ("pay",))

    def test_own_work_before_and_now_is_on_neither_side(self) -> None:
        assert [x.service for x in statements(small()).of("E3").services] == ["pay"]

    def test_volume_and_price_of_a_later_year(self) -> None:
        case = small()
        first = made(case)
        grown = hand.changed(small(unit_cost=11.0), "demands", ("E1", "pay"), volume=1100.0)
        plan = price_case(grown, [("E1", "pay", "P1"), ("E2", "pay", "P2"), ("E3", "pay", "P1"), ("E3", "trv", "OWN")])
        shown = (
            statements_of(grown, prices_of(grown, plan, terms_of(grown.policy), previous=first)).of("E1").services[0]
        )
        assert (shown.before.amount, shown.price, shown.amount) == (11500.0, 12.53, 13783.0)  # type: ignore[union-attr]
        why = shown.why
        assert why is not None
        assert (why.volume, why.provider, why.price) == (1150.0, 0.0, 1133.0)

    def test_a_service_that_ends_and_one_that_moves_home(self) -> None:
        first = made(small())
        case = hand.changed(small(), "demands", ("E1", "pay"), own_unit_cost=9.0)
        from optimizer.testing import edited

        case = edited(case, demands=tuple(d for d in case.demands if d.entity != "E2"))
        plan = price_case(case, [("E1", "pay", "OWN"), ("E3", "pay", "P1"), ("E3", "trv", "OWN")])
        shown = statements_of(case, prices_of(case, plan, terms_of(case.policy), previous=first))
        home, ended = shown.of("E1").services[0], shown.of("E2").services[0]
        assert (home.change, home.why.provider, home.why.volume) == (-11500.0, -11500.0, 0.0)  # type: ignore[union-attr]
        assert (ended.change, ended.why.provider, ended.why.volume) == (-25200.0, 0.0, -25200.0)  # type: ignore[union-attr]
        assert {(m.term, m.amount) for m in shown.of("E1").memo} == {("own", 9000.0)}

    def test_distance_is_told_beside_and_is_in_no_change(self) -> None:
        shown = statements(small(distance_cost_per_fte_1000km=100.0)).of("E2").services[0]
        d = shown.distance
        assert (d.km, d.km_before) == (6059.62211, 5829.980494)
        assert (d.cost, d.cost_before, d.change) == (1211.93, 1166.0, 45.93)
        assert shown.change == -4800.0

    def test_cross_subsidy_adds_up_by_client(self) -> None:
        shown = statements(small(), price_list="universal", idle_by="equal")
        assert {s.entity: s.cross_subsidy for s in shown.statements} == {"E1": 603.34, "E2": -1226.67, "E3": 1343.33}
        assert sum(round(s.cross_subsidy * 100) for s in shown.statements) == 72000  # idle 700 and 20 of rounding

    def test_no_such_client(self) -> None:
        with pytest.raises(dg.InputError) as caught:
            statements(small()).only(("E1", "E8", "E9"))
        assert [(i.code, i.value) for i in caught.value.issues] == [("no_statement", "E8"), ("no_statement", "E9")]


class TestRefused:
    def test_everything_wrong_with_case_plan_and_list_is_told_at_once(self) -> None:
        plan = planned(small())
        plan["verification"]["ok"] = False
        euros = made(hand.with_policy(small(), currency="EUR"))
        with pytest.raises(dg.InputError) as caught:
            prices_of(small(unit_cost=9.0), plan, terms_of(small().policy), previous=euros)
        codes = ["plan_of_another_case", "plan_not_ok", "previous_currency"]
        assert [i.code for i in caught.value.issues] == codes
        assert all(i.remedy for i in caught.value.issues)

    def test_terms_that_make_no_sense_are_told_together(self) -> None:
        with pytest.raises(dg.UsageError) as caught:
            terms_of(small().policy, "all", 0.0, "weight", -1.0)
        for told in ("list is 'all'", "idle_by is 'weight'", "price_step is 0", "max_price_change_rel is -1"):
            assert told in str(caught.value)

    def test_a_steady_plan_has_one_year(self) -> None:
        with pytest.raises(dg.UsageError, match="no year 2"):
            prices_of(small(), planned(small()), terms_of(small().policy), year=2)

    def test_a_document_that_is_no_list(self) -> None:
        with pytest.raises(dg.InputError) as caught:
            PriceList.from_document({"schema": "designate.plan/1"})
        assert caught.value.issues[0].code == "prices_not_readable"

    def test_terms_come_from_the_policy(self) -> None:
        case = small(price_list="universal", price_step=0.5, idle_by="equal", max_price_change_rel=0.2)
        assert terms_of(case.policy) == Terms("universal", 0.5, "equal", 0.2)
