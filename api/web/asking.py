"""Forms of studies: made from the question's own fields, as the API's bodies are."""

from __future__ import annotations

import json
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from api.further.questions import FURTHER
from api.schemas.studies import StudySubmit, question_body
from optimizer.studies.ask import STUDIES

if TYPE_CHECKING:
    from api.web.fields import Reader
    from api.web.visit import Visit

__all__ = ["KINDS", "Field", "body_of", "checked", "fields_of"]

KINDS: Final[dict[str, Any]] = {
    q.kind.replace("-", "_"): q for q in (*STUDIES, *FURTHER) if getattr(q, "needs_case", True)
}
"""Every kind of study that is about a case or a plan, by its word in the API."""
_ANY: Final[TypeAdapter[Any]] = TypeAdapter(StudySubmit)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a question: its name, what it takes, its default as text, what it means."""

    name: str
    takes: Literal["text", "choice", "number", "yes", "list", "numbers", "document"]
    default: str
    help: str
    needed: bool
    among: tuple[str, ...] = ()


def fields_of(kind: str) -> list[Field]:
    """Fields of a kind of question."""
    question: Any = question_body(KINDS[kind]).model_fields["question"].annotation
    out = []
    for name, info in question.model_fields.items():
        takes = _takes(info.annotation)
        given = None if info.is_required() else info.get_default(call_default_factory=True)
        among = get_args(info.annotation) if takes == "choice" else ()
        out.append(Field(name, takes, _text(given), info.description or "", info.is_required(), among))
    return out


def _takes(annotation: Any) -> Any:
    """What a field of this type is filled in with."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _takes(args[0])
    if origin in (Union, types.UnionType):
        return _takes(next(a for a in args if a is not type(None)))
    if origin is Literal:
        return "choice"
    if annotation is bool:
        return "yes"
    if annotation in (int, float):
        return "number"
    if origin is list:
        return "numbers" if _takes(args[0]) == "number" else "list"
    return "document" if origin is not None or annotation is dict else "text"


def _text(value: Any) -> str:
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, list | tuple):
        return ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def body_of(visit: Visit, read: Reader, kind: str, case: str, plan: str, minutes: float) -> Any:
    """The body that the form asks with; what is wrong is noted, each beside its field.

    Returns
    -------
    StudyPost or None
        None where something is wrong.
    """
    question = {}
    for field in fields_of(kind):
        value = _value(visit, read, field)
        if value is not None:
            question[field.name] = value
    if read.errors:
        return None
    body = {"kind": kind, "case": case, "question": question, "options": {"time_limit_s": 60 * minutes}}
    try:
        return _ANY.validate_python({**body, **({"plan": plan} if plan else {})})
    except ValidationError as error:
        for found in error.errors():
            place = [str(p) for p in found["loc"]]
            name = place[place.index("question") + 1] if "question" in place[:-1] else place[-1]
            read.wrong(name, str(found["msg"]).removeprefix("Value error, "))
        return None


def checked(body: dict[str, Any]) -> Any:
    """A body that was made here, as the route takes it."""
    return _ANY.validate_python(body)


def _value(visit: Visit, read: Reader, field: Field) -> Any:
    """The value of a field; none where it is left out, so that its default holds."""
    text = visit.form.text(field.name)
    if field.takes == "yes":
        return bool(text)
    if not text:
        if field.needed:
            read.wrong(field.name, visit.say("This is needed."))
        return None
    if field.takes in ("text", "choice"):
        return text
    if field.takes == "document":
        return _document(visit, read, field.name, text)
    parts = [p.strip() for p in text.replace("\n", ",").replace(";", ",").split(",") if p.strip()]
    if field.takes == "list":
        return parts
    numbers = [_number(p) for p in (parts if field.takes == "numbers" else [text.replace(",", ".")])]
    if any(n is None for n in numbers):
        read.wrong(field.name, visit.say("A number is asked for, as 0.5."))
        return None
    return numbers if field.takes == "numbers" else numbers[0]


def _number(text: str) -> float | int | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _document(visit: Visit, read: Reader, name: str, text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        read.wrong(name, visit.say("A JSON object is asked for, in braces."))
        return None
    return found
