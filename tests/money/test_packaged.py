"""Packaged cases: prices that do not change unseen, and every figure derived again."""

from __future__ import annotations

import json
from typing import Any

import pytest

import optimizer as dg
from optimizer.money.price_list import prices_of
from optimizer.money.statement import statements_of
from optimizer.money.terms import Terms
from tests.money.derive import bill, dec, of_document
from tests.money.test_over_time import year_after_year
from tests.money.test_steady import agree, cents, identities


@pytest.fixture(scope="module")
def tiny() -> tuple[dg.Case, dg.Plan]:
    case = dg.example("tiny")
    return case, dg.solve(case, backend="highs", time_limit=60)


@pytest.fixture(scope="module")
def mission() -> tuple[dg.Case, dict[str, Any]]:
    case = dg.example("mission-start")
    return case, dg.solve(case, backend="highs", time_limit=120).document()


def test_tiny(tiny: tuple[dg.Case, dg.Plan]) -> None:
    found = dg.price_list(*tiny)
    assert {(p.provider, p.service): (p.full_cost, p.price, p.carried_over) for p in found.prices} == {
        ("AGY", "payables"): (28600.0, 47.67, -2.0),
        ("NBO", "payables"): (82000.0, 68.33, 4.0),
        ("NBO", "payroll"): (137600.0, 52.12, 3.2),
    }
    assert dg.price_list(*tiny, kind="universal").frame("prices")["price"].tolist() == [61.44, 61.44, 52.12]


def test_the_mission_that_starts(mission: tuple[dg.Case, dict[str, Any]]) -> None:
    """Full cost by provider in each planning year, cents left by rounding included."""
    case, plan = mission
    found = []
    for year in range(1, 5):
        accounts = prices_of(case, plan, Terms("provider", 0.01, "unshared", None), year=year).prices.providers
        found.append({a.provider: a.full_cost for a in accounts})
    assert found[0] == {"RSCE": 7337381.5, "UNGSC": 1414052.68, "UNON": 813244.56}
    assert found[1] == {"RSCE": 7182284.09, "UNGSC": 1336315.33, "UNON": 541064.35}


@pytest.mark.parametrize("terms", [Terms("universal", 0.01, "equal", 0.02), Terms("own", 0.5, "amount", 0.1)], ids=str)
def test_the_mission_is_derived_again(mission: tuple[dg.Case, dict[str, Any]], terms: Terms) -> None:
    year_after_year(*mission, terms)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rco", "secretariat"])
def test_large_cases_are_derived_again(name: str) -> None:
    case = dg.example(name)
    plan = json.loads(json.dumps(dg.solve(case, backend="engine", time_limit=20).document()))
    today = {(c.entity, c.service): dec(c.unit_cost) for c in case.current if c.unit_cost is not None}
    for terms in (Terms("provider", 0.01, "effort", None), Terms("universal", 0.01, "unshared", 0.05)):
        priced = prices_of(case, plan, terms)
        right = bill(
            of_document(case, plan),
            terms.price_list,
            terms.price_step,
            terms.idle_by,
            terms.max_price_change_rel,
            today,
        )
        agree(priced.prices, right)
        identities(priced.prices, statements_of(case, priced))
        assert sum(cents(a.full_cost) for a in priced.prices.providers) > 10**8
