"""Actuals and forecasts from CSV files or a workbook: every bad row is named, nothing is taken unless all is good."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.domain.names import OWN, TRANSITION_ELEMENTS
from optimizer.ledger.periods import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optimizer.ledger.state import State

__all__ = ["ELEMENTS", "actuals_body", "forecast_body", "read_tables"]

ELEMENTS: Final = (*TRANSITION_ELEMENTS, "contingency", "setup")
"""Elements of one-off cost."""

Told = tuple[int, dict[str, str]]
"""Row of the file, and its cells as text."""

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "actuals": ("period", "entity", "service", "provider", "volume", "amount", "currency"),
    "one_offs": ("period", "element", "amount", "currency"),
    "staff": ("period", "provider", "category", "fte", "cost_per_fte"),
    "rates": ("period", "currency", "rate"),
    "forecast": ("period", "entity", "service", "volume", "amount"),
}
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "actuals": ("period", "entity", "service", "provider"),
    "one_offs": ("period", "element", "currency"),
    "staff": ("period", "provider", "category"),
    "rates": ("period", "currency"),
    "forecast": ("period", "entity", "service"),
}
_MAY_BE_BLANK: Final = frozenset({"currency", "category"})
_SIGNED: Final = frozenset({"amount"})
_NUMBERS: Final = frozenset({"volume", "amount", "fte", "cost_per_fte", "rate"})
_MOST: Final = 1e13


class Tables:
    """Raw rows of the tables of an import, and where they came from."""

    def __init__(self, file: str, rows: dict[str, list[Told]], found: list[Issue]) -> None:
        self.file, self.rows, self.found = file, rows, found


def read_tables(path: str | Path, wanted: tuple[str, ...]) -> Tables:
    """Rows of a CSV file (the first of the wanted tables), a workbook with a sheet for each, or a folder of CSV files.

    Raises
    ------
    InputError
        ``ledger_file``: it cannot be read, or is none of these.
    """
    place = Path(path)
    try:
        if place.is_dir():
            files = {t: place / f"{t}.csv" for t in wanted if (place / f"{t}.csv").is_file()}
            read = {t: _csv(file.read_bytes()) for t, file in files.items()}
        elif place.suffix.lower() == ".xlsx":
            read = _workbook(place.read_bytes(), wanted)
        elif place.suffix.lower() == ".csv":
            read = {wanted[0]: _csv(place.read_bytes())}
        else:
            raise ValueError("it is no folder, .csv or .xlsx")
    except (OSError, ValueError, csv.Error, KeyError) as error:
        told = f"{place} cannot be read: {error}"
        raise InputError([Issue("ledger_file", "error", told, _HOW, file=place.name)]) from error
    found = [*_heads(place.name, read, wanted)]
    if not any(rows for _, rows in read.values()):
        told = f"no rows of {', '.join(wanted)} were found"
        found.append(Issue("ledger_file", "error", told, _HOW, file=place.name))
    return Tables(place.name, {t: rows for t, (_, rows) in read.items()}, found)


_HOW: Final = "give a CSV file in UTF-8, a folder of them, or a workbook (.xlsx) with a sheet for each table"


def _csv(data: bytes) -> tuple[list[str], list[Told]]:
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True)
    return _table((reader.line_num, row) for row in reader)


def _workbook(data: bytes, wanted: tuple[str, ...]) -> dict[str, tuple[list[str], list[Told]]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Exception as error:  # a damaged workbook fails anywhere inside openpyxl or zlib
        raise ValueError(f"it is no workbook ({error})") from error
    sheets = {s.title.strip().lower(): s for s in book.worksheets}
    names = {t: sheets[t] for t in wanted if t in sheets}
    return {
        t: _table((n, [_text(c) for c in row]) for n, row in enumerate(sheet.iter_rows(values_only=True), 1))
        for t, sheet in names.items()
    }


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _table(lines: Iterator[tuple[int, list[str]]]) -> tuple[list[str], list[Told]]:
    """Head, and rows that are not blank; cells beyond the head are kept under the name ``""``."""
    head: list[str] = []
    rows: list[Told] = []
    for number, cells in lines:
        texts = [c.strip() for c in cells]
        if not any(texts):
            continue
        if not head:
            head = [t.lower() for t in texts]
            continue
        row = dict(zip(head, texts, strict=False))
        beyond = [t for t in texts[len(head) :] if t]
        rows.append((number, row | ({"": beyond[0]} if beyond else {})))
    return head, rows


def _heads(file: str, read: Mapping[str, tuple[list[str], list[Told]]], wanted: tuple[str, ...]) -> Iterator[Issue]:
    for table in wanted:
        if table not in read:
            continue
        head = read[table][0]
        needed = [c for c in _COLUMNS[table] if c not in _MAY_BE_BLANK]
        for column in (c for c in needed if c not in head):
            remedy = f"columns are {', '.join(_COLUMNS[table])}"
            yield Issue("ledger_column", "error", f"there is no column {column}", remedy, table, file, column=column)
        for column in (c for c in head if c not in _COLUMNS[table] or head.count(c) > 1):
            remedy = f"columns are {', '.join(_COLUMNS[table])}, each once"
            yield Issue(
                "ledger_column", "error", f"a column {column!r} has no meaning here", remedy, table, file, column=column
            )


class _Check:
    """Rows of an import against a ledger."""

    def __init__(self, state: State, given: Tables, replaces: str | None) -> None:
        self.state, self.given, self.found = state, given, list(given.found)
        self.recorded = state.recorded(without=replaces)
        self.entities = state.known_entities()

    def bad(self, table: str, row: int, column: str, value: str, code: str, told: str, remedy: str) -> None:
        """Name a row."""
        self.found.append(Issue(code, "error", told, remedy, table, self.given.file, row, column, value))

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows with numbers as numbers; bad ones are named and left out."""
        out: list[dict[str, Any]] = []
        seen: dict[tuple[str, ...], int] = {}
        for number, cells in self.given.rows.get(table, ()):
            before = len(self.found)
            row = {c: self._value(table, number, c, cells.get(c, "")) for c in _COLUMNS[table]}
            if "" in cells:
                self.bad(
                    table, number, "", cells[""], "ledger_row", "a cell beyond the last column", "check the commas"
                )
            key = tuple(str(row[c]) for c in _KEYS[table])
            first = seen.setdefault(key, number)
            if first != number:
                told = f"{' | '.join(key)} is in row {first} already"
                self.bad(table, number, _KEYS[table][-1], key[-1], "ledger_row_twice", told, "keep one")
            if len(self.found) == before:
                out.append(row)
        return out

    def _value(self, table: str, number: int, column: str, text: str) -> Any:
        if column in _NUMBERS:
            return self._number(table, number, column, text)
        if not text and column not in _MAY_BE_BLANK:
            self.bad(table, number, column, text, "ledger_cell", f"{column} is blank", "fill it in")
        elif text:
            self._known(table, number, column, text)
        return text

    def _number(self, table: str, number: int, column: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        least = -_MOST if column in _SIGNED else 0.0
        good = least <= value <= _MOST and not (column == "rate" and value == 0)
        if not good or "_" in text:
            told, remedy = f"{column} is {text!r}", "give a number with a decimal point, without separators"
            if value < least:
                told, remedy = f"{column} is below 0: {text}", "give 0 or more"
            self.bad(table, number, column, text, "ledger_cell", told, remedy)
            return 0.0
        if round(value, 6) != value:
            self.bad(table, number, column, text, "ledger_cell", f"{column} is {text}", "give at most six decimals")
        return value

    def _known(self, table: str, number: int, column: str, text: str) -> None:
        """Names that the ledger knows."""
        if column == "period":
            self._period(table, number, text)
        elif column == "entity" and text not in self.entities:
            told = f"{text} is in no plan of the ledger"
            self.bad(table, number, column, text, "ledger_entity", told, "record first that it came in (scope)")
        elif column == "service" and text not in self.state.freezes[-1].minutes:
            self.bad(table, number, column, text, "ledger_service", f"{text} is no service", "use the id of a service")
        elif column == "provider" and not any(text in f.providers for f in self.state.freezes):
            told, remedy = f"{text} offers nothing in the plan", f"use the id of a provider, or {OWN}"
            self.bad(table, number, column, text, "ledger_provider", told, remedy)
        elif column == "element" and text not in ELEMENTS:
            self.bad(
                table, number, column, text, "ledger_element", f"{text} is no element", f"use {', '.join(ELEMENTS)}"
            )

    def _period(self, table: str, number: int, text: str) -> None:
        example = EXAMPLES[self.state.unit]
        if self.state.period(text) is None:
            told = f"{text} is no {self.state.unit} of this ledger"
            remedy = f"write it as {example}, from {self.state.freezes[0].begin.name} on"
            self.bad(table, number, "period", text, "ledger_period", told, remedy)
        elif table != "forecast" and text in self.recorded:
            told = f"{text} is recorded by {self.recorded[text]} already"
            self.bad(table, number, "period", text, "ledger_period_twice", told, "correct that entry (replaces)")

    def currencies(self, tables: Mapping[str, list[dict[str, Any]]]) -> None:
        """Every currency has a rate in its period; the ledger's own is filled in."""
        known = {(r["period"], r["currency"]) for r in tables["rates"]}
        for table in ("actuals", "one_offs"):
            for row, (number, _) in zip(tables[table], self.given.rows.get(table, ()), strict=False):
                own = self.state.freezes[0].currency
                row["currency"] = row["currency"] or own
                if row["currency"] != own and (row["period"], row["currency"]) not in known:
                    told = f"there is no rate of {row['currency']} in {row['period']}"
                    remedy = f"add it to the table rates: {own} for one unit of it"
                    self.bad(table, number, "currency", row["currency"], "ledger_rate", told, remedy)

    def done(self) -> None:
        """Refuse the import where anything was found."""
        if self.found:
            raise InputError(self.found)


def actuals_body(state: State, given: Tables, replaces: str | None) -> dict[str, Any]:
    """The body of an entry of actuals.

    Raises
    ------
    InputError
        With every bad row.
    """
    check = _Check(state, given, replaces)
    tables = {t: check.rows(t) for t in ("actuals", "one_offs", "staff", "rates")}
    if not check.found:  # rows are those of the file, one to one
        check.currencies(tables)
    check.done()
    periods = sorted({row["period"] for rows in tables.values() for row in rows})
    return {"file": given.file, "periods": periods, **tables}


def forecast_body(state: State, given: Tables) -> dict[str, Any]:
    """The body of a forecast; as ``actuals_body``."""
    check = _Check(state, given, None)
    rows = check.rows("forecast")
    check.done()
    return {"file": given.file, "rows": rows}
