"""Drafts: what a draft is read as is what the reader makes of the same files, however they came to be."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import data
from api.uploads import packed_csv
from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.tables import case_from_bytes, read_case
from optimizer.tables.drafts.changing import Change, change_draft
from optimizer.tables.drafts.draft import Draft, labels, read_draft
from optimizer.tables.drafts.draft_workbook import draft_xlsx
from optimizer.tables.drafts.faulty import cell_of, rows_of_table, sizes
from optimizer.tables.drafts.opening import open_draft
from optimizer.tables.schema import TABLE_NAMES
from optimizer.tables.write import case_csv, case_json, case_xlsx

WRITERS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "case.json": lambda tables: case_json(tables).encode(),
    "case.xlsx": case_xlsx,
    "case.zip": lambda tables: packed_csv(case_csv(tables)),
}


def tables(name: str = "tiny") -> dict[str, Any]:
    return json.loads(case_json(read_case(data.case_path(name))[0].tables))  # type: ignore[no-any-return]


def read(content: bytes, file: str) -> tuple[str, tuple[Issue, ...]]:
    """Hash, blank where there are errors, and findings of the reader."""
    try:
        case, issues = case_from_bytes(content, file)
    except InputError as error:
        return "", error.issues
    return case.case_hash, issues


def drafted(draft: Draft, name: str = "case") -> tuple[str, tuple[Issue, ...]]:
    case, issues = read_draft(draft, name)
    return case.case_hash if case is not None else "", issues


def told(issues: tuple[Issue, ...]) -> list[Issue]:
    """Findings, those of the policy without their place: a draft numbers its entries anew."""
    plain = [replace(i, row=None, file="") if i.table == "policy" else i for i in issues]
    return sorted(plain, key=str)


def copied(draft: Draft) -> Draft:
    """Through the document that is stored."""
    return Draft.of(json.loads(json.dumps(draft.as_document())))


@pytest.mark.parametrize("file", sorted(WRITERS))
@pytest.mark.parametrize("name", ["tiny", "mission-start", "infeasible-lock"])
def test_a_file_and_its_draft_are_read_alike(name: str, file: str) -> None:
    content = WRITERS[file](tables(name))
    draft = copied(open_draft(content, file))
    digest, issues = read(content, file)
    assert digest
    assert drafted(draft) == (digest, issues)
    assert read(draft_xlsx(draft), "case.xlsx")[0] == digest


CELLS = st.sampled_from(
    [
        "",
        " ",
        "x",
        "-3",
        "1.5",
        "1,5",
        "1.234",
        "SU",
        "KE",
        "yes",
        "Asia/Beiruth",
        "=1+1",
        "'=1",
        "en;fr",
        "OWN",
        "2026-02-30",
    ]
) | st.text(max_size=6)
EDITED = [
    (t, c) for t in ("entities", "services", "demands", "providers", "offers", "tiers") for c in TABLE_NAMES[t].column
]
EDITS = st.lists(st.tuples(st.sampled_from(EDITED), st.integers(0, 3), CELLS), max_size=6)


def edited(held: dict[str, Any], edits: list[Any]) -> dict[str, Any]:
    """The tables as text, with other cells."""
    out = {name: [dict(row) for row in rows] if isinstance(rows, list) else rows for name, rows in held.items()}
    for (table, column), at, value in edits:
        rows = out[table]
        rows[at % len(rows)][column] = value
    return out


def with_all_columns(held: dict[str, Any]) -> dict[str, Any]:
    """The tables with every column in every row."""
    return {
        name: [{c: row.get(c) for c in TABLE_NAMES[name].column} for row in rows] if name in TABLE_NAMES else rows
        for name, rows in held.items()
    }


def safe(edits: list[Any]) -> bool:
    """Whether files can hold the texts as they are."""
    return all(v.isprintable() for _, _, v in edits)


@settings(max_examples=60, deadline=None)
@given(edits=EDITS.filter(safe), file=st.sampled_from(sorted(WRITERS)))
def test_random_cells_are_read_alike_from_files_and_drafts(edits: list[Any], file: str) -> None:
    content = WRITERS[file](edited(tables(), edits))
    draft = copied(open_draft(content, file))
    digest, issues = read(content, file)
    found, said = drafted(draft)
    assert found == digest
    assert told(said) == told(issues)


@settings(max_examples=60, deadline=None)
@given(edits=EDITS.filter(safe), parts=st.integers(1, 3), file=st.sampled_from(sorted(WRITERS)))
def test_changes_lead_to_what_the_files_would_be(edits: list[Any], parts: int, file: str) -> None:
    """Cells that are set one after the other, in one request or in several: as if the file had them."""
    held = tables()
    whole = with_all_columns(held)
    draft = open_draft(WRITERS[file](whole), file)
    for part in range(parts):
        changes = [
            Change("set", t, draft.sheets[t].rows[at % len(held[t])], c, value)
            for (t, c), at, value in edits[part::parts]
        ]
        draft = copied(change_draft(draft, changes))
    in_order = [e for part in range(parts) for e in edits[part::parts]]
    digest, issues = read(WRITERS[file](edited(whole, in_order)), file)
    found, said = drafted(draft)
    assert found == digest
    assert told(said) == told(issues)


def workbook(change: Any) -> bytes:
    """The workbook of tiny after a change."""
    book = openpyxl.load_workbook(io.BytesIO(case_xlsx(tables())))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def codes(draft: Draft) -> set[str]:
    return {i.code for i in read_draft(draft)[1] if i.severity == "error"}


def test_what_cannot_be_read_of_a_cell_stays_until_it_is_written_anew() -> None:
    def spoil(book: Any) -> None:
        book["entities"]["B2"] = "=A2"
        book["entities"]["B3"] = "#N/A"
        book["entities"]["B3"].data_type = "e"
        book["demands"].merge_cells("A2:A3")

    content = workbook(spoil)
    draft = copied(open_draft(content, "case.xlsx"))
    assert drafted(draft) == read(content, "case.xlsx")
    assert codes(draft) >= {"formula_cell", "error_cell", "merged_cells"}
    sheet = draft.sheets["entities"]
    assert {cell_of(sheet, i) for i in read_draft(draft)[1] if i.code == "formula_cell"} == {"name"}
    assert sheet.cells[0][1] == "=A2"
    draft = change_draft(draft, [Change("set", "entities", 2, "name", "Office")])
    assert "formula_cell" not in codes(draft)
    assert "error_cell" in codes(draft)
    draft = change_draft(draft, [Change("remove", "entities", 3)])
    assert "error_cell" not in codes(draft)
    first, second = tables()["demands"][:2]
    for row, was in ((2, first), (3, second)):
        assert "merged_cells" in codes(draft)
        draft = change_draft(draft, [Change("set", "demands", row, "entity", was["entity"])])
    assert "merged_cells" not in codes(draft)


def test_names_of_columns_and_tables_are_mended_and_nothing_of_them_is_lost() -> None:
    def spoil(book: Any) -> None:
        book["entities"]["B1"] = "nmae"
        book["services"].title = "servces"
        book["demands"].cell(1, 9, "remark")
        book["demands"].cell(2, 9, "mine")

    draft = copied(open_draft(workbook(spoil), "case.xlsx"))
    assert codes(draft) >= {"unknown_column", "unknown_table"}
    assert draft.sheets["entities"].cells[0][1] == tables()["entities"][0]["name"]
    changes = [
        Change("rename", "entities", column="nmae", to="name"),
        Change("rename", "servces", to="services"),
        Change("rename", "demands", column="remark"),
    ]
    mended = change_draft(draft, changes)
    assert drafted(mended)[0] == read(case_xlsx(tables()), "case.xlsx")[0]
    with pytest.raises(InputError) as refused:
        change_draft(
            draft, [Change("rename", "entities", column="nmae", to="id"), Change("rename", "servces", to="demands")]
        )
    assert [i.code for i in refused.value.issues] == ["draft_name_taken", "draft_name_taken"]


def test_lines_of_another_length_are_kept_and_mended() -> None:
    files = case_csv(tables())
    lines = files["tiers.csv"].splitlines()
    lines[1] += ",and more"
    lines[2] = lines[2].rpartition(",")[0]
    content = packed_csv({**files, "tiers.csv": "\n".join(lines)})
    draft = copied(open_draft(content, "case.zip"))
    assert drafted(draft) == read(content, "case.zip")
    rows, total = rows_of_table(draft.sheets["tiers"], read_draft(draft)[1], 0, 2)
    assert [r["row"] for r in rows] == [2, 3]
    assert total == len(draft.sheets["tiers"].rows)
    assert "and more" in rows[0]["cells"].values()
    last = labels(draft.sheets["tiers"])[len(draft.sheets["tiers"].header) - 1]
    good = list(csv_rows(case_csv(tables())["tiers.csv"]))
    changes = [Change("set", "tiers", row, last, good[row - 2][last]) for row in (2, 3)]
    assert drafted(change_draft(draft, changes))[0] == read(packed_csv(files), "case.zip")[0]


def csv_rows(text: str) -> Any:
    import csv

    return csv.DictReader(io.StringIO(text))


def test_every_change_that_cannot_be_done_is_told_and_none_is_done() -> None:
    draft = open_draft(case_xlsx(tables()), "case.xlsx")
    changes = [
        Change("set", "entities", 2, "name", "New name"),
        Change("set", "entitis", 2, "name", "x"),
        Change("set", "entities", 99, "name", "x"),
        Change("set", "entities", 2, "nmae", "x"),
        Change("set", "entities", None, "name", "x"),
        Change("set", "entities", 2, "", "x"),
        Change("remove", "entities", 77),
        Change("add", "entities", cells={"colour": "red"}),
    ]
    with pytest.raises(InputError) as refused:
        change_draft(draft, changes)
    assert len(refused.value.issues) == 7
    assert all(i.remedy for i in refused.value.issues)
    assert draft.sheets["entities"].cells[0][1] == tables()["entities"][0]["name"]


def test_rows_are_added_also_to_a_table_that_was_not_there() -> None:
    draft = open_draft(case_json({k: v for k, v in tables().items() if k != "tiers"}).encode(), "case.json")
    row = {k: str(v) for k, v in tables()["tiers"][0].items()}
    draft = change_draft(
        draft, [Change("add", "tiers", cells=row), Change("add", "policy", cells={"key": "max_moves", "value": "x"})]
    )
    assert draft.sheets["tiers"].rows == [2]
    case, issues = read_draft(draft)
    assert case is None
    sheet = draft.sheets["policy"]
    wrong = [(i.row, cell_of(sheet, i)) for i in issues if i.severity == "error" and i.table == "policy"]
    assert wrong == [(sheet.rows[-1], "value")]
    size = {s["name"]: s for s in sizes(draft, issues)}
    assert (size["policy"]["faulty"], size["policy"]["errors"], size["tiers"]["rows"]) == (1, 1, 1)


def test_decimal_commas_stay_as_they_are_and_are_numbers_in_the_workbook() -> None:
    files = {
        n: t if n.endswith(".toml") else t.replace(",", "\t").replace(".", ",") for n, t in case_csv(tables()).items()
    }
    content = packed_csv(files)
    draft = copied(open_draft(content, "case.zip"))
    digest, issues = read(content, "case.zip")
    assert drafted(draft) == (digest, issues)
    assert "other_separator" in {i.code for i in issues}
    assert read(draft_xlsx(draft), "case.xlsx")[0] == digest


@pytest.mark.parametrize("spoilt", [b"no zip", b"PK\x03\x04", packed_csv({"letter.txt": "Dear all"})])
def test_what_no_change_of_a_cell_mends_is_no_draft(spoilt: bytes) -> None:
    with pytest.raises(InputError) as refused:
        open_draft(spoilt, "case.zip")
    assert [i for i in refused.value.issues if i.severity == "error" and i.remedy]
