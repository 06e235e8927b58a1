"""Every limit has an answer of its own: status, code, and the limit that was passed."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api.nesting import Nesting
from api.settings import Settings
from api.store.models import Webhook
from tests.api.serving import ADMIN
from tests.api.worlds import House, house_at, tiny

BURST = 200
SMALL = {
    "max_body_mb": 0.01,
    "max_upload_mb": 1.0,
    "max_rows": 40,
    "max_unzip_ratio": 50.0,
    "max_json_depth": 10,
    "max_list_mb": 0.1,
    "max_open_plans": 2,
    "max_drafts": 1,
    "max_scenarios": 3,
    "max_streams": 2,
    "max_streams_each": 1,
    "max_requests_per_s": 0.001,
    "request_burst": BURST,
    "max_time_limit_s": 300.0,
    "max_threads": 1,
}
NO_ANSWER = {"max_attempts", "max_bodies_mb", "max_connections", "max_connections_each"}
"""Bound what workers do, all bodies together (``test_bodies_held``), or connections, dropped without a word."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    held = house_at(tmp_path_factory.mktemp("limits"), **SMALL)
    yield held
    held.close()


def case(house: House) -> str:
    made: str = house.make(ADMIN, "/v1/cases", tiny())["id"]
    return made


def zipped(size: int) -> bytes:
    """An archive of one file of zeros."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("entities.csv", b"0" * size)
    return out.getvalue()


def long_body(house: House) -> httpx.Response:
    return house.ask(ADMIN, "POST", "/v1/keys", json={"name": "x" * 20_000, "role": "viewer"})


def long_body_of_unknown_length(house: House) -> httpx.Response:
    async def pieces() -> Any:
        for _ in range(30):
            yield b" " * 1000

    return house.ask(ADMIN, "POST", "/v1/keys", content=pieces(), headers={"Content-Type": "application/json"})


def long_upload(house: House) -> httpx.Response:
    return house.ask(ADMIN, "POST", "/v1/cases", json={"entities": ["x" * 1_100_000]})


def long_list(house: House) -> httpx.Response:
    return house.ask(ADMIN, "POST", "/v1/evaluations", json={"case": "x" * 110_000})


def many_rows(house: House) -> httpx.Response:
    document = tiny()
    more = [{**document["entities"][0], "id": f"E{n}"} for n in range(50)]
    return house.ask(ADMIN, "POST", "/v1/cases", json={**document, "entities": document["entities"] + more})


def archive(size: int) -> Any:
    def ask(house: House) -> httpx.Response:
        headers = {"Content-Type": "application/zip"}
        return house.ask(ADMIN, "POST", "/v1/cases", content=zipped(size), headers=headers)

    return ask


def deep(opening: str, closing: str, path: str, times: int = 11) -> Any:
    def ask(house: House) -> httpx.Response:
        text = '{"case": ' + opening * times + "1" + closing * times + "}"
        return house.ask(ADMIN, "POST", path, content=text, headers={"Content-Type": "application/json"})

    return ask


def many_plans(house: House) -> httpx.Response:
    body = {"case": case(house)}
    answers = [house.ask(ADMIN, "POST", "/v1/plans", json=body) for _ in range(3)]
    for plan in house.ask(ADMIN, "GET", "/v1/plans").json()["items"]:
        house.ask(ADMIN, "POST", f"/v1/plans/{plan['id']}/cancel")
    return answers[-1]


def many_drafts(house: House) -> httpx.Response:
    tried = [house.ask(ADMIN, "POST", "/v1/drafts/start", json={"example": "tiny"}) for _ in range(2)]
    for draft in house.ask(ADMIN, "GET", "/v1/drafts").json()["items"]:
        house.ask(ADMIN, "DELETE", f"/v1/drafts/{draft['id']}")
    return tried[-1]


def many_requests(house: House) -> httpx.Response:
    for number in range(BURST):
        if house.ask(f"nobody's {number}", "GET", "/v1/me").status_code != 401:
            break
    return house.ask("nobody's", "GET", "/v1/me")


def many_streams(house: House) -> httpx.Response:
    streams = house.app.state.services.streams
    plan = house.ask(ADMIN, "GET", "/v1/plans").json()["items"] or [
        house.make(ADMIN, "/v1/plans", {"case": case(house)})
    ]
    assert [streams.enter("one"), streams.enter("two")] == [0, 0]
    answer = house.ask(ADMIN, "GET", f"/v1/plans/{plan[0]['id']}/progress")
    streams.leave("one")
    streams.leave("two")
    house.ask(ADMIN, "POST", f"/v1/plans/{plan[0]['id']}/cancel")
    return answer


def many_streams_of_one(house: House) -> httpx.Response:
    streams, me = house.app.state.services.streams, house.ask(ADMIN, "GET", "/v1/me").json()["key"]
    plan = house.make(ADMIN, "/v1/plans", {"case": case(house)})["id"]
    assert streams.enter(me) == 0
    answer = house.ask(ADMIN, "GET", f"/v1/plans/{plan}/progress")
    streams.leave(me)
    house.ask(ADMIN, "POST", f"/v1/plans/{plan}/cancel")
    return answer


def options(**given: Any) -> Any:
    def ask(house: House) -> httpx.Response:
        return house.ask(ADMIN, "POST", "/v1/plans", json={"case": case(house), "options": given})

    return ask


def scenarios(**question: Any) -> Any:
    def ask(house: House) -> httpx.Response:
        body = {"kind": "scenarios", "case": case(house), "question": {"name": "volume-20", **question}}
        return house.ask(ADMIN, "POST", "/v1/studies", json=body)

    return ask


def many_webhooks(house: House) -> httpx.Response:
    now = datetime.now(UTC)
    with house.store.write() as session:
        for n in range(50):
            session.merge(
                Webhook(
                    id=f"whk_{n}",
                    workspace_id="default",
                    created=now,
                    created_by="k",
                    url="https://x",
                    target="x:443",
                    secret="s",
                    topics=[],
                    tags=[],
                    enabled=False,
                    failures=0,
                )
            )
    return house.ask(ADMIN, "POST", "/v1/webhooks", json={"url": "http://127.0.0.1:9/x"})


LIMITS = [
    # setting, who passes it, status, code, limit
    ("max_body_mb", long_body, 413, "body_too_large", 10_000),
    ("max_body_mb", long_body_of_unknown_length, 413, "body_too_large", 10_000),
    ("max_list_mb", long_list, 413, "body_too_large", 100_000),
    ("max_upload_mb", long_upload, 413, "body_too_large", 1_000_000),
    ("max_upload_mb", archive(9_000_000), 413, "archive_too_large", 8_000_000),
    ("max_unzip_ratio", archive(2_000_000), 413, "archive_too_large", 50),
    ("max_rows", many_rows, 413, "too_many_rows", 40),
    ("max_json_depth", deep("[", "]", "/v1/plans"), 413, "nested_too_deep", 10),
    ("max_json_depth", deep('{"a":', "}", "/v1/events", 10_000), 413, "nested_too_deep", 10),
    ("max_json_depth", deep("[", "]", "/v1/cases", 10_000), 413, "nested_too_deep", 10),
    ("max_open_plans", many_plans, 429, "too_many_plans", 2),
    ("max_drafts", many_drafts, 409, "too_many_drafts", 1),
    ("max_requests_per_s", many_requests, 429, "too_many_requests", 0.001),
    ("max_streams", many_streams, 429, "too_many_streams", 2),
    ("max_streams_each", many_streams_of_one, 429, "too_many_streams", 1),
    ("max_time_limit_s", options(time_limit_s=301), 422, "invalid_options", 300),
    ("max_threads", options(threads=2), 422, "invalid_options", 1),
    ("max_scenarios", scenarios(limit=4), 422, "study_too_large", 3),
    ("", many_webhooks, 409, "conflict", 50),
]


@pytest.mark.parametrize(("setting", "passes", "status", "code", "limit"), LIMITS)
def test_who_passes_a_limit_is_told_which(
    house: House, setting: str, passes: Any, status: int, code: str, limit: float
) -> None:
    answer = passes(house)
    told = answer.json()
    assert (answer.status_code, told["code"], told["limit"]) == (status, code, limit), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in answer.headers) == (status == 429)
    assert setting == "" or code == "archive_too_large" or getattr(house.settings, setting) in (limit, limit / 1e6)


def test_scenarios_beyond_the_limit_are_told_where_and_what_to_do(house: House) -> None:
    (issue,) = scenarios(limit=10**9)(house).json()["issues"]
    assert (issue["code"], issue["column"]) == ("study_too_large", "body.scenarios.question.limit")
    assert "at most 3 runs" in issue["remedy"]


def test_who_names_no_number_of_scenarios_gets_the_limit(house: House) -> None:
    answer = scenarios()(house)
    assert (answer.status_code, answer.json()["question"]["limit"]) == (202, 3)


def test_every_limit_of_the_settings_has_a_line() -> None:
    limits = {name for name in Settings.model_fields if name.startswith("max_")}
    assert limits - NO_ANSWER == {setting for setting, *_ in LIMITS if setting}
    assert set(SMALL) - {"request_burst"} == limits - NO_ANSWER


def test_what_is_just_within_the_limits_is_heard(house: House) -> None:
    assert deep("[", "]", "/v1/plans", 9)(house).status_code == 422
    assert house.ask(ADMIN, "POST", "/v1/keys", json={"name": "[" * 50, "role": "viewer"}).status_code == 201
    assert house.ask(ADMIN, "POST", "/v1/keys", json={"name": "x" * 9000, "role": "viewer"}).status_code == 422


def depth_of(text: str) -> int:
    """Letter by letter."""
    open_, most, quoted, escaped = 0, 0, False, False
    for letter in text:
        if quoted:
            escaped, quoted = (letter == "\\" and not escaped), (letter != '"' or escaped)
        elif letter == '"':
            quoted = True
        elif letter in "[{":
            open_ += 1
            most = max(most, open_)
        elif letter in "]}":
            open_ -= 1
    return most


def test_depth_is_told_alike_however_the_text_is_cut() -> None:
    chance = random.Random(1)
    for _ in range(3000):
        text = "".join(chance.choice('[{]}"\\"ax') for _ in range(chance.randint(0, 30)))
        limit, nesting, told, at = chance.randint(0, 5), None, False, 0
        nesting = Nesting(limit)
        while at < len(text):
            size = chance.randint(1, 6)
            told |= nesting.too_deep(text[at : at + size].encode())
            at += size
        assert told == (depth_of(text) > limit), text
    assert not Nesting(1).too_deep(json.dumps(["[[[[" * 100]).encode())
