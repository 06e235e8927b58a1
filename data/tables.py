"""Rows as text: reading and writing CSV, formatting of numbers. Standard library only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

__all__ = [
    "COLUMNS",
    "COLUMNS_OVER_TIME",
    "Row",
    "Tables",
    "columns_of",
    "num",
    "parse_rows",
    "read_rows",
    "to_csv",
    "write_rows",
]

Row = dict[str, str]
"""One line of a table: column name to text, blank = not given."""

Tables = dict[str, list[Row]]
"""Table name to rows."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "entities": (
        "id",
        "name",
        "kind",
        "organisation",
        "city",
        "latitude",
        "longitude",
        "country",
        "time_zone",
        "work_start",
        "work_end",
        "weekend",
        "languages",
        "headcount",
        "hardship_class",
        "start",
        "end",
        "lead_preference",
    ),
    "services": (
        "id",
        "name",
        "unit",
        "location_class",
        "units_per_head",
        "minutes_per_unit",
        "min_overlap_hours",
        "target_overlap_hours",
        "max_distance_km",
        "language_rule",
        "bundle",
        "critical",
        "min_service_level",
    ),
    "demands": ("entity", "service", "volume", "own_unit_cost", "own_fixed_cost"),
    "providers": (
        "id",
        "name",
        "organisation",
        "kind",
        "status",
        "city",
        "latitude",
        "longitude",
        "country",
        "time_zone",
        "weekend",
        "work_start",
        "work_end",
        "languages",
        "capacity_fte",
        "base_fte",
        "min_fte",
        "setup_cost",
        "site_fixed_cost",
        "cost_per_fte",
        "hardship_class",
    ),
    "offers": (
        "provider",
        "service",
        "capacity",
        "base_volume",
        "min_volume",
        "fixed_cost",
        "fee_rate",
        "service_level",
        "regions_served",
        "client_kinds",
    ),
    "tiers": ("provider", "service", "from_volume", "unit_cost"),
    "current": ("entity", "service", "provider", "unit_cost"),
    "decisions": ("action", "entity", "service", "provider", "reason", "decided_by", "date"),
    "assumptions": ("table", "key", "column", "basis", "low", "high", "reason", "source"),
}
"""Tables of a case and their columns, in the order they are written."""

COLUMNS_OVER_TIME: dict[str, tuple[str, ...]] = {
    "entities": ("profile",),
    "providers": ("start", "end", "absorb_fte", "exit_cost", "rent", "rent_free_until"),
    "offers": ("start", "end"),
    "current": ("notice_until",),
    "decisions": ("from", "until"),
    "paths": (
        "table",
        "key",
        "column",
        "from",
        "value",
        "factor",
        "growth",
        "reason",
        "source",
        "basis",
        "low",
        "high",
    ),
    "profiles": ("profile", "service", "phase", "months", "factor"),
    "staffing": ("provider", "category", "share", "cost_per_fte"),
    "freezes": ("from", "until", "entity", "service", "provider"),
    "precedence": ("first", "then", "gap_months", "entity"),
    "budgets": ("year", "amount"),
    "commitments": ("entity", "service", "from", "provider"),
}
"""Columns and tables of planning over time, written where a case uses them."""


class _Readable(Protocol):
    """What reading needs: a path or a package resource."""

    def read_text(self, encoding: str) -> str:
        """Return the whole text."""


def parse_rows(text: str) -> list[Row]:
    """Return the rows of a CSV text with a header line; every cell stays text.

    Raises
    ------
    ValueError
        If a line has more or fewer cells than the header, e.g. for want of quotation marks.
    """
    header, *lines = csv.reader(io.StringIO(text))
    return [dict(zip(header, line, strict=True)) for line in lines]


def read_rows(source: _Readable) -> list[Row]:
    """Return the rows of a UTF-8 CSV file or package resource."""
    return parse_rows(source.read_text(encoding="utf-8"))


def to_csv(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> str:
    """Return CSV text with line feeds; a missing column is blank, an unknown one an error."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def columns_of(name: str, rows: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Return the columns of a table: those every case has, and of planning over time those that rows use."""
    used = {column for row in rows for column in row}
    more = COLUMNS_OVER_TIME.get(name, ())
    if name not in COLUMNS:
        return more
    return (*COLUMNS[name], *(c for c in more if c in used))


def write_rows(path: Path, rows: Sequence[Row], columns: Sequence[str] = ()) -> None:
    """Write rows as UTF-8 CSV; columns default to those of the first row."""
    text = to_csv(rows, columns or list(rows[0]))
    path.write_bytes(text.encode("utf-8"))  # bytes: no line-end translation on any system


def num(value: float, places: int = 6) -> str:
    """Return a number as text: at most ``places`` decimals, no exponent, no trailing zeros."""
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
