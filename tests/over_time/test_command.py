"""``designate solve`` and ``verify`` of a case with a horizon: what is printed and written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

import optimizer as dg
from tests.cli.terminal import Result, inside

TABLES = ("assignments", "moves", "waves", "cash_flow", "staffing", "lines", "sites", "entities")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("solved")
    told = inside(
        "solve", "mission-start", "--out", folder / "p.json", "--tables", folder / "t", "--report", folder / "r.html"
    )
    return folder, told


def test_the_summary_says_what_a_planner_asks(out: tuple[Path, Result]) -> None:
    told = out[1]
    assert told.returncode == 0, told.stderr
    for word in (
        "Optimal plan",
        "January 2027 to December 2030",
        "Verified",
        "Discounted",
        "Net present value",
        "Break-even",
        "Payback",
        "5 years",
        "April 2027",
        "created",
        "abolished",
        "not filled again",
        "Gap in money",
    ):
        assert word in told.stdout, word


def test_document_and_report(out: tuple[Path, Result]) -> None:
    document = json.loads((out[0] / "p.json").read_text(encoding="utf-8"))
    assert document["schema"] == "designate.plan/2"
    assert dg.PlanOverTime.from_document(document).document() == document
    assert "Who moves when" in (out[0] / "r.html").read_text(encoding="utf-8")


def test_tables(out: tuple[Path, Result]) -> None:
    document = json.loads((out[0] / "p.json").read_text(encoding="utf-8"))
    assert {f.name for f in (out[0] / "t").iterdir()} == {*(f"{t}.csv" for t in TABLES), "plan.xlsx"}
    assert openpyxl.load_workbook(out[0] / "t" / "plan.xlsx", read_only=True).sheetnames == list(TABLES)
    for name in ("waves", "cash_flow", "staffing", "lines", "sites", "assignments"):
        with (out[0] / "t" / f"{name}.csv").open(newline="", encoding="utf-8") as table:
            assert len(list(csv.DictReader(table))) == len(document[name])


def test_verify_takes_both_kinds(out: tuple[Path, Result], steady_file: Path) -> None:
    told = inside("verify", "mission-start", out[0] / "p.json")
    assert told.returncode == 0
    assert "over the whole time" in told.stdout
    assert inside("verify", "tiny", steady_file).returncode == 0
    assert inside("verify", "mission-start", out[0] / "p.json", "--json").json["ok"]
    assert inside("verify", "tiny", out[0] / "p.json").returncode == 5


@pytest.mark.slow
def test_several_cases_of_both_kinds(tmp_path: Path) -> None:
    told = inside("solve", "mission-start", "tiny", "--out", tmp_path, "--report", tmp_path)
    assert told.returncode == 0
    assert "in all" in told.stdout
    assert "a year" in told.stdout
    assert {p.name for p in tmp_path.iterdir()} == {
        f"{n}.{e}" for n in ("mission-start", "tiny") for e in ("json", "html")
    }


def test_without_a_plan_it_says_so(tmp_path: Path) -> None:
    told = inside("solve", "mission-start", "--time-limit", 0, "--report", tmp_path / "r.html")
    assert told.returncode == 4
    assert "No plan found within the limits" in told.stdout
    assert "No plan found" in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_plan_to_start_from(out: tuple[Path, Result], tmp_path: Path) -> None:
    told = inside("solve", "mission-start", "--start", out[0] / "p.json", "--time-limit", "1")
    assert "Start: it keeps every rule of this case, so the plan is no worse" in told.stdout, told.stderr
    document = json.loads((out[0] / "p.json").read_text(encoding="utf-8"))
    full = tmp_path / "full.json"  # all work at one place
    rows = [{**row, "provider": "RSCE", "backup": None} for row in document["assignments"]]
    full.write_text(json.dumps({**document, "assignments": rows}), encoding="utf-8")
    told = inside("solve", "mission-start", "--start", full, "--time-limit", "1")
    assert "Start: not used as a plan, for it does not keep every rule of this case (" in told.stdout
