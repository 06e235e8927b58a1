"""Separators, decimal commas, code pages: one case however a spreadsheet saved it, and each reading told."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from optimizer.domain.errors import InputError, UsageError
from optimizer.domain.issues import Issue
from optimizer.tables import read_case, validate_case
from optimizer.tables.sources.text import code_page
from tests.tables.cases import FILES, write_files

TABLES = [name for name in FILES if name.endswith(".csv")]


def rewritten(folder: Path, change: Callable[[list[list[str]]], str], encoding: str = "utf-8") -> Path:
    """The clean case with every table written anew."""
    write_files(folder)
    for name in TABLES:
        records = list(csv.reader(io.StringIO(FILES[name])))
        (folder / name).write_bytes(change(records).encode(encoding))
    return folder


def saved(records: list[list[str]], delimiter: str, decimal: str = ",", bars: bool = False, end: str = "\r\n") -> str:
    """As a spreadsheet saves it: its marks, quotes where they are needed."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    for record in records:
        cells = [_plain_number(c, decimal) for c in record]
        writer.writerow([c.replace(";", "|") if bars else c for c in cells])
    return out.getvalue()


def _plain_number(text: str, decimal: str) -> str:
    try:
        float(text)
    except ValueError:
        return text
    return text.replace(".", decimal)


def codes(issues: tuple[Issue, ...]) -> set[str]:
    return {i.code for i in issues}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> str:
    return read_case(write_files(tmp_path_factory.mktemp("clean") / "case"))[0].case_hash


@pytest.mark.parametrize("bars", [False, True], ids=["quoted lists", "bars in lists"])
@pytest.mark.parametrize("end", ["\r\n", "\n"], ids=["CRLF", "LF"])
def test_semicolons_and_decimal_commas_give_the_same_case(tmp_path: Path, clean: str, bars: bool, end: str) -> None:
    case, issues = read_case(rewritten(tmp_path / "case", lambda r: saved(r, ";", bars=bars, end=end)))
    assert case.case_hash == clean
    assert sorted(i.file for i in issues) == sorted(TABLES)
    assert {(i.code, i.severity) for i in issues} == {("other_separator", "warning")}
    assert all("semicolons" in i.message and "decimal commas" in i.message for i in issues)


@pytest.mark.parametrize("decimal", [",", "."])
def test_tabs_give_the_same_case_with_the_decimal_sign_that_the_numbers_show(
    tmp_path: Path, clean: str, decimal: str
) -> None:
    case, issues = read_case(rewritten(tmp_path / "case", lambda r: saved(r, "\t", decimal)))
    assert case.case_hash == clean
    told = {i.file: i.message for i in issues}
    assert f"decimal {'commas' if decimal == ',' else 'points'}" in told["tiers.csv"]


def test_unicode_text_of_a_spreadsheet_gives_the_same_case(tmp_path: Path, clean: str) -> None:
    folder = rewritten(tmp_path / "case", lambda r: saved(r, "\t", "."), "utf-16")
    case, issues = read_case(folder)
    assert case.case_hash == clean
    assert codes(issues) == {"other_separator", "code_page"}
    assert all("UTF-16" in i.message for i in issues if i.code == "code_page")


@pytest.mark.parametrize(
    ("line", "delimiter", "quiet"),
    [
        ("sep=,\r\n", ",", True),
        ("sep=;\n", ";", False),
        ("SEP=\t\n", "\t", False),
        ('"sep=;"\n', ";", False),
        ("\ufeffsep=,\n", ",", True),
    ],
)
def test_a_first_line_that_names_the_separator(
    tmp_path: Path, clean: str, line: str, delimiter: str, quiet: bool
) -> None:
    folder = rewritten(tmp_path / "case", lambda r: line + saved(r, delimiter, "," if delimiter == ";" else "."))
    case, issues = read_case(folder)
    assert case.case_hash == clean
    assert (issues == ()) == quiet


def test_lines_are_counted_with_the_line_that_names_the_separator(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case", (("demands.csv", "480", "-480"),))
    path = folder / "demands.csv"
    path.write_text("sep=,\n" + path.read_text())
    assert [(i.code, i.row) for i in validate_case(folder) if i.severity == "error"] == [("negative_number", 5)]


def tiers(*costs: str) -> tuple[tuple[str, str, str], ...]:
    rows = "".join(f"GVA;PAY;{at * 5000};{cost}\n" for at, cost in enumerate(costs))
    return (("tiers.csv", "", "provider;service;from_volume;unit_cost\n" + rows),)


@pytest.mark.parametrize(
    ("cost", "read"), [("1,2340", 1.234), ("0,125", 0.125), ("12,5", 12.5), (",5", 0.5), ("12", 12.0), ("0.125", 0.125)]
)
def test_one_number_under_semicolons(tmp_path: Path, cost: str, read: float) -> None:
    case, _ = read_case(write_files(tmp_path / "case", tiers(cost)))
    assert [t.unit_cost for t in case.tiers] == [read]


def test_points_in_thousands_are_never_taken_for_decimals(tmp_path: Path) -> None:
    issues = validate_case(write_files(tmp_path / "case", tiers("1.234")))
    (found,) = [i for i in issues if i.severity == "error"]
    assert (found.code, found.row, found.column, found.value) == ("ambiguous_number", 2, "unit_cost", "1.234")
    assert "1234" in found.remedy
    assert "1,234" in found.remedy


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize(("volume", "cost"), [("1,200", "9"), ("1.200", "9"), ("1,200", "0,5"), ("1.200", "0.5")])
def test_thousands_of_one_column_are_not_settled_by_decimals_of_another(
    tmp_path: Path, mark: str, volume: str, cost: str
) -> None:
    rows = f"provider|service|from_volume|unit_cost\nGVA|PAY|0|11\nGVA|PAY|{volume}|{cost}\n".replace("|", mark)
    issues = validate_case(write_files(tmp_path / "case", (("tiers.csv", "", rows),)))
    (found,) = [i for i in issues if i.severity == "error"]
    assert (found.code, found.row, found.column, found.value) == ("ambiguous_number", 3, "from_volume", volume)
    assert "Write 1200 if thousands are meant" in found.remedy
    for written, read in (("1200", 1200.0), (found.remedy.partition("meant, ")[2].partition(" if")[0], 1.2)):
        case, _ = read_case(write_files(tmp_path / written, (("tiers.csv", "", rows.replace(volume, written)),)))
        assert case.tiers[-1].from_volume == read


@pytest.mark.parametrize(
    ("cost", "hint"), [("1.000,50", "1000,50"), ("1 000,5", "1000,5"), ("12%", "0,12"), ("n/a", "leave the cell blank")]
)
def test_what_to_write_is_said_with_the_comma_of_the_table(tmp_path: Path, cost: str, hint: str) -> None:
    issues = validate_case(write_files(tmp_path / "case", tiers(cost)))
    (found,) = [i for i in issues if i.severity == "error"]
    assert (found.code, found.value) == ("bad_number", cost)
    assert hint in found.remedy


def test_where_other_numbers_show_points_a_point_is_a_point(tmp_path: Path) -> None:
    case, _ = read_case(write_files(tmp_path / "case", tiers("12.5", "1.234")))
    assert [t.unit_cost for t in case.tiers] == [12.5, 1.234]


def test_commas_and_points_in_one_table_are_one_finding(tmp_path: Path) -> None:
    issues = validate_case(write_files(tmp_path / "case", tiers("12,5", "11.5", "10.25")))
    assert [i.code for i in issues if i.severity == "error"] == ["mixed_decimals"]


def test_coordinates_have_no_thousands(tmp_path: Path) -> None:
    text = FILES["providers.csv"].replace("46.2,6.15", "46.202,6.150").replace("GVA,", "GVA,", 1)
    edits = (("providers.csv", "", text.replace(",", ";").replace("en;fr", "en|fr")),)
    case, _ = read_case(write_files(tmp_path / "case", edits))
    assert (case.provider["GVA"].place.latitude, case.provider["GVA"].place.longitude) == (46.202, 6.15)


def test_names_that_are_all_misspelt_do_not_hide_the_separator(tmp_path: Path) -> None:
    edits = (("current.csv", "", "entty;servic;providr\nE1;PAY;NBO\n"),)
    issues = validate_case(write_files(tmp_path / "case", edits))
    errors = [(i.code, i.column) for i in issues if i.severity == "error"]
    assert errors == [("unknown_column", name) for name in ("entty", "providr", "servic")]


# ---- code pages

ACCENTS = (("entities.csv", "Office one", "Genève"), ("entities.csv", "Office two", "Zürich"))


def paged(folder: Path, encoding: str) -> Path:
    write_files(folder, ACCENTS)
    path = folder / "entities.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    return folder


def test_a_file_in_a_code_page_is_refused_and_the_page_proposed(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_case(paged(tmp_path / "case", "cp1252"))
    (found,) = caught.value.issues
    assert (found.code, found.file, found.row) == ("encoding_error", "entities.csv", 2)
    assert "cp1252 (Genève)" in found.remedy
    assert "--encoding" in found.remedy


@pytest.mark.parametrize("page", ["cp1252", "cp850", "latin-1", "utf-16-le"])
def test_the_page_that_is_named_is_read_and_told(tmp_path: Path, page: str) -> None:
    case, issues = read_case(paged(tmp_path / "case", page), encoding=page)
    assert [e.name for e in case.entities] == ["Genève", "Zürich"]
    assert [(i.code, i.severity, i.file) for i in issues] == [("code_page", "warning", "entities.csv")]


def test_utf_16_without_a_mark_is_read_when_it_is_named(tmp_path: Path, clean: str) -> None:
    folder = rewritten(tmp_path / "case", lambda r: saved(r, "\t", "."), "utf-16-le")
    assert {i.code for i in validate_case(folder)} == {"nul_byte"}
    case, issues = read_case(folder, encoding="utf-16-le")
    assert case.case_hash == clean
    assert codes(issues) == {"other_separator", "code_page"}


def test_utf_8_is_read_as_such_whatever_page_is_named(tmp_path: Path) -> None:
    case, issues = read_case(write_files(tmp_path / "case", ACCENTS), encoding="cp1252")
    assert case.entity["E1"].name == "Genève"
    assert [(i.code, "not as cp1252" in i.message) for i in issues] == [("code_page", True)]


def test_a_byte_that_the_named_page_lacks(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case", (("entities.csv", "Office one", "Office \udc81"),))
    with pytest.raises(InputError, match="is not cp1252") as caught:
        read_case(folder, encoding="cp1252")
    assert [i.code for i in caught.value.issues] == ["encoding_error"]


@pytest.mark.parametrize("name", ["cp9999", "rot13", "hex", "utf-7", "unicode_escape", "idna", "no such"])
def test_what_is_no_code_page_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no code page"):
        code_page(name)


def test_names_of_code_pages_are_spelled_freely() -> None:
    assert code_page("Windows-1252") == code_page("cp1252") == "cp1252"
    assert code_page("  ") == ""
