"""Stored cases and plans are read in readers for downloads, comparisons and baselines; the server passes on bytes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import data
from api.faults import Fault
from optimizer.tables import read_case
from optimizer.tables.write import case_json
from tests.api.serving import ADMIN
from tests.api.worlds import House, World, house_at, tiny, world


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    held = house_at(tmp_path_factory.mktemp("stored"))
    yield held
    held.close()


@pytest.fixture(scope="module")
def filled(house: House) -> World:
    return world(house, ADMIN, "stored")


def _reads(filled: World) -> list[tuple[str, str, Any]]:
    case, plan = filled.ids["case"], filled.ids["plan"]
    forms = [("GET", f"/v1/cases/{case}/revisions/1/download?as={form}", None) for form in ("json", "xlsx", "csv")]
    return [
        *forms,
        ("GET", f"/v1/plans/{plan}/case", None),
        ("POST", "/v1/comparisons", {"first_plan": plan, "second_plan": plan}),
        ("POST", "/v1/baselines", {"name": "another", "case": case}),
    ]


def test_each_of_them_waits_for_a_reader(house: House, filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: Any) -> Any:
        raise Fault("too_many_requests", "enough cases are being read")

    monkeypatch.setattr(house.app.state.services.readers, "ask", none_left)
    for method, path, body in _reads(filled):
        answer = house.ask(filled.keys["operator"], method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests"), path


def test_the_same_case_comes_in_every_form(house: House, filled: World) -> None:
    case = filled.ids["case"]
    path = f"/v1/cases/{case}/revisions/1"
    whole = house.ask(ADMIN, "GET", f"{path}/document")
    tables = whole.json()
    assert whole.headers["etag"].strip('"') == house.ask(ADMIN, "GET", path).json()["content_hash"]
    assert house.ask(ADMIN, "GET", f"{path}/download?as=json").json() == tables
    book = openpyxl.load_workbook(io.BytesIO(house.ask(ADMIN, "GET", f"{path}/download?as=xlsx").content))
    packed = zipfile.ZipFile(io.BytesIO(house.ask(ADMIN, "GET", f"{path}/download?as=csv").content))
    for name in ("entities", "demands", "providers"):
        assert book[name].max_row == 1 + len(tables[name])
        assert len(packed.read(f"{name}.csv").decode().splitlines()) == 1 + len(tables[name])
    posted = house.make(ADMIN, "/v1/cases?name=again", tables)
    assert house.ask(ADMIN, "GET", posted["links"]["self"]).json()["name"] == "again"


def test_the_case_of_a_plan_has_the_hash_that_the_plan_names(house: House, filled: World) -> None:
    plan = filled.ids["plan"]
    answer = house.ask(ADMIN, "GET", f"/v1/plans/{plan}/case")
    document = house.ask(ADMIN, "GET", f"/v1/plans/{plan}/document").json()
    assert answer.headers["etag"] == f'"{document["run"]["case_hash"][:32]}"'
    assert len(answer.json()["entities"]) == len(tiny()["entities"])


@pytest.mark.slow
def test_a_side_without_a_plan_is_told(house: House, filled: World) -> None:
    found, _ = read_case(data.case_path("infeasible-capacity"))
    document = json.loads(case_json(found.tables))
    case = house.make(ADMIN, "/v1/cases?name=hopeless", document)["id"]
    plan = house.make(ADMIN, "/v1/plans", {"case": case, "options": {"backend": "highs", "time_limit_s": 60}})["id"]
    house.run(plan)
    told = house.ask(ADMIN, "GET", f"/v1/plans/{plan}").json()
    assert told["solution"] == "infeasible", json.dumps(told)
    answer = house.ask(ADMIN, "POST", "/v1/comparisons", json={"first_plan": filled.ids["plan"], "second_plan": plan})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert plan in answer.json()["detail"]


def test_nothing_of_the_server_reads_a_stored_case_itself() -> None:
    """In routes and services only what works beside requests may."""
    beside = {"reoptimise.py", "schedules.py"}
    for folder in ("routes", "services"):
        for file in (Path("api") / folder).glob("*.py"):
            if file.name not in beside:
                assert "case_from_tables" not in file.read_text(), file
