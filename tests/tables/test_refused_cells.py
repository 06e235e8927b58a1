"""A refused cell, and a plan where a case is wanted, are one finding each: nothing is concluded from them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from optimizer.plan.tables import write_plan_tables
from optimizer.tables import case_from_tables, validate_case
from optimizer.tables.template import EXAMPLE
from tests.tables.cases import write_files


def book(folder: Path, table: str, column: str, value: str, kind: str) -> Path:
    """The example case as a workbook, with one cell of the first row changed."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in ((n, r) for n, r in EXAMPLE.items() if r):
        sheet = workbook.create_sheet(name)
        header = list(
            dict.fromkeys(
                [*(key for row in rows for key in row), column]
                if name == table
                else [key for row in rows for key in row]
            )
        )
        sheet.append(header)
        for row in rows:
            sheet.append([";".join(v) if isinstance(v := row.get(key), list) else v for key in header])
        if name == table:
            cell = sheet.cell(2, header.index(column) + 1)
            cell.value, cell.data_type = value, kind
    path = folder / "case.xlsx"
    workbook.save(path)
    return path


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("demands", "volume"),
        ("services", "units_per_head"),
        ("services", "minutes_per_unit"),
        ("demands", "entity"),
        ("entities", "headcount"),
        ("providers", "cost_per_fte"),
        ("entities", "city"),
        ("tiers", "unit_cost"),
    ],
)
@pytest.mark.parametrize(("value", "kind", "code"), [("=1+1", "f", "formula_cell"), ("#N/A", "e", "error_cell")])
def test_a_formula_or_an_error_of_a_sheet_is_one_finding(
    tmp_path: Path, table: str, column: str, value: str, kind: str, code: str
) -> None:
    issues = validate_case(book(tmp_path, table, column, value, kind))
    assert [(i.code, i.table, i.row) for i in issues if i.severity != "info"] == [(code, table, 2)]


def test_a_nested_value_of_a_document_is_one_finding(tmp_path: Path) -> None:
    rows = [{**EXAMPLE["demands"][0], "volume": {"a": 1}}, *EXAMPLE["demands"][1:]]
    path = tmp_path / "case.json"
    path.write_text(json.dumps({**EXAMPLE, "demands": rows}))
    issues = [i for i in validate_case(path) if i.severity != "info"]
    assert [(i.code, i.table, i.column) for i in issues] == [("nested_value", "demands", "volume")]


PLAN: dict[str, Any] = {
    "schema": "designate.plan/1",
    "status": "optimal",
    "assignments": [],
    "lines": [],
    "sites": [],
    "entities": [],
    "cost": {"total": 0},
}


@pytest.mark.parametrize("form", ["json", "without schema", "folder", "zip", "plan.xlsx"])
def test_a_plan_given_as_a_case_is_one_finding(tmp_path: Path, form: str) -> None:
    write_plan_tables(PLAN, tmp_path / "tables")
    path = {"folder": tmp_path / "tables", "plan.xlsx": tmp_path / "tables" / "plan.xlsx"}.get(form)
    if form == "zip":
        path = Path(shutil.make_archive(str(tmp_path / "plan"), "zip", tmp_path / "tables"))
    elif path is None:
        path = tmp_path / "plan.json"
        path.write_text(json.dumps({k: v for k, v in PLAN.items() if form == "json" or k != "schema"}))
    (found,) = validate_case(path)
    assert (found.code, found.message) == ("plan_not_case", "this is a plan, not a case")


def test_another_document_given_as_a_case_is_named(tmp_path: Path) -> None:
    path = tmp_path / "diff.json"
    path.write_text(json.dumps({"schema": "designate.diff/1", "changes": []}))
    (found,) = validate_case(path)
    assert (found.code, "this is a diff" in found.message) == ("plan_not_case", True)


def test_tables_of_a_plan_beside_those_of_a_case_are_told_one_by_one(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case")
    for name in ("assignments", "lines", "sites"):
        (folder / f"{name}.csv").write_text("entity\n")
    assert {i.code for i in validate_case(folder) if i.severity == "error"} == {"unknown_table"}


def test_the_example_has_no_findings_of_its_own() -> None:
    assert {i.code for i in case_from_tables(EXAMPLE)[1] if i.severity != "info"} == set()
