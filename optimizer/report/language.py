"""Sentences, and single words such as the name of a column, in the reader's language.

Templates are English; ``optimizer/locale/LANGUAGE.po`` has them in other languages, plurals as gettext has them, and
numbers are written as each language writes them (Babel, CLDR).
"""

from __future__ import annotations

import functools
import importlib.resources
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from babel import Locale
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent, get_decimal_symbol

from optimizer.domain.answer import Sentence, counted, told
from optimizer.report.numbers import Numeral
from optimizer.report.places import Named

__all__ = ["LANGUAGES", "Value", "Words", "figure_in", "filled", "in_language", "said_in", "span", "step_of", "word"]

LANGUAGES: Final = ("en", "fr")
"""Languages that sentences are said in."""

Value = str | int | float | Mapping[str, Any]
"""What stands for a name in a template."""


def step_of(width: float) -> float:
    """Largest power of ten within a tenth of an interval; a cent at least."""
    return max(0.01, 10.0 ** math.floor(math.log10(width / 10))) if width > 0.01 else 0.01


def in_language(sentence: Sentence, language: str) -> str:
    """A sentence in another language; its words stay English where its template is not known there.

    Parameters
    ----------
    sentence : Sentence
    language : str
        One of ``LANGUAGES``.
    """
    if language == "en":
        return str(sentence)
    return filled(_translated(sentence.template, sentence.values, language), sentence.values, language)


def word(text: str, language: str) -> str:
    """A word or a title of ours in a language; what the catalogue does not have stays as it is.

    Parameters
    ----------
    text : str
        English, whole: nothing is filled in.
    language : str
        One of ``LANGUAGES``.
    """
    return in_language(text, language) if isinstance(text, Sentence) else _translated(text, {}, language)


def said_in(text: str, language: str) -> str:
    """A text of a page in a language: a sentence, a figure, a country. Any other text stays as it is.

    Parameters
    ----------
    text : str
    language : str
        One of ``LANGUAGES``.
    """
    if isinstance(text, Sentence):
        return in_language(text, language)
    if isinstance(text, Named):
        return text.named(language)
    return figure_in(text, language) if isinstance(text, Numeral) else text


def figure_in(text: str, language: str) -> str:
    """A figure in English as a language writes it: its decimal mark, and its word for a thousand million."""
    if language == "en":
        return text
    return text.replace(".", get_decimal_symbol(language)).replace("bn", _BILLION[language])


_BILLION: Final = {"fr": "Md"}


@dataclass(frozen=True, slots=True)
class Words:
    """Words and figures of a page or of the terminal in one language."""

    language: str = "en"

    def say(self, template: str, **values: str | float) -> str:
        """A sentence, or a part of one."""
        return in_language(told(template, **values), self.language)

    def some(self, n: int, one: str, many: str, **values: str | float) -> str:
        """A number of things, in the singular or the plural."""
        return in_language(counted(one, many, n, **values), self.language)

    def read(self, text: str) -> str:
        """A text that is a sentence where it was made here."""
        return in_language(text, self.language) if isinstance(text, Sentence) else text

    def figure(self, text: str) -> str:
        """A figure as the language writes it."""
        return figure_in(text, self.language)


def _translated(template: str, values: Mapping[str, Value], language: str) -> str:
    """The template in a language, in the form for its ``n``; itself where the catalogue has none."""
    if language == "en":
        return template
    forms = _catalogue(language).get(template)
    if forms is None:
        return template
    n = values.get("n")
    n = n.value if isinstance(n, Numeral) else n.get("value") if isinstance(n, Mapping) else n
    many = len(forms) > 1 and isinstance(n, int | float) and Locale.parse(language).plural_form(abs(n)) != "one"
    return forms[-1] if many else forms[0]


@functools.cache
def _catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """Templates of a language by their English: one form, or singular and plural under both of their English ones."""
    path = importlib.resources.files("optimizer") / "locale" / f"{language}.po"
    out: dict[str, tuple[str, ...]] = {}
    with path.open("rb") as file:
        for message in read_po(file, locale=language):
            if message.id and message.string:
                ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
                forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
                out |= dict.fromkeys(ids, forms)
    return out


def filled(template: str, values: Mapping[str, Value], language: str) -> str:
    """A template of a language with its values."""
    if not values:  # a name out of a table may have braces of its own
        return template
    return template.format(**{name: _said(value, language) for name, value in values.items()})


def _said(value: Value, language: str) -> str:
    if isinstance(value, Sentence):
        return in_language(value, language)
    if isinstance(value, Mapping):
        if "phrase" in value:
            return filled(_translated(value["phrase"], value["values"], language), value["values"], language)
        if "listed" in value:
            space = "" if language == "en" else "\N{NO-BREAK SPACE}"
            between = value["between"].replace("; ", f"{space}; ")
            return str(between.join(_said(part, language) for part in value["listed"]))
        if "figure" in value:
            return figure_in(value["figure"], language)
        if "share" in value:
            pattern = "#,##0.#%" if language == "en" else "#,##0.#\N{NO-BREAK SPACE}%"
            return format_percent(value["share"], format=pattern, locale=language)
        if "about" in value:
            step = step_of(value["width"])
            steps = _up(value["about"], step) if value.get("up") else round(value["about"] / step) * step
            return _amount(steps, value["currency"], language, 2 if step < 1 else 0)
        lower, upper = value["money"]
        return _span(lower, upper, value["currency"], language)
    if isinstance(value, Numeral | Named):
        return said_in(value, language)
    if isinstance(value, bool | str):
        return str(value)
    return format_decimal(value, format="#,##0.######", locale=language)


def _number(amount: float, language: str, digits: int) -> str:
    return format_decimal(amount + 0.0, format="#,##0" + (".00" if digits else ""), locale=language)


def _amount(amount: float, currency: str, language: str, digits: int) -> str:
    number = _number(amount, language, digits)
    return f"{currency} {number}" if language == "en" else f"{number}\N{NO-BREAK SPACE}{currency}"


_PHRASES: Final = {
    "en": {"unknown": "unknown", "least": "at least {}", "most": "at most {}", "to": "{} to {}"},
    "fr": {"unknown": "inconnu", "least": "au moins {}", "most": "au plus {}", "to": "de {} à {}"},
}


def span(lower: float | None, upper: float | None, currency: str) -> str:
    """Both ends in English: the lower one rounded down, the upper one up, so that what is said holds.

    Parameters
    ----------
    lower, upper : float, optional
        Money; ``None``: not known.
    currency : str
    """
    return _span(lower, upper, currency, "en")


def _span(lower: float | None, upper: float | None, currency: str, language: str) -> str:
    words = _PHRASES[language]
    if lower is None or upper is None:
        if lower is None and upper is None:
            return words["unknown"]
        only = _down(lower, 1.0) if lower is not None else _up(upper or 0.0, 1.0)
        return words["least" if lower is not None else "most"].format(_amount(only, currency, language, 0))
    if upper - lower <= 0.01:
        return _amount(upper, currency, language, 2)
    step = step_of(upper - lower)
    digits = 2 if step < 1 else 0
    low, high = _down(lower, step), _up(upper, step)
    if language == "en":  # the currency stands before the first number, elsewhere after the last
        first, last = _amount(low, currency, language, digits), _number(high, language, digits)
    else:
        first, last = _number(low, language, digits), _amount(high, currency, language, digits)
    return words["to"].format(first, last)


def _down(value: float, step: float) -> float:
    return math.floor(value / step + 1e-9) * step


def _up(value: float, step: float) -> float:
    return math.ceil(value / step - 1e-9) * step
