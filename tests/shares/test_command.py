"""``designate shares``: the document, the tables, the words."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

import optimizer as dg
from tests.cli.terminal import inside


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shares") / "plan.json"
    made = dg.solve(dg.example("tiny"), backend="highs")
    path.write_text(json.dumps(made.document()), encoding="utf-8")
    return path


def test_the_folder_has_the_document_and_its_tables(plan: Path, tmp_path: Path) -> None:
    told = inside("shares", "tiny", plan, "--out", tmp_path / "out", "--json")
    assert told.returncode == 0
    assert told.json["schema"] == "designate.shares/1"
    names = {"shares.json", "shares.xlsx", *(f"{t}.csv" for t in ("clients", "groups", "core", "holding", "values"))}
    assert {p.name for p in (tmp_path / "out").iterdir()} == names
    with (tmp_path / "out" / "clients.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [r["alone"] for r in rows] == ["not_better_off", "not_better_off", "better_off", "not_better_off"]
    book = openpyxl.load_workbook(tmp_path / "out" / "shares.xlsx")
    assert book.sheetnames == ["clients", "groups", "holding", "values", "core"]


def test_the_terminal_says_who_would_pay_less_and_whether_a_core_is_there(plan: Path) -> None:
    told = inside("shares", "tiny", plan, "--players", "kinds")
    assert told.returncode == 0
    said = " ".join(told.stdout.split())
    assert "CHARLIE 74 663.79 73 900.00 would pay less alone" in said
    assert "no group of clients would pay less by itself (every group was looked at)" in said
    assert "Shapley values of kinds, over all orders." in said


def test_what_is_refused(plan: Path) -> None:
    assert inside("shares", "rco", plan, "--json").json["issues"][0]["code"] == "plan_of_another_case"
    assert inside("shares", "tiny", plan, "--players", "offices").returncode == 2
    assert inside("shares", "mission-start", plan).returncode == 2
