"""Fair shares on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.report.charging import cents
from optimizer.report.console import Screen
from optimizer.report.numbers import count, tell
from optimizer.report.shares_words import ALONE_WORDS, core_words, range_text, shapley_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_shares"]

_GROUPS_SHOWN: Final = 10


def print_shares(told: Mapping[str, Any], console: Console, language: str = "en") -> None:
    """Clients by all measures, groups by themselves, the core, Shapley values.

    Parameters
    ----------
    told : mapping
        ``designate.shares/1``.
    console : Console
    language : str, default "en"
        One of ``LANGUAGES``; findings are English.
    """
    _Shares(told, Screen(console, language)).all()


class _Shares:
    """Fair shares on one screen."""

    def __init__(self, told: Mapping[str, Any], screen: Screen) -> None:
        self._told, self._screen = told, screen

    def all(self) -> None:
        """All of it."""
        told = self._told
        mode = tell("own capacity alone") if told["alone_mode"] == "own" else tell("every offer")
        named = {"name": told["name"] or told["plan"], "currency": told["currency"], "mode": mode}
        head = tell("Fair shares of {name}, {currency} a year; alone: {mode}", **named)
        self._screen.line(head, style="bold")
        one_by_one = told["shapley"]["by"] == "entities" and bool(told["values"])
        self._clients(one_by_one=one_by_one)
        self._totals()
        self._groups()
        self._screen.head(tell("Core"))
        for sentence in core_words(told):
            self._screen.line(sentence)
        self._holding()
        self._screen.head(shapley_words(told))
        if told["values"] and not one_by_one:
            self._values()
        self._screen.issues(told["issues"])

    def _clients(self, *, one_by_one: bool) -> None:
        columns = [("client", False), ("pays", True), ("alone", True), ("", False), ("core", True)]
        columns += [("Shapley", True)] * one_by_one
        rows = [
            [
                c["entity"],
                cents(c["charge"]),
                range_text(c["alone_lower"], c["alone_upper"]),
                tell(ALONE_WORDS[c["alone"]]),
                cents(c["core"]),
                *([_value(c, "shapley")] if one_by_one else []),
            ]
            for c in self._told["clients"]
        ]
        self._screen.table(columns, rows)

    def _totals(self) -> None:
        told = self._told
        said = tell(
            "Total without idle sites {total}, charged {charged}; least for all {least}",
            total=cents(told["total"]),
            charged=cents(told["charged"]),
            least=range_text(told["together_lower"], told["together_upper"]),
        )
        self._screen.line(said, style="dim")

    def _groups(self) -> None:
        if not self._told["groups"]:
            return
        self._screen.head(tell("Groups by themselves"))
        columns = (("", False), ("name", False), ("clients", True), ("pay", True), ("alone", True), ("", False))
        rows = [
            [
                tell(g["by"]),
                g["name"],
                count(g["clients"]),
                cents(g["charge"]),
                range_text(g["alone_lower"], g["alone_upper"]),
                tell(ALONE_WORDS[g["alone"]]),
            ]
            for g in self._told["groups"]
        ]
        self._screen.table(columns, rows)

    def _holding(self) -> None:
        for held in self._told["holding"][:_GROUPS_SHOWN]:
            said = tell(
                "{clients}: pay {charge}, by themselves {cost}",
                clients=", ".join(held["clients"]),
                charge=cents(held["charge"]),
                cost=range_text(held["lower"], held["upper"]),
            )
            self._screen.line(said)

    def _values(self) -> None:
        rows = [[v["player"] or tell("others"), cents(v["charge"]), _value(v, "value")] for v in self._told["values"]]
        columns = ((self._told["shapley"]["by"], False), ("pay", True), ("Shapley", True))
        self._screen.table(columns, rows)


def _value(row: Mapping[str, Any], name: str) -> str:
    """A Shapley value: with its standard error, as an interval where it is one, else as a figure."""
    value, error = row[name], row["standard_error"]
    low, high = (row[f"{name}_{end}" if name == "shapley" else end] for end in ("lower", "upper"))
    if error is not None:
        return tell("{value} ± {error}", value=cents(value), error=cents(error))
    if value is None:
        return cents(None)
    if low is not None and high is not None:
        return range_text(low, high)
    return tell("{value} (not bounded)", value=cents(value))
