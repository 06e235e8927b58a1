"""Pieces of Markdown that several pages need."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["prose", "remedy", "table"]


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with a head line, ended by a line break; bars inside cells are escaped."""
    return f"{_line(heads)}{'|---' * len(heads)}|\n{''.join(map(_line, rows))}"


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |\n"


def remedy(text: str) -> str:
    """The remedy of a code; what the reader puts in from case to case is named."""
    return text.replace("{guess}", "(a suggestion) ").replace("{hint}", "(a hint) ")


def prose(described: object) -> str:
    """The docstring of something as Markdown.

    Raises
    ------
    ValueError
        It has none.
    """
    text = inspect.getdoc(described)
    if not text:
        raise ValueError(f"{described!r} has no docstring, and a page is made of it")
    return text.replace("``", "`")
