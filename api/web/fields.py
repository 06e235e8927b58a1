"""Fields of forms: read all of them, tell everything that is wrong, each beside its field."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from api.schemas.common import Label, Note, printable

if TYPE_CHECKING:
    from collections.abc import Collection

    from api.web.visit import Visit

__all__ = ["Errors", "Reader"]

Errors = dict[str, list[str]]
"""What is wrong, by field; of the whole form under the empty name."""

_LABEL: TypeAdapter[str] = TypeAdapter(Label)
_NOTE: TypeAdapter[str] = TypeAdapter(Note)
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_SPACES = re.compile("[\\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'’]")


class Reader:
    """Reads the form of a visit.

    Parameters
    ----------
    visit : Visit

    Attributes
    ----------
    errors : dict
        What is wrong, by field.
    """

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.errors: Errors = {}

    def wrong(self, name: str, told: str) -> None:
        """Note that something is wrong with a field."""
        self.errors.setdefault(name, []).append(told)

    def label(self, name: str, *, needed: bool = False) -> str:
        """A name of at most 200 characters, on one line."""
        text = self._given(name, needed)
        try:
            return _LABEL.validate_python(text)
        except ValidationError:
            self.wrong(name, self._visit.say("At most 200 characters on one line, without control characters."))
            return ""

    def note(self, name: str, *, needed: bool = False, most: int = 4000) -> str:
        """A longer text."""
        text = self._given(name, needed)
        try:
            printable(text)
            if len(text) > most:
                raise ValueError
            return _NOTE.validate_python(text)
        except ValueError:
            told = self._visit.say(
                "At most %(n)s characters, without control characters.", n=self._visit.tongue.count(most)
            )
            self.wrong(name, told)
            return ""

    def fitting(self, name: str, kind: TypeAdapter[str], told: str, *, needed: bool = False) -> str:
        """A text of a form of its own; what is said where it is not.

        Parameters
        ----------
        name : str
        kind : TypeAdapter
        told : str
            What such a text looks like, in the reader's language.
        needed : bool, default False
        """
        text = self._given(name, needed)
        if not text:
            return ""
        try:
            return kind.validate_python(text)
        except ValidationError:
            self.wrong(name, told)
            return ""

    def choice(self, name: str, among: Collection[str], default: str | None = None) -> str:
        """One of some words."""
        text = self._visit.form.text(name)
        if text in among:
            return text
        if not text and default is not None:
            return default
        self.wrong(name, self._visit.say("Choose one of the list."))
        return ""

    def number(
        self, name: str, *, low: float, high: float, whole: bool = False, default: float | None = None
    ) -> float | None:
        """A number within limits, with a point or a comma; the default where the field is blank."""
        text = _SPACES.sub("", self._visit.form.text(name))
        if not text:
            return default
        value = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else math.nan
        if math.isnan(value) or (whole and value != int(value)):
            say = self._visit.say
            self.wrong(name, say("A whole number is asked for.") if whole else say("A number is asked for, as 0.5."))
            return None
        if not low <= value <= high:
            figure = self._visit.tongue.decimal
            digits = 0 if whole or (low == int(low) and high == int(high)) else 2
            limits = {"low": figure(low, digits), "high": figure(high, digits)}
            self.wrong(name, self._visit.say("From %(low)s to %(high)s.", **limits))
            return None
        return value

    def refused(self, issues: Collection[dict[str, Any]], fields: Collection[str]) -> None:
        """What the service has found, beside the field that it is about."""
        for issue in issues:
            column = str(issue.get("column", "")).rpartition(".")[2]
            self.wrong(column if column in fields else "", str(issue["message"]))

    def _given(self, name: str, needed: bool) -> str:
        text = self._visit.form.text(name)
        if needed and not text:
            self.wrong(name, self._visit.say("This is needed."))
        return text
