"""Small pieces of terminal output shared by the summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from optimizer.report.language import said_in
from optimizer.report.naming import clean
from optimizer.report.numbers import THIN, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

__all__ = ["Screen", "bar", "grid", "heading", "plain", "safe", "tone"]


def plain(text: str) -> str:
    """Ordinary spaces instead of thin ones, which many terminals draw badly; nothing that moves the cursor."""
    return clean(text.replace(THIN, " ")).replace("\n", " ").replace("\t", " ")


def safe(text: str) -> str:
    """User's text for Rich: control characters and markup made harmless."""
    return escape(plain(text))


def heading(console: Console, text: str) -> None:
    """A blank line and a bold title."""
    console.print()
    console.print(Text(text, style="bold"))


def tone(change: float | None) -> str:
    """Style of a change of cost: less is good."""
    if change is None or abs(change) < 0.5:
        return ""
    return "cyan" if change < 0 else "yellow"


def grid(
    columns: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str | Text]], limits: Sequence[int] = ()
) -> Table:
    """Table without lines.

    Parameters
    ----------
    columns : sequence of (title, numeric)
    rows : sequence of sequence
        Plain text (never markup) or ``Text``.
    limits : sequence of int, optional
        Greatest width of each column; 0 = as needed.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False, pad_edge=False)
    table.show_header = any(title for title, _ in columns)
    for i, (title, numeric) in enumerate(columns):
        most = limits[i] if i < len(limits) and limits[i] else None
        table.add_column(
            title,
            justify="right" if numeric else "left",
            no_wrap=numeric or most is not None,
            min_width=None if numeric else min(8, max([len(title), *(len(str(row[i])) for row in rows)])),
            max_width=most,
            overflow="ellipsis",
        )
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(plain(cell)) for cell in row))
    return table


def bar(base: float, load: float, width: int = 14) -> Text:
    """Bar of a share of capacity: other clients' work, then this case's; a mark beyond the end when over full."""
    first = round(max(0.0, min(1.0, base)) * width)
    second = round(max(0.0, min(1.0, base + load)) * width) - first
    if load > 0 and second == 0 and first < width:
        second = 1
    text = Text("▒" * first, style="dim")
    text.append("█" * second, style="blue")
    text.append("·" * (width - first - second), style="dim")
    return text.append("!" if base + load > 1.0000005 else " ", style="bold yellow")


class Screen:
    """A terminal that is written to in one language.

    Parameters
    ----------
    console : rich Console
    language : str, default "en"
        One of ``LANGUAGES``; findings are English.
    """

    def __init__(self, console: Console, language: str = "en") -> None:
        self._console, self._language = console, language

    def say(self, text: str) -> str:
        """A sentence or a figure as the language has it."""
        return plain(said_in(text, self._language))

    def line(self, text: str, style: str = "") -> None:
        """A line of its own."""
        self._console.print(Text(self.say(text), style=style))

    def head(self, text: str) -> None:
        """A title after a blank line."""
        heading(self._console, self.say(text))

    def table(
        self, columns: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]], limits: Sequence[int] = ()
    ) -> None:
        """Rows under their titles, as of ``grid``."""
        titles = [(self.say(tell(title)) if title else "", right) for title, right in columns]
        self._console.print(grid(titles, [[self.say(cell) for cell in row] for row in rows], limits))

    def issues(self, issues: Sequence[Mapping[str, Any]]) -> None:
        """Findings, a line each."""
        for issue in issues:
            said = f"{issue['severity']}: {issue['message']} ({issue['code']}); {issue['remedy']}"
            self._console.print(Text(plain(said)))
