"""Why two plans differ: parts that add up, by hand on the small case."""

from __future__ import annotations

import pytest

from optimizer.domain.names import COST_TERMS
from optimizer.pipeline import solve_case
from optimizer.stating import price_case
from optimizer.studies.missions import compare
from optimizer.tables import apply_patch


def parts(why) -> dict[str, float]:
    return {p["part"]: p["amount"] for p in why["parts"]}


def adds_up(why) -> None:
    assert sum(parts(why).values()) == pytest.approx(why["total"], abs=0.005)
    for part in why["parts"]:
        assert set(part["terms"]) <= set(COST_TERMS)
        assert sum(part["terms"].values()) == pytest.approx(part["amount"], abs=0.06)


@pytest.fixture(scope="module")
def by_hand(tiny):
    """The best plan but with CHARLIE's payables at NBO: 3,535.39 more (see the case's page)."""
    rows = [
        ("ALPHA", "payables", "NBO"),
        ("ALPHA", "payroll", "NBO"),
        ("BRAVO", "payroll", "NBO"),
        ("CHARLIE", "payables", "NBO"),
        ("CHARLIE", "payroll", "NBO"),
        ("DELTA", "payables", "NBO"),
        ("DELTA", "payroll", "NBO"),
    ]
    return price_case(tiny, rows)


def test_one_case_is_all_the_solver(tiny, applied, by_hand):
    why = compare(applied, by_hand)["why"]
    assert parts(why) == {"data": 0, "rules": 0, "options": 0, "solver": pytest.approx(3535.39, abs=0.01)}
    adds_up(why)


def test_data(tiny, applied, params, watch):
    """BRAVO needs 100 payslips more: 100 × 40, nothing moves."""
    case, _ = apply_patch(
        tiny, {"tables": {"demands": {"change": [{"entity": "BRAVO", "service": "payroll", "volume": 580}]}}}
    )
    why = compare(applied, solve_case(case, params, watch=watch), case_a=tiny, case_b=case)["why"]
    assert parts(why) == {"data": 4000.0, "rules": 0, "options": 0, "solver": 0}
    adds_up(why)
    assert why["unknown"] == []


def test_rules(tiny, applied, params, watch):
    """An interface costs 1,100 instead of 1,000: five of them."""
    case, _ = apply_patch(tiny, {"policy": {"interface_cost": 1100}})
    why = compare(applied, solve_case(case, params, watch=watch), case_a=tiny, case_b=case)["why"]
    assert parts(why) == {"data": 0, "rules": 500.0, "options": 0, "solver": 0}
    adds_up(why)
    assert any("hard rules" in u for u in why["unknown"])


def test_options(tiny, applied, params, watch):
    """Without the agency's offer CHARLIE's payables go to NBO: nothing known of the pair, told as an option."""
    case, _ = apply_patch(
        tiny,
        {
            "tables": {
                "offers": {"remove": [{"provider": "AGY", "service": "payables"}]},
                "tiers": {"remove": [{"provider": "AGY", "service": "payables", "from_volume": 0}]},
            }
        },
    )
    found = compare(applied, solve_case(case, params, watch=watch), case_a=tiny, case_b=case)
    why = found["why"]
    assert why["total"] == pytest.approx(3535.39, abs=0.01)
    adds_up(why)
    assert any("CHARLIE" in u for u in why["unknown"])
    assert found["by_service"][0]["service"] == "payables"
    assert sum(r["change"] for r in found["by_entity"]) == pytest.approx(why["total"], abs=0.05)


def test_without_cases_it_is_not_known(tiny, applied, params, watch):
    case, _ = apply_patch(tiny, {"policy": {"interface_cost": 1100}})
    plan = solve_case(case, params, watch=watch)
    for cases in ({}, {"case_a": tiny}, {"case_a": tiny, "case_b": tiny}):
        why = compare(applied, plan, **cases)["why"]
        assert (why["known"], why["parts"]) == (False, [])
        assert why["unknown"]
