"""A body takes the kinds of values that its description names; nothing stands in for another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

import api.app  # noqa: F401  (loads every body there is)
from api.schemas.common import Plain

STAND_INS: dict[str, Any] = {"boolean": False, "string": "0", "number": 0}


def bodies(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind in base.__subclasses__():
        if kind.__module__.startswith("api."):
            yield kind
            yield from bodies(kind)


def kinds(schema: dict[str, Any], known: dict[str, Any]) -> set[str]:
    """JSON types that a schema lets through."""
    if "$ref" in schema:
        return kinds(known[schema["$ref"].rsplit("/", 1)[1]], known)
    parts = schema.get("anyOf", schema.get("oneOf"))
    if parts:
        return set().union(*(kinds(p, known) for p in parts))
    found = {schema["type"]} if "type" in schema else {"boolean", "string", "number"}
    return found | ({"number"} if "integer" in found else set())


FIELDS = [
    pytest.param(body, name, given, id=f"{body.__name__}-{name}-{given}")
    for body in bodies(Plain)
    for name, schema in body.model_json_schema()["properties"].items()
    for given in sorted({*STAND_INS} - kinds(schema, body.model_json_schema().get("$defs", {})))
]


@pytest.mark.parametrize(("body", "name", "given"), FIELDS)
def test_a_value_of_another_kind_is_refused(body: type[BaseModel], name: str, given: str) -> None:
    with pytest.raises(ValidationError) as caught:
        body.model_validate({name: STAND_INS[given]})
    assert name in {error["loc"][0] for error in caught.value.errors()}


def test_there_are_bodies() -> None:
    assert {"RetentionPut", "PlanOptions", "Close"} <= {body.__name__ for body in bodies(Plain)}
