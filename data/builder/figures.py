"""The register of figures: every number that the builder uses, once, with its basis and range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from data.tables import parse_rows

__all__ = ["Figure", "figure", "figures", "value"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the register.

    ``basis`` is ``published`` (stands in a source), ``derived`` (arithmetic on published
    numbers) or ``assumed`` (nobody published it; ``low`` and ``high`` say how far it may be).
    """

    name: str
    value: float
    unit: str
    basis: str
    low: float
    high: float
    reason: str
    source: str


@cache
def figures() -> dict[str, Figure]:
    """Return the register by name, in the order of the file."""
    text = (files("data.builder") / "figures.csv").read_text(encoding="utf-8")
    out: dict[str, Figure] = {}
    for row in parse_rows(text):
        if row["name"] in out:
            raise ValueError(f"figure {row['name']} is in the register twice")
        out[row["name"]] = Figure(
            row["name"],
            float(row["value"]),
            row["unit"],
            row["basis"],
            float(row["low"]),
            float(row["high"]),
            row["reason"],
            row["source"],
        )
    return out


def figure(name: str) -> Figure:
    """Return one figure of the register; KeyError if there is none of that name."""
    return figures()[name]


def value(name: str, default: float | None = None) -> float:
    """Return the number itself, or ``default`` when the register has no such figure."""
    if default is not None and name not in figures():
        return default
    return figures()[name].value
