"""CSV bytes to raw cells. Nothing is guessed: the header line shows the mark between cells, every line is as long."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from optimizer.tables.checks.findings import Findings
from optimizer.tables.parse.dialect import NAMES, dialect_of
from optimizer.tables.parse.header import header_at
from optimizer.tables.raw import REST_DROPPED
from optimizer.tables.schema import TABLE_NAMES
from optimizer.tables.sources.sheets import Sheet, table_of
from optimizer.tables.sources.text import decode

if TYPE_CHECKING:
    from optimizer.tables.parse.dialect import Dialect
    from optimizer.tables.raw import Limits, RawTable, ReadOptions

__all__ = ["csv_records", "keep_unknown", "read_csv_table"]


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
    sheet = Sheet(
        table, file, records[top], records[top + 1 :], rows[top + 1 :], rows[top], dialect.delimiter, True, True
    )
    if options.keep is not None:
        options.keep.append(sheet)
    found = table_of(sheet, findings)
    if found is not None and not whole:
        found.dropped = REST_DROPPED
    return found


def keep_unknown(data: bytes, table: str, file: str, options: ReadOptions) -> None:
    """Put the sheet of a file whose name is no table's aside, as far as it can be read."""
    aside = Findings()
    text = decode(data, table, file, aside, options.encoding)
    if text is None or options.keep is None:
        return
    dialect = dialect_of(text, ())
    records, rows, whole = csv_records(text, dialect, table, file, options.limits, aside)
    if records and whole:
        options.keep.append(
            Sheet(table, file, records[0], records[1:], rows[1:], rows[0], dialect.delimiter, True, True)
        )


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
