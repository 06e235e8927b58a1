"""Workbooks: what is hidden is told, a title above the header is one finding, the template is ready to use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.domain.errors import UsageError
from optimizer.domain.issues import Issue
from optimizer.domain.policy import POLICY_KEYS
from optimizer.tables import read_case, validate_case, write_case, write_template
from optimizer.tables.schema import POLICY_TABLE, TABLES
from optimizer.tables.sources.xlsx_marks import ranges_told
from optimizer.tables.template import EXAMPLE
from tests.tables.cases import write_files


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    case, _ = read_case(write_files(tmp_path / "source"))
    write_case(case, tmp_path / "case.xlsx")
    return tmp_path / "case.xlsx"


def after(path: Path, change: Callable[[Workbook], object]) -> tuple[Issue, ...]:
    book = load_workbook(path)
    change(book)
    book.save(path)
    return validate_case(path)


def places(issues: tuple[Issue, ...]) -> list[tuple[str, str, str, int | None]]:
    return [(i.code, i.severity, i.table, i.row) for i in issues]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read_and_told(workbook: Path, state: str) -> None:
    def hide(book: Workbook) -> None:
        book["decisions"].sheet_state = state

    before = read_case(workbook)[0].case_hash
    assert places(after(workbook, hide)) == [("hidden_sheet", "warning", "decisions", None)]
    assert read_case(workbook)[0].case_hash == before


def test_hidden_rows_are_read_and_told(workbook: Path) -> None:
    def hide(book: Workbook) -> None:
        book["demands"].row_dimensions[3].hidden = True
        book["demands"].row_dimensions[4].hidden = True
        book["demands"].row_dimensions[90].hidden = True  # nothing stands there

    before = read_case(workbook)[0].case_hash
    issues = after(workbook, hide)
    assert places(issues) == [("hidden_rows", "warning", "demands", 3)]
    assert "rows 3 to 4 are hidden" in issues[0].message
    assert read_case(workbook)[0].case_hash == before


def test_filtered_rows_are_told_as_such(workbook: Path) -> None:
    def choose(book: Workbook) -> None:
        sheet = book["demands"]
        sheet.auto_filter.ref = "A1:C4"
        sheet.auto_filter.add_filter_column(0, ["E1"])
        sheet.row_dimensions[4].hidden = True

    (found,) = after(workbook, choose)
    assert (found.code, found.row) == ("hidden_rows", 4)
    assert "row 4 is filtered out" in found.message


def test_a_filter_that_hides_nothing_is_no_finding(workbook: Path) -> None:
    def offer(book: Workbook) -> None:
        book["demands"].auto_filter.ref = "A1:C4"

    assert after(workbook, offer) == ()


def test_hidden_columns_are_read_and_told(workbook: Path) -> None:
    def hide(book: Workbook) -> None:
        book["tiers"].column_dimensions["D"].hidden = True

    issues = after(workbook, hide)
    assert places(issues) == [("hidden_columns", "warning", "tiers", None)]
    assert "column D is hidden" in issues[0].message


def test_a_merged_title_is_one_finding(workbook: Path) -> None:
    def entitle(book: Workbook) -> None:
        sheet: Worksheet = book["entities"]
        sheet.insert_rows(1, 2)
        sheet["A1"] = "Our offices"
        sheet.merge_cells("A1:H1")
        sheet.merge_cells("A2:C2")

    issues = after(workbook, entitle)
    assert places(issues) == [("title_above_header", "error", "entities", 1)]
    assert "row 3" in issues[0].message


def test_cells_merged_in_the_header_and_below_are_told(workbook: Path) -> None:
    def merge(book: Workbook) -> None:
        book["offers"].merge_cells("A2:A3")

    issues = after(workbook, merge)
    assert places(issues) == [("merged_cells", "error", "offers", 2)]


@pytest.mark.parametrize("area", ["A1:B1", "B1:B3", "A1:H1"])
def test_a_merged_header_is_one_finding(workbook: Path, area: str) -> None:
    def merge(book: Workbook) -> None:
        book["demands"].merge_cells(area)

    assert places(after(workbook, merge)) == [("merged_cells", "error", "demands", 1)]


def test_faults_in_rows_that_are_not_merged_are_told_all_the_same(workbook: Path) -> None:
    def spoil(book: Workbook) -> None:
        book["demands"].merge_cells("A3:C3")
        book["demands"]["C2"] = -5

    told = places(after(workbook, spoil))
    assert told == [("negative_number", "error", "demands", 2), ("merged_cells", "error", "demands", 3)]


def test_further_columns_of_the_policy_are_refused(workbook: Path) -> None:
    def add(book: Workbook) -> None:
        book[POLICY_TABLE]["C3"] = "a remark"

    (found,) = after(workbook, add)
    assert (found.code, found.table, found.row, found.value) == ("blank_column", "policy", 3, "a remark")


def test_runs_of_numbers_in_words() -> None:
    assert ranges_told([4, 2, 3, 9]) == "2 to 4, 9"
    assert ranges_told(list(range(2, 40, 2))) == "2, 4, 6, 8, 10 and 14 more"


# ---- the template


def test_the_template_of_a_workbook_is_that_of_a_folder(tmp_path: Path) -> None:
    write_template(tmp_path / "mine.xlsx")
    write_template(tmp_path / "mine")
    book, told = read_case(tmp_path / "mine.xlsx")
    folder, _ = read_case(tmp_path / "mine")
    assert book.case_hash == folder.case_hash
    assert {i.severity for i in told} == {"info"}


def test_each_table_has_a_sheet_with_every_column_explained(tmp_path: Path) -> None:
    write_template(tmp_path / "mine.xlsx")
    book = load_workbook(tmp_path / "mine.xlsx")
    assert book.sheetnames == [*(t.name for t in TABLES), POLICY_TABLE]
    for table in TABLES:
        header = book[table.name][1]
        assert [c.value for c in header] == [c.name for c in table.columns]
        for cell, column in zip(header, table.columns, strict=True):
            assert cell.comment is not None
            assert column.meaning in cell.comment.text
        offered = {str(v.sqref).partition("2:")[0] for v in book[table.name].data_validations.dataValidation}
        lists = [c for c in table.columns if c.choices or c.refers or c.type in ("flag", "source")]
        assert len(offered) == len(lists)


def test_choices_are_those_of_the_schema(tmp_path: Path) -> None:
    write_template(tmp_path / "mine.xlsx")
    rules = load_workbook(tmp_path / "mine.xlsx")["providers"].data_validations.dataValidation
    assert '"secretariat,agency"' in {r.formula1 for r in rules}
    assert all(len(r.formula1) <= 255 for r in rules)


def test_ids_of_other_tables_are_offered_and_others_let_in(tmp_path: Path) -> None:
    """A demand names an entity and a service that are there; ``OWN`` and ``*`` stay possible."""
    write_template(tmp_path / "mine.xlsx")
    rules = load_workbook(tmp_path / "mine.xlsx")["demands"].data_validations.dataValidation
    lists = {r.formula1: r for r in rules}
    assert {"entities!$A$2:$A$5001", "services!$A$2:$A$5001"} <= set(lists)
    assert not any(r.showErrorMessage for formula, r in lists.items() if "!" in formula)


def test_days_times_and_figures_have_formats_and_come_back(tmp_path: Path) -> None:
    """Days and times are those of the spreadsheet; what is typed in such a column is read."""
    path = tmp_path / "mine.xlsx"
    write_template(path)
    book = load_workbook(path)
    day = book["decisions"].cell(2, [c.value for c in book["decisions"][1]].index("date") + 1)
    assert (day.value, day.number_format) == (datetime(2026, 1, 15), "yyyy-mm-dd")
    begin = book["entities"].cell(2, [c.value for c in book["entities"][1]].index("work_start") + 1)
    assert (begin.value, begin.number_format) == (time(8), "hh:mm")
    day.value, begin.value = datetime(2026, 2, 1), time(7, 30)
    book.save(path)
    case, _ = read_case(path)
    assert case.decisions[0].date == date(2026, 2, 1)
    assert case.entity["E1"].work.start == time(7, 30)


def test_the_policy_explains_itself_beside_its_values(tmp_path: Path) -> None:
    """Key, value, meaning, unit; a column that is not headed as an explanation is told all the same."""
    path = tmp_path / "mine.xlsx"
    write_template(path)
    sheet = load_workbook(path)[POLICY_TABLE]
    rows = {r[0]: r[1:] for r in sheet.iter_rows(min_row=2, values_only=True)}
    assert {k.name for k in POLICY_KEYS} <= {str(key).partition(".")[0] for key in rows}
    assert all(meaning for _, meaning, *_ in rows.values())
    assert rows["discount_rate"][0] is not None
    assert sheet.freeze_panes == "A2"

    def add(book: Workbook) -> None:
        book[POLICY_TABLE]["F3"] = "mine"

    assert [i.code for i in after(path, add) if i.severity != "info"] == ["blank_column"]


def test_emptied_it_lacks_rows_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    write_template(path)

    def empty(book: Workbook) -> None:
        for table in TABLES:
            book[table.name].delete_rows(2, len(EXAMPLE[table.name]))

    issues = after(path, empty)
    assert places(issues) == [("empty_table", "error", t, 1) for t in ("demands", "entities", "providers", "services")]


def test_a_workbook_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.xlsx").write_bytes(b"mine")
    with pytest.raises(UsageError, match="exists"):
        write_template(tmp_path / "mine.xlsx")
    assert (tmp_path / "mine.xlsx").read_bytes() == b"mine"


def test_packaged_names_are_read_unless_a_file_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_case("tiny")[0].name == "tiny"
    write_files(tmp_path / "tiny")
    assert set(read_case("tiny")[0].entity) == {"E1", "E2"}
    assert [i.code for i in validate_case("no such case")] == ["case_not_found"]


def test_a_workbook_beyond_the_memory_is_not_called_damaged(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("openpyxl.load_workbook", full)
    with pytest.raises(MemoryError):
        read_case(workbook)
