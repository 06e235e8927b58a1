"""Causes are told, their consequences left out: one mistake is one finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.domain.issues import Issue
from optimizer.tables import case_from_tables, read_case, validate_case
from tests.tables.cases import BAD, FILES, Bad, Edit, write_files

ENT, SRV, DEM, PRV, OFF, TIE, CUR, DEC, ASS, POL = FILES

MORE_THAN_ONE = {
    ("missing_column", ENT): "two columns are wrong",
    ("time_zone_missing", PRV): "the point is doubted, which alone would let the case through",
    ("no_source", POL): "tables were taken away to which others refer",
    ("mixed_decimals", TIE): "the separator is told as well",
    ("ambiguous_number", TIE): "the separator is told as well",
}


@pytest.mark.parametrize("bad", BAD, ids=lambda b: f"{b.code}-{b.edits[0][0].split('.')[0]}-{b.column}")
def test_one_mistake_is_one_finding(bad: Bad, tmp_path: Path) -> None:
    issues = validate_case(write_files(tmp_path / "case", bad.edits, bad.drop))
    if (bad.code, bad.edits[0][0]) in MORE_THAN_ONE:
        assert len(issues) > 1
    else:
        assert [i.code for i in issues] == [bad.code], [str(i) for i in issues]


def found(tmp_path: Path, *edits: Edit, drop: tuple[str, ...] = ()) -> list[tuple[str, str, int | None]]:
    return [(i.code, i.file, i.row) for i in validate_case(write_files(tmp_path / "case", edits, drop))]


@pytest.mark.parametrize(
    "title", ["Our demands,,,,\n", "Our demands\n", "Our demands\n\nas of May,,,,\n", ",,2026,,\n"]
)
def test_a_title_above_the_header_is_one_finding(tmp_path: Path, title: str) -> None:
    edits = (DEM, "", title + FILES[DEM])
    issues = validate_case(write_files(tmp_path / "case", (edits,)))
    assert [(i.code, i.file, i.row) for i in issues] == [("title_above_header", DEM, 1)]
    header = title.count("\n") + 1
    assert f"row {header}" in issues[0].message


def test_faults_below_a_title_are_told_all_the_same(tmp_path: Path) -> None:
    text = "Our demands,,,,\n" + FILES[DEM].replace("480", "-480")
    assert found(tmp_path, (DEM, "", text)) == [("title_above_header", DEM, 1), ("negative_number", DEM, 5)]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (DEM, "service,volume", "service,volme"),
        (DEM, "entity,", "entty,"),
        (ENT, ",headcount", ",head_count"),
        (SRV, "minutes_per_unit", "minutes per unit"),
        (PRV, "cost_per_fte", "cost_fte"),
        (TIE, "unit_cost", "unitcost"),
    ],
)
def test_a_misspelt_column_is_one_finding_that_names_the_right_one(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    (issue,) = validate_case(write_files(tmp_path / "case", ((file, old, new),)))
    assert (issue.code, issue.row) == ("unknown_column", 1)
    right = next(n for n in old.split(",") if n and n not in new.split(","))
    assert f"Did you mean {right!r}? " in issue.remedy


def test_two_misspelt_columns_get_a_name_each(tmp_path: Path) -> None:
    issues = validate_case(write_files(tmp_path / "case", ((PRV, "latitude,longitude", "lattitude,longitute"),)))
    assert [(i.code, i.column) for i in issues] == [("unknown_column", "lattitude"), ("unknown_column", "longitute")]
    assert ["'latitude'" in issues[0].remedy, "'longitude'" in issues[1].remedy] == [True, True]


@pytest.mark.parametrize("table", [ENT, SRV, PRV])
def test_a_missing_table_explains_what_refers_to_it(tmp_path: Path, table: str) -> None:
    issues = validate_case(write_files(tmp_path / "case", drop=(table,)))
    assert [(i.code, i.table) for i in issues] == [("missing_table", table.removesuffix(".csv"))]


def test_tiers_without_offers_are_one_finding(tmp_path: Path) -> None:
    assert found(tmp_path, drop=(OFF,)) == [("missing_table", str(tmp_path / "case"), None)]


def test_a_missing_table_names_the_file_that_may_be_meant(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case")
    (folder / ENT).rename(folder / "entities.txt")
    (issue,) = validate_case(folder)
    assert issue.code == "missing_table"
    assert "entities.txt" in issue.message
    assert "entities.csv" in issue.remedy


def test_a_refused_id_explains_one_unknown_id_but_not_two(tmp_path: Path) -> None:
    assert found(tmp_path, (ENT, "E2,Office", ",Office")) == [("required_value", ENT, 3)]
    folder = write_files(tmp_path / "two", ((ENT, "E2,Office", ",Office"), (DEM, "E1,TRV", "E9,TRV")))
    unknown = [i.value for i in validate_case(folder) if i.code == "dangling_reference" and i.file == DEM]
    assert unknown == ["E9", "E2"]


def test_findings_of_other_rows_stay(tmp_path: Path) -> None:
    edits = ((DEM, "480", "4 80"), (OFF, "10000,2000", "1999,2000"), (TIE, "9.8", "11.3"), (CUR, "NBO,12", "NBI,12"))
    issues = validate_case(write_files(tmp_path / "case", edits))
    codes = sorted(i.code for i in issues if i.severity == "error")
    assert codes == ["bad_number", "capacity_below_base", "dangling_reference", "tier_cost_rising"]


def test_tables_one_folder_deeper_are_one_finding(tmp_path: Path) -> None:
    write_files(tmp_path / "case")
    (issue,) = validate_case(tmp_path)
    assert (issue.code, issue.value) == ("tables_in_subfolder", "case")
    assert str(tmp_path / "case") in issue.remedy


def test_a_document_tells_an_unknown_column_once() -> None:
    tables = {"entities": [{"id": "E", "name": "e", "city": "Nairobi", "country": "KE", "headcont": 1}]}
    issues: tuple[Issue, ...] = ()
    try:
        case_from_tables(tables)
    except Exception as error:
        issues = error.issues  # type: ignore[attr-defined]
    told = [(i.code, i.column) for i in issues if i.table == "entities"]
    assert told == [("unknown_column", "headcont")]


# ---- strays that are none


def test_other_cases_plans_and_files_aside_are_no_strays(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case")
    write_files(folder / "last year")
    (folder / "out").mkdir()
    for name in ("assignments.csv", "entities.csv", "lines.csv"):
        (folder / "out" / name).write_text("entity\n")
    for name in ("_decisions.txt", ".decisions.csv", "~$demands.xlsx", "notes.txt", "README.md", "plan.json"):
        (folder / name).write_text("anything")
    (folder / "_old").mkdir()
    (folder / "_old" / "demands.csv").write_text("entity\n")
    assert read_case(folder)[1] == ()


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("Decisions.TXT", "decisions"),
        ("demands", "demands"),
        ("offers.csv.bak", "offers"),
        ("tiers.xlsx", "tiers"),
        ("providers_old.txt", "providers"),
        ("policies.toml", "policy"),
        ("Policy.yaml", "policy"),
    ],
)
def test_strays_beside_their_table_are_told(tmp_path: Path, name: str, table: str) -> None:
    folder = write_files(tmp_path / "case")
    (folder / name).write_text("anything")
    assert [(i.code, i.file, i.table) for i in read_case(folder)[1]] == [("file_not_read", name, table)]


def test_two_policies_are_refused(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "case")
    (folder / "Policy.toml").write_text("backup = true\n")
    assert [(i.code, i.table) for i in validate_case(folder)] == [("duplicate_table", "policy")]
