"""CSV bytes to raw cells. Nothing is guessed: UTF-8, commas, every line as long as the header."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from optimizer.io.raw import RawTable, check_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.io.raw import Limits
    from optimizer.validation.findings import Findings

__all__ = ["decode", "read_csv_table"]

_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def decode(data: bytes, table: str, file: str, findings: Findings) -> str | None:
    """Text of UTF-8 bytes, with or without byte order mark; ``None`` when reported as damaged."""
    nul = data.find(b"\0")
    if nul >= 0:
        findings.add("nul_byte", f"NUL byte at offset {nul}", table=table, file=file, row=data.count(b"\n", 0, nul) + 1)
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start
        findings.add("encoding_error", f"byte {data[at]:#04x} at offset {at} is not UTF-8", table=table, file=file,
                     row=data.count(b"\n", 0, at) + 1, offset=at)  # fmt: skip
        return None


def read_csv_table(data: bytes, table: str, file: str, limits: Limits, findings: Findings) -> RawTable | None:
    """One table from the bytes of a CSV file; ``None`` when it cannot be read at all."""
    text = decode(data, table, file, findings)
    if text is None:
        return None
    records, rows, whole = _records(text, table, file, limits, findings)
    if not records:
        if whole:
            findings.add("empty_file", f"{file} has no header line", table=table, file=file, row=1)
        return None
    header = records[0]
    if len(header) == 1 and _delimiter_reported(header[0], table, file, findings):
        return None
    names = check_header(table, file, header, findings, rows[0])
    good = _ragged_reported(records, rows, table, file, findings)
    cells = list(zip(*(records[i] for i in good), strict=True)) or [()] * len(header)
    _blank_columns_reported(names, header, cells, table, file, findings)
    columns: dict[str, Sequence[str]] = {n: c for n, c in zip(names, cells, strict=True) if n}
    return RawTable(table, file, columns, [rows[i] for i in good])


def _records(text: str, table: str, file: str, limits: Limits,
             findings: Findings) -> tuple[list[list[str]], list[int], bool]:  # fmt: skip
    """Records that are not blank throughout, the line on which each begins, and whether nothing was reported."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    rows: list[int] = []
    line = 0
    try:
        for record in reader:
            if any(record):
                records.append(record)
                rows.append(line + 1)
                if len(records) - 1 > limits.rows:
                    findings.add("too_many_rows", f"more than {limits.rows:,} rows", table=table, file=file,
                                 row=line + 1, limit=f"{limits.rows:,}")  # fmt: skip
                    return [], [], False
            line = reader.line_num
    except csv.Error as error:
        findings.add("csv_syntax", f"the record that begins here: {error}", table=table, file=file, row=line + 1)
        return records, rows, False
    return records, rows, True


def _delimiter_reported(header: str, table: str, file: str, findings: Findings) -> bool:
    for mark, name in _OTHER_DELIMITERS.items():
        if mark in header:
            findings.add("wrong_delimiter", f"cells are separated by {name}, not commas", table=table, file=file, row=1,
                         value=header, name=name)  # fmt: skip
            return True
    return False


def _ragged_reported(records: list[list[str]], rows: list[int], table: str, file: str,
                     findings: Findings) -> list[int]:  # fmt: skip
    """Positions of data records as long as the header; the others are reported."""
    width = len(records[0])
    good = []
    for i in range(1, len(records)):
        if len(records[i]) == width:
            good.append(i)
        else:
            findings.add("ragged_row", f"{len(records[i])} cells where the header has {width}", table=table, file=file,
                         row=rows[i], value=",".join(records[i]), expected=width)  # fmt: skip
    return good


def _blank_columns_reported(names: list[str], header: list[str], cells: Sequence[Sequence[str]], table: str, file: str,
                            findings: Findings) -> None:  # fmt: skip
    for number, (name, given, column) in enumerate(zip(names, header, cells, strict=True), 1):
        if not name and not given.strip() and any(column):
            findings.add("blank_column", f"column {number} holds values but has no name", table=table, file=file, row=1,
                         value=next(filter(None, column)))  # fmt: skip
