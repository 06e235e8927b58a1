"""What a check hands back: broken rules with who, by how much, and in which unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from optimizer.domain.answer import Sentence
from optimizer.domain.types import MICRO, micro

__all__ = ["Found", "Violation", "apart", "fte", "number", "units"]


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule: who, by how much, in which unit. Names that do not apply are empty.

    Where its message is a ``Sentence``, it can be said in other languages.
    """

    rule: str
    message: str
    amount: Fraction = Fraction(1)
    unit: str = ""
    entity: str = ""
    service: str = ""
    provider: str = ""

    def __str__(self) -> str:
        """Who, then what: entity, service and provider as far as the rule speaks of them."""
        who = ", ".join(n for n in (self.entity, self.service, self.provider) if n)
        return f"{who}: {self.message}" if who else self.message

    def as_dict(self) -> dict[str, object]:
        """Plain mapping as in the plan document."""
        return {
            "rule": self.rule,
            "entity": self.entity,
            "service": self.service,
            "provider": self.provider,
            "message": str(self.message),
            "amount": round(float(self.amount), 6),
            "unit": self.unit,
        }


Found = tuple[int, list[Violation]]
"""Number of things looked at, and what is broken."""


def units(volume: int) -> Fraction:
    """Units of a service from their millionths."""
    return Fraction(volume, MICRO)


def fte(minutes: int, year: float) -> Fraction:
    """FTE from 10⁻¹² minutes and the minutes of one FTE in a year."""
    return Fraction(minutes, MICRO * micro(year))


def number(amount: Fraction) -> Sentence:
    """Six decimals at most, no trailing zeros; a figure in a sentence, which each language writes in its own way."""
    figure = float(amount)
    return _figure(figure, 6)


def apart(amount: Fraction, limit: Fraction) -> tuple[Sentence, Sentence]:
    """Two figures with as few decimals as tell them apart, two at least: 110.03 beside 110, but 110.002 beside 110."""
    first, second = float(amount), float(limit)
    digits = next((d for d in range(2, 6) if round(first, d) != round(second, d)), 6)
    return _figure(first, digits), _figure(second, digits)


def _figure(value: float, digits: int) -> Sentence:
    text = f"{value:,.{digits}f}".rstrip("0").rstrip(".")
    return Sentence(text, "{n}", {"n": round(value, digits)})
