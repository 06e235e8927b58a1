"""Signing in and out: by key, by the link of the first start; what a cookie is, and when it ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api.store.models import AuditEntry, SignIn
from api.web.first import MINUTES, FirstLink
from tests.api.serving import ADMIN
from tests.api.web.conftest import Filled
from tests.api.web.reading import Page, Reader
from tests.api.worlds import house_at


def key(filled: Filled, role: str = "viewer") -> dict[str, str]:
    """A new key."""
    made: dict[str, str] = filled.house.make(ADMIN, "/v1/keys", {"name": role, "role": role})
    return made


def test_without_a_sign_in_a_page_leads_there_and_back(filled: Filled) -> None:
    reader = Reader(filled.house)
    answer = reader.ask("GET", "/plans?state=draft")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fplans%3Fstate%3Ddraft")
    page = reader.get("/plans?state=draft")
    sent = reader.post(page, "/sign-in", key=ADMIN)
    assert sent.headers["location"] == "/plans?state=draft"


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "/\nx"])
def test_after_the_sign_in_nobody_is_led_elsewhere(filled: Filled, place: str) -> None:
    reader = Reader(filled.house)
    sent = reader.post(reader.get("/sign-in"), "/sign-in", key=ADMIN, place=place)
    assert sent.headers["location"] == "/"


def test_a_wrong_key_is_told_beside_the_field(filled: Filled) -> None:
    reader = Reader(filled.house)
    answer = reader.post(reader.get("/sign-in"), "/sign-in", key="dsg_key_wrong")
    assert (answer.status_code, Page(answer).errors) == (401, ["This key is not valid here."])
    assert "dsg_key_wrong" not in answer.text
    assert reader.cookies == {}


def test_a_key_is_never_shown_again(filled: Filled) -> None:
    """Not by a refusal, nor where the form was open in another tab since before the last sign-in."""
    reader = Reader(filled.house)
    page = reader.get("/sign-in")
    reader.sign_in(ADMIN)
    answer = reader.post(page, "/sign-in", key=ADMIN)
    assert answer.status_code == 303
    foreign = reader.ask("POST", "/sign-in", data={"key": ADMIN}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert ADMIN not in foreign.text
    page = reader.get("/admin")
    planted = reader.ask("POST", "/admin/keys", data={"_token": "stale", "key": ADMIN, "name": "n"})
    assert planted.status_code == 403
    assert ADMIN not in planted.text


def test_the_cookie_of_this_machine_has_the_port_in_its_name(filled: Filled) -> None:
    reader = Reader(filled.house)
    answer = reader.post(reader.get("/sign-in"), "/sign-in", key=ADMIN)
    line = answer.headers["set-cookie"]
    assert line.startswith("designate_8080=")
    assert "HttpOnly" in line
    assert "SameSite=lax" in line
    assert "Path=/" in line
    assert "Secure" not in line


def test_over_https_the_cookie_is_bound_to_the_host(filled: Filled) -> None:
    reader = Reader(filled.house, "https://plans.example")
    line = reader.post(reader.get("/sign-in"), "/sign-in", key=ADMIN).headers["set-cookie"]
    assert line.startswith("__Host-designate=")
    assert all(part in line for part in ("Secure", "HttpOnly", "Path=/"))
    assert "Domain" not in line


def test_over_plain_http_from_elsewhere_nobody_signs_in(filled: Filled) -> None:
    reader = Reader(filled.house, "http://plans.example")
    assert reader.get("/sign-in").status == 403
    answer = reader.ask("POST", "/sign-in", data={"key": ADMIN})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    signed = filled.reader()
    reader.cookies = {"designate_80": next(iter(signed.cookies.values()))}
    assert reader.ask("GET", "/").status_code == 303


def test_the_api_reads_no_cookie(filled: Filled) -> None:
    reader = filled.reader()
    assert reader.get("/").status == 200
    assert reader.ask("GET", "/v1/plans").status_code == 401
    assert reader.ask("GET", "/v1/me", headers={"accept": "application/json"}).status_code == 401


def test_only_a_hash_of_the_cookie_is_kept(filled: Filled) -> None:
    reader = filled.reader()
    token = next(iter(reader.cookies.values()))
    with filled.house.store.read() as session:
        rows = session.scalars(select(SignIn)).all()
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in.begun")).all()
    assert rows
    assert told
    assert not [r for r in rows if token in (r.token_hash, r.proof, r.id)]
    assert not [a for a in told if token in str(a.detail)]


def test_a_new_sign_in_ends_the_one_before_in_this_browser(filled: Filled) -> None:
    reader = filled.reader()
    old = dict(reader.cookies)
    page = reader.get("/plans")  # signed in: the form of the sign-in is not shown, so it is sent by hand
    sent = reader.ask("POST", "/sign-in", data={**page.form("/sign-out").fields, "key": ADMIN})
    assert sent.status_code == 303
    assert reader.cookies != old
    again = Reader(filled.house)
    again.cookies = old
    assert again.ask("GET", "/").status_code == 303


def test_signing_out_ends_it_everywhere_if_asked(filled: Filled) -> None:
    made = key(filled)["key"]
    one, two = Reader(filled.house).sign_in(made), Reader(filled.house).sign_in(made)
    kept = dict(one.cookies)
    answer = one.post(one.get("/"), "/sign-out")
    assert (answer.headers["location"], one.cookies) == ("/sign-in", {})
    one.cookies = kept
    assert one.ask("GET", "/").status_code == 303
    assert two.get("/").status == 200
    three = Reader(filled.house).sign_in(made)
    form = three.get("/").form("/sign-out").fields
    assert three.ask("POST", "/sign-out", data={**form, "everywhere": "1"}).status_code == 303
    assert two.ask("GET", "/").status_code == 303


def test_it_ends_with_its_key(filled: Filled) -> None:
    made = key(filled)
    reader = Reader(filled.house).sign_in(made["key"])
    assert reader.get("/plans").status == 200
    filled.house.make(ADMIN, f"/v1/keys/{made['id']}/revoke")
    assert reader.ask("GET", "/plans").status_code == 303


def test_it_ends_when_its_hours_are_over(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = filled.reader("viewer")
    store = filled.house.store
    now = store.clock()
    monkeypatch.setattr(store, "clock", lambda: now + timedelta(hours=11, minutes=59))
    assert reader.get("/plans").status == 200
    monkeypatch.setattr(store, "clock", lambda: now + timedelta(hours=12, minutes=1))
    assert reader.ask("GET", "/plans").status_code == 303


def test_another_configured_secret_ends_what_the_old_one_began(filled: Filled) -> None:
    reader = Reader(filled.house).sign_in(ADMIN)
    with filled.house.store.write() as session:
        row = session.scalars(select(SignIn).order_by(SignIn.id.desc()).limit(1)).one()
        row.proof = "0" * 64
    assert reader.ask("GET", "/").status_code == 303


def test_attempts_of_an_address_are_limited(tmp_path: Path) -> None:
    house = house_at(tmp_path, sign_in_attempts=3)
    try:
        reader = Reader(house)
        page = reader.get("/sign-in")
        for _ in range(5):
            Reader(house).sign_in(ADMIN)  # good ones are not counted
        statuses = [reader.post(page, "/sign-in", key="wrong").status_code for _ in range(5)]
        answer = reader.post(page, "/sign-in", key=ADMIN)
    finally:
        house.close()
    assert statuses == [401, 401, 401, 429, 429]
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


class TestFirstLink:
    def test_looking_changes_nothing_and_the_button_works_once(self, filled: Filled) -> None:
        word = filled.house.app.state.pages.first.offer(key(filled, "admin")["key"])
        reader = Reader(filled.house)
        for _ in range(2):
            page = reader.get(f"/first?once={word}")
            assert (page.status, reader.cookies) == (200, {})
        assert page.answer.headers["referrer-policy"] == "no-referrer"
        sent = reader.post(page, "/first")
        assert (sent.status_code, sent.headers["location"]) == (303, "/")
        assert reader.get("/admin").status == 200
        other = Reader(filled.house)
        assert other.ask("POST", "/first", data={"once": word}).status_code == 410
        assert other.get(f"/first?once={word}").status == 410
        assert other.cookies == {}

    def test_another_page_cannot_press_the_button(self, filled: Filled) -> None:
        word = filled.house.app.state.pages.first.offer(key(filled, "admin")["key"])
        foreign = {"origin": "https://evil.example"}
        assert Reader(filled.house).ask("POST", "/first", data={"once": word}, headers=foreign).status_code == 403
        assert filled.house.app.state.pages.first.fits(word)

    def test_it_lasts_ten_minutes(self) -> None:
        now = [0.0]
        link = FirstLink(lambda: now[0])
        word = link.offer("dsg_key_" + "0" * 28 + "_secret")
        now[0] = 60 * MINUTES - 1
        assert link.fits(word)
        assert not link.fits(word + "x")
        now[0] = 60 * MINUTES
        assert not link.fits(word)
        assert link.take(word) is None

    def test_it_names_the_key_and_no_more(self) -> None:
        link = FirstLink()
        word = link.offer("dsg_key_" + "0" * 28 + "_secret")
        assert "secret" not in str(vars(link))
        assert word not in str(vars(link))
        assert link.take(word) == "key_" + "0" * 28
        assert link.take(word) is None
