"""Every page × every role. What is expected is written in ``places``, taken from nowhere else."""

from __future__ import annotations

import re

import pytest

from api.access import OPEN, PAGES, ROUTES, SCOPES
from tests.api.serving import ADMIN
from tests.api.web import places
from tests.api.web.conftest import Filled
from tests.api.web.reading import Page, Reader
from tests.api.worlds import ROLES


def test_every_page_has_a_rule_and_every_rule_a_page(filled: Filled) -> None:
    names = sorted(r.name for r in places.routes(filled.house))
    assert names == sorted(PAGES)
    groups = [places.OPEN, places.READ, places.PLAN, places.APPROVE, places.OPERATE, places.MANAGE]
    assert names == sorted(n for group in groups for n in group), "write the new page into places.py"
    assert set(PAGES.values()) <= {OPEN, *SCOPES}
    assert not set(PAGES) & set(ROUTES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_what_the_table_says_and_nothing_else(filled: Filled, role: str) -> None:
    reader = filled.reader(role)
    token = reader.get("/").form("/sign-out").fields["_token"]
    for route in places.routes(filled.house):
        if route.name in places.OPEN or route.name in ("page_sign_out", "page_plan_live", "page_study_live"):
            continue
        where, allowed = places.address(route, filled.world.ids), route.name in places.ALLOWED[role]
        if allowed and places.method(route) == "POST":
            continue  # what they do is tested where they are
        sent = {"data": {"_token": token}} if places.method(route) == "POST" else {}
        answer = reader.ask(places.method(route), where, **sent)
        if allowed:
            assert answer.status_code in (200, 303), (route.name, answer.text)
        else:
            assert answer.status_code == 403, (route.name, answer.status_code)
            assert "Your role does not allow this" in answer.text


def test_without_a_sign_in_nothing_is_told(filled: Filled) -> None:
    reader = Reader(filled.house)
    for route in places.routes(filled.house):
        if route.name not in places.OPEN:
            answer = reader.ask(places.method(route), places.address(route, filled.world.ids))
            assert answer.status_code == (303 if places.method(route) == "GET" else 401), route.name
            assert "papaya" not in answer.text


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_not_do_is_not_shown(filled: Filled, role: str) -> None:
    """Every link and every form of every page that it sees leads where it may go."""
    reader, seen = filled.reader(role), set()
    for name, where in places.shown(filled.house, filled.world.ids, places.ALLOWED[role]):
        page = reader.get(where)
        assert page.status == 200, (name, where, page.text)
        wanted = {("GET", link) for link in page.links} | {(f.method.upper(), f.action) for f in page.forms}
        for method, link in wanted:
            route = leads(filled, method, link)
            seen.add(route)
            assert route in places.ALLOWED[role] | places.OPEN, (where, method, link)
    assert {"page_plan", "page_case", "page_decide", "page_why", "page_sign_out"} <= seen
    if role == "admin":
        assert {"page_key_create", "page_study_new", "page_mission_new", "page_solve", "page_audit"} <= seen


def leads(filled: Filled, method: str, link: str) -> str:
    """The page that a link or a form leads to."""
    path = re.split(r"[?#]", link)[0]
    if not path:
        return "page_sign_out"  # a place in the same page
    found = [r for r in places.routes(filled.house) if places.method(r) == method and r.path_regex.fullmatch(path)]
    assert found, f"{method} {link} leads nowhere"
    return str(found[0].name)


def test_things_of_another_workspace_are_as_absent_as_what_never_was(filled: Filled) -> None:
    other = filled.house.make(ADMIN, "/v1/workspaces", {"id": "elsewhere", "name": "Elsewhere"})["admin_key"]
    reader = Reader(filled.house).sign_in(other)
    for route in places.routes(filled.house):
        if "_id}" in route.path and places.method(route) == "GET":
            answer = reader.ask("GET", places.address(route, filled.world.ids))
            assert answer.status_code == 404, route.name
            assert "papaya" not in answer.text
            assert Page(answer).heading == "There is nothing at this address"
