"""Figures in sentences, never surer than what is known of them, in the reader's language.

A sentence is a template with its figures: ``say("It costs {extra} more.", extra=between(1, 9, "USD"))``. Templates are
English; ``optimizer/locale/LANGUAGE.po`` has them in other languages, and numbers are written as each
language writes them (Babel, CLDR).
"""

from __future__ import annotations

import functools
import importlib.resources
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from optimizer.domain.answer import Sentence

__all__ = [
    "LANGUAGES",
    "about",
    "between",
    "in_language",
    "listed",
    "money",
    "of_plan",
    "phrase",
    "say",
    "share",
    "span",
    "step_of",
    "up_to",
]

LANGUAGES: Final = ("en", "fr")
"""Languages that sentences are said in."""

_WHOLE_UNITS: Final = 10.0
"""Width of an interval whose ends are said without cents."""

Value = str | int | float | Mapping[str, Any]


def step_of(width: float) -> float:
    """Largest power of ten within a tenth of an interval; a cent at least."""
    return max(0.01, 10.0 ** math.floor(math.log10(width / 10))) if width > 0.01 else 0.01


def money(amount: float, currency: str) -> dict[str, Any]:
    """An amount that is known to the cent."""
    return {"money": [amount, amount], "currency": currency}


def between(lower: float | None, upper: float | None, currency: str) -> dict[str, Any]:
    """An amount of which two ends are known, or one, or none."""
    return {"money": [lower, upper], "currency": currency}


def about(amount: float, width: float, currency: str) -> dict[str, Any]:
    """An amount as sharp as an interval of that width lets it be."""
    return {"about": amount, "width": width, "currency": currency}


def up_to(amount: float, width: float, currency: str) -> dict[str, Any]:
    """An end of an interval of that width, rounded up so that what is said holds."""
    return about(amount, width, currency) | {"up": True}


def of_plan(amount: float, width: float, currency: str) -> dict[str, Any]:
    """An amount by a plan in hand: to the cent where the least is as sharp, else in whole units."""
    return about(amount, min(width, _WHOLE_UNITS), currency)


def phrase(template: str, **values: Value) -> dict[str, Any]:
    """A part of a sentence with a template of its own."""
    return {"phrase": template, "values": values}


def listed(parts: Iterable[Value], between: str = "; ") -> dict[str, Any]:
    """Several parts one after the other, with what stands between them."""
    return {"listed": list(parts), "between": between}


def share(part: float) -> dict[str, Any]:
    """A share of one, said in per cent."""
    return {"share": part}


def say(template: str, ids: Mapping[str, str] | None = None, /, **values: Value) -> Sentence:
    """A sentence of a template and its figures, in English.

    Parameters
    ----------
    template : str
        With a name in braces for each value.
    ids : mapping of str to str, optional
        What it speaks of.
    **values
        Text, numbers, or what ``money``, ``between``, ``about`` and ``share`` make.
    """
    return Sentence(_filled(template, values, "en"), template, values, ids or {})


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
    return _filled(_translated(sentence.template, language), sentence.values, language)


def _translated(template: str, language: str) -> str:
    """The template in a language; itself where the catalogue has none."""
    return template if language == "en" else _catalogue(language).get(template, template)


@functools.cache
def _catalogue(language: str) -> dict[str, str]:
    """Templates of a language by their English."""
    path = importlib.resources.files("optimizer") / "locale" / f"{language}.po"
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id and m.string}


def _filled(template: str, values: Mapping[str, Value], language: str) -> str:
    if not values:  # a name out of a table may have braces of its own
        return template
    return template.format(**{name: _said(value, language) for name, value in values.items()})


def _said(value: Value, language: str) -> str:
    if isinstance(value, Sentence):
        return in_language(value, language)
    if isinstance(value, Mapping):
        if "phrase" in value:
            return _filled(_translated(value["phrase"], language), value["values"], language)
        if "listed" in value:
            space = "" if language == "en" else "\N{NO-BREAK SPACE}"
            between = value["between"].replace("; ", f"{space}; ")
            return str(between.join(_said(part, language) for part in value["listed"]))
        if "share" in value:
            pattern = "#,##0.#%" if language == "en" else "#,##0.#\N{NO-BREAK SPACE}%"
            return format_percent(value["share"], format=pattern, locale=language)
        if "about" in value:
            step = step_of(value["width"])
            steps = _up(value["about"], step) if value.get("up") else round(value["about"] / step) * step
            return _amount(steps, value["currency"], language, 2 if step < 1 else 0)
        lower, upper = value["money"]
        return _span(lower, upper, value["currency"], language)
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
