"""Who one person is, what one may end, and what becomes of what they leave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.services.keys import ensure_admin
from api.services.people import same_person
from api.store.models import ApiKey
from tests.api.databases import KINDS, fresh
from tests.api.serving import ADMIN
from tests.api.worlds import House, house_at, tiny

PATCH = {"operations": [{"op": "remove", "table": "demands", "row": {"entity": "ALPHA", "service": "payroll"}}]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    held = house_at(tmp_path_factory.mktemp("people"))
    yield held
    held.close()


def key(house: House, by: str, role: str = "admin", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = house.make(by, "/v1/keys", {"name": role, "role": role, **more})
    return made


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_makers_and_replacements_are_one_person_and_siblings_are_two(house: House) -> None:
    root = key(house, ADMIN)
    child = key(house, root["key"])
    grandchild = key(house, child["key"])
    sibling = key(house, root["key"])
    rotated = key(house, root["key"], replaces=sibling["id"])
    of_rotated = key(house, rotated["key"])
    with house.store.read() as session:
        one = [(root, child), (root, grandchild), (child, grandchild), (sibling, rotated), (of_rotated, sibling)]
        for a, b in one:
            assert same_person(session, a["id"], b["id"]), (a, b)
            assert same_person(session, b["id"], a["id"]), (b, a)
        assert not same_person(session, child["id"], sibling["id"])
        assert not same_person(session, grandchild["id"], rotated["id"])
        assert same_person(session, "usr_1", "usr_1")
        assert not same_person(session, "usr_1", "usr_2")


def test_a_key_in_the_place_of_another_has_no_more(house: House) -> None:
    old = key(house, ADMIN, "planner")
    answer = house.ask(ADMIN, "POST", "/v1/keys", json={"name": "n", "role": "operator", "replaces": old["id"]})
    assert code(answer) == (403, "forbidden")
    assert key(house, ADMIN, "viewer", replaces=old["id"])["person"] == old["person"] == old["id"]


def test_an_answer_kept_for_a_person_is_found_with_the_next_key(house: House) -> None:
    old = key(house, ADMIN, "planner")
    new = key(house, ADMIN, "planner", replaces=old["id"])
    stranger = key(house, ADMIN, "planner")
    sent = {"json": tiny(), "headers": {"Idempotency-Key": "rotate"}}
    first, again, other = (house.ask(k["key"], "POST", "/v1/cases", **sent) for k in (old, new, stranger))
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 201)
    assert again.json()["id"] == first.json()["id"] != other.json()["id"]
    assert again.headers["idempotent-replayed"] == "true"


def test_a_repeated_patch_that_removes_answers_as_at_first(house: House) -> None:
    case = house.make(ADMIN, "/v1/cases", tiny())["id"]
    path, headers = f"/v1/cases/{case}/patches", {"Idempotency-Key": f"remove-{case}"}
    first = house.ask(ADMIN, "POST", path, json=PATCH, headers=headers)
    again = house.ask(ADMIN, "POST", path, json=PATCH, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201), again.text
    assert again.content == first.content


def test_a_refusal_is_kept_as_well(house: House) -> None:
    case = house.make(ADMIN, "/v1/cases", tiny())["id"]
    path, headers = f"/v1/cases/{case}/patches", {"Idempotency-Key": f"stale-{case}"}
    stale = {**PATCH, "base_revision": 7}
    first = house.ask(ADMIN, "POST", path, json=stale, headers=headers)
    assert code(first) == (409, "revision_conflict")
    for number in range(6):
        patch = {"operations": [{"op": "set", "table": "policy", "row": {"interface_cost": 20 + number}}]}
        house.make(ADMIN, path, patch)
    again = house.ask(ADMIN, "POST", path, json=stale, headers=headers)
    assert (again.status_code, again.content) == (409, first.content), "the case has a revision 7 now"
    assert again.headers["content-type"] == "application/problem+json"


def test_what_never_began_is_not_kept(house: House) -> None:
    headers = {"Idempotency-Key": "typo"}
    wrong = house.ask(ADMIN, "POST", "/v1/keys", json={"name": "x", "role": "king"}, headers=headers)
    right = house.ask(ADMIN, "POST", "/v1/keys", json={"name": "x", "role": "viewer"}, headers=headers)
    assert (wrong.status_code, right.status_code) == (422, 201)


def test_nobody_ends_a_key_that_has_more_than_theirs(house: House) -> None:
    scopes = ["keys:manage", "plans:read"]
    small = key(house, ADMIN, "admin", scopes=scopes)
    large = key(house, ADMIN)
    assert code(house.ask(small["key"], "POST", f"/v1/keys/{large['id']}/revoke")) == (403, "forbidden")
    assert house.ask(large["key"], "POST", f"/v1/keys/{small['id']}/revoke").status_code == 200


def test_the_last_key_of_the_system_stays(tmp_path_factory: pytest.TempPathFactory) -> None:
    held = house_at(tmp_path_factory.mktemp("last"), admin_key=None)
    first = ensure_admin(held.store, new=True) or ""
    ids = [k["id"] for k in held.ask(first, "GET", "/v1/keys").json()["items"]]
    with held.store.read() as session:
        system = [i for i in ids if session.get_one(ApiKey, i).system]
    assert code(held.ask(first, "POST", f"/v1/keys/{system[0]}/revoke")) == (409, "conflict")
    second = ensure_admin(held.store, new=True) or ""
    assert held.ask(second, "POST", f"/v1/keys/{system[0]}/revoke").status_code == 200
    held.close()


def test_schedules_and_webhooks_of_a_key_are_asked_about(house: House) -> None:
    made = key(house, ADMIN, "operator")
    schedule = house.make(made["key"], "/v1/schedules", {"name": made["id"], "cron": "0 3 * * *"})["id"]
    hook = house.make(made["key"], "/v1/webhooks", {"url": "http://127.0.0.1:9/x"})["id"]
    path = f"/v1/keys/{made['id']}/revoke"
    asked = house.ask(ADMIN, "POST", path)
    assert code(asked) == (409, "key_has_successors")
    assert schedule in asked.json()["detail"]
    assert hook in asked.json()["detail"]
    assert house.ask(made["key"], "GET", "/v1/me").status_code == 200, "nothing has ended yet"
    assert house.ask(ADMIN, "POST", f"{path}?left=stop").status_code == 200
    assert house.ask(made["key"], "GET", "/v1/me").status_code == 401
    assert house.ask(ADMIN, "GET", f"/v1/schedules/{schedule}").json()["enabled"] is False
    assert house.ask(ADMIN, "GET", f"/v1/webhooks/{hook}").json()["enabled"] is False


def test_the_stream_of_a_key_that_ends_ends(house: House) -> None:
    plan = house.make(ADMIN, "/v1/plans", {"case": house.make(ADMIN, "/v1/cases", tiny())["id"]})["id"]
    made = key(house, ADMIN, "viewer")
    said: list[str] = []
    with house.listening() as url:
        headers, admin = ({"Authorization": f"Bearer {k}"} for k in (made["key"], ADMIN))
        with httpx.stream("GET", f"{url}/v1/plans/{plan}/progress", headers=headers, timeout=30) as stream:
            for line in stream.iter_lines():
                if line == "event: status" and not said:
                    ended = httpx.post(f"{url}/v1/keys/{made['id']}/revoke", headers=admin, timeout=30)
                    assert ended.status_code == 200
                said.append(line)
    assert said[-3:] == ["event: end", 'data: {"job_status": "gone"}', ""]
    house.make(ADMIN, f"/v1/plans/{plan}/cancel")


@pytest.mark.parametrize("kind", KINDS)
class TestRaces:
    """Many at once, on each database."""

    def at_once(self, house: House, count: int, path: str, body: Any) -> list[int]:
        statuses: list[int] = []
        with house.listening() as url, httpx.Client(base_url=url, timeout=60) as client:
            client.headers["Authorization"] = f"Bearer {ADMIN}"
            gate = threading.Barrier(count)

            def ask(number: int) -> None:
                gate.wait()
                statuses.append(client.post(path, json=body(number)).status_code)

            threads = [threading.Thread(target=ask, args=(n,)) for n in range(count)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return sorted(statuses)

    @pytest.mark.slow
    def test_a_name_taken_twice_at_once_is_a_conflict(self, kind: str, tmp_path: Any) -> None:
        with fresh(kind, tmp_path) as url:
            house = House(url)
            same = self.at_once(house, 8, "/v1/schedules", lambda _: {"name": "same", "cron": "0 3 * * *"})
            places = self.at_once(house, 8, "/v1/workspaces", lambda _: {"id": "same", "name": "same"})
            house.close()
        assert same == [201] + [409] * 7
        assert places == [201] + [409] * 7

    @pytest.mark.slow
    def test_limits_hold_for_many_at_once(self, kind: str, tmp_path: Any) -> None:
        with fresh(kind, tmp_path) as url:
            house = House(url, max_open_plans=3)
            case = house.make(ADMIN, "/v1/cases", tiny())["id"]
            plans = self.at_once(house, 8, "/v1/plans", lambda _: {"case": case})
            house.close()
        assert plans == [202] * 3 + [429] * 5

    @pytest.mark.slow
    def test_webhooks_are_counted_in_turn(self, kind: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("api.routes.webhooks.WEBHOOKS_MAX", 3)
        with fresh(kind, tmp_path) as url:
            house = House(url)
            hooks = self.at_once(house, 8, "/v1/webhooks", lambda n: {"url": f"http://127.0.0.1:9/{n}"})
            house.close()
        assert hooks == [201] * 3 + [409] * 5
