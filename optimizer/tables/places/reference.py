"""Packaged reference tables: countries with regions, planning zone and weekend; languages; zone names."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from optimizer.domain.types import Country

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["WEEKDAYS", "countries", "languages", "reference_rows", "region_names", "time_zones"]

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""Days as they are written; position = number in the model (0 = Monday)."""

_REGION_COLUMNS = ("region", "sub_region", "intermediate_region")


def reference_rows(name: str) -> list[dict[str, str]]:
    """Rows of a packaged table, all cells text."""
    text = (files("data.reference") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Country]:
    """Countries and territories by alpha-2 code (Kosovo: XK)."""
    return {row["code"]: _country(row) for row in reference_rows("countries.csv")}


def _country(row: dict[str, str]) -> Country:
    regions = frozenset(row[c] for c in _REGION_COLUMNS if row[c]) | {"World"}
    weekend = frozenset(WEEKDAYS.index(d) for d in row["weekend"].split(";"))
    return Country(row["code"], row["name"], regions, row["zone"], weekend)


@lru_cache(maxsize=1)
def languages() -> Mapping[str, str]:
    """English names of languages by ISO 639-1 code."""
    return {row["code"]: row["name"] for row in reference_rows("languages.csv")}


@lru_cache(maxsize=1)
def region_names() -> Mapping[str, str]:
    """Country codes and M49 region names by their case-folded form."""
    names = set(countries()).union(*(c.regions for c in countries().values()))
    return {n.casefold(): n for n in sorted(names)}


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """IANA names of the packaged zone database, the one the verifier reads."""
    return frozenset((files("tzdata") / "zones").read_text(encoding="utf-8").split())
