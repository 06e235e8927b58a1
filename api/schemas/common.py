"""What many bodies share."""

from __future__ import annotations

import functools
import re
import types
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

__all__ = [
    "BIDI",
    "CONTROL",
    "NAMED",
    "PRINTABLE",
    "UNSEEN",
    "Day",
    "Id",
    "Label",
    "Links",
    "Moment",
    "Note",
    "Number",
    "Out",
    "Page",
    "Plain",
    "Sent",
    "Tag",
    "Whole",
    "printable",
]

T = TypeVar("T")


BIDI: Final = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Characters that turn the direction of a text, for a regular expression: a name can pose as another with them."""

UNSEEN: Final = r"\u00ad\u180e\u200b\u2060-\u2064\ufeff"
"""Characters that take no room and mean nothing, for a regular expression: two names that look the same can differ by
them. Not the joiners U+200C and U+200D, which some scripts are not written without."""

CONTROL: Final = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
"""What no person types, for a regular expression: some of it moves the cursor of a terminal, or begins a line."""

PRINTABLE: Final = rf"^[^{CONTROL}]*$"
NAMED: Final = rf"^[^{CONTROL}{BIDI}{UNSEEN}]*$"
_CONTROLS: Final = re.compile(f"[{CONTROL}]")


def printable(text: str) -> str:
    """Refuse what no person types."""
    if _CONTROLS.search(text):
        raise ValueError("control characters are not accepted")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("half of a surrogate pair is not a character") from error
    return text


def _digits(value: Any) -> Any:
    """Refuse a number of a query that is more than digits; pydantic alone reads ``1_0`` as ten."""
    if isinstance(value, str) and not (value.isascii() and value.removeprefix("-").isdigit()):
        raise PydanticCustomError("whole_number", "a whole number is asked for", {"remedy": "give it in digits"})
    return value


Id = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,4}_[0-9a-f]{28}$")]
Label = Annotated[str, StringConstraints(max_length=200, pattern=NAMED)]
Note = Annotated[str, StringConstraints(max_length=4000, pattern=PRINTABLE)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NAMED)]
Whole = Annotated[int, BeforeValidator(_digits)]
"""A number in a path or a query."""
Number = Annotated[Whole, Field(ge=1, le=2**62)]
"""Of an entry of the record, as the cursor of a page."""
Links = dict[str, str]

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?([Zz]|[+-]\d{2}:?\d{2})", re.ASCII)


def _day_as_text(value: Any) -> Any:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("date_as_text", "a day is asked for, as text", {"remedy": "give it as 2026-01-31"})
    return value


def _moment_as_text(value: Any) -> Any:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        told = "a day and time with its zone is asked for, as text"
        raise PydanticCustomError("datetime_as_text", told, {"remedy": "give it as 2026-01-31T08:00:00Z"})
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first and the last day of the calendar, in other zones
        raise ValueError("lies outside of the calendar") from error


Day = Annotated[date, BeforeValidator(_day_as_text)]
"""A day that a user sends; pydantic alone takes a number too, as seconds since 1970."""
Moment = Annotated[AwareDatetime, BeforeValidator(_moment_as_text), AfterValidator(_in_utc)]
"""A moment that a user sends, in UTC once it is read; as ``Day`` only from text."""


_JSON: Final[dict[Any, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
    types.NoneType: "null",
}
"""What JSON calls the values of a type; ``Day`` and ``Moment`` tell for themselves."""


def _asked(annotation: Any) -> frozenset[str]:
    """The kinds of JSON values that a field takes; empty: not told apart here."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _asked(args[0])
    if origin in (Union, types.UnionType):
        parts = [_asked(a) for a in args]
        return frozenset().union(*parts) if all(parts) else frozenset()
    if origin is Literal:
        return frozenset(_JSON[type(a)] for a in args)
    found = _JSON.get(origin or annotation)
    return frozenset() if found is None else frozenset({found})


@functools.cache
def _asked_of(model: type[BaseModel], field: str) -> frozenset[str]:
    return _asked(model.model_fields[field].annotation)


class Plain(BaseModel):
    """Base of parts of request bodies that are told apart by a field: a field nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def no_stand_in(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse a value of another kind; pydantic reads ``false`` and ``"0"`` as the number 0."""
        asked = _asked_of(cls, info.field_name or "")
        given = _JSON.get(type(value))
        if asked and given is not None and given not in asked:
            raise ValueError(f"{' or '.join(sorted(asked))} is asked for, not {given}")
        return value


class Sent(Plain):
    """Base of request bodies: a field nobody knows is an error, and so is a value of another kind."""

    @field_validator("*", mode="before")
    @classmethod
    def _kinds(cls, value: Any, info: ValidationInfo) -> Any:
        return cls.no_stand_in(value, info)


class Out(BaseModel):
    """Base of response bodies."""

    model_config = ConfigDict(frozen=True)


class Page(Out, Generic[T]):
    """Some of many; ``next`` is the cursor of those that follow, null at the end."""

    items: list[T]
    next: str | None = Field(None, description="pass it as `cursor` for the next page")
