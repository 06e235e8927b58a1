"""What each language has its own name for: countries, days, months and quarters.

Countries have the names of the United Nations in English and those of CLDR in other languages.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from babel import Locale
from babel.dates import format_date

from optimizer.tables.places.reference import countries

if TYPE_CHECKING:
    from datetime import date

__all__ = ["Day", "Month", "Named", "Quarter", "Territory", "territory"]

_SAID: Final = {
    "fr": {
        "FK": "Îles Falkland (Malvinas)",
        "HK": "Chine, RAS de Hong Kong",
        "MO": "Chine, RAS de Macao",
        "PS": "État de Palestine",
        "TR": "Türkiye",
        "VA": "Saint-Siège",
    }
}
"""Names of the United Nations where CLDR has another one."""


class Named(str):
    """A name in English that other languages have their own for."""

    __slots__ = ()

    def named(self, language: str) -> str:
        """The name in a language of ``LANGUAGES``."""
        raise NotImplementedError


class Day(Named):
    """A day, in English as ``30 October 2023``."""

    __slots__ = ("day",)

    day: date

    def __new__(cls, day: date) -> Day:
        made = super().__new__(cls, f"{day.day} {day:%B} {day.year}")
        made.day = day
        return made

    def named(self, language: str) -> str:
        """The day as a language writes it."""
        return str(self) if language == "en" else format_date(self.day, "long", locale=language)


class Month(Named):
    """A month with its year, in English as ``April 2027``; short as ``Apr 2027``, in one piece."""

    __slots__ = ("day", "short")

    day: date
    short: bool

    def __new__(cls, day: date, *, short: bool = False) -> Month:
        made = super().__new__(cls, f"{day:%b}\u00a0{day.year}" if short else f"{day:%B} {day.year}")
        made.day, made.short = day, short
        return made

    def named(self, language: str) -> str:
        """The month as a language writes it."""
        if language == "en":
            return str(self)
        form = "MMM\u00a0y" if self.short else "MMMM y"
        return format_date(self.day, form, locale=language)


class Quarter(Named):
    """A quarter of the calendar with its year, in English as ``Q2 2027``, in one piece."""

    __slots__ = ("day",)

    day: date

    def __new__(cls, day: date) -> Quarter:
        made = super().__new__(cls, f"Q{day.month // 3 + 1}\u00a0{day.year}")
        made.day = day
        return made

    def named(self, language: str) -> str:
        """The quarter as a language writes it."""
        return str(self) if language == "en" else format_date(self.day, "QQQ\u00a0y", locale=language)


class Territory(Named):
    """Name of a country in English that knows its code (ISO 3166-1 alpha-2)."""

    __slots__ = ("code",)

    code: str

    def __new__(cls, text: str, code: str) -> Territory:
        made = super().__new__(cls, text)
        made.code = code
        return made

    def named(self, language: str) -> str:
        """Its name in a language of ``LANGUAGES``; the English one where that language has none."""
        if language == "en":
            return str(self)
        return _SAID[language].get(self.code) or Locale.parse(language).territories.get(self.code) or str(self)


@cache
def territory(code: str) -> Territory:
    """A country by its code; a code that nobody knows names itself."""
    return Territory(_names().get(code, code), code)


@cache
def _names() -> dict[str, str]:
    return {code: row.name for code, row in countries().items()}
