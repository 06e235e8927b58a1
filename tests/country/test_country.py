"""The country model: tables that add up, refusals, files, the cases of all country teams, the command."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

import optimizer as dg
from data.builder import write_case
from data.builder.teams import country_case, country_codes
from optimizer.cli.main import app
from optimizer.country.batch import countries
from optimizer.report.country_files import write_countries, write_country


@pytest.fixture(scope="module")
def case() -> dg.Case:
    return dg.example("bos-demo")


@pytest.fixture(scope="module")
def plan(case: dg.Case) -> dg.PlanOverTime:
    made = dg.solve(case, backend="highs", time_limit=60)
    assert isinstance(made, dg.PlanOverTime)
    return made


@pytest.fixture(scope="module")
def answer(case: dg.Case, plan: dg.PlanOverTime) -> dg.CountryAnswer:
    return dg.bos(case, plan)


def cents(amount: float) -> int:
    return round(amount * 100)


def test_years_are_those_of_the_cash_flow(answer: dg.CountryAnswer, plan: dg.PlanOverTime):
    for year, flow in zip(answer.years, plan.cash_flow, strict=True):
        assert (year.baseline, year.running, year.saving) == (flow.baseline_running, flow.running, flow.saving)
        assert cents(year.net) == cents(flow.flow)
        assert cents(year.cumulative) == cents(flow.cumulative)


def test_offices_add_up_to_each_year(answer: dg.CountryAnswer):
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for row in answer.entities:
        for name in ("baseline", "running", "saving", "one_off", "net"):
            sums[row.year, name] += cents(getattr(row, name))
    for year in answer.years:
        assert sums[year.year, "net"] + cents(year.nobody) == cents(year.net)
        for name in ("baseline", "running", "saving", "one_off"):
            assert sums[year.year, name] == cents(getattr(year, name))


def test_cost_of_setting_up_is_the_one_off_cost_of_the_plan(answer: dg.CountryAnswer, plan: dg.PlanOverTime):
    assert plan.cost is not None
    assert sum(cents(row.total) for row in answer.setting_up) == cents(plan.cost.one_off)
    assert sum(cents(row.setup) for row in answer.setting_up) == 2 * 20_000_00
    assert sum(row.switches for row in answer.setting_up) == sum(w.switches for w in plan.waves)


def test_each_service_has_one_best_source_and_serves_all(answer: dg.CountryAnswer):
    clients: dict[str, int] = defaultdict(int)
    for row in answer.services:
        clients[row.service] += row.clients
    best = {row.service: row.provider for row in answer.services if row.best}
    assert sum(row.best for row in answer.services) == len(clients) == 7
    assert set(clients.values()) == {4}
    assert {best[s] for s in ("premises", "drivers", "security", "cleaning")} == {"NORTH"}
    assert {best[s] for s in ("travel", "hr_local", "ict")} == {"EAST"}


def test_unit_costs_by_hand(answer: dg.CountryAnswer):
    """Cleaning by NORTH: 100 at 380, 220 at 342, a line of 8,000, and its part of what dealing with NORTH costs."""
    row = next(r for r in answer.services if r.service == "cleaning")
    assert row.unit_cost_before == (320 * 400 + 4 * 5000) / 320
    assert row.unit_cost is not None
    service = (100 * 380 + 220 * 342 + 8000) / 320
    dealing = 4 * 1000 * 6 / 34 / 320  # 6 of the 34 FTE at NORTH, in every office alike
    assert row.unit_cost == pytest.approx(service + dealing, abs=1e-4)


def test_document_comes_back(answer: dg.CountryAnswer):
    assert type(answer).from_document(json.loads(json.dumps(answer.document()))) == answer


def test_files(answer: dg.CountryAnswer, tmp_path: Path):
    written = write_country(answer.document(), tmp_path / "out")
    assert {p.name for p in written} == {
        *("bos.json", "bos.xlsx", "years.csv", "entities.csv", "setting_up.csv", "services.csv")
    }
    assert len((tmp_path / "out" / "entities.csv").read_text(encoding="utf-8").splitlines()) == 1 + 5 * 4


def test_every_reason_why_a_case_is_no_country_at_once():
    with pytest.raises(dg.InputError) as refused:
        dg.bos(dg.example("tiny"))
    assert {i.code for i in refused.value.issues} == {"country_not_in_years", "country_not_one"}


def test_plan_of_another_case_is_refused(case: dg.Case, plan: dg.PlanOverTime):
    other = dg.replace(case, changes=[{"table": "providers", "column": "setup_cost", "set": "1"}])
    with pytest.raises(dg.InputError, match="another case"):
        dg.bos(other, plan)


def test_there_are_132_countries_with_published_staff():
    codes = country_codes()
    assert len(codes) == 132
    tables, _ = country_case("KE")
    assert next(e["headcount"] for e in tables["entities"] if e["id"] == "UNICEF") == "342"
    assert country_case("KE") == country_case("KE")


def test_assumed_figures_say_so_with_a_reason():
    tables, _ = country_case("MU")
    rows = tables["assumptions"]
    assert all(r["reason"] for r in rows)
    published = {(r["table"], r["column"]) for r in rows if r["basis"] == "published"}
    assert published == {("entities", "headcount")}


def test_few_countries_in_one_table_and_one_map(tmp_path: Path):
    told = countries(["MU"], each=20, backend="highs", keep=tmp_path / "cases")
    row = told["countries"][0]
    assert (row["country"], row["name"], row["solution"]) == ("MU", "Mauritius", "optimal")
    assert row["npv"] > 0
    assert told["totals"]["npv"] == row["npv"]
    assert dg.read(tmp_path / "cases" / "MU").entities
    write_countries(told, tmp_path / "out")
    drawn = (tmp_path / "out" / "countries.svg").read_text(encoding="utf-8")
    assert "Mauritius (MU): USD" in drawn
    assert "expresses no opinion" in drawn


def test_countries_without_time_left_are_told():
    told = countries(["BZ", "MU"], time_limit=0.5, backend="highs")
    assert [r["solution"] for r in told["countries"]] == ["not_reached"] * 2
    assert told["totals"]["with_plan"] == 0


def test_unknown_country_is_refused():
    with pytest.raises(dg.UsageError, match="no country team for ZZ"):
        countries(["ZZ"])


def test_command(tmp_path: Path, plan: dg.PlanOverTime):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan.document()), encoding="utf-8")
    done = CliRunner().invoke(app, ["bos", "bos-demo", "--plan", str(file), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "Who serves at the end" in done.output
    assert (tmp_path / "out" / "bos.xlsx").is_file()


@pytest.mark.slow
def test_every_country_is_a_case_that_can_be_read(tmp_path: Path):
    for code in country_codes():
        write_case(tmp_path / code, *country_case(code))
        read = dg.read(tmp_path / code)
        assert "error" not in {i.severity for i in read.issues}
        assert {e.place.country for e in read.entities} == {code}
