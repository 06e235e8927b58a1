"""Sheets: the cells of one table as they came, with their header, and the raw table that is read from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from optimizer.tables.parse.dialect import Dialect, style_of
from optimizer.tables.parse.header import Header, check_header
from optimizer.tables.raw import PLAIN_STYLE, REFUSED, RawPolicy, RawTable
from optimizer.tables.schema import POLICY_TABLE
from optimizer.tables.sources.escapes import unescaped
from optimizer.tables.sources.policy_source import policy_from_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.tables.checks.findings import Findings

__all__ = ["Held", "Sheet", "policy_of", "policy_sheet", "table_of"]


@dataclass(slots=True)
class Held:
    """A finding that was made when cells were taken over, and stays until they are written anew.

    Parameters
    ----------
    code, message, value : str
        As in ``Issue``.
    rows : list of int
        Rows of the sheet that it is about.
    at : int, optional
        Position of its cell in the row; without one the rows are refused as they are.
    column : str
        What the finding calls the column.
    row : int, optional
        The row that the finding names.
    facts : dict
        For the remedy.
    """

    code: str
    message: str
    rows: list[int]
    at: int | None = None
    column: str = ""
    value: str = ""
    row: int | None = None
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Sheet:
    """Cells of one table as text, row by row, nothing interpreted.

    Parameters
    ----------
    name, file : str
    header : list of str
        Names of columns as given.
    cells : list of list of str
        Rows below the header, each as long as it came.
    rows : list of int
        Number of each row, as its finder counts: line of a file or sheet, or position in a list.
    top : int, optional
        Row of the header; none in a list of objects.
    delimiter : str
        What stood between cells.
    strict : bool
        A row of another length than the header is refused; otherwise blanks are added.
    escaped : bool
        Texts like formulas have an apostrophe before them.
    held : list of Held
    """

    name: str
    file: str
    header: list[str]
    cells: list[list[str]]
    rows: list[int]
    top: int | None = 1
    delimiter: str = ","
    strict: bool = False
    escaped: bool = False
    held: list[Held] = field(default_factory=list)

    def refused(self) -> set[tuple[int, int]]:
        """Row and position of every cell that was refused."""
        return {(row, h.at) for h in self.held if h.at is not None for row in h.rows}

    def unusable(self) -> set[int]:
        """Rows that were refused as a whole."""
        return {row for h in self.held if h.at is None for row in h.rows}


def table_of(sheet: Sheet, findings: Findings) -> RawTable | None:
    """The raw table of a sheet; ``None`` when its header is refused."""
    _report_held(sheet, findings)
    unusable = sheet.unusable()
    if sheet.top in unusable:
        return None  # names are lost with the header's cells
    header, records, rows = _without_refused(sheet)
    names = check_header(sheet.name, sheet.file, header, findings, sheet.top) if header else Header()
    usable = [at for at, row in enumerate(rows) if row not in unusable]
    good = _as_long(sheet, usable, records, rows, findings) if sheet.strict else usable
    cells = _columns([records[at] for at in good], len(header))
    unnamed = _blank_columns_reported(sheet, names, header, cells, findings)
    columns: dict[str, Sequence[str]] = {}
    for name, column in zip(names, cells, strict=False):
        if name:
            columns[name] = unescaped(column) if sheet.escaped else column
    style = PLAIN_STYLE
    if sheet.delimiter != ",":
        style = style_of(Dialect(sheet.delimiter), sheet.name, columns, sheet.file, findings)
    doubted = names.absent if unnamed else names.misspelt
    return RawTable(
        sheet.name, sheet.file, columns, [rows[at] for at in good], doubted, style, len(records) - len(good)
    )


def _columns(records: Sequence[Sequence[str]], width: int) -> list[Sequence[str]]:
    """Cells column by column; blanks where a row ends early."""
    if all(len(record) == width for record in records):
        return list(zip(*records, strict=True)) or [()] * width
    widest = max(width, *(len(record) for record in records))
    return list(zip(*([*record, *[""] * (widest - len(record))] for record in records), strict=True))


def _report_held(sheet: Sheet, findings: Findings) -> None:
    for h in sheet.held:
        findings.add(
            h.code, h.message, table=sheet.name, file=sheet.file, row=h.row, column=h.column, value=h.value, **h.facts
        )


def _without_refused(sheet: Sheet) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows and their numbers with a mark in refused cells; rows that hold nothing else are left out."""
    refused = sheet.refused()
    if not refused:
        return sheet.header, sheet.cells, sheet.rows
    marked = {row for row, _ in refused}
    header = [name if (sheet.top, at) not in refused else "" for at, name in enumerate(sheet.header)]
    records, rows = [], []
    for row, record in zip(sheet.rows, sheet.cells, strict=True):
        kept = record
        if row in marked:
            kept = [cell if (row, at) not in refused else REFUSED for at, cell in enumerate(record)]
            if not any(kept):
                continue
        records.append(kept)
        rows.append(row)
    return header, records, rows


def _as_long(
    sheet: Sheet, usable: Sequence[int], records: list[list[str]], rows: list[int], findings: Findings
) -> list[int]:
    """Positions of the rows as long as the header; the others are reported."""
    width, good = len(sheet.header), []
    for at in usable:
        if len(records[at]) == width:
            good.append(at)
            continue
        findings.add(
            "ragged_row",
            f"{len(records[at])} cells where the header has {width}",
            table=sheet.name,
            file=sheet.file,
            row=rows[at],
            value=sheet.delimiter.join(records[at]),
            expected=width,
        )
    return good


def _blank_columns_reported(
    sheet: Sheet, names: Header, header: Sequence[str], cells: Sequence[Sequence[str]], findings: Findings
) -> bool:
    """Report columns without a name that hold values, and say whether there are any."""
    found = False
    for at, column in enumerate(cells):
        named = at < len(header) and (names[at] or header[at].strip())
        if not named and any(column):
            found = True
            findings.add(
                "blank_column",
                f"column {at + 1} holds values but has no name",
                table=sheet.name,
                file=sheet.file,
                row=sheet.top,
                value=next(filter(None, column)),
            )
    return found


def policy_of(sheet: Sheet, findings: Findings) -> RawPolicy:
    """Entries of a sheet of keys and values.

    Cells beyond these two are reported, apart from columns whose heading begins with an underscore: those explain.
    """
    _report_held(sheet, findings)
    header, records, rows = _without_refused(sheet)
    aside = {at for at, name in enumerate(header) if name.startswith("_")}
    headed = [(header, sheet.top)] if sheet.top is not None else []
    for cells, row in [*headed, *zip(records, rows, strict=True)]:
        if further := next((c for at, c in enumerate(cells) if at >= 2 and at not in aside and c.strip()), ""):
            told = "the policy has more than two columns, key and value"
            findings.add("blank_column", told, table=POLICY_TABLE, file=sheet.file, row=row, value=further)
            break
    pairs = [(r[0], r[1] if len(r) > 1 else "", n) for r, n in zip(records, rows, strict=True)]
    return policy_from_pairs(pairs, sheet.file, findings)


def policy_sheet(policy: RawPolicy) -> Sheet:
    """Entries of a policy as a sheet; they are numbered anew, as lines of a file may hold several."""
    texts: list[list[str]] = [
        [key, ";".join(value) if isinstance(value, list) else value] for key, value, _ in policy.entries
    ]
    return Sheet(POLICY_TABLE, "", ["key", "value"], texts, list(range(2, len(texts) + 2)))
