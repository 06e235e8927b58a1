"""Plans that cannot be set beside today's arrangement: demands left unserved, providers of today without a price."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

import data
from optimizer.pipeline import solve_case
from optimizer.report.html import render_report
from optimizer.report.terminal import print_summary
from optimizer.tables import read_case
from tests.faults import case_path

if TYPE_CHECKING:
    from pathlib import Path

    from optimizer.domain.case import Case


def shown(plan: dict[str, Any]) -> str:
    console = Console(file=io.StringIO(), width=200)
    print_summary(plan, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def partial(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, dict[str, Any]]:
    """``tiny`` with next to no room for payroll, where the policy accepts demands without a provider."""
    folder: Path = tmp_path_factory.mktemp("partial")
    for file in data.case_path("tiny").iterdir():
        text = file.read_text(encoding="utf-8")
        if file.name == "policy.toml":
            text = "allow_unserved = true\n" + text
        if file.name == "offers.csv":
            text = text.replace(",payroll,4000,", ",payroll,10,")
        (folder / file.name).write_text(text, encoding="utf-8")
    case, _ = read_case(folder)
    return case, solve_case(case)


def test_a_plan_says_first_how_much_it_leaves_unserved(partial: tuple[Case, dict[str, Any]]) -> None:
    text = shown(partial[1])
    assert text.startswith("Optimal plan, 3 of 7 demands unserved")
    assert text.index("Left unserved") < text.index("Cost, USD a year")
    assert all(f"{entity}" in text.split("Cost, USD")[0] for entity in ("ALPHA", "BRAVO", "DELTA"))
    page = render_report(partial[1], partial[0])
    assert "Optimal plan, 3 of 7 demands unserved" in page
    assert page.index('id="unserved"') < page.index('id="cost"')


def test_the_cost_of_a_part_is_not_set_beside_todays(partial: tuple[Case, dict[str, Any]]) -> None:
    text, page = shown(partial[1]), render_report(partial[1], partial[0])
    assert "157 912" in text
    assert "322 500" not in text
    assert "change\n" not in text
    assert "Not compared with today: not every demand is served" in text
    assert "322\u202f500" not in page
    assert "no arrangement of today" not in page


def test_what_cannot_be_served_is_no_error_where_the_policy_accepts_it(partial: tuple[Case, dict[str, Any]]) -> None:
    plan = partial[1]
    assert plan["status"]["solution"] == "optimal"
    assert plan["verification"]["ok"]
    assert {i["code"] for i in plan["issues"]} >= {"rule_conflict", "capacity_short", "unserved"}
    assert {i["severity"] for i in plan["issues"]} <= {"warning", "info"}


def test_a_provider_of_today_without_a_price_is_neither_a_zero_nor_a_move() -> None:
    case, issues = read_case(case_path("current_unpriceable_savings"))
    plan = solve_case(case, issues=issues)
    text = shown(plan)
    assert "today" not in text.split("Cost, USD")[1].split("Not compared")[0]
    assert "Not compared with today, whose providers have no price" in text
    assert "Moves: 0 of 1 demand" in text
    assert "1 demand more from a provider that has no price today" in text
    page = render_report(plan, case)
    assert "1 move against today" not in page
    assert "Saving a year" not in page
