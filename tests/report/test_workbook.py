"""The workbook of a plan: sheets with names and formats, figures that add up, nothing that a spreadsheet executes."""

from __future__ import annotations

import io
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.domain.case import Case
from optimizer.plan.tables import write_plan_tables
from optimizer.report.sheets import Sheet, workbook
from optimizer.report.tiles import net_saving
from optimizer.report.workbook import plan_book
from optimizer.stating import price_case
from optimizer.tables import read_case, validate_case
from tests.report.conftest import Library

SHEETS = ["summary", "savings", "worse off", "moves", "assignments", "centres", "people", "findings"]


@pytest.fixture(scope="module")
def tiny() -> tuple[Case, dict[str, Any]]:
    """The packaged tiny case with everything that may move moved to the first offer, priced without a solver."""
    case, issues = read_case(Path(str(resources.files("data.cases") / "tiny")))
    rows = [(*d.key, case.locks.get(d.key) or _first(case, d.service)) for d in case.demands]
    return case, price_case(case, rows, issues)


def _first(case: Case, service: str) -> str:
    return next(
        o.provider for o in case.offers if o.service == service and case.provider[o.provider].status != "closed"
    )


def read(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def table(page: Worksheet) -> list[dict[str, Any]]:
    head, *rows = page.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def test_sheets_have_headers_that_stay_and_filters(tiny: tuple[Case, dict[str, Any]]) -> None:
    book = read(plan_book(tiny[1], tiny[0]))
    assert book.sheetnames == SHEETS
    for page in book:
        assert page.freeze_panes in ("A2", "B2")
        assert page.auto_filter.ref == page.dimensions
        assert all(cell.font.bold for cell in page[1])


def test_names_and_countries_stand_beside_ids(tiny: tuple[Case, dict[str, Any]]) -> None:
    case, plan = tiny
    rows = table(read(plan_book(plan, case))["assignments"])
    assert len(rows) == len(plan["assignments"])
    for row in rows:
        assert row["Entity"] == case.entity[row["Entity id"]].name
        assert len(row["Country"]) > 2
        if row["Provider id"] not in (None, "OWN"):
            assert row["Provider"] == case.provider[row["Provider id"]].name
            assert row["Provider country"]


def test_moves_say_before_after_and_why(tiny: tuple[Case, dict[str, Any]]) -> None:
    """The sums of before and after are those of the plan's savings by entity, where all its demands move."""
    case, plan = tiny
    rows = table(read(plan_book(plan, case))["moves"])
    assert len(rows) == sum(a["moved_from"] is not None for a in plan["assignments"])
    assert rows
    for row in rows:
        assert row["Saving"] == pytest.approx(row["Before"] - row["After"], abs=0.011)
        assert row["Reason"]
    ranked = [row["Saving"] for row in rows]
    assert ranked == sorted(ranked, reverse=True)
    of_plan = {r["id"]: r["baseline"] for r in plan["savings"]["by_entity"]}
    moving = {a["entity"] for a in plan["assignments"]} - {
        a["entity"] for a in plan["assignments"] if a["moved_from"] is None
    }
    for entity in moving:
        told = sum(row["Before"] for row in rows if row["Entity id"] == entity)
        assert told == pytest.approx(of_plan[entity], abs=0.01)


def test_summary_and_savings_are_the_documents(tiny: tuple[Case, dict[str, Any]]) -> None:
    case, plan = tiny
    book = read(plan_book(plan, case))
    facts = {row["Figure"]: row["Value"] for row in table(book["summary"])}
    assert facts["Net saving a year, after one-off costs"] == pytest.approx(net_saving(plan), abs=0.005)
    assert facts["Gross saving a year"] == plan["savings"]["annual"]
    assert facts["Total in the plan"] == plan["cost"]["total"]
    assert facts["Day of the data"] == datetime.combine(case.policy.as_of, datetime.min.time())
    saved = [row["Saving"] for row in table(book["savings"]) if row["Grouped by"] == "entity"]
    assert sum(saved) == pytest.approx(plan["savings"]["annual"], abs=0.005)


def test_money_shares_and_days_have_formats(tiny: tuple[Case, dict[str, Any]]) -> None:
    book = read(plan_book(tiny[1], tiny[0]))
    heads = {cell.value: cell.column for cell in book["savings"][1]}
    assert book["savings"].cell(2, heads["Saving"]).number_format == "#,##0.00"
    assert book["savings"].cell(2, heads["Share"]).number_format == "0.0%"
    days = [c for row in book["summary"] for c in row if isinstance(c.value, datetime)]
    assert len(days) == 2
    assert {c.number_format for c in days} == {"yyyy-mm-dd"}


@pytest.mark.parametrize("kind", ["hostile", "infeasible", "nothing", "no_baseline"])
def test_whatever_the_plan_is_there_is_a_workbook(library: Library, kind: str) -> None:
    """No cell is a formula, whatever names begin with; the sheets are all there."""
    book = read(plan_book(library.plan(kind), library.case(kind)))
    assert book.sheetnames == SHEETS
    assert all(cell.data_type != "f" for page in book for row in page for cell in row)


def test_a_name_that_begins_like_a_formula_is_text() -> None:
    """It keeps its name, without an apostrophe, and is formatted as text, so that editing it executes nothing."""
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\uff1d1", "plain", "a\x07b"]
    made = read(workbook([Sheet("names", [("Name", "text"), ("n", "whole")], [(n, 1) for n in names])]))["names"]
    for name, (cell, _) in zip(names, made.iter_rows(min_row=2), strict=True):
        assert cell.value == name.replace("\x07", "\ufffd")
        assert cell.data_type == "s"
        assert (cell.number_format == "@") == (name not in ("plain", "a\x07b"))


def test_it_speaks_french(tiny: tuple[Case, dict[str, Any]]) -> None:
    case, plan = tiny
    book = read(plan_book(plan, case, "fr"))
    assert book.sheetnames[0] == "résumé"
    facts = {row["Chiffre"]: row["Valeur"] for row in table(book["résumé"])}
    assert facts["Économie brute par an"] == plan["savings"]["annual"]


def test_it_takes_the_place_of_the_bare_tables(tmp_path: Path, tiny: tuple[Case, dict[str, Any]]) -> None:
    """The folder of tables has CSV for programs, and this workbook for people."""
    case, plan = tiny
    write_plan_tables(plan, tmp_path / "tables", plan_book(plan, case))
    assert load_workbook(tmp_path / "tables" / "plan.xlsx").sheetnames == SHEETS
    assert (tmp_path / "tables" / "assignments.csv").exists()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_is_told_from_a_case(tmp_path: Path, tiny: tuple[Case, dict[str, Any]], language: str) -> None:
    """Read as a case it is one finding, not one for each sheet."""
    (tmp_path / "plan.xlsx").write_bytes(plan_book(tiny[1], tiny[0], language))
    assert [i.code for i in validate_case(tmp_path / "plan.xlsx")] == ["plan_not_case"]
