"""CSV bytes to raw cells. Nothing is guessed: the header line shows the mark between cells, every line is as long."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from optimizer.tables.parse.dialect import NAMES, dialect_of, style_of
from optimizer.tables.parse.header import check_header, header_at
from optimizer.tables.raw import REST_DROPPED, RawTable
from optimizer.tables.schema import TABLE_NAMES
from optimizer.tables.sources.escapes import unescaped
from optimizer.tables.sources.text import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.parse.dialect import Dialect
    from optimizer.tables.raw import Limits, ReadOptions

__all__ = ["csv_records", "read_csv_table"]


def read_csv_table(data: bytes, table: str, file: str, options: ReadOptions, findings: Findings) -> RawTable | None:
    """One table from the bytes of a CSV file; ``None`` when it cannot be read at all."""
    text = decode(data, table, file, findings, options.encoding)
    if text is None:
        return None
    dialect = dialect_of(text, TABLE_NAMES[table].column)
    if dialect.delimiter == "|":
        findings.add(
            "wrong_delimiter",
            f"cells are separated by {NAMES['|']}",
            table=table,
            file=file,
            row=1,
            value=text.partition("\n")[0],
        )
        return None
    records, rows, whole = csv_records(text, dialect, table, file, options.limits, findings)
    if not records:
        if whole:
            findings.add("empty_file", f"{file} has no header line", table=table, file=file, row=1)
        return None
    top = header_at(table, records, rows, file, findings)
    found = _table(records[top:], rows[top:], dialect, table, file, findings)
    if not whole:
        found.dropped = REST_DROPPED
    return found


def _table(
    records: list[list[str]], rows: list[int], dialect: Dialect, table: str, file: str, findings: Findings
) -> RawTable:
    """The table of records that begin with the header."""
    names = check_header(table, file, records[0], findings, rows[0])
    good = _ragged_reported(records, rows, dialect.delimiter, table, file, findings)
    cells = list(zip(*(records[i] for i in good), strict=True)) or [()] * len(names)
    unnamed = _blank_columns_reported(names, records[0], cells, table, file, findings)
    columns: dict[str, Sequence[str]] = {n: unescaped(c) for n, c in zip(names, cells, strict=True) if n}
    style = style_of(dialect, table, columns, file, findings)
    doubted = names.absent if unnamed else names.misspelt
    return RawTable(table, file, columns, [rows[i] for i in good], doubted, style, len(records) - 1 - len(good))


def csv_records(
    text: str, dialect: Dialect, table: str, file: str, limits: Limits, findings: Findings
) -> tuple[list[list[str]], list[int], bool]:
    """Records that are not blank throughout, the line on which each begins, and whether nothing was reported."""
    stream = io.StringIO(text[dialect.skipped :], newline="")
    reader = csv.reader(stream, delimiter=dialect.delimiter, strict=True)
    records: list[list[str]] = []
    rows: list[int] = []
    above = 1 if dialect.skipped else 0
    line = above
    try:
        for record in reader:
            if any(record):
                records.append(record)
                rows.append(line + 1)
                if len(records) - 1 > limits.rows:
                    findings.add(
                        "too_many_rows",
                        f"more than {limits.rows:,} rows",
                        table=table,
                        file=file,
                        row=line + 1,
                        limit=f"{limits.rows:,}",
                    )
                    return [], [], False
            line = reader.line_num + above
    except csv.Error as error:
        findings.add("csv_syntax", f"the record that begins here: {error}", table=table, file=file, row=line + 1)
        return records, rows, False
    return records, rows, True


def _ragged_reported(
    records: list[list[str]], rows: list[int], delimiter: str, table: str, file: str, findings: Findings
) -> list[int]:
    """Positions of data records as long as the header; the others are reported."""
    width = len(records[0])
    good = []
    for i in range(1, len(records)):
        if len(records[i]) == width:
            good.append(i)
        else:
            findings.add(
                "ragged_row",
                f"{len(records[i])} cells where the header has {width}",
                table=table,
                file=file,
                row=rows[i],
                value=delimiter.join(records[i]),
                expected=width,
            )
    return good


def _blank_columns_reported(
    names: list[str], header: list[str], cells: Sequence[Sequence[str]], table: str, file: str, findings: Findings
) -> bool:
    """Report columns without a name that hold values, and say whether there are any."""
    found = False
    for number, (name, given, column) in enumerate(zip(names, header, cells, strict=True), 1):
        if not name and not given.strip() and any(column):
            found = True
            findings.add(
                "blank_column",
                f"column {number} holds values but has no name",
                table=table,
                file=file,
                row=1,
                value=next(filter(None, column)),
            )
    return found
