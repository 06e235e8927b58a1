"""Figures that change: the order of paths, what they make of a figure, and what is refused."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

import pytest

from optimizer.domain.time.figures import Paths, anniversaries, figure_at
from optimizer.domain.time.stills import stills_of
from optimizer.domain.time_rows import PathRow
from tests.time.cases import policy, provider, read, refused, tables


def path(day: str, key: str = "*", **amount: float) -> PathRow:
    return PathRow("providers", key, "cost_per_fte", date.fromisoformat(day), **amount)


def at(figure: float | None, rows: list[PathRow], day: str, key: str = "P1") -> float | None:
    return Paths(rows).at("providers", "cost_per_fte", (key,), figure, date.fromisoformat(day))


def test_a_row_counts_from_its_day_on() -> None:
    rows = [path("2027-04-01", factor=2)]
    assert at(5, rows, "2027-03-31") == 5
    assert at(5, rows, "2027-04-01") == 10


@pytest.mark.parametrize(("day", "n"), [("2028-03-31", 0), ("2028-04-01", 1), ("2029-04-01", 2), ("2029-03-31", 1)])
def test_growth_compounds_on_its_anniversaries(day: str, n: int) -> None:
    assert anniversaries(date(2027, 4, 1), date.fromisoformat(day)) == n
    assert at(100, [path("2027-04-01", growth=0.1)], day) == pytest.approx(100 * 1.1**n)


def test_a_value_ends_what_came_before_and_factors_compound() -> None:
    rows = [path("2027-01-01", growth=0.5), path("2028-01-01", factor=3), path("2028-06-01", value=7)]
    assert at(2, rows, "2028-01-01") == 9  # 2 · 1.5 · 3
    assert at(2, rows, "2029-06-01") == 7
    assert at(2, [*rows, path("2028-07-01", factor=2)], "2029-06-01") == 14


def test_on_one_day_any_comes_before_exact_and_value_before_factor_before_growth() -> None:
    day = "2027-01-01"
    assert at(1, [path(day, "P1", value=10), path(day, "*", value=20)], day) == 10
    assert at(1, [path(day, "P1", factor=3), path(day, "P1", value=10)], day) == 30
    assert at(1, [path(day, "*", factor=3), path(day, "P1", value=10)], day) == 10
    assert at(1, [path(day, "*", value=10), path(day, "P1", factor=3)], day) == 30
    assert at(1, [path(day, "P2", value=10)], day) == 1


def test_the_result_has_six_decimals_half_to_even() -> None:
    assert figure_at(0.000001, [path("2027-01-01", factor=0.5)], date(2027, 1, 1)) == 0.0
    assert figure_at(0.000003, [path("2027-01-01", factor=0.5)], date(2027, 1, 1)) == 0.000002


def test_a_factor_passes_a_blank_by() -> None:
    assert at(None, [path("2027-01-01", factor=2)], "2027-01-01") is None
    assert at(None, [path("2027-01-01", value=4), path("2027-02-01", factor=2)], "2027-03-01") == 8


def row(**more: Any) -> dict[str, Any]:
    plain = {"table": "tiers", "key": "P1|pay|0", "column": "unit_cost", "from": "2027-04-01"}
    return {**plain, **({} if {"value", "factor", "growth"} & set(more) else {"factor": 2}), **more}


def test_a_period_is_made_with_its_figures() -> None:
    paths = [
        row(),
        row(table="entities", key="E2", column="headcount", value=40),
        row(table="policy", key="*", column="transition.travel", value=3),
    ]
    stills = stills_of(read(paths=paths))
    assert [s.case.line_tiers["P1", "pay"] for s in stills[:2]] == [((0.0, 10.0),), ((0.0, 20.0),)]
    assert [s.case.demand["E2", "pay"].volume for s in stills[:2]] == [2000, 4000]
    assert [s.figures.policy.transition.travel for s in stills[:2]] == [0, 3]


def test_a_volume_that_is_estimated_is_a_blank_to_paths() -> None:
    doubled = row(table="demands", key="*", column="volume", factor=2)
    stills = stills_of(read(paths=[doubled]))
    assert [stills[1].case.demand[e, "pay"].volume for e in ("E1", "E2")] == [2000, 2000]
    codes = [i.code for i in refused(paths=[{**doubled, "key": "E2|pay"}])]
    assert codes == ["path_on_blank"]
    given = stills_of(read(paths=[row(table="demands", key="E2|pay", column="volume", value=5)]))[1].case.demands[1]
    assert (given.volume, given.basis) == (5, "given")


@pytest.mark.parametrize(
    ("paths", "code", "column"),
    [
        ([row(value=1, factor=2)], "path_amounts", "value"),
        ([row(table="tiers", value=None, factor=None, growth=None)], "path_amounts", "value"),
        ([row(table="providers", key="P9", column="cost_per_fte")], "path_nowhere", "key"),
        ([row(column="from_volume")], "path_nowhere", "column"),
        ([row(table="freezes")], "path_nowhere", "table"),
        ([row(table="policy", key="*", column="discount_rate")], "path_nowhere", "column"),
        ([row(table="policy", key="P1", column="interface_cost")], "path_nowhere", "key"),
        ([row(), row(factor=3)], "path_repeated", "key"),
        ([row(table="providers", key="P1", column="capacity_fte")], "path_on_blank", "factor"),
        ([row(table="offers", key="P1|pay", column="fee_rate", value=101)], "path_out_of_range", "value"),
    ],
)
def test_a_bad_path_is_refused_at_its_place(paths: list[dict[str, Any]], code: str, column: str) -> None:
    found = refused(paths=[{k: v for k, v in p.items() if v is not None} for p in paths])
    assert [(i.code, i.table, i.row, i.column) for i in found] == [(code, "paths", len(paths), column)]
    assert found[0].remedy


def test_a_figure_beyond_its_limit_is_told_with_its_period() -> None:
    found = refused(paths=[row(table="services", key="pay", column="minutes_per_unit", factor=0)])
    assert [i.code for i in found] == ["path_out_of_range"]
    assert "in period 2" in found[0].message


def test_tiers_may_not_rise() -> None:
    tiers = [*tables()["tiers"], {"provider": "P1", "service": "pay", "from_volume": 50, "unit_cost": 9}]
    assert refused(tiers=tiers) == []
    found = refused(tiers=tiers, paths=[row(key="P1|pay|50", factor=2)])
    assert [(i.code, i.row) for i in found] == [("path_tier_rising", 1)]
    assert refused(tiers=tiers, paths=[row(key="P1|pay", factor=2)]) == []


def test_a_figure_is_not_multiplied_without_end() -> None:
    def days(count: int, **amount: float) -> list[dict[str, Any]]:
        first = date(1990, 1, 1)
        return [{**row(), "from": str(first + timedelta(n)), "factor": None, **amount} for n in range(count)]

    began = time.perf_counter()
    many = [{k: v for k, v in p.items() if v is not None} for p in days(4000, growth=0.000123)]
    (issue,) = refused(paths=many)
    assert time.perf_counter() - began < 20
    assert (issue.code, issue.table, issue.row, issue.column) == ("path_too_long", "paths", 501, "growth")
    assert "is multiplied 4,000 times" in issue.message
    assert "500" in issue.remedy
    halves = [*many[:500], {**many[500], "value": 5}, *many[501:700]]
    halves[500].pop("growth")
    assert refused(paths=halves) == [], "a value begins anew"


def test_two_growths_of_a_figure_are_told() -> None:
    case = read(paths=[row(growth=0.1), row(key="*", growth=0.2)])
    assert "path_two_growths" in [i.code for i in case.issues]


@pytest.mark.parametrize(
    ("horizon", "code"),
    [
        ({"start": "2027-01-02", "unit": "year", "count": 1}, "horizon_start"),
        ({"start": "2027-01-01", "count": 1}, "horizon_incomplete"),
        ({"start": "2027-01-01", "unit": "week", "count": 1}, "unknown_choice"),
        ({"start": "2027-01-01", "unit": "month", "count": 121}, "policy_range"),
        ({"start": "2027-01-01", "unit": "month", "count": 0}, "policy_range"),
        ({"start": "soon", "unit": "month", "count": 2}, "bad_date"),
    ],
)
def test_a_bad_horizon_is_refused(horizon: dict[str, Any], code: str) -> None:
    assert [i.code for i in refused(policy=policy(horizon=horizon))] == [code]


@pytest.mark.parametrize(
    ("more", "code", "table"),
    [
        ({"entities": [{**tables()["entities"][0], "profile": "x"}]}, "profile_unknown", "entities"),
        ({"freezes": [{"from": "2027-04-01", "until": "2027-04-01"}]}, "until_before_from", "freezes"),
        (
            {
                "providers": [
                    provider("P1", 46, 6, "CH", start="2027-04-01", end="2027-04-01"),
                    tables()["providers"][1],
                ]
            },
            "end_before_start",
            "providers",
        ),
        (
            {"staffing": [{"provider": "P1", "category": "GS", "share": 0.9, "cost_per_fte": 1}]},
            "staffing_sum",
            "staffing",
        ),
        ({"budgets": [{"year": 1.5, "amount": 3}]}, "not_whole", "budgets"),
        ({"precedence": [{"first": "kind:x", "then": "pay"}]}, "dangling_reference", "precedence"),
        ({"commitments": [{"entity": "E1", "service": "pay", "from": "2027-01-01"}]}, "missing_column", "commitments"),
    ],
)
def test_a_bad_row_of_time_is_refused(more: dict[str, Any], code: str, table: str) -> None:
    found = refused(**more)
    assert (code, table) in [(i.code, i.table) for i in found]


def test_services_that_wait_for_each_other_are_refused() -> None:
    services = [{**tables()["services"][0], "id": s} for s in ("pay", "hr", "ict")]
    rows = [{"first": "*", "then": "pay"}, {"first": "hr", "then": "ict"}]
    assert refused(services=services, precedence=rows) == []
    found = refused(services=services, precedence=[*rows, {"first": "pay", "then": "hr", "entity": "E1"}])
    assert [i.code for i in found] == ["precedence_cycle"]
    assert "E1" in found[0].message


def test_tables_of_time_without_a_horizon_are_told() -> None:
    steady = {"calendar_year": 2026}
    case = read(policy=steady, freezes=[{"from": "2027-04-01", "until": "2027-05-01"}], paths=[row()])
    assert [i.table for i in case.issues if i.code == "time_without_horizon"] == ["freezes", "paths"]


def test_the_hash_of_a_case_without_a_horizon_knows_nothing_of_time() -> None:
    steady = read(policy={"calendar_year": 2026})
    assert not {"max_switches", "wave_by", "handover_months"} & set(steady.tables["policy"])
    assert read().tables["policy"]["horizon"]["target_from"] == "2027-01-01"


@pytest.mark.parametrize("start", ["1000000", "1000000.0", "1e6"])
def test_a_tier_is_named_by_its_number_however_it_is_written(start: str) -> None:
    tiers = [*tables()["tiers"], {"provider": "P1", "service": "pay", "from_volume": 1000000, "unit_cost": 9}]
    case = read(tiers=tiers, paths=[row(key=f"P1|pay|{start}", factor=0.5)])
    assert stills_of(case)[1].figures.line_tiers["P1", "pay"][1] == (1000000.0, 4.5)


def test_a_commitment_about_nothing_is_told() -> None:
    services = [*tables()["services"], {**tables()["services"][0], "id": "hr"}]
    rows = [{"entity": "E1", "service": s, "from": "2027-01-01", "provider": "P1"} for s in ("pay", "hr")]
    case = read(services=services, commitments=rows)
    assert [(i.row, i.column) for i in case.issues if i.code == "commitment_without_demand"] == [(2, "service")]
