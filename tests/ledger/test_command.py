"""``designate ledger``: commands, files, what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

import optimizer as dg
from tests.cli.terminal import inside
from tests.ledger.worlds import table


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    path.write_text(json.dumps(dg.solve(dg.example("tiny"), backend="highs").document()), encoding="utf-8")
    return path


def test_from_a_freeze_to_the_report(plan: Path, tmp_path: Path) -> None:
    book = tmp_path / "ledger.jsonl"
    made = inside("ledger", "freeze", book, "tiny", plan, "--unit", "half", "--rate", "EUR=1.1", "--author", "Ann")
    assert made.returncode == 0, made.stderr
    row = {"period": "2026-H1", "entity": "ALPHA", "service": "payroll", "provider": "NBO", "volume": 1, "amount": 60}
    assert inside("ledger", "record", book, table(tmp_path / "a.csv", [row]), "--json").json["kind"] == "actuals"
    assert inside("ledger", "scope", book, "BRAVO", "out", "2026-H2").returncode == 0
    again = inside("ledger", "record", book, table(tmp_path / "b.csv", [{**row, "volume": 2}]), "--json")
    assert (again.returncode, again.json["issues"][0]["code"]) == (2, "ledger_period_twice")
    fixed = inside("ledger", "record", book, tmp_path / "b.csv", "--replaces", "L000002")
    assert fixed.returncode == 0
    told = inside("ledger", "report", book, "--out", tmp_path / "out", "--json").json
    assert told["schema"] == "designate.ledger/1"
    assert told["periods"][0]["actual"] == 60.0
    assert told["head"] == inside("ledger", "check", book, "--json").json["head"]
    names = {"ledger.json", "ledger.xlsx", "ledger.html", "periods.csv", "variance.csv", "one_offs.csv"}
    assert {p.name for p in (tmp_path / "out").iterdir()} == names
    assert openpyxl.load_workbook(tmp_path / "out" / "ledger.xlsx").sheetnames == ["periods", "variance", "one_offs"]
    page = (tmp_path / "out" / "ledger.html").read_text("utf-8")
    for words in ("What was promised, what happened", "Why it differs", "What comes next", "What the figures rest on"):
        assert words in page
    shown = inside("ledger", "report", book).stdout
    assert "Why what was paid differs" in shown
    assert [line.split()[0] for line in shown.splitlines() if line.startswith("2026-H1")] == ["2026-H1"] * 2
    assert dg.LedgerReport.from_document(told).document() == told
    assert dg.Ledger(book).entries[0].author == "Ann"


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "l.jsonl").write_text('{"id": 1}\n', encoding="utf-8")
    told = inside("ledger", "check", tmp_path / "l.jsonl", "--json")
    assert (told.returncode, told.json["issues"][0]["code"], told.json["issues"][0]["row"]) == (2, "ledger_broken", 1)
    assert inside("ledger", "report", tmp_path / "none.jsonl").returncode == 2


def test_usage(plan: Path, tmp_path: Path) -> None:
    for words in (("--rate", "EUR"), ("--unit", "week"), ("--begin", "2026-13")):
        assert inside("ledger", "freeze", tmp_path / "l.jsonl", "tiny", plan, *words).returncode == 2
    assert not (tmp_path / "l.jsonl").exists()
