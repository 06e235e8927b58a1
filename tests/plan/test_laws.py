"""Laws every document keeps, whatever the case."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.domain.case import Case
from optimizer.domain.names import COST_TERMS, ONE_OFF_TERMS, OWN, TRANSITION_ELEMENTS
from optimizer.domain.types import CurrentRow
from optimizer.model.build import build_problem
from optimizer.model.evaluate import evaluate
from optimizer.model.parts import Choice
from optimizer.plan.allocation import Allocation
from optimizer.plan.alternatives import runner_ups
from optimizer.plan.document import plan_body
from optimizer.plan.given import choice_from_plan
from optimizer.testing import edited, good_plan, random_plan
from optimizer.verify.checker import Evaluator
from tests.plan.hand import floats
from tests.plan.random_plans import quick, rich_cases

K = 7.0
EXACT = 1e-9

PER_FTE = ("distance_cost_per_fte_1000km", "overlap_cost_per_fte_hour")
MONEY = {
    "demands": ("own_unit_cost", "own_fixed_cost"),
    "providers": ("setup_cost", "site_fixed_cost", "cost_per_fte"),
    "offers": ("fixed_cost",),
    "tiers": ("unit_cost",),
    "current": ("unit_cost",),
}


def times(row: Any, names: tuple[str, ...], k: float) -> Any:
    """A row with its money columns multiplied."""
    return replace(row, **{n: k * getattr(row, n) for n in names if getattr(row, n) is not None})


def scaled(case: Case, k: float) -> Case:
    """The same case in a currency worth 1 / k."""
    tables: dict[str, Any] = {
        name: tuple(times(r, names, k) for r in getattr(case, name)) for name, names in MONEY.items()
    }
    policy = times(case.policy, ("interface_cost", "handover_cost", "one_off_budget", *PER_FTE), k)
    policy = replace(policy, transition=times(policy.transition, TRANSITION_ELEMENTS, k))
    return edited(case, policy=policy, **tables)


def choice_of(case: Case, rng: random.Random) -> Choice:
    """A plan that keeps every rule if one turns up, else one of eligible pairs."""
    evaluator = Evaluator(case)
    rows = good_plan(case, rng, evaluator) or random_plan(case, rng, evaluator)
    return build_problem(case).encode(rows)


@quick(80)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_money_scales(case: Case, rng: random.Random) -> None:
    choice, dear = choice_of(case, rng), scaled(case, K)
    x, y = build_problem(case), build_problem(dear)
    one, other = Allocation(case, x, choice.provider), Allocation(dear, y, choice.provider)
    for term in COST_TERMS:
        assert floats(other, term) == pytest.approx([K * v for v in floats(one, term)], rel=EXACT)
    assert other.one_off_transition == pytest.approx(K * one.one_off_transition)
    assert other.one_off_setup == pytest.approx(K * one.one_off_setup)
    for a, b in zip(runner_ups(x, choice), runner_ups(y, choice), strict=True):
        assert (a is None) == (b is None)
        assert a is None or b is None or b[1] == pytest.approx(K * a[1], abs=K * 0.011)
    before, after = (plan_body(c, p, choice, 0.0) for c, p in ((case, x), (dear, y)))
    assert after["people"] == before["people"]
    assert after["sites"] == before["sites"]
    assert (before["cost"] is None) == (after["cost"] is None)
    for name in ("total", "running") if before["cost"] else ():
        assert after["cost"][name] == pytest.approx(K * before["cost"][name], abs=0.005 * 11 * (K + 1))


def renamed(value: Any) -> Any:
    """Ids of entities, services and providers with a longer stem, in any plain value; order is kept."""
    if isinstance(value, dict):
        return {k: renamed(v) for k, v in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return type(value)(renamed(v) for v in value)
    if isinstance(value, str) and "|" in value:
        return "|".join(renamed(v) for v in value.split("|"))
    known = isinstance(value, str) and len(value) == 2 and value[0] in "ESP" and value[1].isdigit()
    return {"E": "Entity-", "S": "Service-", "P": "Provider-"}[value[0]] + value[1] if known else value


def renamed_case(case: Case) -> Case:
    """The same case under other names."""
    names = ("id", "entity", "service", "provider", "lead_preference", "key")

    def row(r: Any) -> Any:
        fields = type(r).__dataclass_fields__
        return replace(r, **{n: renamed(getattr(r, n)) for n in names if n in fields})

    tables = ("entities", "services", "demands", "providers", "offers", "tiers", "current", "decisions", "assumptions")
    more: dict[str, Any] = {t: tuple(map(row, getattr(case, t))) for t in tables}
    return edited(case, **more)


@quick(80)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_names_do_not_matter(case: Case, rng: random.Random) -> None:
    choice, other = choice_of(case, rng), renamed_case(case)
    before = plan_body(case, build_problem(case), choice, None)
    after = plan_body(other, build_problem(other), choice, None)
    assert after == renamed(before)


@quick(80)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(case: Case, rng: random.Random) -> None:
    choice = choice_of(case, rng)
    tables = ("entities", "services", "demands", "providers", "offers", "current", "assumptions")
    shuffled: dict[str, Any] = {t: tuple(rng.sample(getattr(case, t), len(getattr(case, t)))) for t in tables}
    mixed = edited(case, **shuffled)
    before, after = (plan_body(c, build_problem(c), choice, None) for c in (case, mixed))
    assert json.dumps(after) == json.dumps(before)


def fed_back(case: Case, plan: dict[str, Any]) -> Case:
    """The case with a plan as today's arrangement, its opened candidates open."""
    opened = {s["provider"] for s in plan["sites"] if s["open"]}
    rows = tuple(CurrentRow(a["entity"], a["service"], a["provider"]) for a in plan["assignments"] if a["provider"])
    providers = tuple(
        replace(p, status="open") if p.status == "candidate" and p.id in opened else p for p in case.providers
    )
    return edited(case, current=rows, providers=providers)


@quick(80)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_a_plan_fed_back_as_today_costs_the_same_and_moves_nobody(case: Case, rng: random.Random) -> None:
    choice = choice_of(case, rng)
    plan = plan_body(case, build_problem(case), choice, None)
    later = fed_back(case, plan)
    again = plan_body(later, build_problem(later), choice, None)
    assert (again["cost"] is None) == (plan["cost"] is None)
    if plan["cost"] is not None:
        assert again["cost"]["running"] == plan["cost"]["running"]
        assert [again["cost"][t] for t in ONE_OFF_TERMS] == [0.0, 0.0]
        assert again["savings"]["one_off"] == {"transition": 0.0, "setup": 0.0}
    assert all(a["moved_from"] is None for a in again["assignments"])
    assert all(r["fte_in"] == r["fte_out"] == 0.0 for rows in again["people"].values() for r in rows)
    assert all(e["worse_than_today"] == [] for e in again["entities"])
    if all(a["provider"] for a in plan["assignments"]):
        assert again["baseline"]["running"] == plan["cost"]["running"]
        assert again["savings"]["annual"] == 0.0
        assert again["savings"]["new_demand_cost"] == 0.0


@quick(80)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_parts_add_up_to_what_evaluation_says(case: Case, rng: random.Random) -> None:
    choice, problem = choice_of(case, rng), build_problem(case)
    side, cost = Allocation(case, problem, choice.provider), evaluate(problem, choice)
    assert {t: side.exact_total[t] for t in COST_TERMS} == pytest.approx(cost.terms, rel=EXACT, abs=1e-9)
    assert side.exact_total["running"] == pytest.approx(cost.running)
    assert (side.one_off_transition, side.one_off_setup) == pytest.approx((cost.one_off_transition, cost.one_off_setup))
    checked = Evaluator(case).cost(problem.decode(choice))
    assert side.exact_total == pytest.approx(checked, rel=EXACT, abs=1e-6)


@quick(40)
@given(case=rich_cases(), rng=st.randoms(use_true_random=False))
def test_a_document_gives_its_choice_back(case: Case, rng: random.Random) -> None:
    choice, problem = choice_of(case, rng), build_problem(case)
    plan = {"schema": "designate.plan/1", **json.loads(json.dumps(plan_body(case, problem, choice, None)))}
    back = choice_from_plan(problem, plan)
    assert back.provider.tolist() == choice.provider.tolist()
    assert back.backup.tolist() == choice.backup.tolist()
    assert OWN not in {a["backup"] for a in plan["assignments"]}
