"""Answers beside a plan: sections of the report, files of a folder, the page of scenarios."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import optimizer as dg
from optimizer.report.compare_page import render_comparison
from optimizer.report.study_files import csv_of, write_folder


@pytest.fixture(scope="module")
def case() -> dg.Case:
    return dg.example("tiny")


@pytest.fixture(scope="module")
def plan(case: dg.Case) -> dg.Plan:
    return dg.solve(case, time_limit=30)


def test_the_report_shows_what_was_asked(case: dg.Case, plan: dg.Plan, tmp_path: Path) -> None:
    asked = [
        dg.study("rule_price", case, time_limit=60),
        dg.study("why", case, plan, entity="ALPHA", service="payroll"),
    ]
    text = dg.write_report(plan, tmp_path / "report.html", studies=asked).read_text("utf-8")
    assert "What each rule costs" in text
    assert "Why this provider: ALPHA, payroll" in text
    assert str(asked[0].sentences[0]) in text
    with pytest.raises(dg.UsageError, match="another case"):
        dg.write_report(
            plan, tmp_path / "other.html", studies=[dg.study("curve", dg.example("rco"), over="sites", time_limit=0)]
        )


def test_a_folder_has_everything(case: dg.Case, tmp_path: Path) -> None:
    answer = dg.study("scenarios", case, name="agencies", time_limit=60)
    names = {str(p.relative_to(tmp_path)) for p in write_folder(answer, case, tmp_path)}
    assert {"answer.json", "runs.csv", "compare.html", "plans/000-base.json"} <= names
    rows = (tmp_path / "runs.csv").read_text("utf-8").splitlines()
    assert rows[0].startswith("run,status,lower,upper,difference_lower,difference_upper,told_apart")
    assert len(rows) == len(answer.points) + 1
    plan = json.loads((tmp_path / "plans" / "000-base.json").read_text("utf-8"))
    assert dg.verify(case, plan).ok
    other = dg.study("curve", case, over="moves", values=(0, 1), time_limit=60)
    assert "study.html" in {p.name for p in write_folder(other, case, tmp_path / "curve")}


def test_cells_do_not_execute_and_what_is_nested_is_json() -> None:
    found = [{"a": "=1+1", "b": {"x": [1]}}, {"a": None, "b": True, "c": -2.5}]
    assert csv_of(found) == 'a,b,c\r\n\'=1+1,"{""x"": [1]}",\r\n,yes,-2.5\r\n'


def test_the_page_says_no_more_than_the_intervals(case: dg.Case) -> None:
    answer = dg.study("scenarios", case, name="agencies", time_limit=60)
    page = render_comparison(answer, case)
    amount = "3\N{NARROW NO-BREAK SPACE}535"
    assert f"<h1>No agencies: USD {amount} a year more; 2 of 6 scenarios can be told apart</h1>" in page
    assert page.count('class="pt"') == len(answer.points) - 1
    open_ = dg.study("scenarios", case, name="agencies", time_limit=0)
    told = render_comparison(open_, case)
    assert "No scenario can be told apart from the case as it is" in told
    assert 'class="pt"' not in told
    assert "https://" not in page.replace("http://www.w3.org", "")
