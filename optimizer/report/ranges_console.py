"""The range of a plan for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.report.console import Screen
from optimizer.report.numbers import DASH, count, percent, plain_figure, short, tell
from optimizer.report.ranges_words import MEASURE_WORDS, becomes_words, measure_text, range_words, row_name
from optimizer.report.wording import humanise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_range"]

_SHOWN: Final = 10


def print_range(told: Mapping[str, Any], console: Console, language: str = "en") -> None:
    """Say on one screen how far the figures of a plan may lie apart, and which assumptions make the most of it.

    Parameters
    ----------
    told : mapping
        ``designate.range/1``.
    console : Console
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    _Range(told, Screen(console, language)).all()


class _Range:
    """The range of a plan on one screen."""

    def __init__(self, told: Mapping[str, Any], screen: Screen) -> None:
        self._told, self._screen = told, screen
        self._head, self._table = screen.head, screen.table

    def all(self) -> None:
        """All of it."""
        told = self._told
        self._screen.line(range_words(told))
        yearly = told["over"] == "year"
        head = "The plan in {currency}, a year" if yearly else "The plan in {currency}, whole time"
        self._head(tell(head, currency=told["currency"]))
        rows = [
            [tell(words), *(measure_text(name, told[name][part]) for part in ("planned", "p10", "p50", "p90"))]
            for name, words in MEASURE_WORDS.items()
        ]
        self._table([("", False), *((h, True) for h in ("as planned", "P10", "P50", "P90"))], rows)
        self._rules()
        self._tornado()
        self._thresholds()
        self._decisions()

    def _rules(self) -> None:
        if self._told["broken_rules"]:
            self._head(tell("Rules that it breaks, share of samples"))
            found = [[tell(humanise(rule)), percent(part, 1)] for rule, part in self._told["broken_rules"].items()]
            self._table([("rule", False), ("", True)], found)

    def _tornado(self) -> None:
        self._head(tell("Net present value, one assumption at a time"))
        every, rows = self._told["tornado"], []
        for swing in every[:_SHOWN]:
            row = self._told["rows"][swing["row"] - 1]
            ends = (short(swing[side]["npv"], plus=True) for side in ("low", "high"))
            rows.append([row_name(row), plain_figure(row["low"]), plain_figure(row["high"]), *ends])
        heads = ("low", "high", "at low", "at high")
        self._table([("assumption", False), *((h, True) for h in heads)], rows)
        if len(every) > _SHOWN:
            self._screen.line(tell("and {n} more", n=count(len(every) - _SHOWN)), style="dim")

    def _thresholds(self) -> None:
        if not self._told["thresholds"]:
            self._head(tell("Thresholds: no assumption alone brings the net present value to nothing"))
            return
        self._head(tell("Thresholds: net present value 0"))
        rows = [
            [
                row_name(self._told["rows"][at["row"] - 1]),
                plain_figure(at["figure"]),
                becomes_words(at["becomes"]),
            ]
            for at in self._told["thresholds"][:_SHOWN]
        ]
        self._table([("assumption", False), ("figure", True), ("net present value", False)], rows)

    def _decisions(self) -> None:
        again = self._told["reoptimised"]
        if again is None:
            return
        loose = sorted((d for d in again["decisions"] if d["stays"] < 1), key=lambda d: d["stays"])
        if not loose:
            self._head(tell("Every decision stays"))
            return
        self._head(tell("Decisions that change when samples are solved again"))
        rows = [[d["entity"], d["service"], d["provider"] or DASH, percent(d["stays"], 0)] for d in loose[:_SHOWN]]
        self._table([("entity", False), ("service", False), ("source", False), ("stays", True)], rows)
