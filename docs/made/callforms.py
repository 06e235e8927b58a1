"""What a method for each operation of the description takes and returns; ``clientcalls`` writes it as Python."""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Operation", "Parameter", "operations"]

METHODS: Final = ("get", "post", "put", "patch", "delete")
JSON: Final = "application/json"
STREAM: Final = "text/event-stream"
HEADERS: Final = {
    # header → parameter of the method, and what it means there; one that is not here is not left out silently
    "idempotency-key": ("idempotency_key", ""),
    "if-match": ("if_match", "go on only while this is the current `etag`"),
    "last-event-id": ("last_event_id", "begin after this event"),
}
WAYS: Final = {"cursor": "next", "offset": "next_offset"}
"""How lists are paged: parameter of the next page → member of the answer that holds it."""
TYPES: Final = {"string": "str", "integer": "int", "boolean": "bool", "number": "float"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a method: its name there and in the request; ``default`` is empty for one that is needed."""

    name: str
    sent: str
    place: str
    type: str
    default: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """A method for one operation.

    Parameters
    ----------
    answer : str
        Schema of the answer, or of an item of it; may be empty.
    returns : str
        Type that the method returns.
    way : str
        How the answer is paged (see ``WAYS``); empty where it is not.
    codes : tuple of str
        Of the refusals it may meet.
    """

    name: str
    tag: str
    path: str
    method: str
    about: str
    parameters: tuple[Parameter, ...]
    answer: str
    returns: str
    way: str
    codes: tuple[str, ...]
    closed: bool

    def placed(self, *places: str) -> list[Parameter]:
        """Parameters by their place in the request."""
        return [p for p in self.parameters if p.place in places]


MOST_LITERAL = 80
"""Letters of a list of values that a signature still takes."""


def operations(description: Mapping[str, Any]) -> Iterator[Operation]:
    """Every operation of an OpenAPI description, by path.

    Raises
    ------
    ValueError
        One has a form that no method can have yet.
    """
    schemas = description["components"]["schemas"]
    for path, methods in sorted(description["paths"].items()):
        for method in METHODS:
            if method in methods:
                yield _operation(path, method, methods[method], schemas)


def _operation(path: str, method: str, told: dict[str, Any], schemas: dict[str, Any]) -> Operation:
    given = [_parameter(p) for p in told.get("parameters", ())]
    answer, returns = _answer(told)
    members = schemas.get(answer, {}).get("properties", {})
    way = next((w for w, after in WAYS.items() if after in members and any(p.sent == w for p in given)), "")
    if way:
        answer, returns = _ref(members["items"]["items"]), "Iterator[dict[str, Any]]"
        given = [p for p in given if p.sent not in (way, "limit")]
        given.append(Parameter("page_size", "limit", "page", "int", "PAGE"))
    in_path = sorted((p for p in given if p.place == "path"), key=lambda p: path.index(f"{{{p.sent}}}"))
    others = [p for p in given if p.place != "path"]
    return Operation(
        told["operationId"],
        told["tags"][0],
        path,
        method,
        told["description"],
        (*in_path, *_body(told, schemas), *others),
        answer,
        returns,
        way,
        _codes(told),
        "security" in told,
    )


def _parameter(told: dict[str, Any]) -> Parameter:
    sent, place, schema = told["name"], told["in"], told["schema"]
    kinds = [k for k in schema.get("anyOf", [schema]) if k.get("type") != "null"]
    placed = sent.lower() in HEADERS if place == "header" else place in ("path", "query")
    if len(kinds) != 1 or kinds[0].get("type") not in TYPES or not placed:
        raise ValueError(f"there is no form yet for the parameter {sent}")
    enum = ", ".join(_literal(e) for e in kinds[0].get("enum", ()))
    short = enum and len(enum) <= MOST_LITERAL  # a list that fills a line is the server's to check
    kind = f"Literal[{enum}]" if short else TYPES[kinds[0]["type"]]
    name, about = f"{sent}_" if keyword.iskeyword(sent) else sent, told.get("description", "")
    if place == "header":
        name, about = HEADERS[sent.lower()]
    if told.get("required"):
        return Parameter(name, sent, place, kind, "", about)
    default = schema.get("default")
    if default is None:
        return Parameter(name, sent, place, f"{kind} | None", "None", about)
    return Parameter(name, sent, place, kind, _literal(default), about)


def _literal(value: str | int | bool) -> str:
    """As Python writes it, in the house's quotes."""
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _body(told: dict[str, Any], schemas: dict[str, Any]) -> list[Parameter]:
    """The body, and its media type where there are several."""
    body = told.get("requestBody")
    if body is None:
        return []
    forms, needed = list(body["content"]), body.get("required", False)
    known = _ref(body["content"][JSON]["schema"])
    about = f"`{known}`: {_members(schemas[known])}" if known else ""
    kind = "Mapping[str, Any]" + (" | bytes" if len(forms) > 1 else "")
    out = [Parameter("body", "", "body", kind if needed else f"{kind} | None", "" if needed else "None", about)]
    if len(forms) > 1:
        listed = ", ".join(f"`{f}`" for f in forms)
        out.append(Parameter("media_type", "", "form", "str", "JSON", f"of a body of bytes: {listed}"))
    return out


def _members(schema: dict[str, Any]) -> str:
    """What a body has: what it needs first."""
    needed = schema.get("required", [])
    groups = (needed, [m for m in schema["properties"] if m not in needed])
    told = [", ".join(f"`{m}`" for m in group) for group in groups]
    return "; ".join(lead + text for lead, text in zip(("", "if wanted "), told, strict=True) if text)


def _answer(told: dict[str, Any]) -> tuple[str, str]:
    """Schema of the answer, if it has one, and the type that the method returns."""
    content: dict[str, Any] = {}
    for status, response in told["responses"].items():
        if status.startswith("2"):
            content |= response.get("content", {})
    if not content:
        return "", "None"
    if list(content) == [STREAM]:
        return "", "Iterator[Event]"
    if list(content) != [JSON]:
        return "", "bytes"
    schema = content[JSON]["schema"]
    if schema.get("type") == "array":
        return _ref(schema["items"]), "list[dict[str, Any]]"
    return _ref(schema), "Answer"


def _ref(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _codes(told: dict[str, Any]) -> tuple[str, ...]:
    """Codes of refusals, which the client raises as they are; from 500 on it has no answer that it can use."""
    texts = [r["description"] for s, r in sorted(told["responses"].items()) if s.startswith("4")]
    return tuple(code for text in texts for code in re.findall(r"`(\w+)`:", text))
