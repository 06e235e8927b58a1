"""Criteria, scores and weights to compare places with, from the reference tables. Standard library only.

Scores are read off the tables of sources when they are asked for, so that each stays under its own licence: flights
come from ``reference/air`` (ODbL), everything else from ``reference/location`` and ``reference/locations_candidates``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from data import reference_rows
from data.tables import Row

__all__ = ["candidates", "criteria", "places", "scores", "weights"]

_GOVERNANCE: Final = (
    "voice_accountability",
    "political_stability",
    "government_effectiveness",
    "regulatory_quality",
    "rule_of_law",
    "control_of_corruption",
)
_WORLD_BANK: Final = "World Bank, Worldwide Governance Indicators, 2024 update, {year}"
_COLUMNS: Final[tuple[tuple[str, str, str, str], ...]] = (
    *((name, "governance", name, _WORLD_BANK) for name in _GOVERNANCE),
    ("income_per_head", "prices_and_pay", "gdp_per_capita_usd", "IMF World Economic Outlook, October 2025, {year}"),
    ("price_level", "prices_and_pay", "price_level_us100", "IMF World Economic Outlook, October 2025, {year}"),
    ("pay_growth", "prices_and_pay", "pay_growth_usd_mean_pct", "derived from IMF figures, {path_years}"),
    ("inform_risk", "risk", "inform_risk", "INFORM Risk {edition}"),
    ("human_development", "human_development", "hdi", "Human Development Report 2023-24, {year}"),
    ("mean_schooling", "human_development", "mean_years_schooling", "Human Development Report 2023-24, {year}"),
    ("tertiary_enrolment", "infrastructure", "tertiary_gross_enrolment_pct", "World Bank indicators, about 2021"),
    ("broadband", "infrastructure", "fixed_broadband_per_100", "World Bank indicators, about 2021"),
    ("electricity", "infrastructure", "electricity_access_pct", "World Bank, {electricity_access_pct_year}"),
    ("logistics", "infrastructure", "lpi_overall_2018", "World Bank, Logistics Performance Index, 2018"),
)
"""Criterion, table, column, source with its year."""


def criteria() -> list[Row]:
    """Return id, group, direction, unit, worst and best of each criterion."""
    return reference_rows("location/criteria")


def weights() -> list[Row]:
    """Return the presets: weights by criterion, or by group."""
    return reference_rows("location/weights")


def candidates() -> list[str]:
    """Return the cities that were studied for service centres."""
    return [r["city"] for r in reference_rows("locations_candidates")]


def places() -> dict[str, str]:
    """Return the cities that there are scores of, with their countries; names that two countries have are left out."""
    found: dict[str, set[str]] = {}
    for row in (*reference_rows("locations_candidates"), *reference_rows("duty_station_costs")):
        found.setdefault(row["city"], set()).add(row["country_iso2"])
    return {city: next(iter(where)) for city, where in found.items() if len(where) == 1}


def scores(wanted: Iterable[str] | None = None) -> list[Row]:
    """Return place, criterion, value and source, by default of the candidates; what is not known has no row.

    Raises
    ------
    KeyError
        There is no such place.
    """
    known = places()
    tables = {name: _by_country(name) for name in {table for _, table, _, _ in _COLUMNS}}
    english = {r["country"]: r for r in reference_rows("location/languages") if r["language"] == "en"}
    air = {(r["iso2"], r["city"]): r for r in reference_rows("air/air_connectivity_by_duty_station")}
    out: list[Row] = []
    for city in candidates() if wanted is None else wanted:
        if city not in known:
            raise KeyError(f"there are no scores of {city!r}")
        country = known[city]
        for criterion, table, column, source in _COLUMNS:
            row = tables[table].get(country, {})
            out += _score(city, criterion, row, column, source)
        out += _score(city, "english", english.get(country, {}), "population_percent", "Unicode CLDR, babel 2.18.0")
        flights = air.get((country, city), {})
        out += _score(city, "direct_flights", flights, "direct_destinations", "OpenFlights, routes of about June 2014")
    return out


def _by_country(table: str) -> dict[str, Row]:
    return {r["country"]: r for r in reference_rows(f"location/{table}")}


def _score(place: str, criterion: str, row: Mapping[str, str], column: str, source: str) -> list[Row]:
    value = row.get(column, "")
    if not value:
        return []
    return [{"place": place, "criterion": criterion, "value": value, "source": source.format(**row)}]
