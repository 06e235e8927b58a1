"""Axioms, verdicts and refusals of fair shares on cases that can be priced in the head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.domain.types import Decision, Demand, Offer, Tier
from optimizer.plan.plan import Plan
from optimizer.shares import ask
from optimizer.shares.alone import verdict_of
from optimizer.shares.costs import Cost
from optimizer.shares.values import FairShares
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.stating import price_case
from optimizer.testing import edited, hand

DAY = dg.SolveParams(backend="highs", time_limit_s=None)
POOL = ChildPool()
"""Children for all tests of this file."""


@pytest.fixture(scope="module", autouse=True)
def _closing() -> Iterator[None]:
    yield
    POOL.close()


def fair_shares(case: Case, plan: Plan, **more: Any) -> FairShares:
    return ask.fair_shares(case, plan, watch=Watch(pool=POOL), **more)


def club(*sizes: float, fixed: float = 6000.0, own: float | None = None, **policy: Any) -> Case:
    """Clients E1, E2 … of so many units; one line at 10 a unit and ``fixed`` once; E1 may have own capacity."""
    entities = [hand.entity(f"E{i}", kind="rco" if i % 2 else "mission") for i in range(1, len(sizes) + 1)]
    demands = [Demand(f"E{i}", "pay", v) for i, v in enumerate(sizes, 1)]
    if own is not None:
        demands[0] = replace(demands[0], own_unit_cost=own)
    return hand.case(
        entities,
        [hand.service(risk_rate=0.05)],
        demands,
        [hand.provider()],
        [Offer("P1", "pay", fixed_cost=fixed)],
        [Tier("P1", "pay", 0.0, 10.0)],
        backup=False,
        **policy,
    )


def everyone_at_p1(case: Case) -> Plan:
    return Plan.from_document(price_case(case, [(*d.key, "P1") for d in case.demands]), case)


def test_one_fixed_cost_is_shared_in_equal_parts_by_shapley_and_by_volume_in_the_list() -> None:
    case = club(1000.0, 2000.0, 3000.0)
    found = fair_shares(case, everyone_at_p1(case), params=DAY)
    assert [c.charge for c in found.clients] == [11000.0, 22000.0, 33000.0]
    assert [c.shapley for c in found.clients] == pytest.approx([12000.0, 22000.0, 32000.0])
    assert [c.alone_upper for c in found.clients] == [16000.0, 26000.0, 36000.0]
    assert {c.alone for c in found.clients} == {"not_better_off"}
    assert found.core.epsilon_upper == pytest.approx(-2000.0, abs=0.02)  # each pair pays that less than alone
    assert found.core.indivisibility_upper == pytest.approx(0.0, abs=0.02)


def test_twins_have_one_value_and_who_changes_nothing_pays_its_own_cost() -> None:
    case = club(2000.0, 3000.0, 3000.0, own=9.0)
    case = hand.changed(case, "demands", ("E1", "pay"), own_fixed_cost=500.0)
    plan = dg.solve(case, DAY)
    assert isinstance(plan, Plan)
    found = {c.entity: c for c in fair_shares(case, plan, params=DAY).clients}
    assert found["E2"].shapley == found["E3"].shapley
    assert found["E1"].shapley == pytest.approx(18500.0, abs=0.01)  # its own capacity, whoever else is there


def test_a_client_that_is_charged_for_others_is_better_off_alone() -> None:
    case = club(1000.0, 1000.0, fixed=6000.0, own=5.0)
    found = fair_shares(case, everyone_at_p1(case), params=DAY)
    first = found.clients[0]
    assert (first.charge, first.alone_upper, first.alone) == (13000.0, 5000.0, "better_off")
    assert found.core.verdict == "empty"  # 26,000 are to be paid where 5,000 + 16,000 would do
    assert found.core.epsilon_lower == pytest.approx(2500.0, abs=0.02)
    assert found.core.indivisibility_lower == pytest.approx(5000.0, abs=0.02)


def test_own_capacity_alone_and_who_cannot() -> None:
    case = club(1000.0, 1000.0, own=20.0, alone_mode="own")
    found = fair_shares(case, everyone_at_p1(case), params=DAY)
    assert [(c.alone, c.alone_upper) for c in found.clients] == [("not_better_off", 20000.0), ("cannot", None)]
    assert found.clients[1].shapley == pytest.approx(13000.0, abs=0.01)  # groups have every offer all the same


def test_without_time_the_plan_in_hand_bounds_and_nothing_is_surer_than_that() -> None:
    case = club(1000.0, 2000.0)
    found = fair_shares(case, everyone_at_p1(case), time_limit=0.0)
    assert {(c.alone, c.alone_lower) for c in found.clients} == {("undecided", None)}
    assert found.core.verdict == "undecided"
    assert [c.core for c in found.clients] == [None, None]
    assert found.core.epsilon_lower is not None


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (Cost("bounded", 90.0, 99.8), "better_off"),
        (Cost("bounded", 90.0, 100.5), "undecided"),
        (Cost("bounded", 100.0, 100.5), "not_better_off"),
        (Cost("bounded", None, 99.8), "better_off"),
        (Cost("not_answered", 90.0, None), "not_answered"),
        (Cost("not_answered", 101.0, None), "not_better_off"),
        (Cost("impossible"), "cannot"),
    ],
)
def test_inside_the_interval_nothing_is_decided(cost: Cost, said: str) -> None:
    assert verdict_of(100.0, cost) == said


def test_rules_that_bind_all_together_are_off_and_decisions_stay() -> None:
    case = club(1000.0, 2000.0, own=50.0, max_moves=0)
    case = hand.changed(case, "providers", "P1", status="required", site_fixed_cost=700.0)
    case = hand.changed(case, "offers", ("P1", "pay"), min_volume=2500.0)
    found = fair_shares(case, everyone_at_p1(case), params=DAY)
    assert [c.alone_upper for c in found.clients] == [16700.0, 26700.0]
    kept = edited(
        hand.changed(case, "offers", ("P1", "pay"), min_volume=0.0),
        decisions=(Decision("lock", "E1", "it stays", provider="OWN"),),
    )
    plan = Plan.from_document(price_case(kept, [("E1", "pay", "OWN"), ("E2", "pay", "P1")]), kept)
    found = fair_shares(kept, plan, params=DAY)
    assert [c.alone_upper for c in found.clients] == [50000.0, 26700.0]


def test_players_are_groups_or_drawn_orders_with_their_error() -> None:
    case = club(1000.0, 2000.0, 3000.0)
    plan = everyone_at_p1(case)
    kinds = fair_shares(case, plan, params=DAY, players="kinds")
    assert [(v.player, v.clients, v.value) for v in kinds.values] == [("mission", 1, 23000.0), ("rco", 2, 43000.0)]
    assert [c.shapley for c in kinds.clients] == [None] * 3
    drawn = fair_shares(case, plan, params=DAY, samples=40, seed=3)
    assert (drawn.shapley.method, drawn.shapley.orders) == ("sampled", 40)
    for value, right in zip(drawn.values, (12000.0, 22000.0, 32000.0), strict=True):
        assert value.standard_error is not None
        assert value.value is not None
        assert abs(value.value - right) <= 4 * value.standard_error
    again = fair_shares(case, plan, params=DAY, samples=40, seed=3)
    assert again.values == drawn.values


def test_the_document_is_read_back_and_shows_itself() -> None:
    case = club(1000.0, 2000.0)
    found = fair_shares(case, everyone_at_p1(case), params=DAY)
    assert FairShares.from_document(found.document()) == found
    assert "core not empty" in repr(found)
    assert list(found.frame("clients")["entity"]) == ["E1", "E2"]


def test_what_makes_no_sense_is_refused() -> None:
    case = club(1000.0, 2000.0)
    plan = everyone_at_p1(case)
    for wrong in ({"players": "offices"}, {"samples": 0}, {"time_limit": -1.0}, {"kind": "all"}):
        with pytest.raises(dg.UsageError):
            fair_shares(case, plan, **wrong)
    with pytest.raises(dg.InputError) as caught:
        fair_shares(club(1000.0, 2500.0), plan)
    assert caught.value.issues[0].code == "plan_of_another_case"
