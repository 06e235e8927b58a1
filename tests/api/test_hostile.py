"""What no client sends by mistake: every answer is one of those described, never a failure of the service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.databases import fresh
from tests.api.serving import ADMIN
from tests.api.test_access import operations
from tests.api.worlds import OPTIONS, START, House, tiny
from tests.effort import few, share

NOTHING = "0" * 28
VALUES: dict[str, Any] = {
    "nul": "a\x00b",
    "lone surrogate": "x\ud83d",
    "control characters": "\x1b[31m\x7f",
    "astral characters": "\U0001d518" * 50,
    "giant integer": 10**400,
    "beyond 64 bits": -(2**63) - 1,
    "huge float": 1e308,
    "not a number": float("nan"),
    "infinity": float("-inf"),
    "null": None,
    "true": True,
    "list of lists": [[[[1]]]],
    "object": {"a": {"\ud800": "\x00"}},
    "long": "x" * 5000,
    "last date": "9999-12-31T23:59:59-12:00",
    "first date": "0001-01-01T00:00:00+14:00",
}
ROW = {"entity": "ALPHA", "service": "payroll", "provider": "NBO"}
DOCUMENT = {**tiny(), "current": tiny()["current"][:1], "demands": tiny()["demands"][:1]}
BODIES: dict[str, list[dict[str, Any]]] = {
    "create_case": [DOCUMENT],
    "create_validation": [DOCUMENT],
    "create_revision": [DOCUMENT],
    "create_plan": [
        {
            "case": "«case»",
            "revision": 1,
            "name": "n",
            "tags": ["t"],
            "priority": 5,
            "options": {**OPTIONS, "gap_rel": 0.0, "threads": 1, "memory_limit_mb": 512, "seed": 0},
        }
    ],
    "patch_case": [
        {
            "base_revision": 1,
            "comment": "c",
            "operations": [
                {"op": "set", "table": "policy", "row": {"interface_cost": 2}},
                {"op": "set", "table": "entities", "row": {"id": "ALPHA", "headcount": 3}},
            ],
        }
    ],
    "create_decision": [{"action": "lock", "reason": "so be it", "decided_by": "x", **ROW}],
    "create_baseline": [{"name": "b", "case": "«case»", "plan": f"pln_{NOTHING}"}],
    "create_evaluation": [
        {"case": "«case»", "revision": 1, "name": "x", "assignments": [{**ROW, "backup": "NBO"}]},
        {"plan": f"pln_{NOTHING}", "changes": [ROW]},
    ],
    "create_comparison": [{"first_plan": f"pln_{NOTHING}", "second_plan": f"pln_{NOTHING}"}],
    "create_events": [
        {"case": "«case»", "move_budget": 1, "name": "n", "options": {"seed": 0}, "events": [event]}
        for event in (
            START,
            {"type": "close", "date": "2026-04-01", "entity": "ALPHA", "note": "n"},
            {
                "type": "change",
                "date": "2026-04-01",
                "patch": {"tables": {"entities": {"change": [{"id": "ALPHA", "headcount": 9}]}}, "policy": {"seed": 1}},
            },
        )
    ],
    "create_study": [
        {
            "kind": "curve",
            "case": "«case»",
            "revision": 1,
            "plan": f"pln_{NOTHING}",
            "question": {"over": "sites", "values": [1.5], "exactly": True},
            "options": {"time_limit_s": 1.0, "solve_limit_s": 1.0},
            "name": "n",
            "tags": ["t"],
            "priority": 1,
        },
        {"kind": "why", "case": "«case»", "question": {"entity": "ALPHA", "service": "payroll"}},
    ],
    "create_schedule": [{"name": "s", "cron": "0 3 * * *", "time_zone": "UTC", "move_budget": 0, "enabled": True}],
    "create_webhook": [{"url": "http://127.0.0.1:9/x", "topics": ["plan.failed"], "tags": ["a"]}],
    "create_key": [{"name": "k", "role": "viewer", "scopes": ["plans:read"], "expires": "2090-01-01T00:00:00Z"}],
    "create_workspace": [{"id": "w", "name": "W"}],
    "submit_plan": [{"comment": "x", "accept_stale": False}],
}
JSON = {"Content-Type": "application/json"}


class Target:
    """A house with a case and a plan that was cancelled, so that its stream ends."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.case = house.make(ADMIN, "/v1/cases", tiny())["id"]
        self.plan = house.make(ADMIN, "/v1/plans", {"case": self.case})["id"]
        house.make(ADMIN, f"/v1/plans/{self.plan}/cancel")
        self.routes = operations(house.app)
        described = house.app.openapi()["paths"]
        self.described = {o["operationId"]: set(o["responses"]) for p in described.values() for o in p.values()}

    def path(self, template: str) -> str:
        known = {"case_id": self.case, "plan_id": self.plan, "number": "1", "kind": "json", "name": "assignments"}
        return re.sub(r"\{(\w+)\}", lambda m: known.get(m[1], f"{m[1][:3]}_{NOTHING}"), template)

    def judge(self, name: str, answer: httpx.Response, why: Any) -> None:
        """It is described, and a refusal says why."""
        assert str(answer.status_code) in self.described[name], (name, why, answer.status_code, answer.text)
        assert answer.status_code < 500, (name, why, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", (name, why)
            assert answer.json()["code"], (name, why)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with fresh(request.param, tmp_path_factory.mktemp("hostile")) as url:
        house = House(url, max_open_plans=20)
        yield Target(house)
        house.close()


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, the whole of it first; two rows of a list are enough."""
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, part in items:
        yield from places(part, (*at, key))


def part_of(turns: list[Any], number: int) -> list[Any]:
    """All of them; in the quick set every eighth, from another one each time."""
    step = len(turns) // share(len(turns), 8)
    return turns[number % step :: step]


def put(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    """A copy with something else in one place."""
    if not at:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = put(value[at[0]], at[1:], new)
    return copy


@pytest.mark.parametrize("name", sorted(BODIES))
def test_any_value_at_any_place_of_a_body(target: Target, name: str) -> None:
    _, method, template = next(r for r in target.routes if r[0] == name)
    for number, body in enumerate(BODIES[name]):
        sent = json.loads(json.dumps(body).replace("\\u00abcase\\u00bb", target.case))
        spots = list(places(sent))
        turns = [(at, kind) for at in spots for kind in VALUES]
        if len(turns) > 200:  # documents of cases: each place and each value in turn, not each with each
            turns = [(at, list(VALUES)[(i + number) % len(VALUES)]) for i, at in enumerate(spots)]
        turns = part_of(turns, number)
        for at, kind in turns:
            content = json.dumps(put(sent, at, VALUES[kind])).encode()
            answer = target.house.ask(ADMIN, method, target.path(template), content=content, headers=JSON)
            target.judge(name, answer, (at, kind))


BROKEN = {
    "nothing": b"",
    "half": b'{"case": ',
    "two": b"{}{}",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "NUL bytes": b'\x00{"name": 1}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "UTF-32": "{}".encode("utf-32"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "digits": b"1" * 5000,
    "exponent": b"1e999999",
    "deep": b"[" * 10_000,
    "deep and closed": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "string": b'"x"',
    "keys twice": b'{"a":1,"a":2}',
    "quotes": b'"' * 999,
    "backslashes": b'"' + b"\\" * 999,
}
TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/problem+json",
    "text/plain",
    "",
    "application/zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "/",
    "application/json, text/html",
    "\xe4\xf6",
    "a" * 3000,
)


@pytest.mark.parametrize(
    "name", few(["create_case", "create_plan", "create_validation", "create_events", "submit_plan"], 2)
)
def test_broken_bodies_of_any_media_type(target: Target, name: str) -> None:
    _, method, template = next(r for r in target.routes if r[0] == name)
    for kind, content in BROKEN.items():
        for media_type in TYPES if kind in ("nothing", "half", "deep") else TYPES[:4]:
            headers = {"Content-Type": media_type.encode("latin-1")} if media_type else {}
            answer = target.house.ask(ADMIN, method, target.path(template), content=content, headers=headers)
            target.judge(name, answer, (kind, media_type))


def test_deep_nesting_has_its_own_answer_and_utf_16_is_no_way_around_it(target: Target) -> None:
    deep = '{"case": ' + '"\u2200\u2200"'.join(["["] * 400)
    answer = target.house.ask(ADMIN, "POST", "/v1/plans", content=b'{"a":' * 10_000, headers=JSON)
    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (413, "nested_too_deep", 64)
    answer = target.house.ask(ADMIN, "POST", "/v1/plans", content=deep.encode("utf-16"), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


QUERIES = (
    "",
    "\x00",
    "\ud83d",
    "x" * 50_000,
    "-1",
    "1e3",
    str(10**400),
    "NaN",
    "'; DROP TABLE x; --",
    "%",
    "\r\nX: y",
    "../../etc/passwd",
    "\u202e\u0000",
)
NAMES = (
    "cursor",
    "limit",
    "offset",
    "case",
    "batch",
    "plan",
    "job_status",
    "moved",
    "entity",
    "as",
    "subject",
    "action",
    "name",
    "severity",
    "code",
    "all",
    "archived",
    "nobody",
)


def test_any_query(target: Target) -> None:
    for name, method, template in target.routes:
        if method == "GET" and name in target.described:
            for number, given in part_of(list(enumerate(NAMES)), len(name)):
                value = QUERIES[(number + len(name)) % len(QUERIES)].encode("utf-8", "surrogatepass")
                answer = target.house.ask(ADMIN, method, target.path(template), params={given: value})
                target.judge(name, answer, (given, value))


def test_any_path(target: Target) -> None:
    odd = (
        "%00",
        "%ff%fe",
        "x" * 5000,
        "..%2f..",
        "%F0%9D%94%98",
        "pln_%00" + NOTHING,
        "0",
        "-1",
        str(10**30),
        "%0d%0a",
    )
    for name, method, template in target.routes:
        for value in part_of(list(odd), len(template)) if "{" in template and name in target.described else ():
            answer = target.house.ask(ADMIN, method, re.sub(r"\{\w+\}", value, template), json={"comment": "x"})
            if "%2f" in value:  # no path of this route any more
                assert answer.status_code in (404, 405), (name, answer.text)
            else:
                target.judge(name, answer, value)


HEADERS: dict[str, list[bytes]] = {
    "Idempotency-Key": [b"", b"\xff\xfe", b"x" * 300, "schlüssel".encode("latin-1"), b"a b\tc"],
    "If-Match": [b"", b"\xe9", b"*", b'"', b"," * 500, b"x" * 5000],
    "If-None-Match": [b"\xe9", b"*", b'W/"', b"x" * 5000],
    "Authorization": [b"", b"Bearer", b"Bearer \xff", b"Basic eDp5", b"bearer dsg_key_\xe9", b"Bearer " + b"x" * 5000],
    "X-Request-ID": [b"\xff", b"x" * 500, b"{}"],
    "Last-Event-ID": [b"\xb2", b"-1", b"9" * 50],
    "Accept": [b"", b"image/png", b"\xff"],
    "Content-Length": [b"x", b"-1", b"\xb2\xb3"],
    "traceparent": [b"\xff", b"00-zz-1-1"],
}


def test_any_header(target: Target) -> None:
    chosen = [r for r in target.routes if r[0] in ("get_plan", "submit_plan", "stream_progress", "create_key", "live")]
    for name, method, template in chosen:
        for header, values in HEADERS.items():
            for value in values:
                key = None if header == "Authorization" else ADMIN
                body = BODIES[name][0] if name in BODIES else None
                answer = target.house.ask(key, method, target.path(template), json=body, headers={header: value})
                target.judge(name, answer, (header, value))
