"""Texts, figures and dates of a page in the reader's language.

Texts are English in templates and code, and looked up in ``locale/LANGUAGE.po`` (gettext); what is not there is looked
up among the sentences of the product. Figures and dates are written by Babel.
"""

from __future__ import annotations

import functools
import importlib.resources
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from babel.support import Translations

from optimizer.domain.answer import Sentence
from optimizer.report.language import LANGUAGES as SENTENCES
from optimizer.report.language import filled, in_language, word
from optimizer.report.numbers import Numeral

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

__all__ = ["COMPLETE", "NAMES", "Tongue", "chosen", "offered"]

COMPLETE: Final = ("en", "fr")
"""Languages that every text of the pages is in."""
NAMES: Final = {
    "ar": "العربية",
    "zh": "中文",
    "en": "English",
    "fr": "Français",
    "ru": "Русский",
    "es": "Español",
}
"""The official languages by their own names, in the order of the United Nations."""
_RTL: Final = frozenset({"ar"})
_DASH: Final = "–"


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language.

    Parameters
    ----------
    code : str
        One of ``NAMES``.
    """

    code: str = "en"

    @property
    def complete(self) -> bool:
        """Whether every text is in it; else texts are English and marked as that."""
        return self.code in COMPLETE

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return "rtl" if self.code in _RTL else "ltr"

    def say(self, text: str, **values: Any) -> str:
        """A text with its values, ``%(name)s`` in it."""
        told: str = _catalogue(self.code).gettext(text)
        if told == text and not values and self.code in SENTENCES:
            told = word(text, self.code)
        return told % values if values else told

    def some(self, one: str, many: str, n: int, **values: Any) -> str:
        """A text about a number of things, ``%(n)s`` in it."""
        told: str = _catalogue(self.code).ngettext(one, many, n)
        return told % {"n": self.count(n), **values}

    def plural(self, one: str, many: str, n: int) -> str:
        """The form of a text for a number; its values are filled in by the template."""
        told: str = _catalogue(self.code).ngettext(one, many, n)
        return told

    def sentence(self, text: str) -> str:
        """A sentence of the product, where it was made to be told in several languages."""
        return in_language(text, self.code) if isinstance(text, Sentence) and self.code in SENTENCES else text

    def told(self, text: str) -> str:
        """A sentence of reports with its figures as pages write them; any other text as it is."""
        if not isinstance(text, Sentence):
            return str(self._value(text))
        values = {k: self._value(v) for k, v in text.values.items()}
        if self.code in SENTENCES and self.code != "en":
            return in_language(Sentence(str(text), text.template, values), self.code)
        return filled(text.template, values, "en")

    def _value(self, value: Any) -> Any:
        if isinstance(value, Sentence):
            return self.told(value)
        if not isinstance(value, Numeral):
            return value
        text = self.decimal(value.value, value.digits, plus=value.plus)
        if not value.whole:
            percent = value.endswith("%")
            text = self.percent(value.value, value.digits) if percent else self.short(value.value, plus=value.plus)
        return Numeral(text, value.value, value.digits, value.plus)

    def count(self, value: float | None, *, plus: bool = False) -> str:
        """A whole number, money without cents; a dash for none."""
        return self.decimal(value, 0, plus=plus)

    def decimal(self, value: float | None, digits: int = 1, *, plus: bool = False) -> str:
        """A number with so many decimals; zero has no sign."""
        if value is None or not math.isfinite(value):
            return _DASH
        value = round(value, digits) + 0.0
        text = format_decimal(abs(value), "#,##0" + ("." + "0" * digits if digits else ""), locale=self.code)
        return _signed(value, text, plus=plus)

    def short(self, value: float | None, *, plus: bool = False) -> str:
        """Money as a tile has it: ``27.7M``, in the word of the language."""
        return self._compact(value, "short", plus=plus)

    def long(self, value: float | None) -> str:
        """Money as a sentence has it: ``27.7 million``."""
        return self._compact(value, "long", plus=False)

    def _compact(self, value: float | None, kind: Any, *, plus: bool) -> str:
        if value is None or not math.isfinite(value):
            return _DASH
        size = abs(value)
        digits = 0 if size < 1000 or 10_000 <= size < 999_500 else 1
        text = format_compact_decimal(size, format_type=kind, locale=self.code, fraction_digits=digits)
        return _signed(value if size >= 0.5 else 0.0, text.replace(" ", "\N{NO-BREAK SPACE}"), plus=plus)

    def percent(self, share: float | None, digits: int = 1) -> str:
        """A share of one."""
        if share is None or not math.isfinite(share):
            return _DASH
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        pattern += "%" if self.code in ("en", "zh") else "\N{NO-BREAK SPACE}%"
        return _signed(share, format_percent(abs(share), pattern, locale=self.code), plus=False)

    def day(self, value: date | None) -> str:
        """A day."""
        return _DASH if value is None else format_date(value, "long", locale=self.code)

    def month(self, value: date, *, short: bool = False) -> str:
        """A month with its year."""
        return format_skeleton("yMMM" if short else "yMMMM", value, locale=self.code)

    def quarter(self, value: date) -> str:
        """The quarter of a day with its year."""
        return format_skeleton("yQQQ", value, locale=self.code).replace(" ", "\N{NO-BREAK SPACE}")

    def moment(self, value: datetime | None) -> str:
        """A day and time, in UTC."""
        if value is None:
            return _DASH
        pattern = "d MMM y, HH:mm" if self.code == "en" else "medium"
        return f"{format_datetime(value, pattern, locale=self.code)}\N{NO-BREAK SPACE}UTC"

    def span(self, seconds: float | None) -> str:
        """A length of time."""
        if seconds is None:
            return _DASH
        whole = round(seconds)
        if whole < 120:
            return self.some("%(n)s second", "%(n)s seconds", whole)
        if whole < 7200:
            return self.some("%(n)s minute", "%(n)s minutes", round(whole / 60))
        return self.some("%(n)s hour", "%(n)s hours", round(whole / 3600))

    def listed(self, words: Sequence[str]) -> str:
        """Words one after the other."""
        return ", ".join(words)


def _signed(value: float, text: str, *, plus: bool) -> str:
    if not any(c in "123456789" for c in text):
        return text
    return f"\N{MINUS SIGN}{text}" if value < 0 else f"+{text}" if plus else text


def offered(languages: str) -> tuple[str, ...]:
    """The languages of a setting, as far as they are official ones, in their order; never none."""
    given = {w.strip() for w in languages.split(",")}
    return tuple(code for code in NAMES if code in given) or ("en",)


def chosen(kept: str | None, accepted: str, languages: Sequence[str]) -> Tongue:
    """The language of a reader: what was chosen in a page, else the first that the browser asks for, else English.

    Parameters
    ----------
    kept : str, optional
        Of the cookie.
    accepted : str
        Header ``Accept-Language``.
    languages : sequence of str
        That are offered.
    """
    if kept in languages:
        return Tongue(str(kept))
    wanted = [part.partition(";")[0].strip().lower().partition("-")[0] for part in accepted[:200].split(",")]
    found = next((w for w in wanted if w in languages), None)
    return Tongue(found or ("en" if "en" in languages else languages[0]))


@functools.cache
def _catalogue(code: str) -> Translations:
    """Texts of the pages in a language; none of a language that is not complete."""
    if code == "en" or code not in COMPLETE:
        return Translations()
    path = importlib.resources.files("api.web") / "locale" / f"{code}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=Locale.parse(code))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
