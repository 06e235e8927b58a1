"""What a workbook's XML says of its sheets beside their cells: merged areas, hidden rows and columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

if TYPE_CHECKING:
    import zipfile

__all__ = ["SheetMarks", "ranges_told", "rows_of", "sheet_marks"]

_OFFICE: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TAG: Final = re.compile(rb"<(?:\w+:)?(mergeCell|row|col|c|filterColumn)\b([^>]*)>")
_PLACE: Final = re.compile(rb'\br="([A-Za-z]{1,9})(\d{1,20})"')
_ATTRIBUTE: Final = re.compile(rb'([\w:]+)="([^"]*)"')
_PIECE: Final = 1 << 20
_LONGEST_TAG: Final = 4_000


@dataclass(slots=True)
class SheetMarks:
    """Marks of one sheet.

    Parameters
    ----------
    hidden : bool
        The whole sheet.
    merged : list of str
        Areas such as ``A1:C1``.
    hidden_rows, hidden_columns : list of int
        Counted from 1.
    filtered : bool
        A filter chooses among the rows.
    last_row, last_column : int
        Furthest place that a row or a cell names, counted from 1.
    """

    hidden: bool = False
    merged: list[str] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    filtered: bool = False
    last_row: int = 0
    last_column: int = 0


def sheet_marks(archive: zipfile.ZipFile) -> dict[str, SheetMarks]:
    """Marks by sheet title, from the XML (the read-only reader does not tell them)."""
    out: dict[str, SheetMarks] = {}
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {e.get("Id"): str(e.get("Target")) for e in links}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        target = targets.get(element.get(_OFFICE))
        if element.tag.endswith("}sheet") and target is not None:
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            marks = _marks_of(archive, path)
            marks.hidden = element.get("state", "visible") != "visible"
            out[str(element.get("name"))] = marks
    return out


def _marks_of(archive: zipfile.ZipFile, path: str) -> SheetMarks:
    """Marks of one sheet, read piece by piece."""
    marks = SheetMarks()
    rest = b""
    with archive.open(path) as stream:
        while piece := stream.read(_PIECE):
            text = rest + piece
            end = 0
            for found in _TAG.finditer(text):
                end = found.end()
                if found[1] == b"c":
                    _reach(found[2], marks)
                    continue
                _note(found[1], dict(_ATTRIBUTE.findall(found[2])), marks)
            rest = text[max(end, len(text) - _LONGEST_TAG) :]
    return marks


def _reach(attributes: bytes, marks: SheetMarks) -> None:
    place = _PLACE.search(attributes)
    if place is not None:
        column = 0
        for letter in place[1].upper():
            column = 26 * column + letter - 64
        marks.last_column = max(marks.last_column, column)
        marks.last_row = max(marks.last_row, int(place[2]))


def _note(tag: bytes, attributes: dict[bytes, bytes], marks: SheetMarks) -> None:
    hidden = attributes.get(b"hidden") in (b"1", b"true")
    if tag == b"row" and attributes.get(b"r", b"").isdigit():
        marks.last_row = max(marks.last_row, int(attributes[b"r"][:20]))
    if tag == b"mergeCell" and b"ref" in attributes:
        marks.merged.append(attributes[b"ref"].decode())
    elif tag == b"row" and hidden and attributes.get(b"r", b"").isdigit():
        marks.hidden_rows.append(int(attributes[b"r"]))
    elif tag == b"col" and hidden:
        marks.hidden_columns += range(int(attributes[b"min"]), min(int(attributes[b"max"]), 1_000) + 1)
    elif tag == b"filterColumn":
        marks.filtered = True


def rows_of(area: str) -> tuple[int, int]:
    """First and last row of an area such as ``A2:C3``."""
    numbers = [int(n) for n in re.findall(r"\d+", area)] or [1]
    return numbers[0], numbers[-1]


def ranges_told(numbers: list[int], most: int = 5) -> str:
    """Numbers as ``2, 4 to 6``; the rest is counted."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = [str(a) if a == b else f"{a} to {b}" for a, b in runs[:most]]
    rest = sum(b - a + 1 for a, b in runs[most:])
    return ", ".join(told) + (f" and {rest} more" if rest else "")
