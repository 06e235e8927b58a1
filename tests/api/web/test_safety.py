"""Forms of others are refused; headers, and nothing in a page that the policy forbids."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.web.site import POLICY
from tests.api.web import places
from tests.api.web.conftest import Filled
from tests.api.web.reading import BASE, Reader

GOOD = {"origin": BASE}


def kept(filled: Filled, reader: Reader, token: str | None, headers: dict[str, str]) -> int:
    """Status of a form that would change something."""
    data = {"name": "another", "role": "viewer", **({} if token is None else {"_token": token})}
    return reader.ask("POST", "/admin/keys", data=data, headers=headers).status_code


def token_of(reader: Reader) -> str:
    return reader.get("/").form("/sign-out").fields["_token"]


def test_a_form_with_a_token_of_this_browser_is_accepted(filled: Filled) -> None:
    reader = filled.reader()
    assert kept(filled, reader, token_of(reader), GOOD) == 201
    same = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert kept(filled, reader, token_of(reader), same) == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8081"},
        {"origin": "https://127.0.0.1:8080"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": "none"},
        {"origin": ""},
    ],
)
def test_a_form_from_elsewhere_is_refused(filled: Filled, headers: dict[str, str]) -> None:
    reader = filled.reader()
    assert kept(filled, reader, token_of(reader), headers) == 403


def test_a_form_without_the_token_of_this_browser_is_refused(filled: Filled) -> None:
    reader, other = filled.reader(), filled.reader("viewer")
    good = token_of(reader)
    for token in (None, "", "x", good[:-4] + "AAA=", token_of(other), "é" * 88, good * 2):
        assert kept(filled, reader, token, GOOD) == 403, token


def test_a_token_is_another_one_each_time(filled: Filled) -> None:
    reader = filled.reader()
    tokens = {f.fields["_token"] for _ in range(2) for f in reader.get("/").forms if "_token" in f.fields}
    assert len(tokens) >= 4


def test_a_refused_form_of_another_page_is_not_offered_again(filled: Filled) -> None:
    reader = filled.reader()
    data = {"_token": token_of(reader), "name": "planted", "role": "viewer"}
    answer = reader.ask("POST", "/admin/keys", data=data, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "planted" not in answer.text


def pages(filled: Filled) -> list[tuple[str, Any]]:
    reader = filled.reader()
    found = [(w, reader.get(w)) for _, w in places.shown(filled.house, filled.world.ids, places.ALLOWED["admin"])]
    anyone = Reader(filled.house)
    found += [(w, anyone.get(w)) for w in ("/sign-in", "/first?once=x")]
    return [*found, ("/nothing", reader.get("/nothing"))]


def test_no_page_holds_what_the_policy_forbids(filled: Filled) -> None:
    every = pages(filled)
    assert len(every) > 25
    for where, page in every:
        for tag, name, value in page.attributes:
            assert name != "style", (where, tag)
            assert not name.startswith("on"), (where, tag, name)
            assert not name.startswith("hx-on"), (where, tag, name)
            assert "js:" not in value, (where, tag, name)
            assert not re.match(r"(https?:)?//", value) or name == "xmlns", (where, tag, value)
        assert "<style" not in page.text, where
        assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == [], where
        assert all(m[1:-1].count("[") == 0 for m in re.findall(r'hx-trigger="[^"]*"', page.text)), where


def test_every_page_has_its_headers(filled: Filled) -> None:
    for where, page in pages(filled):
        headers = page.answer.headers
        assert headers["content-security-policy"] == POLICY, where
        assert headers["cache-control"] == "no-store", where
        assert headers["referrer-policy"] == "no-referrer", where
        assert headers["x-content-type-options"] == "nosniff", where


def test_the_report_keeps_its_own_policy(filled: Filled) -> None:
    answer = filled.reader().ask("GET", f"/plans/{filled.world.ids['plan']}/report")
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert answer.headers["cache-control"] == "no-store"


def test_a_name_with_markup_is_shown_as_it_is(filled: Filled) -> None:
    reader = filled.reader()
    page = reader.get("/cases/new")
    made = reader.send(page, "/cases/example", example="tiny")
    solve = reader.get(next(link for link in made.links if link.endswith("/solve")))
    plan = reader.send(solve, r"/cases/\w+/plans", name="<script>alert(1)</script>")
    assert plan.status == 200
    assert "<script>alert" not in plan.text
    assert "&lt;script&gt;alert(1)" in plan.text
    assert "<script>alert" not in reader.get("/").text


def test_files_are_recorded_as_handed_out(filled: Filled) -> None:
    reader, ids = filled.reader("operator"), filled.world.ids
    reader.ask("GET", f"/plans/{ids['plan']}/workbook")
    reader.ask("GET", f"/cases/{ids['case']}/download/xlsx")
    held = filled.house.app.state.services
    held.accesses.flush()
    for action in ("plan.downloaded", "case.downloaded"):
        told = filled.house.ask(filled.world.keys["admin"], "GET", f"/v1/audit?action={action}").json()["items"]
        assert told, action
