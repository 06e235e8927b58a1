"""``designate prices`` and ``designate statements``, and the files that they write."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

import optimizer as dg
from optimizer.report.focus import FOCUS_COLUMNS
from tests.cli.terminal import inside


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    path.write_text(json.dumps(dg.solve(dg.example("tiny"), backend="highs").document()), encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


class Text(HTMLParser):
    """Words of a page; no file or address from elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.outside: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words.append(data.replace("\u202f", " "))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [v for k, v in attrs if k in ("src", "href") and v and not v.startswith("#")]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_prices_as_text_document_and_files(plan: Path, tmp_path: Path) -> None:
    told = inside("prices", "tiny", plan, "--out", tmp_path / "out")
    assert told.returncode == 0
    assert "52.12" in told.stdout
    document = inside("prices", "tiny", plan, "--json").json
    assert document["schema"] == "designate.prices/1"
    written = {p.name for p in (tmp_path / "out").iterdir()}
    assert written == {"prices.json", "prices.csv", "providers.csv", "charges.csv", "prices.xlsx", "prices.html"}
    assert json.loads((tmp_path / "out" / "prices.json").read_text("utf-8")) == document
    charges = rows(tmp_path / "out" / "charges.csv")
    assert tuple(charges[0]) == FOCUS_COLUMNS
    assert sum(float(r["BilledCost"]) for r in charges) == pytest.approx(248194.80)
    assert all(r["AllocatedMethodId"] == "price-provider" and r["x_AllocatedMethodText"] for r in charges)
    page = Text((tmp_path / "out" / "prices.html").read_text("utf-8"))
    assert page.outside == []
    assert "Payroll" in page.text
    assert "52.12" in page.text


def test_a_workbook_has_the_tables_as_numbers(plan: Path, tmp_path: Path) -> None:
    inside("prices", "tiny", plan, "--out", tmp_path / "out", "--list", "universal")
    book = openpyxl.load_workbook(tmp_path / "out" / "prices.xlsx")
    assert book.sheetnames == ["prices", "providers", "charges"]
    sheet = book["providers"]
    head = [c.value for c in sheet[1]]
    at = head.index("equalisation")
    assert [row[at].value for row in sheet.iter_rows(min_row=2)] == [-8266.67, 8266.67]
    assert sheet.cell(2, at + 1).number_format == "#,##0.00"


def test_a_statement_of_one_client_and_of_all(plan: Path, tmp_path: Path) -> None:
    one = inside("statements", "tiny", plan, "BRAVO", "--out", tmp_path / "one")
    assert one.returncode == 0
    assert {p.name for p in (tmp_path / "one").iterdir() if p.suffix == ".html"} == {"statement-BRAVO.html"}
    every = inside("statements", "tiny", plan, "--json").json
    assert every["schema"] == "designate.statements/1"
    assert [s["entity"] for s in every["statements"]] == ["ALPHA", "BRAVO", "CHARLIE", "DELTA"]
    shown = next(s for s in every["statements"] if s["entity"] == "BRAVO")
    page = Text((tmp_path / "one" / "statement-BRAVO.html").read_text("utf-8"))
    assert page.outside == []
    assert f"{shown['amount']:,.2f}".replace(",", " ") in page.text
    assert "What you are charged" in page.text
    assert {r["entity"] for r in rows(tmp_path / "one" / "services.csv")} == {"BRAVO"}


def test_the_year_before_comes_from_a_file(plan: Path, tmp_path: Path) -> None:
    inside("prices", "tiny", plan, "--out", tmp_path / "first", "--price-step", "5")
    terms = ("--previous", tmp_path / "first" / "prices.json", "--max-price-change", "0.01")
    told = inside("prices", "tiny", plan, "--json", *terms).json
    assert {p["cost"]["carried_in"] for p in told["prices"]} != {0.0}
    assert told["terms"]["max_price_change_rel"] == 0.01


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("prices", "rco", "{plan}"), "plan_of_another_case"),
        (("statements", "tiny", "{plan}", "NOBODY"), "no_statement"),
        (("prices", "tiny", "{plan}", "--previous", "{plan}"), "prices_not_readable"),
    ],
)
def test_what_is_refused_has_a_code_and_a_remedy(words: tuple[str, ...], code: str, plan: Path) -> None:
    told = inside(*(w.replace("{plan}", str(plan)) for w in words), "--json")
    assert told.returncode == 2
    assert [(i["code"], bool(i["remedy"])) for i in told.json["issues"]] == [(code, True)]


def test_usage(plan: Path) -> None:
    told = inside("prices", "tiny", plan, "--list", "all", "--year", "1", "--json")
    assert (told.returncode, told.json["error"]) == (2, "usage")
    assert inside("prices", "tiny", plan, "--year", "2").returncode == 2


def test_a_forged_plan_is_refused(plan: Path, tmp_path: Path) -> None:
    forged = json.loads(plan.read_text("utf-8"))
    forged["assignments"][0]["cost"]["service"] += 100.0
    forged["cost"]["service"] += 100.0
    (tmp_path / "plan.json").write_text(json.dumps(forged), encoding="utf-8")
    told = inside("prices", "tiny", tmp_path / "plan.json", "--json")
    assert told.returncode == 2
    assert {i["code"] for i in told.json["issues"]} == {"plan_not_readable"}
