"""What a refused cell looks like, and what to write instead. These words help to mend; no value is taken from them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Final

__all__ = ["ambiguous_thousands", "date_hint", "number_hint", "time_hint", "zone_hint", "zone_without_place"]

_SPACES: Final = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u2007", " "))
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?P<mark>[ .,'’])\d{3}(?:(?P=mark)\d{3})*(?:(?P<sign>[.,])\d+)?", re.ASCII)
_ONE_COMMA: Final = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_ACCOUNTING: Final = re.compile(r"\((\d[\d.]*)\)|(\d[\d.]*)-", re.ASCII)
_MARKED: Final = re.compile(r"(?P<before>\D*?)\s*(?P<number>[+-]?\d+(?:\.\d+)?)\s*(?P<after>\D*)", re.ASCII)
_NO_VALUE: Final = frozenset(
    {"na", "n/a", "n.a.", "nan", "null", "none", "nil", "-", "--", "–", "—", "?", "tbd", "tbc"}
)


def ambiguous_thousands(text: str) -> bool:
    """Whether a number with one point or comma may be meant in thousands: ``1.234``, not ``12.5`` or ``0.125``."""
    return bool(_THOUSANDS.fullmatch(text))


def number_hint(text: str) -> str:
    """A sentence about a text that is no plain number; empty when it looks like nothing known."""
    plain = text.translate(_SPACES).replace("−", "-").strip()
    if plain.casefold() in _NO_VALUE:
        return "It looks like a value that is not known: leave the cell blank. "
    if ambiguous_thousands(plain):
        mark = "," if "," in plain else "."
        thousands, decimals = plain.replace(mark, ""), plain.replace(mark, ".")
        return f"Write {thousands} if thousands are meant, {decimals} if decimals are. "
    if grouped := _GROUPED.fullmatch(plain):
        mark, sign = grouped["mark"], grouped["sign"] or ""
        if sign != mark:
            written = plain.replace(mark, "")
            return f"It looks like {written.replace(',', '.')} with marks between thousands: write that. "
    if _ONE_COMMA.fullmatch(plain):
        return f"It looks like a decimal comma: write {plain.replace(',', '.')}. "
    if minus := _ACCOUNTING.fullmatch(plain):
        return f"It looks like a negative number: write -{minus[1] or minus[2]}. "
    return _marked_hint(plain)


def _marked_hint(text: str) -> str:
    """Percent signs, units and digits of other scripts."""
    if not text.isascii() and text.isnumeric() and all(unicodedata.decimal(c, None) is not None for c in text):
        return f"Write the digits as {''.join(str(unicodedata.decimal(c)) for c in text)}. "
    found = _MARKED.fullmatch(text)
    if found is None or not (found["before"] or found["after"]):
        return ""
    if found["after"].strip() == "%":
        return f"It looks like a percentage: a share is written {float(found['number']) / 100:.6g}. "
    return f"It looks like {found['number']} with a unit or currency: write the number alone. "


_SERIAL: Final = re.compile(r"[2-7]\d{4}(?:\.\d+)?", re.ASCII)
_SLASHED: Final = re.compile(r"(\d{1,4})[./\- ](\d{1,2})[./\- ](\d{1,4})", re.ASCII)
_RUN: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_WITH_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d.*", re.ASCII)
_EPOCH: Final = date(1899, 12, 30)


def date_hint(text: str) -> str:
    """A sentence about a text that is no ISO date."""
    if _SERIAL.fullmatch(text):
        day = _EPOCH + timedelta(days=int(text.partition(".")[0]))
        return f"It looks like a spreadsheet's day number: write {day} if that is meant. "
    if stamp := _WITH_TIME.fullmatch(text):
        return f"It looks like a date with a time of day: write {stamp[1]}. "
    if run := _RUN.fullmatch(text):
        return _dates_told([(run[1], run[2], run[3])])
    if parts := _SLASHED.fullmatch(text):
        a, b, c = parts.groups()
        return _dates_told([(a, b, c)] if len(a) == 4 else [(c, b, a), (c, a, b)])
    return ""


def _dates_told(candidates: list[tuple[str, str, str]]) -> str:
    """The days that the parts may name: year, month, day."""
    days: list[str] = []
    for year, month, day in candidates:
        try:
            found = date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
        if len(year) == 4 and found not in days:
            days.append(found)
    return f"Write {' or '.join(days)}, whichever is meant. " if len(days) > 1 else f"Write {days[0]}. " if days else ""


_FRACTION: Final = re.compile(r"0?\.\d+", re.ASCII)
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:.h ]?(\d{2}))?(?::\d{2})? ?(am|pm|a\.m\.|p\.m\.|h|Uhr)?", re.IGNORECASE)


def time_hint(text: str) -> str:
    """A sentence about a text that is no time of day."""
    if _FRACTION.fullmatch(text):
        minutes = round(float(text) * 1440)
        return f"It looks like a spreadsheet's part of a day: write {minutes // 60 % 24:02d}:{minutes % 60:02d}. "
    found = _CLOCK.fullmatch(text)
    if found is None:
        return ""
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()[:1]
    if half in ("a", "p") and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"Write {hour:02d}:{minute:02d}. " if hour < 24 and minute < 60 else ""


_FIXED: Final = frozenset(
    {
        "EST",
        "MST",
        "HST",
        "GMT",
        "GMT0",
        "GMT+0",
        "GMT-0",
        "Greenwich",
        "UTC",
        "UCT",
        "Universal",
        "Zulu",
        "Factory",
    }
)
"""Names of the zone database, outside ``Etc``, that stand for no place and keep one offset all year."""

_SUMMER: Final = frozenset({"EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "WET", "CET", "MET", "EET"})
"""Those that stand for no place and have summer time."""

_OFFSET: Final = re.compile(r"(?:UTC|GMT)\s*(?P<sign>[+\-−])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?", re.I)
_ETC: Final = re.compile(r"Etc/GMT([+-])(\d{1,2})", re.ASCII)
_SHORT: Final = {
    "BST": "Europe/London or Asia/Dhaka",
    "IST": "Asia/Kolkata, Europe/Dublin or Asia/Jerusalem",
    "CST": "America/Chicago, America/Havana or Asia/Shanghai",
    "EDT": "America/New_York",
    "CDT": "America/Chicago",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles or Asia/Manila",
    "PDT": "America/Los_Angeles",
    "CEST": "Europe/Berlin or another place there",
    "EEST": "Europe/Athens or another place there",
    "EAT": "Africa/Nairobi",
    "CAT": "Africa/Maputo",
    "WAT": "Africa/Lagos",
    "SAST": "Africa/Johannesburg",
    "MSK": "Europe/Moscow",
    "GST": "Asia/Dubai",
    "PKT": "Asia/Karachi",
    "ICT": "Asia/Bangkok",
    "SGT": "Asia/Singapore",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "AEST": "Australia/Sydney or Australia/Brisbane",
    "AST": "America/Halifax",
    "NZST": "Pacific/Auckland",
    "BRT": "America/Sao_Paulo",
    "ART": "America/Argentina/Buenos_Aires",
}
"""Usual short names that the zone database lacks, and places that use them."""


def zone_without_place(name: str) -> str:
    """What is to be said of a known zone that stands for no place; empty for a place's zone."""
    if etc := _ETC.fullmatch(name):
        way = "east" if etc[1] == "-" else "west"
        return f"{name} is {etc[2]} hours {way} of Greenwich all year (the sign is turned round), and no place's zone"
    if name in _SUMMER:
        return f"{name} is no place's zone: its summer time, and changes of it by law, need not be those of the place"
    if name in _FIXED or name.startswith("Etc/"):
        return f"{name} is no place's zone: summer time and changes of law at the place are not followed"
    return ""


def zone_hint(text: str) -> str:
    """A sentence about a text that is no zone name."""
    if offset := _OFFSET.fullmatch(text):
        way = "west" if offset["sign"] in "-−" else "east"
        told = f"{int(offset['hours'])}:{offset['minutes'] or '00'} hours {way} of Greenwich"
        return f"It looks like an offset, {told}: name the zone of the place, which knows its summer time. "
    if places := _SHORT.get(text.upper()):
        return f"It looks like a short name that is not unique: did you mean {places}? "
    if text.endswith(" Time"):
        return "It looks like a Windows name of a zone. "
    return ""
