"""Hand-made lists with a pair that the case gives no price: no cost in all, and the reason."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

import data
from optimizer.report.terminal import print_infeasible
from optimizer.stating import price_case
from optimizer.tables import read_case
from optimizer.testing import edited

TODAY = [
    ("ALPHA", "payroll", "NBO"),
    ("ALPHA", "payables", "NBO"),
    ("BRAVO", "payroll", "NBO"),
    ("CHARLIE", "payroll", "OWN"),
    ("CHARLIE", "payables", "GVA"),
    ("DELTA", "payroll", "GVA"),
    ("DELTA", "payables", "GVA"),
]


def priced(*instead: tuple[str, str, str]) -> dict[str, Any]:
    case, _ = read_case(data.case_path("tiny"))
    rows = {(e, s): p for e, s, p in TODAY} | {(e, s): p for e, s, p in instead}
    return price_case(case, [(e, s, p) for (e, s), p in rows.items()])


def told(plan: dict[str, Any]) -> str:
    out = io.StringIO()
    print_infeasible(plan, Console(file=out, width=200))
    return out.getvalue()


@pytest.mark.parametrize("pair", [("CHARLIE", "payables", "OWN"), ("BRAVO", "payroll", "AGY")])
def test_a_list_with_a_pair_that_has_no_price_has_no_cost(pair: tuple[str, str, str]) -> None:
    plan = priced(pair)
    assert plan["cost"] is None
    assert plan["savings"] is None
    assert plan["bounds"]["objective"] is None
    (row,) = (a for a in plan["assignments"] if (a["entity"], a["service"], a["provider"]) == pair)
    assert row["price"] is None
    assert all(a["price"] is not None for a in plan["assignments"] if a is not row)
    (entity,) = (e for e in plan["entities"] if e["id"] == pair[0])
    assert entity["price_index"] is None
    assert not plan["verification"]["mismatches"]
    assert plan["verification"]["cost_recomputed"] is None
    assert f"the case has no price for {'|'.join(pair)}" in told(plan)
    assert "Priced as given" not in told(plan)


def test_a_list_that_breaks_a_rule_shows_its_price_where_it_has_one() -> None:
    case, _ = read_case(data.case_path("tiny"))
    short = tuple(replace(o, capacity=10.0) if o.key == ("GVA", "payables") else o for o in case.offers)
    plan = price_case(edited(case, offers=short), TODAY)
    assert plan["status"]["solution"] == "infeasible"
    assert plan["cost"]["total"] == 322500
    assert "322 500" in told(plan).split("Price, USD a year")[1]
