"""Every operation has a method of the client, and the method sends what the description says."""

from __future__ import annotations

import inspect
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.client import Calls, Client, Refused, Unreachable
from docs.build import ROOT, strays
from docs.made.clientcalls import calls
from optimizer.domain.errors import UsageError

DESCRIPTION = json.loads(files("api").joinpath("openapi.json").read_text(encoding="utf-8"))
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
}
METHODS = {name: m for name, m in inspect.getmembers(Calls, inspect.isfunction) if not name.startswith("_")}
PAGED = {"cursor": "next", "offset": "next_offset"}
KEYWORDS = {"Idempotency-Key": "idempotency_key", "if-match": "if_match", "last-event-id": "last_event_id"}
ITEM = {"id": "x"}


def test_the_calls_are_those_of_the_description() -> None:
    held = {
        f.name: f.read_text(encoding="utf-8") for f in files("api.client.calls").iterdir() if f.name.endswith(".py")
    }
    assert calls(DESCRIPTION) == held, "run `python -m docs.build`"


def test_calls_of_a_tag_that_is_gone_go_too(tmp_path: Path) -> None:
    old = tmp_path / "api" / "client" / "calls" / "old.py"
    old.parent.mkdir(parents=True)
    old.touch()
    assert strays(tmp_path) == [old]
    assert strays(ROOT) == []


def test_every_operation_has_a_method_and_every_method_an_operation() -> None:
    assert sorted(METHODS) == sorted(OPERATIONS)


@pytest.mark.parametrize("form", ["union", "list", "cookie", "header"])
def test_what_has_no_form_is_not_left_out_silently(form: str) -> None:
    odd = {
        "union": {"name": "x", "in": "query", "schema": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
        "list": {"name": "x", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
        "cookie": {"name": "x", "in": "cookie", "schema": {"type": "string"}},
        "header": {"name": "X-Other", "in": "header", "schema": {"type": "string"}},
    }
    described = json.loads(json.dumps(DESCRIPTION))
    described["paths"]["/v1/me"]["get"]["parameters"] = [odd[form]]
    with pytest.raises(ValueError, match="no form yet"):
        calls(described)


def value(schema: dict[str, Any]) -> Any:
    """Something that a parameter may be."""
    kind = schema.get("anyOf", [schema])[0]
    return kind["enum"][0] if "enum" in kind else {"integer": 7, "boolean": True}.get(kind["type"], "some-1")


def page_parameter(operation: dict[str, Any]) -> str | None:
    """The parameter that names the next page, of an operation that has pages."""
    names = [p["name"] for p in operation.get("parameters", ())]
    return next((p for p in PAGED if p in names), None)


def content_of(operation: dict[str, Any]) -> dict[str, Any]:
    """Media types and schemas of its successes."""
    successes = [r for status, r in operation["responses"].items() if status.startswith("2")]
    return {kind: c.get("schema", {}) for r in successes for kind, c in r.get("content", {}).items()}


class Fake:
    """A service that answers an operation as described, and keeps what it was asked."""

    def __init__(self, operation: dict[str, Any]) -> None:
        self.operation, self.asked = operation, list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        content, by = content_of(self.operation), page_parameter(self.operation)
        if by:
            after = None if by in request.url.params else 3
            return httpx.Response(200, json={"items": [ITEM], PAGED[by]: after})
        if not content:
            return httpx.Response(204)
        if list(content) == ["text/event-stream"]:
            return httpx.Response(200, text='id: 1\nevent: end\ndata: {"a": 1}\n\n')
        if list(content) != ["application/json"]:
            return httpx.Response(200, content=b"\xff\x00")
        is_list = content["application/json"].get("type") == "array"
        return httpx.Response(200, json=[ITEM] if is_list else ITEM, headers={"ETag": '"t"'})


def given(operation: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments of the method, all of them."""
    parameters = operation.get("parameters", ())
    positional = [value(p["schema"]) for p in parameters if p["in"] == "path"]
    keywords = {KEYWORDS[p["name"]]: "7" for p in parameters if p["in"] == "header"}
    for p in parameters:
        if p["in"] == "query" and p["name"] != page_parameter(operation):
            keywords["as_" if p["name"] == "as" else p["name"]] = value(p["schema"])
    if page_parameter(operation):
        keywords["page_size"] = keywords.pop("limit")
    if "requestBody" in operation:
        positional.append({"a": 1})
    return positional, keywords


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_a_call_sends_what_its_operation_describes(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    fake = Fake(operation)
    positional, keywords = given(operation)
    with Client("http://service", "key", transport=httpx.MockTransport(fake)) as client:
        found = getattr(client.api, name)(*positional, **keywords)
        found = list(found) if inspect.isgenerator(found) else found
    first, by = fake.asked[0], page_parameter(operation)
    filled = iter(positional)
    assert (first.method, first.url.path) == (method, re.sub(r"\{\w+\}", lambda _: str(next(filled)), path))
    described = {(p["in"], p["name"].lower()): value(p["schema"]) for p in operation.get("parameters", ())}
    query = {name: v for (place, name), v in described.items() if place == "query" and name != by}
    assert dict(first.url.params) == {k: "true" if v is True else str(v) for k, v in query.items()}
    for place, header in described:
        assert place != "header" or first.headers[header] == "7"
    assert (first.content == b'{"a":1}') == ("requestBody" in operation)
    check_answer(name, found, fake)


def check_answer(name: str, found: Any, fake: Fake) -> None:
    """What came is what the description says, and what the signature promises."""
    content, by = content_of(fake.operation), page_parameter(fake.operation)
    told = METHODS[name].__annotations__["return"]
    if by:
        assert found == [ITEM, ITEM]
        assert [r.url.params.get(by) for r in fake.asked] == [None, "3"]
        assert told == "Iterator[dict[str, Any]]"
    elif not content:
        assert (found, told) == (None, "None")
    elif list(content) == ["text/event-stream"]:
        assert [(e.name, e.id, e.data) for e in found] == [("end", "1", {"a": 1})]
        assert told == "Iterator[Event]"
    elif list(content) != ["application/json"]:
        assert (found, told) == (b"\xff\x00", "bytes")
    elif content["application/json"].get("type") == "array":
        assert (found, told) == ([ITEM], "list[dict[str, Any]]")
    else:
        assert (found, found.status, found.etag, told) == (ITEM, 200, '"t"', "Answer")


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_a_signature_and_its_text_are_those_of_the_description(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    signature = inspect.signature(METHODS[name])
    for p in operation.get("parameters", ()):
        if p["in"] != "query" or (page_parameter(operation) and p["name"] in ("limit", *PAGED)):
            continue
        held = signature.parameters["as_" if p["name"] == "as" else p["name"]]
        assert held.kind is inspect.Parameter.KEYWORD_ONLY
        assert held.default == (inspect.Parameter.empty if p["required"] else p["schema"].get("default"))
    body = operation.get("requestBody")
    if body is not None:
        assert (signature.parameters["body"].default is inspect.Parameter.empty) == body.get("required", False)
    told = " ".join((METHODS[name].__doc__ or "").split())
    assert told.startswith(" ".join(operation["description"].replace("`", "``").split()))


def test_what_is_left_out_is_not_sent_and_every_change_has_a_key() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"items": [], "next": None})

    with Client("http://service", "key", transport=httpx.MockTransport(answer)) as client:
        assert list(client.api.list_decisions("cas_1")) == []
        client.api.submit_plan("pln_1")
        client.api.submit_plan("pln_1")
    assert dict(asked[0].url.params) == {"limit": "200"}
    assert (asked[1].content, "if-match" in asked[1].headers) == (b"", False)
    assert asked[1].headers["idempotency-key"] != asked[2].headers["idempotency-key"]


def test_bytes_are_sent_as_what_they_are() -> None:
    fake = Fake(OPERATIONS["create_case"][2])
    with Client("http://service", "key", transport=httpx.MockTransport(fake)) as client:
        client.api.create_case(b"PK", media_type="application/zip")
        client.api.create_case(b"{}")
    assert [(r.content, r.headers["content-type"]) for r in fake.asked] == [
        (b"PK", "application/zip"),
        (b"{}", "application/json"),
    ]


@pytest.mark.parametrize("name", ["../keys", "", "a/b", "a?b", "a b", "ä", ".."])
def test_names_do_not_lead_elsewhere(name: str) -> None:
    with Client("http://service", "key") as client, pytest.raises(UsageError, match="is no id"):
        client.api.get_example(name)


GONE = httpx.Response(404, json={"code": "not_found", "title": "There is no such thing"})
BUSY = httpx.Response(429, json={"code": "too_many_requests"})
LOST = (httpx.ReadTimeout("silence"), httpx.Response(503, json={"code": "store_unavailable"}))


def deleting(*told: httpx.Response | Exception) -> Client:
    """A client of a service that answers one after the other."""
    answers = iter(told)

    def answer(_: httpx.Request) -> httpx.Response:
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    client = Client("http://service", "key", transport=httpx.MockTransport(answer))
    client._wire.sleep = lambda _: None
    return client


@pytest.mark.parametrize("lost", LOST)
def test_what_was_taken_away_though_the_answer_was_lost_is_done(lost: httpx.Response | Exception) -> None:
    with deleting(lost, GONE) as client:
        client.api.delete_webhook("whk_1")


@pytest.mark.parametrize("before", [(), (BUSY,), (httpx.ConnectError("refused"),)])
def test_what_was_never_there_is_refused(before: tuple[httpx.Response | Exception, ...]) -> None:
    with deleting(*before, GONE) as client, pytest.raises(Refused) as caught:
        client.api.delete_webhook("whk_1")
    assert (caught.value.code, caught.value.status) == ("not_found", 404)


@pytest.mark.parametrize("body", ["<html>", "[]", "3"])
def test_an_answer_that_is_no_object_is_none(body: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    with Client("http://service", "key", transport=transport) as client, pytest.raises(Unreachable, match="this its"):
        client.plan("pln_1")


def test_an_answer_that_is_no_list_is_none() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={}))
    with Client("http://service", "key", transport=transport) as client, pytest.raises(Unreachable):
        client.api.list_examples()
