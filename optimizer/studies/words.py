"""Figures in sentences, never surer than what is known of them.

A sentence is a template with its figures: ``say("It costs {extra} more.", extra=between(1, 9, "USD"))``.
``optimizer/report/language.py`` says it in the reader's language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.answer import Sentence
from optimizer.report.language import filled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optimizer.report.language import Value

__all__ = [
    "about",
    "between",
    "listed",
    "money",
    "of_plan",
    "phrase",
    "say",
    "share",
    "some",
    "up_to",
]

_WHOLE_UNITS: Final = 10.0
"""Width of an interval whose ends are said without cents."""


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


def some(n: float, one: str, many: str) -> dict[str, Any]:
    """A number of things in the singular or the plural: ``some(3, "{n} move", "{n} moves")``."""
    return phrase(one if n == 1 else many, n=n)


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
    return Sentence(filled(template, values, "en"), template, values, ids or {})
