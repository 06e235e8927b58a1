"""The description is part of the contract; that ``openapi.json`` is current is a test of the pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.access import OPEN, ROUTES
from api.app import create_app
from api.catalogue import PROBLEMS
from api.settings import Settings

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("app"))).openapi()


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(p, m, path[m]) for p, path in description["paths"].items() for m in METHODS if m in path]


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    text = json.dumps(description)
    wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= set(description["components"]["schemas"])


def test_every_post_and_patch_takes_an_idempotency_key(description: dict[str, Any]) -> None:
    for path, method, operation in operations(description):
        names = [p["name"] for p in operation.get("parameters", [])]
        assert ("Idempotency-Key" in names) == (method in ("post", "patch")), path


def test_every_operation_tells_its_problems(description: dict[str, Any]) -> None:
    for path, _, operation in operations(description):
        closed = ROUTES[operation["operationId"]] != OPEN
        wanted = {"422", "500", "503", *(("401", "403") if closed else ())}
        assert wanted <= set(operation["responses"]), path
        assert ("security" in operation) == closed
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")) and path != "/health/ready":
                assert list(response["content"]) == ["application/problem+json"], (path, status)


def test_codes_and_statuses_of_the_catalogue() -> None:
    assert {k.status for k in PROBLEMS.values()} >= {401, 403, 404, 409, 413, 415, 422, 429}
    assert all(k.title and k.remedy for k in PROBLEMS.values())
