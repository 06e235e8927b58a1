"""Money at every size, and documents that give no figure where there is none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import data
from optimizer import InputError, SolveParams
from optimizer.domain.case import Case
from optimizer.domain.policy import Transition
from optimizer.model.build import build_problem
from optimizer.model.evaluate import evaluate
from optimizer.pipeline import solve_case
from optimizer.report import diff, write_report
from optimizer.solvers import registry
from optimizer.solvers.accept.solve import GAP_ABS_OPTIMAL, Watch, credible
from optimizer.solvers.pool import ChildPool
from optimizer.stating import check_plan, price_case, settle_case
from optimizer.tables import case_from_tables, read_case
from optimizer.testing import edited
from tests.cli.terminal import inside
from tests.faults import case_path

NEAR_1E15_CENTS = 9_971_570_275_118.348
"""Least cost of the weak currency, from all 64 plans; asserted below."""

PLACE = {"latitude": "-1.2833", "longitude": "36.8167"}


def tables(name: str) -> dict[str, Any]:
    """An input with its places moved into the country that they name."""
    found: dict[str, Any] = json.loads((case_path(name)).read_text(encoding="utf-8"))
    for row in (*found["entities"], *found["providers"]):
        row.update(PLACE)
    return found


def weak() -> Case:
    return case_from_tables(tables("weak-currency/case.json"))[0]


def price(case: Case, who: tuple[str, ...]) -> Fraction:
    """Cost of a plan of the weak currency by hand, from the cells as they are written."""
    given = tables("weak-currency/case.json")
    unit = {t["provider"]: Fraction(t["unit_cost"]) for t in given["tiers"]}
    total = Fraction(0)
    for o in given["offers"]:
        served = [Fraction(d["volume"]) for d, p in zip(given["demands"], who, strict=True) if p == o["provider"]]
        if sum(served) > Fraction(o["capacity"]):
            return Fraction(10**20)
        if served:
            total += (Fraction(o["fixed_cost"]) + sum(served) * unit[o["provider"]]) * (1 + Fraction(o["fee_rate"]))
    return total


@pytest.fixture(scope="module")
def pool():
    with ChildPool() as children:
        yield children


@pytest.mark.parametrize("backend", sorted(registry.SPECS))
def test_ten_billion_thousands_are_solved_and_verified_to_the_cent(backend: str, pool: ChildPool) -> None:
    case = weak()
    least = min(price(case, who) for who in product(("P0", "P1"), repeat=6))
    assert float(least) == NEAR_1E15_CENTS
    plan = solve_case(case, SolveParams(backend=backend, time_limit_s=60.0), watch=Watch(pool=pool))  # type: ignore[arg-type]
    assert plan["verification"]["ok"], plan["verification"]["mismatches"]
    assert plan["bounds"]["objective"] == NEAR_1E15_CENTS
    assert plan["cost"]["total"] == round(NEAR_1E15_CENTS, 2)
    leaves = [round(a["cost"]["service"] * 100) for a in plan["assignments"]]
    assert sum(leaves) == round(least * 100)  # whole cents, none lost
    gap = plan["bounds"]["gap_abs"]
    assert (plan["status"]["solution"] == "optimal") == (gap <= GAP_ABS_OPTIMAL)
    assert plan["bounds"]["best_bound"] <= NEAR_1E15_CENTS


@pytest.mark.parametrize("name", ["weak-currency/case-ten-times.json", "amount-beyond-floats/case.json"])
def test_products_beyond_the_limit_are_refused_with_place_limit_and_remedy(name: str) -> None:
    with pytest.raises(InputError) as refused:
        case_from_tables(tables(name))
    found = [i for i in refused.value.issues if i.code == "amount_too_large"]
    assert len(found) == 2  # both demands, at once
    for issue in found:
        assert (issue.table, issue.column, issue.severity) == ("demands", "volume", "error")
        assert issue.row is not None
        assert "10,000,000,000,000.00" in issue.remedy


def test_the_command_refuses_them_with_exit_2(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(tables("amount-beyond-floats/case.json")), encoding="utf-8")
    done = inside("solve", file)
    assert done.returncode == 2
    assert "amount_too_large" in done.stdout + done.stderr


def test_a_whole_beyond_the_limit_is_refused_where_no_product_is() -> None:
    many = tables("weak-currency/case.json")
    for d in many["demands"]:
        d["volume"] = "15000"  # 6.9 · 10^12 each
    many["offers"] = [{**o, "capacity": ""} for o in many["offers"]]
    with pytest.raises(InputError) as refused:
        case_from_tables(many)
    (issue,) = [i for i in refused.value.issues if i.code == "amount_too_large"]
    assert "a plan could come to" in issue.message


@pytest.mark.parametrize(
    ("table", "row", "policy"),
    [
        ("providers", {"site_fixed_cost": "9000000000000"}, {}),
        ("providers", {"setup_cost": "9000000000000"}, {}),
        ("offers", {"fixed_cost": "9000000000000"}, {}),
        ("demands", {"own_unit_cost": "0", "own_fixed_cost": "9000000000000"}, {}),
        ("entities", {}, {"interface_cost": 9e12}),
        ("entities", {}, {"handover_cost": 9e12}),
        ("entities", {}, {"transition": {"training": 9e12}, "minutes_per_fte_year": 0.000001}),
        ("entities", {}, {"dispersion_loss": [0.0, 1e6]}),
    ],
)
def test_every_kind_of_cost_counts_towards_the_whole(table: str, row: dict[str, str], policy: dict[str, Any]) -> None:
    case = tables("weak-currency/case.json")
    for d in case["demands"]:
        d["volume"] = "100"  # 0.3 · 10^12 in all
    case_from_tables(case)
    case[table] = [{**r, **row} for r in case[table]]
    case["policy"] |= policy
    with pytest.raises(InputError) as refused:
        case_from_tables(case)
    assert {i.code for i in refused.value.issues if i.severity == "error"} == {"amount_too_large"}


def test_a_bound_is_believed_as_far_as_its_arithmetic_carries() -> None:
    assert credible(None, 5.0, "x") == (None, "x")
    assert credible(99.0, 100.0, "x") == (99.0, "x")
    assert credible(100.005, 100.0, "x") == (100.0, "x")
    assert credible(101.0, 100.0, "x")[0] is None  # refuted by the plan
    large = 1e13
    bound, detail = credible(large - 0.004, large, "x")
    assert bound is not None
    assert GAP_ABS_OPTIMAL < large - bound < 10.0
    assert "believed" in detail
    bound, _ = credible(large + 9_000.0, large, "x")  # within tolerances of a backend, and yet wrong by 9,000
    assert bound is not None
    assert large - bound >= 9_000.0
    assert credible(6e8 + 0.001, 6e8, "x") == (6e8, "x")  # at the size of real cases nothing changes


def test_amounts_of_a_millionth_are_priced_and_verified() -> None:
    small = tables("weak-currency/case.json")
    small["offers"] = [{**o, "fixed_cost": "0.000001"} for o in small["offers"]]
    small["tiers"] = [{**t, "unit_cost": "0.000001"} for t in small["tiers"]]
    case = case_from_tables(small)[0]
    plan = price_case(case, [(d.entity, d.service, "P1" if d.entity != "E4" else "P0") for d in case.demands][:5])
    assert plan["cost"] is None  # E5 is left out
    rows = [(d.entity, d.service, "P0" if d.entity == "E0" else "P1") for d in case.demands]
    whole = price_case(case, rows)
    assert not whole["verification"]["mismatches"]
    exactly = Fraction("0.000001") * (Fraction("1250.25") + 1) * Fraction("1.07")
    exactly += Fraction("0.000001") * (Fraction("19565.15") + 1) * Fraction("1.03")
    assert whole["bounds"]["objective"] == round(float(exactly), 6)
    assert whole["cost"]["total"] == 0.02


def test_a_demand_without_a_price_today_is_on_neither_side_of_the_saving() -> None:
    case, issues = read_case(case_path("current_unpriceable_savings"))
    assert [i.value for i in issues if i.code == "current_unpriceable"] == ["E0|S0|OWN"]
    plan = price_case(case, [("E0", "S0", "P0")])
    assert plan["savings"]["one_off"] == {"transition": 0.0, "setup": 0.0}
    assert plan["savings"]["new_demand_cost"] == 100_000.0
    assert plan["savings"]["annual"] == 0.0
    assert plan["cost"]["transition_annualised"] == 0.0
    assert evaluate(build_problem(case), build_problem(case).encode([("E0", "S0", "P0", "")])).one_off == 0.0
    assert [i["code"] for i in plan["issues"]] == [
        "current_unpriceable"
    ]  # told, though the reader's were not passed on
    assert plan["verification"]["ok"]
    told = {**plan, "issues": []}
    assert check_plan(case, told).mismatches[0].path == "issues[current_unpriceable|E0|S0|OWN]"


def test_it_spends_nothing_of_the_one_off_budget() -> None:
    case = read_case(case_path("current_unpriceable_savings"))[0]
    tight = edited(case, policy=replace(case.policy, one_off_budget=0.0))
    assert price_case(tight, [("E0", "S0", "P0")])["verification"]["ok"]


def ending(end: date | None) -> Case:
    """The packaged case in which DELTA, which would move, ends."""
    tiny = read_case(data.case_path("tiny"))[0]
    policy = replace(tiny.policy, discount_rate=0.0, horizon_years=10, transition=Transition(training=1000.0))
    entities = tuple(replace(e, end=end) if e.id == "DELTA" else e for e in tiny.entities)
    return edited(tiny, policy=policy, entities=entities)


@pytest.mark.parametrize(
    ("end", "years"),
    [
        (None, 10),
        (date(2026, 3, 1), 1),
        (date(2027, 1, 1), 1),
        (date(2027, 1, 2), 2),
        (date(2030, 6, 1), 5),
        (date(2090, 1, 1), 10),
    ],
)
def test_a_move_is_spread_over_the_years_its_entity_has_left(end: date | None, years: int) -> None:
    case = ending(end)
    assert case.policy.as_of == date(2026, 1, 1)
    plan = price_case(case, [(d.entity, d.service, "NBO") for d in case.demands])
    rows = [a for a in plan["assignments"] if a["entity"] == "DELTA" and a["moved_from"]]
    assert rows
    for a in rows:
        assert a["cost"]["transition_annualised"] == pytest.approx(1000.0 * a["effort_fte"] / years, abs=0.011)
    assert plan["verification"]["mismatches"] == []
    problem = build_problem(case)
    choice = problem.encode([(d.entity, d.service, "NBO", "") for d in case.demands])
    assert evaluate(problem, choice).total == pytest.approx(plan["bounds"]["objective"])
    told = [i["value"] for i in plan["issues"] if i["code"] == "ends_soon"]
    assert told == (["DELTA"] if years == 1 else [])


def test_the_net_saving_is_never_above_its_upper_limit() -> None:
    tiny = read_case(data.case_path("tiny"))[0]
    new = edited(tiny, current=tuple(c for c in tiny.current if c.entity != "DELTA"))  # DELTA is new
    for case in (tiny, new):
        rows = [(d.entity, d.service, "NBO", "") for d in case.demands]
        bound = settle_case(case, rows, SolveParams(), stopped_by="finished")["bounds"]["objective"]
        plan = settle_case(case, rows, SolveParams(), stopped_by="finished", bound=bound)
        s, cost = plan["savings"], plan["cost"]
        net = round(s["annual"] - cost["transition_annualised"] - cost["setup_annualised"], 2)
        assert net <= s["upper_limit"]
        limit = plan["baseline"]["running"] + s["new_demand_cost"] - plan["bounds"]["best_bound"]
        assert s["upper_limit"] == pytest.approx(limit, abs=0.06)  # the rounding of eleven terms
        assert plan["verification"]["ok"]
    assert s["new_demand_cost"] > 0


class TestWithoutAPlan:
    def plans(self) -> list[tuple[Case, dict[str, Any]]]:
        tiny = read_case(data.case_path("tiny"))[0]
        part = [(d.entity, d.service, "NBO") for d in tiny.demands][:-1]
        return [(tiny, settle_case(tiny, None, SolveParams(), stopped_by="time")), (tiny, price_case(tiny, part))]

    def test_cost_and_savings_are_null_and_everything_reads_that(self, tmp_path: Path) -> None:
        whole = price_case(*self.all_served())
        for case, plan in self.plans():
            assert plan["cost"] is None
            assert plan["savings"] is None
            assert plan["bounds"]["objective"] is None
            assert plan["verification"]["cost_recomputed"] is None
            assert plan["verification"]["mismatches"] == []
            write_report(plan, case, tmp_path / "report.html")
            change = diff(plan, whole)
            assert all(row["change"] is None for row in (*change["cost"], *change["savings"]))

    def all_served(self) -> tuple[Case, list[tuple[str, str, str]]]:
        tiny = read_case(data.case_path("tiny"))[0]
        return tiny, [(d.entity, d.service, "NBO") for d in tiny.demands]

    def test_what_each_served_demand_bears_stands(self) -> None:
        _, plan = self.plans()[1]
        assert all(a["cost"]["service"] > 0 for a in plan["assignments"] if a["provider"])

    def test_a_plan_that_may_leave_demands_unserved_has_its_cost(self) -> None:
        tiny, rows = self.all_served()
        accepted = edited(tiny, policy=replace(tiny.policy, allow_unserved=True))
        plan = price_case(accepted, rows[:-1])
        assert plan["cost"]["total"] > 0
        assert plan["verification"]["mismatches"] == []
