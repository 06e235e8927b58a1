"""Drafts on their page: mended without a script; two people, a draft that is gone, a session that ends."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select, update

from api.store.models import Case, Draft, SignIn
from api.uploads import packed_csv
from optimizer.tables.write import case_csv, case_xlsx
from tests.api.serving import ADMIN
from tests.api.web.conftest import Filled
from tests.api.web.reading import Page, Reader
from tests.api.worlds import tiny

SAVE = r"/drafts/\w+$"


def nine() -> bytes:
    """The workbook of tiny with nine mistakes: values, references, a formula, a column, a table."""
    tables = tiny()
    tables["entities"][0]["time_zone"] = "Asia/Beiruth"
    tables["entities"][1]["headcount"] = -12
    tables["entities"][2]["work_start"] = "nine"
    tables["demands"][0]["service"] = "payrol"
    tables["demands"][1]["volume"] = "many"
    tables["providers"][0]["status"] = "opne"
    tables["policy"]["calendar_year"] = "soon"
    book = openpyxl.load_workbook(io.BytesIO(case_xlsx(tables)))
    book["entities"]["B5"] = "=A5"
    book["tiers"].cell(1, 9, "remark")
    book["tiers"].cell(2, 9, "dear")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def uploaded(reader: Reader, content: bytes | None = None, name: str = "nine.xlsx") -> Page:
    held = nine() if content is None else content
    return reader.send(reader.get("/cases/new"), "/cases", name="Nine", files=[(name, held)])


def place(page: Page) -> str:
    """Address of the draft of a page."""
    return page.form(SAVE).action


def counted(filled: Filled, model: Any) -> int:
    with filled.house.store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def field(page: Page, row: int, column: str) -> str:
    """Name of the field of a cell, which must be open."""
    name = f"cell:{row}:{column}"
    assert name in page.form(SAVE).fields, sorted(page.form(SAVE).fields)
    return name


def set_cell(reader: Reader, where: str, table: str, row: int, column: str, value: str) -> Page:
    page = reader.get(f"{where}?table={table}")
    return reader.send(page, SAVE, **{field(page, row, column): value, "do": "save"})


def errors_left(page: Page) -> int:
    found = re.match(r"(\d+|One) mistakes? to mend", page.heading)
    return 0 if found is None else 1 if found[1] == "One" else int(found[1])


def test_a_workbook_with_nine_mistakes_is_mended_and_becomes_a_case(filled: Filled) -> None:
    reader, cases = filled.reader("planner"), counted(filled, Case)
    page = uploaded(reader)
    where = place(page)
    assert (page.status, page.heading) == (200, "9 mistakes to mend before this case can be made")
    assert counted(filled, Case) == cases
    assert "Asia/Beiruth" in page.text
    good = {t: tiny()[t] for t in ("entities", "demands", "providers")}
    page = reader.get(f"{where}?table=entities")
    assert 'value="use:2:time_zone:=Asia/Beirut"' in page.text
    page = reader.send(page, SAVE, do="use:2:time_zone:=Asia/Beirut")
    assert errors_left(page) == 8
    both = {field(page, 3, "headcount"): "12", field(page, 4, "work_start"): "nine o'clock"}
    page = reader.send(page, SAVE, **both, do="save")
    assert errors_left(page) == 7
    assert page.form(SAVE).fields["cell:4:work_start"] == "nine o&#39;clock" or "nine o'clock" in html.unescape(
        page.text
    )
    steps = [
        ("entities", 4, "work_start", "09:00"),
        ("entities", 5, "name", "Office Delta"),
        ("demands", 2, "service", good["demands"][0]["service"]),
        ("demands", 3, "volume", "7"),
        ("providers", 2, "status", good["providers"][0]["status"]),
    ]
    for left, (table, row, column, value) in zip((6, 5, 4, 3, 2), steps, strict=True):
        page = set_cell(reader, where, table, row, column, value)
        assert errors_left(page) == left, html.unescape(page.text)
    page = reader.send(reader.get(f"{where}?table=tiers"), SAVE, do="column", column="remark", to="")
    assert errors_left(page) == 1
    page = reader.get(f"{where}?table=policy")
    row = next(n for n, v in page.form(SAVE).fields.items() if n.startswith("cell:") and v == "soon")
    page = reader.send(page, SAVE, **{row: str(tiny()["policy"]["calendar_year"]), "do": "save"})
    assert page.heading == "No mistake is left: the case can be made"
    book = reader.ask("GET", f"{where}/workbook")
    assert openpyxl.load_workbook(io.BytesIO(book.content))["entities"]["B5"].value == "Office Delta"
    page = reader.send(page, r"/drafts/\w+/case", name="Mended")
    assert (page.status, page.heading) == (200, "Mended")
    assert counted(filled, Case) == cases + 1
    assert reader.get(where).status == 404


def test_two_people_in_one_cell_see_both_values_and_neither_is_lost(filled: Filled) -> None:
    mine, theirs = filled.reader("planner"), filled.reader("operator")
    where = place(uploaded(mine))
    page, other = mine.get(f"{where}?table=entities"), theirs.get(f"{where}?table=entities")
    cell, elsewhere = field(page, 3, "headcount"), field(page, 4, "work_start")
    theirs.send(other, SAVE, **{cell: "11", "do": "save"})
    page = mine.send(page, SAVE, **{cell: "22", elsewhere: "08:00", "do": "save"})
    assert page.status == 412
    assert "Somebody else has changed the same cells" in page.text
    assert page.form(SAVE).fields[cell] == "22"
    assert page.form(SAVE).fields[elsewhere] == "08:00"
    assert "<bdi>11</bdi>" in page.text
    page = mine.send(page, SAVE, do="save")
    assert page.status == 200
    rows = filled.house.ask(ADMIN, "GET", f"/v1{where}/rows?table=entities&row=3").json()["items"]
    assert rows[0]["cells"]["headcount"] == "22"


def test_two_people_in_different_cells_do_not_disturb_each_other(filled: Filled) -> None:
    mine, theirs = filled.reader("planner"), filled.reader("operator")
    where = place(uploaded(mine))
    page, other = mine.get(f"{where}?table=entities"), theirs.get(f"{where}?table=entities")
    theirs.send(other, SAVE, **{field(other, 3, "headcount"): "11", "do": "save"})
    page = mine.send(page, SAVE, **{field(page, 4, "work_start"): "08:00", "do": "save"})
    assert (page.status, errors_left(page)) == (200, 7)
    rows = filled.house.ask(ADMIN, "GET", f"/v1{where}/rows?table=entities").json()["items"]
    cells = {r["row"]: r["cells"] for r in rows}
    assert (cells[3]["headcount"], cells[4]["work_start"]) == ("11", "08:00")


def test_what_was_typed_for_a_draft_or_a_row_that_is_gone_is_shown(filled: Filled) -> None:
    mine, theirs = filled.reader("planner"), filled.reader("operator")
    where = place(uploaded(mine))
    page = mine.get(f"{where}?table=entities")
    row = theirs.get(f"{where}?table=entities&row=3")
    theirs.send(row, SAVE, do="drop:3")
    answer = mine.send(page, SAVE, **{field(page, 3, "headcount"): "4711", "do": "save"})
    assert answer.status in (412, 422)
    assert "4711" in answer.text
    theirs.send(theirs.get(where), r"/drafts/\w+/delete")
    answer = mine.send(page, SAVE, **{field(page, 3, "headcount"): "4712", "do": "save"})
    assert (answer.status, answer.heading) == (404, "This draft is not there any more")
    assert "4712" in answer.text


def test_a_session_that_ends_in_the_middle_loses_nothing(filled: Filled) -> None:
    reader = filled.reader("planner")
    where = place(uploaded(reader))
    page = reader.get(f"{where}?table=entities")
    with filled.house.store.write() as session:
        session.execute(update(SignIn).values(expires=filled.house.store.clock() - timedelta(seconds=1)))
    asked = reader.send(page, SAVE, **{field(page, 3, "headcount"): "33", "do": "save"})
    assert asked.status == 401
    again = reader.send(asked, "/sign-in", key=filled.world.keys["planner"])
    assert "33" in again.text
    done = reader.send(again, SAVE)
    assert (done.status, errors_left(done)) == (200, 8)


def test_rows_and_settings_are_added_and_taken_away(filled: Filled) -> None:
    reader = filled.reader("planner")
    page = reader.send(reader.get("/cases/new"), "^/drafts$", start="template")
    assert page.heading == "No mistake is left: the case can be made"
    where = place(page)
    page = reader.send(reader.get(f"{where}?table=entities"), SAVE, do="add")
    assert errors_left(page) > 0
    filled_in = {"id": "E2", "name": "Second", "headcount": "4", "city": "Nairobi"}
    typed = {field(page, 2, column): value for column, value in filled_in.items()}
    page = reader.send(page, SAVE, **typed, do="save")
    assert "Second" in page.text
    page = reader.send(reader.get(f"{where}?table=entities&row=2"), SAVE, do="drop:2")
    assert errors_left(page) == 0
    page = reader.send(reader.get(f"{where}?table=policy"), SAVE, do="setting", key="max_moves", value="x")
    assert errors_left(page) == 1


def test_a_case_is_changed_into_its_next_revision_also_where_it_has_a_newer_one(filled: Filled) -> None:
    reader = filled.reader("planner")
    page = reader.send(reader.get("/cases/new"), "/cases/example", example="tiny")
    case = page.form(r"/cases/\w+/revisions").action.removesuffix("/revisions")
    drafts = [place(reader.send(reader.get(case), "^/drafts$", start="case")) for _ in range(2)]
    row = next(i for i, e in enumerate(tiny()["entities"], 1) if e["id"] == "ALPHA")
    for where, heads in zip(drafts, ("91", "92"), strict=True):
        page = reader.get(f"{where}?table=entities&row={row}")
        page = reader.send(page, SAVE, **{field(page, row, "headcount"): heads, "do": "save"})
    page = reader.send(reader.get(drafts[0]), r"/drafts/\w+/case", comment="first")
    assert "Revision 2" in page.text
    page = reader.send(reader.get(drafts[1]), r"/drafts/\w+/case", comment="second")
    assert page.status == 409
    assert "newer revision than this draft began with" in page.text
    assert page.form(r"/drafts/\w+/case").fields["comment"] == "second"
    page = reader.send(page, r"/drafts/\w+/case", accept_newer="1")
    assert "Revision 3" in page.text


@pytest.mark.parametrize("page_name", ["cp1252", "cp1251"])
def test_the_reader_picks_the_code_page_after_seeing_lines(filled: Filled, page_name: str) -> None:
    told = {"cp1252": "Bureau d’État", "cp1251": "Управление кадров"}[page_name]
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in case_csv(tiny()).items():
            changed = text.replace(tiny()["entities"][0]["name"], told)
            archive.writestr(name, changed.encode(page_name if name == "entities.csv" else "utf-8"))
    reader = filled.reader("planner")
    page = uploaded(reader, out.getvalue(), "other.zip")
    assert page.heading == "Which characters are these?"
    assert told in html.unescape(page.text)
    page = reader.send(page, r"/drafts/\w+/encoding", encoding=page_name)
    assert page.heading == "No mistake is left: the case can be made"
    assert told in html.unescape(reader.get(f"{place(page)}?table=entities").text)


def test_semicolons_and_decimal_commas_are_told_on_the_page(filled: Filled) -> None:
    files = {
        n: t if n.endswith(".toml") else t.replace(",", ";").replace(".", ",") for n, t in case_csv(tiny()).items()
    }
    files["tiers.csv"] = files["tiers.csv"].replace(";0;", ";none;", 1)
    page = uploaded(filled.reader("planner"), packed_csv(files), "semicolons.zip")
    assert errors_left(page) >= 1
    assert "cells are separated by semicolons, and numbers are read with decimal commas" in page.text


def test_texts_of_files_are_shown_as_text(filled: Filled) -> None:
    tables = tiny()
    tables["entities"][0] |= {"name": "<b>x</b>", "time_zone": '"><script>'}
    page = uploaded(filled.reader("planner"), case_xlsx(tables))
    assert "<b>x</b>" not in page.text
    assert "<script>" not in page.text.partition("<main")[2]


def test_drafts_wait_on_the_first_page_and_are_listed(filled: Filled) -> None:
    reader = filled.reader("planner")
    where = place(uploaded(reader))
    assert where in reader.get("/").links
    assert where in reader.get("/cases").links
    assert where not in filled.reader("viewer").get("/cases").links
    assert counted(filled, Draft) > 0


def test_it_is_in_french(filled: Filled) -> None:
    reader = filled.reader("planner")
    reader.cookies["designate_language"] = "fr"
    page = uploaded(reader)
    assert page.heading == "9 erreurs à corriger avant de pouvoir faire ce cas"
