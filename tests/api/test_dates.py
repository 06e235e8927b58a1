"""Days and moments come as text and nothing else, wherever the description says that one may be sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from api.description import METHODS
from tests.api.serving import ADMIN
from tests.api.worlds import House, house_at
from tests.effort import stride

FORMATS = ("date", "date-time")
CODES = {"date": "date_as_text", "date-time": "datetime_as_text"}
GOOD = {"date": "2026-02-28", "date-time": "2026-02-28T12:00:00Z"}
NO_TEXT: tuple[Any, ...] = (0, 0.5, 1_770_000_000, True, "0", "0.5", "1770000000", "-1e3", "20260228", "2026-W09-6", "")
WRONG = {
    "date": (*NO_TEXT, "2026-02-28T00:00:00", "2026-02-28T00:00:00Z", "٢٠٢٦-02-28"),
    "date-time": (*NO_TEXT, "2026-02-28", "2026-02-28T12:00:00", "2026-02-28T12:00:00Z "),
}


@dataclass(frozen=True)
class Dated:
    """One place of an operation that takes a day or a moment."""

    operation: str
    method: str
    path: str
    place: str
    form: str
    send: Callable[[Any], dict[str, Any]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    held = house_at(tmp_path_factory.mktemp("dates"))
    yield held
    held.close()


def places(document: dict[str, Any], schema: dict[str, Any], place: str, wrap: Callable[[Any], Any]) -> Iterator[Any]:
    """(place, format, value → the least body that has it there) of each date in a schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from places(document, document["components"]["schemas"][name], place, wrap)
    elif schema.get("format") in FORMATS:
        yield place, schema["format"], wrap
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from places(document, branch, place, wrap)
    if isinstance(schema.get("items"), dict):
        yield from places(document, schema["items"], f"{place}.0", lambda x: wrap([x]))
    fixed = {name: inner["const"] for name, inner in schema.get("properties", {}).items() if "const" in inner}
    told = "".join(f".{v}" for v in fixed.values())  # the field that tells bodies apart is named in the place
    for name, inner in schema.get("properties", {}).items():
        around: Callable[[Any], Any] = lambda x, name=name: wrap({**fixed, name: x})  # noqa: E731
        yield from places(document, inner, f"{place}{told}.{name}", around)


def dated(document: dict[str, Any]) -> Iterator[Dated]:
    """All of them."""
    for path, operations in document["paths"].items():
        for method in METHODS:
            operation = operations.get(method, {})
            url = re.sub(r"\{.*?\}", "xxx_" + "0" * 28, path)
            for p in operation.get("parameters", ()):
                for place, form, _ in places(document, p["schema"], f"{p['in']}.{p['name']}", lambda x: x):
                    send = lambda x, p=p: {"params": {p["name"]: x}}  # noqa: E731
                    yield Dated(operation["operationId"], method, url, place, form, send)
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for place, form, wrap in places(document, content.get("schema", {}), "body", lambda x: x):
                send = lambda x, wrap=wrap: {"json": wrap(x)}  # noqa: E731
                yield Dated(operation["operationId"], method, url, place, form, send)


def issues(house: House, one: Dated, value: Any) -> list[dict[str, Any]]:
    """What is said of the place when this is sent there; a query is text in any case."""
    answer = house.ask(ADMIN, one.method.upper(), one.path, **one.send(value))
    told = answer.json().get("issues") or []
    return [i for i in told if i["column"] == one.place] if answer.status_code == 422 else []


def test_only_text_of_the_format_is_a_date(house: House) -> None:
    found = list(dated(house.app.openapi()))
    assert {(d.operation, d.place.rpartition(".")[2]) for d in found} >= {
        ("get_digest", "since"),
        ("create_key", "expires"),
        ("create_events", "date"),
    }
    for number, one in enumerate(found):
        assert not issues(house, one, GOOD[one.form]), one
        for value in WRONG[one.form][number % stride(1, 4) :: stride(1, 4)]:
            told = issues(house, one, value)
            assert [i["code"] for i in told] == [CODES[one.form]], (one, value)
            assert "2026-01-31" in told[0]["remedy"], told


def test_a_moment_may_have_any_zone(house: House) -> None:
    body = {"name": "zoned", "role": "viewer", "expires": "2126-02-28t12:00:00.5+02:00"}
    assert house.make(ADMIN, "/v1/keys", body)["expires"].startswith("2126-02-28T10:00:00.5")
    refused = house.ask(ADMIN, "POST", "/v1/keys", json={**body, "expires": "0001-01-01T00:00:00+10:00"})
    assert refused.status_code == 422
    assert "outside of the calendar" in refused.json()["issues"][0]["message"]
