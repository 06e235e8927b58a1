"""What a report page is made of: sections of figures, tables, notes and lists of facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Bar", "Block", "Cell", "Column", "Facts", "Figure", "Note", "Row", "Section", "Table", "Tone"]

Tone = Literal["", "good", "bad", "muted", "strong"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar inside a table cell; lengths are shares of the cell's width.

    Parameters
    ----------
    base, load : float
        Context (grey) and the figure itself (blue), drawn end to end.
    tick : float, optional
        Where the limit stands.
    """

    base: float = 0.0
    load: float = 0.0
    tick: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """Text with an optional second line, tone, shade (0 to 1) or bar."""

    text: str
    sub: str = ""
    tone: Tone = ""
    shade: float = 0.0
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """Heading of a column; ``numeric`` ones stand flush right, ``code`` ones unbroken."""

    title: str
    numeric: bool = False
    wide: bool = False
    code: bool = False


Row = list[Cell | str]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings. More rows than ``first`` and ``last`` are folded away, and left out in print.

    Parameters
    ----------
    noun : str
        What a row is, in the plural: ``entities``.
    first, last : int
        Rows of a folded table that stay in view, from its top and its bottom.
    foot : list, optional
        Row of sums.
    """

    columns: tuple[Column, ...]
    rows: list[Row]
    noun: str
    title: str = ""
    foot: Row | None = None
    first: int = 12
    last: int = 0
    note: str = ""
    sortable: bool = True

    @property
    def folded(self) -> bool:
        """Whether the table is long enough to be worth folding."""
        return len(self.rows) > self.first + self.last + 3

    @property
    def preview(self) -> list[Row]:
        """Rows in view when folded, with a gap where rows are left out between two ends."""
        if not self.last:
            return self.rows[: self.first]
        gap: Row = ["…", *("" for _ in self.columns[1:])]
        return [*self.rows[: self.first], gap, *self.rows[-self.last :]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing (trusted SVG text made here) and its caption."""

    svg: str
    title: str = ""
    note: str = ""
    kind: Literal["chart", "map"] = "chart"


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph; ``bad`` ones are framed, so that they are not missed."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of label and value."""

    pairs: list[tuple[str, str]]
    title: str = ""
    fold: bool = False


Block = Table | Figure | Note | Facts


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a sentence that says what is found, and the evidence."""

    id: str
    title: str
    lede: str = ""
    blocks: list[Block] = field(default_factory=list)

    @property
    def short(self) -> str:
        """Title for the list of contents."""
        return self.title
