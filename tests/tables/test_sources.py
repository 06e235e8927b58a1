"""Folders, archives, workbooks and documents: what is refused, and that all give the same case."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.tables import Limits, case_from_bytes, case_from_tables, read_case, validate_case, write_case
from tests.tables.cases import FILES, write_files


def issues_of(read: Callable[[], object]) -> dict[str, Issue]:
    with pytest.raises(InputError) as caught:
        read()
    assert all(i.remedy for i in caught.value.issues)
    return {i.code: i for i in caught.value.issues}


def zipped(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    case, _ = read_case(write_files(tmp_path / "document"))
    return json.loads(json.dumps(case.tables))


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    case, _ = read_case(write_files(tmp_path / "source"))
    write_case(case, tmp_path / "case.xlsx")
    return tmp_path / "case.xlsx"


def changed(path: Path, sheet: str, change: Callable[[Worksheet], object]) -> Path:
    book = load_workbook(path)
    change(book[sheet])
    book.save(path)
    return path


# ---- paths and archives


@pytest.mark.parametrize("name", ["current.csv", "policy.toml"])
@pytest.mark.parametrize("kind", ["folder", "link that leads nowhere"])
def test_what_has_the_name_of_a_table_and_is_no_file_is_refused(tmp_path: Path, name: str, kind: str) -> None:
    folder = write_files(tmp_path / "case")
    (folder / name).unlink()
    if kind == "folder":
        (folder / name).mkdir()
    else:
        (folder / name).symlink_to(tmp_path / "gone")
    found = issues_of(lambda: read_case(folder))
    assert kind in found["unreadable_file"].message
    assert found["unreadable_file"].file == name


def test_a_folder_with_the_name_of_a_table_in_an_archive_is_refused() -> None:
    files: dict[str, str | bytes] = {**FILES}
    files["current.csv/part-0.csv"] = files.pop("current.csv")
    found = issues_of(lambda: case_from_bytes(zipped(files), "case.zip"))
    assert found["unreadable_file"].value == "current.csv"


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    found = issues_of(lambda: read_case(tmp_path / "nowhere"))
    assert list(found) == ["case_not_found"]
    assert "nowhere" in found["case_not_found"].message


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "case.docx").write_bytes(b"x")
    assert list(issues_of(lambda: read_case(tmp_path / "case.docx"))) == ["unsupported_format"]


def test_an_empty_folder_names_every_missing_table(tmp_path: Path) -> None:
    issues = validate_case(tmp_path)
    missing = [i.table for i in issues if i.code == "missing_table"]
    assert missing == ["demands", "entities", "providers", "services"]


def test_a_file_above_the_limit_names_the_limit(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case")
    found = issues_of(lambda: read_case(folder, limits=Limits(file_mb=0.0002)))["file_too_large"]
    assert "0.0002 MB" in found.message
    assert "0.0002 MB" in found.remedy


def test_a_table_above_the_row_limit_names_the_limit(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case")
    with pytest.raises(InputError) as caught:
        read_case(folder, limits=Limits(rows=2))
    found = [(i.code, i.file, i.row) for i in caught.value.issues if i.severity == "error"]
    assert found == [("too_many_rows", "demands.csv", 4), ("too_many_rows", "offers.csv", 4)]
    assert "2 rows" in caught.value.issues[0].remedy


def test_a_zip_of_a_folder_is_a_case(tmp_path: Path) -> None:
    case, _ = read_case(write_files(tmp_path / "case"))
    for prefix in ("", "my case/"):
        again, _ = case_from_bytes(zipped({prefix + n: t for n, t in FILES.items()}), "case.zip")
        assert again.case_hash == case.case_hash


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"../entities.csv": "id"}, "unsafe_archive"),
        ({"/entities.csv": "id"}, "unsafe_archive"),
        ({"a/entities.csv": "id", "b/services.csv": "id"}, "unsafe_archive"),
        ({"entities.csv": "x" * 20_000}, "file_too_large"),
    ],
)
def test_archives_that_could_do_harm(files: dict[str, str | bytes], code: str) -> None:
    assert code in issues_of(lambda: case_from_bytes(zipped(files), "case.zip", limits=Limits(file_mb=0.01)))


def test_a_member_that_is_given_twice_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of what is the point here
        for name, text in [*FILES.items(), ("demands.csv", FILES["demands.csv"])]:
            archive.writestr(name, text)
    found = issues_of(lambda: case_from_bytes(out.getvalue(), "case.zip"))
    assert [(i.code, i.table) for i in found.values()] == [("duplicate_table", "demands")]


def test_members_aside_are_ignored_wherever_they_lie(tmp_path: Path) -> None:
    files = {f"case/{n}": t for n, t in FILES.items()}
    others = {"_old/demands.csv": "x", "__MACOSX/case/._demands.csv": "x", "case/_old/tiers.csv": "x"}
    assert case_from_bytes(zipped({**files, **others}), "case.zip")[1] == ()


def test_a_damaged_archive() -> None:
    assert list(issues_of(lambda: case_from_bytes(b"PK\x03\x04rubbish", "case.zip"))) == ["unreadable_file"]


def test_the_same_table_twice(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case")
    (folder / "Entities.CSV").write_text(FILES["entities.csv"])
    assert issues_of(lambda: read_case(folder))["duplicate_table"].table == "entities"


def test_files_that_begin_with_an_underscore_are_left_aside(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case")
    (folder / "_notes.csv").write_text("anything")
    (folder / "README.md").write_text("anything")
    assert read_case(folder)[1] == ()


def test_what_the_system_refuses_to_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_files(tmp_path / "case")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    found = issues_of(lambda: read_case(folder))
    assert found["unreadable_file"].file == "tiers.csv"
    monkeypatch.setattr(Path, "iterdir", refuse)
    assert list(issues_of(lambda: read_case(folder))) == ["unreadable_file"]


def test_an_archive_of_too_many_tables() -> None:
    files: dict[str, str | bytes] = {f"t{i}.csv": "x" for i in range(51)}
    assert list(issues_of(lambda: case_from_bytes(zipped(files), "case.zip"))) == ["unsafe_archive"]


# ---- CSV


def test_byte_order_mark_line_ends_blank_lines_and_quotes_do_not_matter(tmp_path: Path) -> None:
    case, _ = read_case(write_files(tmp_path / "case"))
    folder = write_files(tmp_path / "other")
    for name, text in FILES.items():
        if name.endswith(".csv"):
            lines = [",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()]
            body = "\r\n".join([lines[0], "", *lines[1:], "," * lines[0].count(",")])
            (folder / name).write_bytes(b"\xef\xbb\xbf" + body.encode())
    assert read_case(folder)[0].case_hash == case.case_hash


def test_the_row_of_a_record_is_the_line_it_begins_on(tmp_path: Path) -> None:
    edits = (("entities.csv", "Office one", '"Office\none"'), ("entities.csv", "en,40", "en,-40"))
    issues = validate_case(write_files(tmp_path / "case", edits))
    assert [(i.code, i.row) for i in issues if i.severity == "error"] == [("negative_number", 4)]


def test_namibia_is_not_a_missing_value(tmp_path: Path) -> None:
    edits = (("entities.csv", "Kigali,,,RW", "Windhoek,,,NA"),)
    case, _ = read_case(write_files(tmp_path / "case", edits))
    assert case.entity["E1"].place.country == "NA"
    assert case.countries["NA"].name == "Namibia"


# ---- JSON and mappings


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ('{"entities": [', "json_syntax", 1),
        ('{"entities": [],\n "services": [}', "json_syntax", 2),
        ("[1, 2]", "json_structure", None),
        ('{"entities": {"id": 1}}', "json_structure", None),
        ('{"entities": [5]}', "json_structure", 1),
        ('{"policy": 5}', "json_structure", None),
        ('{"entities": [{"id": "a", "id": "b"}]}', "json_duplicate_key", 1),
        ('{"entities": [], "entities": []}', "json_duplicate_key", None),
        ('{"policy": {"zones": true, "zones": false}}', "json_duplicate_key", None),
        ('{"entities": [{"id": "a", "headcount": NaN}]}', "json_not_finite", 1),
        ('{"entities": [{"id": "a", "headcount": -Infinity}]}', "json_not_finite", 1),
        ('{"entities": [{"id": {"a": 1}}]}', "nested_value", 1),
        ('{"entities": [{"languages": [["en"]]}]}', "nested_value", 1),
        ('{"entities": [{"languages": ["en;fr"]}]}', "nested_value", 1),
        ("[" * 100_000, "nested_value", None),
        ('{"entitys": []}', "unknown_table", None),
        ('{"entities": [{"id": "a", "Naam": "b"}]}', "unknown_column", None),
        ('{"entities": [{"id": "\\ud800"}]}', "bad_character", 1),
    ],
)
def test_bad_documents(text: str, code: str, row: int | None) -> None:
    found = issues_of(lambda: case_from_bytes(text.encode(), "case.json"))
    assert found[code].row == row
    assert found[code].file == "case.json"
    json.dumps([i.as_dict() for i in found.values()]).encode()


def test_values_of_any_plain_type_say_the_same(document: dict[str, Any]) -> None:
    case, _ = case_from_tables(document)
    for row in document["entities"]:
        row["headcount"] = float(row["headcount"])
        row["languages"] = ";".join(row["languages"])
        row["work_start"] = time.fromisoformat(row.get("work_start", "09:00"))
    document["entities"][1]["start"] = datetime(2020, 1, 1)
    document["decisions"][1]["date"] = date(2026, 1, 15)
    document["services"][1]["critical"] = 1
    document["services"][0]["critical"] = "FALSE"
    document["policy"]["as_of"] = date(2026, 1, 1)
    document["policy"]["site_count"] = [1, 3]
    assert case_from_tables(document)[0].case_hash == case.case_hash


# ---- XLSX


def test_not_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "case.xlsx").write_bytes(b"id,name\n")
    assert list(issues_of(lambda: read_case(tmp_path / "case.xlsx"))) == ["not_a_spreadsheet"]


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_a_damaged_workbook(workbook: Path, member: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            text = old.read(info)
            new.writestr(info.filename, text[: len(text) // 2] if info.filename == member else text)
    assert list(issues_of(lambda: case_from_bytes(out.getvalue(), "case.xlsx"))) == ["not_a_spreadsheet"]


def test_a_formula_is_refused(workbook: Path) -> None:
    changed(workbook, "demands", lambda s: s.__setitem__("C2", "=40*2"))
    found = issues_of(lambda: read_case(workbook))["formula_cell"]
    assert (found.table, found.row, found.column, found.value) == ("demands", 2, "C", "=40*2")


def test_merged_cells_are_refused(workbook: Path) -> None:
    changed(workbook, "offers", lambda s: s.merge_cells("A2:A3"))
    found = issues_of(lambda: read_case(workbook))["merged_cells"]
    assert (found.table, found.row, found.value) == ("offers", 2, "A2:A3")
    assert "A2:A3" in found.remedy


def test_an_error_cell_is_refused(workbook: Path) -> None:
    def spoil(sheet: Worksheet) -> None:
        sheet["C2"] = "#N/A"
        sheet["C2"].data_type = "e"

    found = issues_of(lambda: read_case(changed(workbook, "demands", spoil)))["error_cell"]
    assert (found.row, found.value) == (2, "#N/A")


def test_a_column_without_a_name_is_refused(workbook: Path) -> None:
    changed(workbook, "tiers", lambda s: s.__setitem__("F2", "a remark"))
    assert issues_of(lambda: read_case(workbook))["blank_column"].value == "a remark"


def test_an_unknown_sheet_is_refused_and_one_with_an_underscore_left_aside(workbook: Path) -> None:
    book = load_workbook(workbook)
    book.create_sheet("_notes")["A1"] = "anything"
    book.create_sheet("demand")["A1"] = "entity"
    book.create_sheet("Tiers ")
    book.save(workbook)
    found = issues_of(lambda: read_case(workbook))
    assert "'demands'" in found["unknown_table"].remedy
    assert found["duplicate_table"].table == "tiers"


def test_an_empty_sheet_and_a_repeated_policy_key(workbook: Path) -> None:
    book = load_workbook(workbook)
    del book["tiers"]
    book.create_sheet("tiers")
    book["policy"].append(["zones", "yes"])
    book.save(workbook)
    found = issues_of(lambda: read_case(workbook))
    assert found["empty_file"].table == "tiers"
    assert found["policy_duplicate_key"].column == "zones"


def test_cells_with_dates_times_and_numbers_say_the_same(workbook: Path) -> None:
    case, _ = read_case(workbook)

    def retype(sheet: Worksheet) -> None:
        names = [c.value for c in sheet[1]]
        sheet.cell(2, names.index("work_start") + 1).value = time(8, 0)
        sheet.cell(3, names.index("start") + 1).value = datetime(2020, 1, 1)
        sheet.cell(3, names.index("headcount") + 1).value = "40.0"

    assert read_case(changed(workbook, "entities", retype))[0].case_hash == case.case_hash


def test_a_workbook_that_unpacks_to_too_much(workbook: Path) -> None:
    book = load_workbook(workbook)
    for _ in range(2_000):
        book["assumptions"].append(["services", "PAY", "*", "assumed"])
    book.save(workbook)
    limits = Limits(file_mb=0.02)
    found = issues_of(lambda: case_from_bytes(workbook.read_bytes(), "case.xlsx", limits=limits))
    assert "unpacked" in found["file_too_large"].message
    assert "0.16 MB" in found["file_too_large"].remedy


def test_an_empty_workbook() -> None:
    out = io.BytesIO()
    Workbook().save(out)
    assert "unknown_table" in issues_of(lambda: case_from_bytes(out.getvalue(), "case.xlsx"))
