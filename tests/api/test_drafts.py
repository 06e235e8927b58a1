"""Drafts over HTTP: kept with their mistakes, mended cell by cell, made into cases."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.uploads import XLSX, ZIP, packed_csv
from optimizer.tables.write import case_csv, case_xlsx
from tests.api.databases import SERVED, ready
from tests.api.serving import ADMIN
from tests.api.worlds import ROLES, House, tiny


class Desk:
    """A house with a key of each role, and drafts."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.keys = {r: house.make(ADMIN, "/v1/keys", {"name": r, "role": r})["key"] for r in ROLES}

    def ask(self, method: str, path: str, role: str = "planner", **more: Any) -> httpx.Response:
        return self.house.ask(self.keys[role], method, f"/v1{path}", **more)

    def draft(self, tables: dict[str, Any], **query: str) -> dict[str, Any]:
        """A draft of a workbook."""
        made = self.ask("POST", "/drafts", content=case_xlsx(tables), headers={"Content-Type": XLSX}, params=query)
        assert made.status_code == 201, made.text
        return dict(made.json())

    def change(self, draft: str, *changes: dict[str, Any], tag: str = "") -> httpx.Response:
        headers = {"If-Match": tag} if tag else {}
        return self.ask("PATCH", f"/drafts/{draft}", json={"changes": list(changes)}, headers=headers)

    def rows(self, draft: str, table: str, **query: Any) -> dict[str, Any]:
        told = self.ask("GET", f"/drafts/{draft}/rows", params={"table": table, **query})
        assert told.status_code == 200, told.text
        return dict(told.json())


@pytest.fixture(scope="module", params=SERVED)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with ready(request.param, tmp_path_factory.mktemp("drafts")) as url:
        house = House(url, max_drafts=1000)
        yield Desk(house)
        house.close()


def put(table: str, row: int, column: str, value: str) -> dict[str, Any]:
    return {"op": "set", "table": table, "row": row, "column": column, "value": value}


def spoilt() -> dict[str, Any]:
    """Tiny with three mistakes."""
    tables = tiny()
    tables["entities"][1]["headcount"] = -12
    tables["entities"][2]["time_zone"] = "Asia/Beiruth"
    tables["demands"][0]["service"] = "payrol"
    return tables


def test_mistakes_are_kept_told_and_mended_until_a_case_is_made(desk: Desk) -> None:
    held = desk.draft(spoilt(), name="mended")
    assert (held["clean"], held["issue_counts"]["error"], held["origin"]) == (False, 3, "upload")
    assert all(i["remedy"] for i in held["issues"] if i["severity"] == "error")
    sizes = {t["name"]: t for t in held["tables"]}
    assert (sizes["entities"]["faulty"], sizes["entities"]["errors"], sizes["services"]["errors"]) == (2, 2, 0)
    first = desk.rows(held["id"], "entities", limit=2)
    assert [(r["row"], [p["column"] for p in r["problems"]]) for r in first["items"]] == [
        (3, ["headcount"]),
        (4, ["time_zone"]),
    ]
    assert first["items"][0]["cells"]["headcount"] == "-12"
    assert (first["total"], first["next_offset"]) == (len(tiny()["entities"]), 2)
    refused = desk.ask("POST", f"/drafts/{held['id']}/case")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_input")
    assert len([i for i in refused.json()["issues"] if i["severity"] == "error"]) == 3
    mended = desk.change(
        held["id"],
        put("entities", 3, "headcount", str(tiny()["entities"][1]["headcount"])),
        put("entities", 4, "time_zone", ""),
        put("demands", 2, "service", tiny()["demands"][0]["service"]),
    )
    assert (mended.status_code, mended.json()["clean"], mended.json()["version"]) == (200, True, 2), mended.text
    made = desk.ask("POST", f"/drafts/{held['id']}/case", json={"description": "from a draft"})
    assert made.status_code == 201, made.text
    assert (made.json()["name"], made.json()["revision"]["origin"]) == ("mended", "draft")
    assert made.json()["revision"]["content_hash"] == mended.json()["content_hash"]
    assert desk.ask("GET", f"/drafts/{held['id']}").status_code == 404


def test_the_workbook_is_what_the_draft_is(desk: Desk) -> None:
    held = desk.draft(spoilt())
    desk.change(held["id"], put("entities", 3, "headcount", "7"), put("entities", 3, "name", "=HYPERLINK(1)"))
    content = desk.ask("GET", f"/drafts/{held['id']}/workbook")
    assert content.headers["content-type"] == XLSX
    book = openpyxl.load_workbook(io.BytesIO(content.content))
    names = [c.value for c in book["entities"][1]]
    row = dict(zip(names, book["entities"][3], strict=True))
    assert (row["headcount"].value, row["headcount"].data_type) == (7, "n")
    assert (row["name"].value, row["name"].data_type) == ("=HYPERLINK(1)", "s")
    again = desk.ask("POST", "/drafts", content=content.content, headers={"Content-Type": XLSX}).json()
    now = desk.ask("GET", f"/drafts/{held['id']}").json()
    told = [[(i["code"], i["table"], i["row"], i["column"]) for i in d["issues"]] for d in (again, now)]
    assert told[0] == told[1]


def test_a_stale_tag_changes_nothing_and_tells_both_values(desk: Desk) -> None:
    held = desk.draft(spoilt())
    tag = desk.ask("GET", f"/drafts/{held['id']}").headers["etag"]
    theirs = desk.change(held["id"], put("entities", 3, "headcount", "5"), tag=tag)
    assert theirs.status_code == 200
    mine = desk.change(
        held["id"], put("entities", 3, "headcount", "6"), {"op": "remove", "table": "entities", "row": 2}, tag=tag
    )
    assert (mine.status_code, mine.json()["code"]) == (412, "precondition_failed")
    issue = mine.json()["issues"][0]
    assert (issue["table"], issue["row"], issue["column"], issue["value"]) == ("entities", 3, "headcount", "5")
    assert "'5'" in issue["message"]
    assert "'6'" in issue["message"]
    assert issue["remedy"]
    assert desk.rows(held["id"], "entities", row=3)["items"][0]["cells"]["headcount"] == "5"
    assert desk.change(held["id"], put("entities", 3, "headcount", "6"), tag=theirs.headers["etag"]).status_code == 200
    assert desk.ask("POST", f"/drafts/{held['id']}/case", headers={"If-Match": tag}).status_code == 412


def test_a_change_sent_twice_happens_once(desk: Desk) -> None:
    held = desk.draft(spoilt())
    body = {"changes": [{"op": "add", "table": "demands", "cells": {"entity": "ALPHA"}}]}
    headers = {"Idempotency-Key": f"once {held['id']}"}
    first, second = (desk.ask("PATCH", f"/drafts/{held['id']}", json=body, headers=headers) for _ in range(2))
    assert second.headers["idempotent-replayed"] == "true"
    assert first.json() == second.json()
    size = {t["name"]: t["rows"] for t in first.json()["tables"]}
    assert size["demands"] == len(tiny()["demands"]) + 1


def test_what_cannot_be_done_is_told_all_at_once(desk: Desk) -> None:
    held = desk.draft(tiny())
    refused = desk.change(
        held["id"],
        put("entities", 2, "headcount", "1"),
        put("entities", 999, "headcount", "1"),
        put("entitties", 2, "headcount", "1"),
        {"op": "remove", "table": "entities"},
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_input")
    assert [i["code"] for i in refused.json()["issues"]] == [
        "draft_change",
        "draft_no_such_row",
        "draft_no_such_table",
    ]
    assert desk.ask("GET", f"/drafts/{held['id']}").json()["version"] == 1
    assert desk.ask("PATCH", f"/drafts/{held['id']}", json={"changes": [{"op": "burn"}]}).status_code == 422


def test_a_stored_case_is_mended_into_its_next_revision(desk: Desk) -> None:
    case = desk.ask("POST", "/cases", json=tiny(), params={"name": "two"}).json()
    held = desk.ask("POST", "/drafts/start", json={"case": case["id"]}).json()
    assert (held["case"], held["base_revision"], held["clean"]) == (case["id"], 1, True)
    assert held["content_hash"] == case["revision"]["content_hash"]
    late = desk.ask("POST", "/drafts/start", json={"case": case["id"]}).json()
    row = next(i for i, e in enumerate(tiny()["entities"], 1) if e["id"] == "ALPHA")
    for draft, heads in ((held, "101"), (late, "102")):
        assert desk.change(draft["id"], put("entities", row, "headcount", heads)).status_code == 200
    made = desk.ask("POST", f"/drafts/{held['id']}/case", json={"comment": "more people"}).json()
    assert (made["id"], made["latest_revision"], made["revision"]["comment"]) == (case["id"], 2, "more people")
    refused = desk.ask("POST", f"/drafts/{late['id']}/case")
    assert (refused.status_code, refused.json()["code"]) == (409, "revision_conflict")
    accepted = desk.ask("POST", f"/drafts/{late['id']}/case", json={"accept_newer": True})
    assert (accepted.status_code, accepted.json()["latest_revision"]) == (201, 3)


def test_decisions_of_the_case_are_in_the_revision(desk: Desk) -> None:
    case = desk.ask("POST", "/cases", json=tiny()).json()["id"]
    held = desk.ask("POST", "/drafts/start", json={"case": case}).json()["id"]
    row = {k: tiny()["current"][0][k] for k in ("entity", "service", "provider")}
    lock = {"action": "lock", "reason": "agreed meanwhile", **row}
    assert desk.ask("POST", f"/cases/{case}/decisions", json=lock).status_code == 201
    assert desk.ask("POST", f"/drafts/{held}/case").status_code == 201
    document = desk.ask("GET", f"/cases/{case}/revisions/2/document").json()
    assert "agreed meanwhile" in {d["reason"] for d in document["decisions"]}


@pytest.mark.parametrize("start", [{"example": "tiny"}, {"template": True}])
def test_drafts_begin_with_examples_and_the_template(desk: Desk, start: dict[str, Any]) -> None:
    held = desk.ask("POST", "/drafts/start", json=start)
    assert (held.status_code, held.json()["clean"]) == (201, True), held.text
    assert desk.ask("POST", f"/drafts/{held.json()['id']}/case").status_code == 201


def test_a_start_needs_exactly_one_beginning(desk: Desk) -> None:
    for body in ({}, {"example": "tiny", "template": True}, {"template": True, "revision": 1}):
        assert desk.ask("POST", "/drafts/start", json=body).status_code == 422
    assert desk.ask("POST", "/drafts/start", json={"example": "nothing"}).status_code == 404


def zipped(**changed: bytes) -> bytes:
    """Tiny as a zip of CSV, some files as given."""
    import zipfile

    files = {name: text.encode() for name, text in case_csv(tiny()).items()} | {
        f"{name}.csv": content for name, content in changed.items()
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_files_of_another_code_page_are_read_once_somebody_names_it(desk: Desk) -> None:
    text = case_csv(tiny())["entities.csv"]
    name = tiny()["entities"][0]["name"]
    content = zipped(entities=text.replace(name, "Bureau d’État à Genève").encode("cp1252"))
    held = desk.ask("POST", "/drafts", content=content, headers={"Content-Type": ZIP}).json()
    assert (held["encoding_needed"], held["clean"], held["tables"]) == (True, False, [])
    assert [i["code"] for i in held["issues"] if i["severity"] == "error"] == ["encoding_error"]
    assert desk.change(held["id"], put("entities", 2, "name", "x")).status_code == 409
    offered = desk.ask("GET", f"/drafts/{held['id']}/encodings").json()
    assert "Bureau d’État à Genève" in offered[0]["lines"][0]
    assert offered[0]["encoding"] == "cp1252"
    assert desk.ask("POST", f"/drafts/{held['id']}/encoding", json={"encoding": "cp9999"}).status_code == 422
    read = desk.ask("POST", f"/drafts/{held['id']}/encoding", json={"encoding": "windows-1252"}).json()
    assert (read["encoding_needed"], read["clean"]) == (False, True)
    assert "code_page" in {i["code"] for i in read["issues"]}
    assert desk.rows(held["id"], "entities")["items"][0]["cells"]["name"] == "Bureau d’État à Genève"
    assert desk.ask("GET", f"/drafts/{held['id']}/encodings").status_code == 409


def test_semicolons_and_decimal_commas_are_told_and_mended_as_they_are(desk: Desk) -> None:
    rows = list(csv.reader(io.StringIO(case_csv(tiny())["tiers.csv"])))
    at = rows[0].index("unit_cost")
    for row in rows[1:]:
        row[at] = "8,25"
    rows[1][at] = "8,2,5"
    content = zipped(tiers="\n".join(";".join(row) for row in rows).encode())
    held = desk.ask("POST", "/drafts", content=content, headers={"Content-Type": ZIP}).json()
    assert {"other_separator"} <= {i["code"] for i in held["issues"] if i["severity"] == "warning"}
    mended = desk.change(held["id"], put("tiers", 2, "unit_cost", "8,25")).json()
    assert mended["clean"] is True
    case = desk.ask("POST", f"/drafts/{held['id']}/case").json()
    document = desk.ask("GET", f"/cases/{case['id']}/revisions/1/document").json()
    assert {t["unit_cost"] for t in document["tiers"]} == {8.25}


def test_what_no_change_of_a_cell_mends_is_refused(desk: Desk) -> None:
    for content, kind in ((b"nothing", XLSX), (b"{", "application/json"), (b"PK", ZIP)):
        refused = desk.ask("POST", "/drafts", content=content, headers={"Content-Type": kind})
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_input")
        assert refused.json()["issues"]


def test_drafts_are_planners_matter_and_their_deeds_are_recorded(desk: Desk) -> None:
    held = desk.draft(tiny(), name="secret name")["id"]
    for role in ("viewer", "approver"):
        assert desk.ask("GET", "/drafts", role).status_code == 403
        assert desk.ask("GET", f"/drafts/{held}", role).status_code == 403
    assert held in {d["id"] for d in desk.ask("GET", "/drafts").json()["items"]}
    desk.change(held, put("entities", 2, "headcount", "3"))
    assert desk.ask("DELETE", f"/drafts/{held}").status_code == 204
    assert desk.ask("DELETE", f"/drafts/{held}").status_code == 404
    told = desk.house.ask(ADMIN, "GET", "/v1/audit", params={"subject": held}).json()["items"]
    assert [e["action"] for e in told] == ["draft.deleted", "draft.changed", "draft.created"]


WRITES = st.lists(
    st.tuples(
        st.sampled_from(["headcount", "name", "time_zone", "country", "languages"]),
        st.integers(0, 3),
        st.sampled_from(["", "12", "-1", "x y", "KE", "Africa/Nairobi", "en;fr", "=1", "1,5"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=WRITES, cut=st.integers(0, 8))
def test_any_sequence_of_changes_ends_where_the_file_with_all_of_them_is(
    desk: Desk, writes: list[tuple[str, int, str]], cut: int
) -> None:
    tables = tiny()
    whole = {**tables, "entities": [dict(e) for e in tables["entities"]]}
    held = desk.draft(whole)["id"]
    changes = [put("entities", at + 2, column, value) for column, at, value in writes]
    for part in (changes[:cut], changes[cut:]):
        if part:
            assert desk.change(held, *part).status_code == 200
    for column, at, value in writes:
        whole["entities"][at][column] = value
    read = desk.ask("POST", "/validations", content=packed_csv(case_csv(whole)), headers={"Content-Type": ZIP}).json()
    told = desk.ask("GET", f"/drafts/{held}").json()
    places = [
        sorted(json.dumps([i["code"], i["table"], i["row"], i["column"], i["message"]]) for i in d["issues"])
        for d in (told, read)
    ]
    assert (told["clean"], told["content_hash"]) == (read["ok"], read["content_hash"])
    assert places[0] == places[1]
