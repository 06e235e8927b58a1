"""What a study answers: points with both ends, tables, sentences, plans."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

__all__ = ["ANSWER_SCHEMA", "Answer", "Figure", "Point", "PointStatus", "Sentence", "counted", "told"]

ANSWER_SCHEMA: Final = "designate.study/1"

PointStatus = Literal["proven", "bounded", "impossible", "not_answered"]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing a study looked at.

    Parameters
    ----------
    at : mapping
        What was changed or asked here, e.g. ``{"sites": 3}``.
    status : {"proven", "bounded", "impossible", "not_answered"}
        ``proven``: both ends at most 0.01 apart. ``bounded``: a plan is held. ``impossible``: proven that there is
        no plan. ``not_answered``: neither, and ``detail`` says why; never to be taken for impossible.
    lower, upper : float, optional
        Money a year: what any plan costs at least, and what the plan in hand costs.
    plan : int, optional
        Its position among the answer's plans.
    detail : str
        What the search said.
    """

    at: Mapping[str, Any]
    status: PointStatus
    lower: float | None = None
    upper: float | None = None
    plan: int | None = None
    detail: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping."""
        return {
            "at": dict(self.at),
            "status": self.status,
            "lower": self.lower,
            "upper": self.upper,
            "plan": self.plan,
            "detail": self.detail,
        }


class Figure(str):
    """A figure as English text that knows the figure itself, so that other languages write it in their own way.

    Parameters
    ----------
    text : str
    value : float
    """

    __slots__ = ("value",)

    value: float

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping."""
        return {"figure": str(self), "value": self.value}


class Sentence(str):
    """A sentence in English that knows what it was made of, so that it can be said in another language.

    Parameters
    ----------
    text : str
    template : str
        With a name in braces for each figure; what translations go by.
    values : mapping
        Figures and names by those names: text, numbers, or ``{"money": [lower, upper], "currency": …}``.
    ids : mapping of str to str
        What it speaks of: ``entity``, ``service``, ``provider``, ``rule`` …
    """

    __slots__ = ("ids", "template", "values")

    template: str
    values: Mapping[str, Any]
    ids: Mapping[str, str]

    def __new__(
        cls,
        text: str,
        template: str = "",
        values: Mapping[str, Any] | None = None,
        ids: Mapping[str, str] | None = None,
    ) -> Sentence:
        made = super().__new__(cls, text)
        made.template, made.values, made.ids = template or text, values or {}, ids or {}
        return made

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping."""
        return {"text": str(self), "template": self.template, "values": _plain(self.values), "ids": dict(self.ids)}


def told(template: str, **values: str | float) -> Sentence:
    """A sentence written as its template formats its figures; other languages format them in their own way.

    Parameters
    ----------
    template : str
        As ``str.format`` takes it: ``"{name} is {km:,.1f} km away"``.
    **values
        Names, figures, or sentences.
    """
    if not values:  # a unit out of a table may have braces of its own
        return Sentence(template)
    shown = {name: value for name, value in values.items() if isinstance(value, str)}
    for name, form in _FORMS.findall(template):
        if name not in shown:
            shown[name] = _as_shown(values[name], form)
    return Sentence(template.format(**values), _FORMS.sub(r"{\1}", template), shown)


def counted(one: str, many: str, n: int, **values: str | float) -> Sentence:
    """A sentence about a number of things, in the singular or the plural; other languages choose by their own rules.

    Parameters
    ----------
    one, many : str
        Templates with ``{n}``, for 1 and for any other number; together one message of the catalogues.
    n : int
    **values
        As ``told`` takes them.
    """
    return told(one if n == 1 else many, n=n, **values)


_FORMS: Final = re.compile(r"\{(\w+):?([^{}]*)\}")


def _as_shown(value: float | str, form: str) -> Any:
    """A figure with the digits that its format shows."""
    if form.endswith("%"):
        return {"share": value}
    return float(format(value, form).replace(",", "")) if form else value


def _plain(value: Any) -> Any:
    """Values of a sentence for a document; a sentence in a sentence is a phrase there."""
    if isinstance(value, Sentence):
        return {"phrase": value.template, "values": _plain(value.values)}
    if isinstance(value, Figure):
        return value.as_dict()
    if isinstance(value, Mapping):
        return {name: _plain(v) for name, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a study, ``designate.study/1``.

    Parameters
    ----------
    kind : str
    question : mapping
        The question's fields.
    case_hash : str
        Of the case that was asked about.
    points : tuple of Point
        Everything that was asked for, answered or not.
    tables : mapping of str to tuple of mapping
        Tidy rows by table.
    sentences : tuple of Sentence
        In words, never surer than the figures.
    plans : tuple of mapping
        Verified plan documents behind the points; each answers the case with its point's change.
    """

    kind: str
    question: Mapping[str, Any]
    case_hash: str
    points: tuple[Point, ...] = ()
    tables: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    sentences: tuple[Sentence, ...] = ()
    plans: tuple[Mapping[str, Any], ...] = ()

    @property
    def answered(self) -> bool:
        """At least one point is answered, or none was asked for."""
        return not self.points or any(p.status != "not_answered" for p in self.points)

    def as_dict(self) -> dict[str, Any]:
        """The document."""
        return {
            "schema": ANSWER_SCHEMA,
            "kind": self.kind,
            "question": dict(self.question),
            "case_hash": self.case_hash,
            "points": [p.as_dict() for p in self.points],
            "tables": {name: [dict(r) for r in rows] for name, rows in self.tables.items()},
            "sentences": [s.as_dict() for s in self.sentences],
            "plans": [dict(p) for p in self.plans],
        }
