"""How a table and its columns are described, with short makers for the usual kinds of column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "MONEY_MAX",
    "VOLUME_MAX",
    "Column",
    "ColumnType",
    "Table",
    "choice",
    "day",
    "label",
    "money",
    "number",
    "ref",
    "scope",
    "text",
    "whole",
]

ColumnType = Literal[
    "id",
    "ref",
    "source",
    "scope",
    "label",
    "text",
    "number",
    "whole",
    "flag",
    "choice",
    "date",
    "time",
    "zone",
    "country",
    "coordinate",
    "weekdays",
    "languages",
    "regions",
    "labels",
]
"""How a cell is read. ``ref`` is the id of another table's row, ``source`` a provider id or ``OWN``,
``scope`` an id or ``*``, for entities also ``kind:<kind>``; ``label`` is text that other cells repeat;
``whole`` is a number without decimals."""

VOLUME_MAX: Final = 1e9
"""Largest volume, capacity, headcount or number of minutes: its millionths are exact in a float."""

MONEY_MAX: Final = 1e13
"""Largest amount of money."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    name, type, meaning : str
    unit : str
        ``-`` for plain text.
    required : bool
        The column must be there and no cell may be blank.
    default : str
        Cell text that a blank stands for; empty = no value.
    blank : str
        What a blank means, in words.
    choices : tuple of str
    minimum, maximum : float, optional
        Limits of a number, both allowed; ``above`` makes the lower one open.
    refers : str
        Table whose ids the cell holds.
    """

    name: str
    type: ColumnType
    meaning: str
    unit: str = "-"
    required: bool = False
    default: str = ""
    blank: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    refers: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in order, the columns that make a row unique, whether it must be given."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False

    @property
    def column(self) -> dict[str, Column]:
        """Columns by name."""
        return {c.name: c for c in self.columns}


def text(name: str, meaning: str, required: bool = False) -> Column:
    """Plain text."""
    return Column(name, "text", meaning, required=required)


def label(name: str, meaning: str, blank: str = "") -> Column:
    """Text that other cells repeat."""
    return Column(name, "label", meaning, blank=blank)


def ref(name: str, table: str, meaning: str, required: bool = True, blank: str = "") -> Column:
    """Id of a row of another table."""
    return Column(name, "ref", meaning, unit="id", required=required, refers=table, blank=blank)


def choice(
    name: str, choices: tuple[str, ...], meaning: str, default: str = "", required: bool = False, blank: str = ""
) -> Column:
    """One of a few words."""
    return Column(name, "choice", meaning, choices=choices, default=default, required=required, blank=blank)


def number(
    name: str,
    unit: str,
    meaning: str,
    blank: str = "",
    *,
    required: bool = False,
    default: str = "",
    maximum: float = VOLUME_MAX,
    above: bool = False,
) -> Column:
    """A number of 0 or more."""
    return Column(name, "number", meaning, unit, required, default, blank, minimum=0.0, maximum=maximum, above=above)


def money(name: str, unit: str, meaning: str, blank: str = "", *, required: bool = False, default: str = "") -> Column:
    """An amount of money of 0 or more."""
    return number(name, unit, meaning, blank, required=required, default=default, maximum=MONEY_MAX)


def day(name: str, meaning: str, blank: str) -> Column:
    """A date."""
    return Column(name, "date", meaning, "YYYY-MM-DD", blank=blank)


def whole(
    name: str, unit: str, meaning: str, blank: str = "", *, required: bool = False, default: str = "", least: int = 0
) -> Column:
    """A number without decimals."""
    return Column(name, "whole", meaning, unit, required, default, blank, minimum=float(least), maximum=1200.0)


def scope(name: str, table: str, meaning: str, *, required: bool = False, blank: str = "all") -> Column:
    """An id of another table or ``*``; of entities also ``kind:<kind>``."""
    return Column(name, "scope", meaning, "id", required=required, refers=table, blank="" if required else blank)
