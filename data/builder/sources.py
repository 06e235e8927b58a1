"""The reference tables as the builder reads them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from data.tables import Row, parse_rows

__all__ = ["country", "place_facts", "reference"]


@cache
def reference(name: str) -> tuple[Row, ...]:
    """Return the rows of ``reference/<name>.csv``."""
    text = (files("data.reference") / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(parse_rows(text))


@cache
def country(code: str) -> Row:
    """Return the row of ``countries.csv`` for an alpha-2 code."""
    return next(r for r in reference("countries") if r["code"] == code)


@cache
def place_facts(city: str, code: str) -> Row:
    """Return the row of ``duty_station_costs.csv`` for a city, else for its country, else empty."""
    in_country = [r for r in reference("duty_station_costs") if r["country_iso2"] == code]
    exact = [r for r in in_country if r["city"] == city]
    return (exact or in_country or [{}])[0]
