"""Files with the tables of a location study, ``criteria``, ``scores`` and ``weights``: read as those of a case are."""

from __future__ import annotations

import json
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from optimizer.studies.location_kinds import LOCATION_CATALOGUE
from optimizer.tables.checks.findings import Findings
from optimizer.tables.checks.problems import Problems
from optimizer.tables.parse.dialect import dialect_of
from optimizer.tables.raw import DEFAULT_LIMITS
from optimizer.tables.sources.csv_source import csv_records
from optimizer.tables.sources.escapes import unescaped
from optimizer.tables.sources.sources import file_bytes
from optimizer.tables.sources.text import decode

__all__ = ["COLUMNS", "Row", "read_folder", "tables_of_document"]

COLUMNS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "criteria": (("id",), ("group", "direction", "unit", "worst", "best", "name")),
    "scores": (("place", "criterion", "value"), ("source",)),
    "weights": (("preset", "weight"), ("criterion", "group", "basis")),
}
"""Columns that a table must have, and those that it may have."""
Row = dict[str, str]


def read_folder(where: str | Path) -> dict[str, list[Row]]:
    """Rows of the three tables as they stand in a folder of CSV files, or in a JSON file.

    Raises
    ------
    InputError
        With every problem.
    """
    path, findings, problems = Path(where), Findings(), Problems(LOCATION_CATALOGUE)
    out: dict[str, list[Row]] = {}
    if path.is_dir():
        files = {table: path / f"{table}.csv" for table in COLUMNS}
        out = {table: _csv(file, table, findings) for table, file in files.items() if file.is_file()}
    elif path.is_file() and path.suffix.lower() == ".json":
        out = _json(path, findings, problems)
    else:
        problems.add("tables_not_found", f"{path} is no folder of CSV files and no .json file", table="criteria")
    problems.raise_errors(findings.issues())
    return out


def tables_of_document(found: Any, problems: Problems) -> dict[str, list[Row]]:
    """Rows of each table of a document."""
    out: dict[str, list[Row]] = {}
    for table in COLUMNS:
        rows = found.get(table) if isinstance(found, dict) else None
        if isinstance(rows, list) and all(isinstance(r, dict) for r in rows):
            out[table] = [{str(k): _cell(v) for k, v in r.items()} for r in rows]
        else:
            problems.add("table_missing", f"there is no table {table}", table=table)
    return out


def _text(path: Path, table: str, findings: Findings) -> str | None:
    data = file_bytes(path, DEFAULT_LIMITS, findings)
    return None if data is None else decode(data, table, path.name, findings)


def _csv(path: Path, table: str, findings: Findings) -> list[Row]:
    """Rows of a file; its header says whether cells are parted by commas, semicolons or tabs."""
    text = _text(path, table, findings)
    if text is None:
        return []
    must, may = COLUMNS[table]
    dialect = dialect_of(text, {*must, *may})
    records, _, _ = csv_records(text, dialect, table, path.name, DEFAULT_LIMITS, findings)
    if not records:
        return []
    names, decimal = [name.strip() for name in records[0]], dialect.delimiter == ";"
    rows = [list(unescaped(cells)) for cells in records[1:]]
    return [{n: _cell(cell, decimal=decimal) for n, cell in zip_longest(names, cells, fillvalue="")} for cells in rows]


def _cell(value: Any, *, decimal: bool = False) -> str:
    text = "" if value is None else str(value).strip()
    bare = text.replace(",", "", 1).lstrip("-")
    return text.replace(",", ".", 1) if decimal and bare.isdigit() else text


def _json(path: Path, findings: Findings, problems: Problems) -> dict[str, list[Row]]:
    text = _text(path, "criteria", findings)
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        problems.add("table_not_readable", f"{path.name}: {error}", table="criteria")
        return {}
    return tables_of_document(found, problems)
