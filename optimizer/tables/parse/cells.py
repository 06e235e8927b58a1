"""One cell: text to value. Each function refuses with a coded ``CellError``, none guesses."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Context, Decimal, InvalidOperation
from typing import Any, Final

from optimizer.domain.names import OWN
from optimizer.tables.checks.findings import did_you_mean
from optimizer.tables.parse.alpha3 import alpha_2
from optimizer.tables.parse.lookalikes import date_hint, number_hint, time_hint, zone_hint
from optimizer.tables.places.reference import WEEKDAYS, countries, languages, region_names, time_zones
from optimizer.tables.schema import Column, ColumnType

__all__ = ["FLAGS", "LIST_TYPES", "PARSERS", "CellError", "list_items", "parse_date", "parse_decimal"]

NUMBER_MAX: Final = 60
ID_MAX: Final = 120
TEXT_MAX: Final = 4000
LIST_TYPES: Final = frozenset({"weekdays", "languages", "regions", "labels"})
"""Column types that hold several items."""

_EXACT = Context(prec=NUMBER_MAX)
_SIMPLE = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_SIXTY = r"[0-5]?\d(?:\.\d+)?"
_PARTS = rf"(?: ?{_SIXTY}'(?: ?{_SIXTY}\")?)?"
_ANGLE = re.compile(rf"[+-]?\d{{1,3}}°{_PARTS}|\d{{1,3}}(?:\.\d+)?°?{_PARTS} ?[NSEW]", re.ASCII)
_PRIMES = str.maketrans({"′": "'", "’": "'", "″": '"', "”": '"'})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::00)?", re.ASCII)
FLAGS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class CellError(Exception):
    """A refused cell: code of the catalogue, message, facts for the remedy."""

    def __init__(self, code: str, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.code = code
        self.facts = facts


def list_items(text: str) -> list[str]:
    """Items of a ``;`` list, blanks around and between them dropped."""
    return [item for part in text.split(";") if (item := part.strip())]


def parse_decimal(text: str) -> Decimal:
    """Exact value of a plain number.

    Raises
    ------
    CellError
        ``bad_number``, or ``too_many_decimals`` when more than six are not zero.
    """
    if len(text) > NUMBER_MAX or not _NUMBER.fullmatch(text):
        raise CellError("bad_number", f"{text[:40]!r} is not a number", hint=number_hint(text[:NUMBER_MAX]))
    try:
        value = _EXACT.create_decimal(text).normalize(_EXACT)
    except InvalidOperation as error:
        raise CellError("bad_number", f"{text!r} is not a number") from error
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6 and value:
        raise CellError("too_many_decimals", f"{text} has {-exponent} decimals")
    return value


def _number(text: str, column: Column) -> float:
    value = float(text) if _SIMPLE.fullmatch(text) else float(parse_decimal(text))
    low, high = column.minimum, column.maximum
    if (column.above and value <= 0) or (low == 0 and value < 0):
        raise CellError("not_positive" if column.above else "negative_number", f"{column.name} is {text}")
    if (high is not None and value > high) or (low is not None and value < low) or abs(value) > 1e15:
        least = "-10^13" if low is None else f"{low:,.0f}"
        raise CellError(
            "out_of_range",
            f"{column.name} is {text}",
            minimum=least,
            maximum=f"{high if high is not None else 1e13:,.0f}",
        )
    return value or 0.0  # no minus zero


def _whole(text: str, column: Column) -> int:
    value = _number(text, column)
    if not value.is_integer():
        raise CellError("not_whole", f"{column.name} is {text}")
    return int(value)


def _coordinate(text: str, column: Column) -> float:
    degrees = _decimal_degrees(text) if _NUMBER.fullmatch(text) else _angle(text, column.name)
    limit = column.maximum or 180.0
    if abs(degrees) > limit:
        raise CellError("coordinate_range", f"{column.name} is {text}", minimum=f"{-limit:g}", maximum=f"{limit:g}")
    return degrees or 0.0


def _decimal_degrees(text: str) -> float:
    value = parse_decimal(text)
    return float(value) if abs(value) <= 1000 else 1000.0


def _angle(text: str, name: str) -> float:
    """Degrees, minutes and seconds such as 1°17′30″S, rounded to six decimals."""
    from geopy.point import Point

    plain = text.translate(_PRIMES)
    try:
        if not _ANGLE.fullmatch(plain):  # geopy alone takes 1 17 S for 17 degrees
            raise ValueError(text)
        point = Point.from_string(f"{plain} 0" if name == "latitude" else f"0 {plain}")
    except ValueError as error:
        raise CellError("bad_coordinate", f"{text!r} is not a {name}") from error
    degrees: float = point.latitude if name == "latitude" else point.longitude
    return round(degrees, 6)


def _id(text: str, column: Column) -> str:
    if text != text.strip() or any(mark in text for mark in ";|") or not text.isprintable():
        raise CellError("bad_id", f"{text!r} cannot be an id")
    if text in (OWN, "*") or text.startswith("kind:"):
        raise CellError("reserved_id", f"{text!r} has a meaning of its own")
    return _short(text, column, ID_MAX)


def _short(text: str, column: Column, limit: int) -> str:
    if len(text) > limit:
        raise CellError("text_too_long", f"{column.name} has {len(text):,} characters", maximum=f"{limit:,}")
    return text


def _text(text: str, column: Column) -> str:
    return _short(text, column, TEXT_MAX)


def _label(text: str, column: Column) -> str:
    if any(mark in text for mark in ";|") or not text.isprintable():
        raise CellError("bad_id", f"{text!r} cannot be a {column.name}")
    return _short(text, column, ID_MAX)


def _flag(text: str, column: Column) -> bool:
    value = FLAGS.get(text.lower())
    if value is None:
        raise CellError("bad_flag", f"{column.name} is {text!r}")
    return value


def _choice(text: str, column: Column) -> str:
    by_fold = {c.casefold(): c for c in column.choices}
    value = by_fold.get(text.casefold())
    if value is None:
        raise CellError(
            "unknown_choice",
            f"{column.name} is {text!r}",
            choices=", ".join(column.choices),
            guess=did_you_mean(text, column.choices),
        )
    return value


def parse_date(text: str, name: str) -> date:
    """Date of a ``YYYY-MM-DD`` text; other ISO spellings are refused as ``bad_date``."""
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise CellError("bad_date", f"{name} is {text!r}", hint=date_hint(text)) from error


def _date(text: str, column: Column) -> date:
    return parse_date(text, column.name)


def _time(text: str, column: Column) -> time:
    match = _TIME.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        return time(int(match.group(1)), int(match.group(2)))
    except ValueError as error:
        raise CellError("bad_time", f"{column.name} is {text!r}", hint=time_hint(text)) from error


def _zone(text: str, column: Column) -> str:
    if text not in time_zones():
        guess = zone_hint(text) or did_you_mean(text, time_zones())
        raise CellError("bad_time_zone", f"{column.name} {text!r} is not known", guess=guess)
    return text


def _country(text: str, column: Column) -> str:
    code = text.upper()
    if code not in countries():
        by_name = {c.name.casefold(): c.code for c in countries().values()} | {"uk": "GB", "united kingdom": "GB"}
        named = by_name.get(text.casefold()) or alpha_2().get(code)
        guess = f"Did you mean '{named}'? " if named else ""
        raise CellError("bad_country", f"{column.name} is {text!r}", guess=guess)
    return code


def _weekdays(text: str, column: Column) -> frozenset[int]:
    days = {d.casefold(): i for i, d in enumerate(WEEKDAYS)}
    if text.casefold() == "none":
        return frozenset()
    numbers = set()
    for item in list_items(text):
        number = days.get(item.casefold()[:3])
        if number is None or not _FULL_DAYS[number].startswith(item.casefold()):
            raise CellError("bad_weekday", f"{column.name} names {item!r}")
        numbers.add(number)
    return frozenset(numbers)


_FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _languages(text: str, column: Column) -> frozenset[str]:
    codes = set()
    for item in list_items(text):
        code = item.lower()
        if code not in languages():
            by_name = {n.casefold(): c for c, n in languages().items()}
            guess = f"Did you mean '{by_name[code]}'? " if code in by_name else ""
            raise CellError("bad_language", f"{column.name} names {item!r}", guess=guess)
        codes.add(code)
    return frozenset(codes)


def _regions(text: str, column: Column) -> frozenset[str]:
    names = set()
    for item in list_items(text):
        name = region_names().get(item.casefold())
        if name is None:
            raise CellError(
                "unknown_region", f"{column.name} names {item!r}", guess=did_you_mean(item, region_names().values())
            )
        names.add(name)
    return frozenset(names)


def _labels(text: str, column: Column) -> frozenset[str]:
    return frozenset(_label(item, column) for item in list_items(text))


PARSERS: Final[dict[ColumnType, Callable[[str, Column], Any]]] = {
    "id": _id,
    "ref": _text,
    "source": _text,
    "scope": _text,
    "label": _label,
    "text": _text,
    "number": _number,
    "whole": _whole,
    "flag": _flag,
    "choice": _choice,
    "date": _date,
    "time": _time,
    "zone": _zone,
    "country": _country,
    "coordinate": _coordinate,
    "weekdays": _weekdays,
    "languages": _languages,
    "regions": _regions,
    "labels": _labels,
}
"""Parser by column type; the text is not blank and, ids apart, stripped."""
