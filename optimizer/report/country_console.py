"""Answers of the country model on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.report.charging import cents
from optimizer.report.console import Screen
from optimizer.report.country_words import countries_words, country_words, solution_words
from optimizer.report.numbers import count, decimal, percent, short, tell
from optimizer.report.places import territory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

__all__ = ["print_countries", "print_country"]

_SHOWN: Final = 40
"""Countries that are shown, the largest first; the files have all."""
_MONEY: Final = (("baseline", True), ("plan", True), ("saving", True), ("one-off", True), ("net", True))
_NAMES: Final = ("baseline", "running", "saving", "one_off", "net")


def print_country(told: Mapping[str, Any], console: Console, language: str = "en") -> None:
    """Years, offices over the horizon, what is paid once, who serves.

    Parameters
    ----------
    told : mapping
        ``designate.bos/1``.
    console : Console
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    page = Screen(console, language)
    named = {"name": told["name"] or told["plan"], "country": territory(told["country"]), "currency": told["currency"]}
    page.line(tell("Country model of {name} ({country}), {currency}", **named), style="bold")
    if told["npv"] is not None:
        page.table(
            (("year", True), ("from", False), *_MONEY, ("so far", True)),
            [
                [str(y["year"]), y["begin"], *(count(y[n]) for n in _NAMES), count(y["cumulative"])]
                for y in told["years"]
            ],
        )
    for sentence in country_words(told):
        page.line(sentence)
    if told["npv"] is None:
        return
    page.head(tell("Net benefit of each office, all years"))
    page.table((("office", False), *_MONEY), _by_office(told))
    page.head(tell("Cost of setting up"))
    columns = [("provider", False), ("year", True), ("work that comes", True), ("set-up", True), ("transition", True)]
    parts = ("setup", "transition", "double_running", "other", "total")
    page.table(
        (*columns, ("side by side", True), ("other", True), ("total", True)),
        [
            [r["provider"], str(r["year"]), count(r["switches"]), *(count(r[n]) for n in parts)]
            for r in told["setting_up"]
        ],
    )
    page.head(tell("Who serves at the end, best first"))
    columns = [("service", False), ("provider", False), ("offices", True), ("FTE", True), ("a unit", True)]
    page.table((*columns, ("before", True)), [_served(s) for s in told["services"]])


def _served(s: Mapping[str, Any]) -> list[str]:
    named = s["service_name"] if s["best"] else ""
    costs = (cents(s["unit_cost"]), cents(s["unit_cost_before"]))
    return [named, s["provider"], count(s["clients"]), decimal(s["effort_fte"]), *costs]


def _by_office(told: Mapping[str, Any]) -> list[list[str]]:
    """Sums over the years, in whole cents."""
    sums: dict[str, list[int]] = {}
    for row in told["entities"]:
        at = sums.setdefault(row["entity"], [0] * len(_NAMES))
        for i, name in enumerate(_NAMES):
            at[i] += round(row[name] * 100)
    return [[entity, *(count(x / 100) for x in found)] for entity, found in sorted(sums.items())]


def print_countries(told: Mapping[str, Any], console: Console, language: str = "en") -> None:
    """The countries that gain most, and all together.

    Parameters
    ----------
    told : mapping
        ``designate.bos-countries/1``.
    console : Console
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    page = Screen(console, language)
    ranked = sorted(told["countries"], key=lambda r: (r["npv"] is None, -(r["npv"] or 0.0), r["country"]))
    columns = (("", False), ("country", False), ("staff", True), ("saving a year", True), ("one-off", True))
    page.line(tell("Country model, {currency}", currency=told["currency"]), style="bold")
    rows = [_country(r) for r in ranked[:_SHOWN]]
    page.table((*columns, ("net present value", True), ("gap", False)), rows, (2, 19))
    if len(ranked) > _SHOWN:
        page.line(tell("and {n} more", n=count(len(ranked) - _SHOWN)), style="dim")
    for sentence in countries_words(told):
        page.line(sentence)


def _country(r: Mapping[str, Any]) -> list[str]:
    return [
        r["country"],
        territory(r["country"]),
        count(r["staff"]),
        *(short(r[n]) for n in ("saving", "one_off", "npv")),
        solution_words(r["solution"]) if r["gap_rel"] is None else percent(r["gap_rel"]),
    ]
