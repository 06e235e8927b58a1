"""What a report page is made of: sections of figures, tables, bars, notes and lists of facts.

Texts are English. Those of ours are sentences and numerals that know what they were made of
(``optimizer.report.numbers``), or stand whole in the catalogues; names and messages of others are plain texts. Pages
put them into a language.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "Bar",
    "BarRow",
    "Bars",
    "Block",
    "Cell",
    "Column",
    "Facts",
    "Figure",
    "Note",
    "Row",
    "Section",
    "Span",
    "Table",
    "Tone",
]

Tone = Literal["", "good", "bad", "hot", "muted", "strong", "chip", "chip-act", "chip-ok", "chip-bad"]


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
    """Text with an optional second line, tone, shade (0 to 1), bar, and figure to sort by."""

    text: str
    sub: str = ""
    tone: Tone = ""
    shade: float = 0.0
    bar: Bar | None = None
    rank: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """Heading of a column.

    ``numeric`` ones stand flush right, ``code`` ones unbroken, ``loss`` marks the negative, ``english`` ones hold
    messages that are English in every language.
    """

    title: str
    numeric: bool = False
    wide: bool = False
    code: bool = False
    loss: bool = False
    english: bool = False


Row = list[Cell | str]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings. Of more rows than ``first`` and a few only the first are drawn at once.

    The page has the others as data: it draws them when asked, and all of them for print.

    Parameters
    ----------
    noun : str
        What a row is, in the plural: ``entities``.
    first : int
        Rows of a long table that are drawn at once.
    foot : list, optional
        Row of sums.
    hidden : str
        Words behind which the whole table waits, for what few ask for.
    """

    columns: tuple[Column, ...]
    rows: list[Row]
    noun: str
    title: str = ""
    foot: Row | None = None
    first: int = 12
    note: str = ""
    hidden: str = ""

    @property
    def folded(self) -> bool:
        """Whether the table is long enough to be worth folding."""
        return len(self.rows) > self.first + 3

    @property
    def shown(self) -> list[Row]:
        """Rows that are drawn at once."""
        return self.rows[: max(self.first, 4)] if self.folded else self.rows


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing and its caption.

    Parameters
    ----------
    svg : str or callable
        Trusted SVG text made here, or what makes it in a language.
    title, note : str
    kind : {"chart", "map"}
    keys : tuple of (class, words)
        What the shapes and lines mean.
    """

    svg: str | Callable[[str], str]
    title: str = ""
    note: str = ""
    kind: Literal["chart", "map"] = "chart"
    keys: tuple[tuple[str, str], ...] = ()

    def drawn(self, language: str) -> str:
        """The SVG text in a language."""
        return self.svg if isinstance(self.svg, str) else self.svg(language)


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a bar, from and to in the figure's unit; ``kind`` is its colour and its word in the key."""

    start: float
    end: float
    kind: Literal["a", "n", "o", "w", "i", "r"] = "a"


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar with its name before and its figure behind it."""

    name: str
    spans: tuple[Span, ...]
    text: str
    sub: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of bars on one scale: text and bar in rows that take any width.

    Parameters
    ----------
    rows : list of BarRow
    title, note : str
    keys : tuple of (kind, words)
        What the colours mean.
    """

    rows: list[BarRow]
    title: str
    note: str = ""
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def scale(self) -> tuple[float, float]:
        """Least and greatest figure that is drawn; zero is always on the scale."""
        ends = [0.0, *(x for row in self.rows for span in row.spans for x in (span.start, span.end))]
        low, high = min(ends), max(ends)
        return low, high if high > low else low + 1.0

    def place(self, figure: float) -> float:
        """Where a figure stands, from 0 to 100."""
        low, high = self.scale
        return 100 * (figure - low) / (high - low)


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


Block = Table | Figure | Bars | Note | Facts


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a sentence that says what is found, and the evidence."""

    id: str
    title: str
    lede: str = ""
    blocks: list[Block] = field(default_factory=list)
