"""The answer to a study for the terminal: its sentences, then its tables."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from optimizer.domain.answer import told
from optimizer.report.console import grid, heading, plain
from optimizer.report.language import in_language
from optimizer.report.numbers import count
from optimizer.report.study_cells import LONG, cell_text, is_number, titled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from optimizer.domain.answer import Answer

__all__ = ["print_answer"]

_LEAST, _MOST = "least_", "most_"
"""Columns ``least_NAME`` and ``most_NAME`` are the ends of one figure, and shown as one."""
_SHOWN: Final = 40
_SHORT: Final = 14
"""Letters up to which a cell is an id or a word."""


_WIDEST: Final = 32
"""Letters beyond which a text takes a second line rather than the room of the columns after it."""


def print_answer(answer: Answer, console: Console, language: str = "en") -> None:
    """Say what a study found.

    Parameters
    ----------
    answer : Answer
    console : Console
    language : str, default "en"
        One of ``LANGUAGES``.
    """
    for sentence in answer.sentences:
        lines = wrap(in_language(sentence, language), console.width, break_on_hyphens=False)
        console.print(Text("\n".join(map(plain, lines))))  # wrapped while the digits of a number are one word
    for name, rows in answer.tables.items():
        heading(console, titled(name, language))
        _table(rows, console, language)


def _table(rows: Sequence[Mapping[str, Any]], console: Console, language: str) -> None:
    """Columns of single figures and words, as many as the terminal is wide; the rest stands in the document."""
    names = [n for n in (rows[0] if rows else ()) if not any(isinstance(r[n], Mapping | list | tuple) for r in rows)]
    names = [n for n in names if n not in LONG and not (n.startswith(_MOST) and _twin(n) in names)]
    figures = {n: n.removeprefix(_LEAST) if rows and _twin(n) in rows[0] else n for n in names}
    heads = {n: titled(figure, language) for n, figure in figures.items()}
    titles = {n: head if head[1:2].isupper() else head[:1].lower() + head[1:] for n, head in heads.items()}
    texts = {n: [_either(r, n, language) for r in rows[:_SHOWN]] for n in names}
    shown: list[str] = []
    room = console.width
    for name in names:
        room -= min(max(map(len, [titles[name], *texts[name]])), _WIDEST) + 2
        if room < 0 and shown:
            break
        shown.append(name)
    right = {n for n in shown if any(is_number(r[n]) for r in rows)}
    cells: list[list[str | Text]] = [[texts[n][i] for n in shown] for i in range(len(rows[:_SHOWN]))]
    widths = [_whole(titles[n], texts[n]) for n in shown]
    console.print(grid([(titles[n], n in right) for n in shown], cells, widths))
    if len(rows) > _SHOWN:
        more = told("and {n} more", n=count(len(rows) - _SHOWN))
        console.print(Text(in_language(more, language), style="dim"))
    if left := [titles[n] for n in names if n not in shown]:
        too = told("in --out and --json too: {names}", names=", ".join(left))
        console.print(Text(in_language(too, language), style="dim"))


def _whole(title: str, cells: Sequence[str]) -> int:
    """Width of a column of ids and short words, which are never cut; 0 where text may wrap."""
    longest = max(map(len, cells), default=0)
    return max(longest, len(title)) if longest <= _SHORT else 0


def _twin(name: str) -> str:
    """The column with the other end of the same figure."""
    if name.startswith(_LEAST):
        return _MOST + name.removeprefix(_LEAST)
    return _LEAST + name.removeprefix(_MOST) if name.startswith(_MOST) else ""


def _either(row: Mapping[str, Any], name: str, language: str) -> str:
    """A cell, or both ends of a figure."""
    if not name.startswith(_LEAST) or _twin(name) not in row:
        return plain(cell_text(name, row[name], language))
    figure = name.removeprefix(_LEAST)
    low, high = (plain(cell_text(figure, row[n], language)) for n in (name, _twin(name)))
    if low == high:
        return low
    if row[name] is None or row[_twin(name)] is None:
        one = told("at most {high}", high=high) if row[name] is None else told("at least {low}", low=low)
        return in_language(one, language)
    return in_language(told("{low} to {high}", low=low, high=high), language)
