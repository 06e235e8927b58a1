"""Raw cells: what every source becomes before anything is interpreted. All cells are text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from optimizer.tables.checks.findings import did_you_mean
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optimizer.tables.checks.findings import Findings

__all__ = [
    "DEFAULT_LIMITS",
    "PLAIN_STYLE",
    "REFUSED",
    "REST_DROPPED",
    "CellStyle",
    "Limits",
    "RawCase",
    "RawPolicy",
    "RawTable",
    "ReadOptions",
    "check_table_name",
    "is_plan",
]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much input is accepted.

    Parameters
    ----------
    file_mb : float, default 64
        Megabytes (10⁶ bytes) of one file; of an archive's members, unpacked.
    rows : int, default 2,000,000
        Rows of one table.
    """

    file_mb: float = 64.0
    rows: int = 2_000_000

    @property
    def file_bytes(self) -> int:
        """Largest file in bytes."""
        return int(self.file_mb * 1_000_000)

    @property
    def file_text(self) -> str:
        """Largest file in words."""
        return f"{self.file_mb:g} MB"


DEFAULT_LIMITS: Final = Limits()
"""What is accepted unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a source is read.

    Parameters
    ----------
    limits : Limits
    encoding : str
        Code page for files that are not UTF-8, as ``text.code_page`` gives it; empty = none was named.
    keep : list, optional
        Every sheet that is met is put here as it came, those of unknown names too.
    """

    limits: Limits = DEFAULT_LIMITS
    encoding: str = ""
    keep: list[Any] | None = None


@dataclass(frozen=True, slots=True)
class CellStyle:
    """How a table writes numbers and lists.

    Parameters
    ----------
    decimal_comma : bool
        The decimal sign is a comma, as it may be where cells are separated by semicolons or tabs.
    bar_lists : bool
        Items of a list may also be separated by ``|``, as ``;`` separates cells.
    shown_in : frozenset of str
        Columns in which a number such as ``12.5`` or ``12,5`` shows which sign is the decimal sign.
    """

    decimal_comma: bool = False
    bar_lists: bool = False
    shown_in: frozenset[str] = frozenset()


REST_DROPPED: Final = 10**9
"""Rows dropped when nobody knows how many."""

PLAIN_STYLE: Final = CellStyle()
"""Decimal points, lists by ``;``."""


class _Refused(str):
    """A blank text that is equal to itself alone."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


REFUSED: Final = _Refused()
"""Stands for a cell that was refused, and reported, when it was read: nothing is concluded from its lack."""

_OF_A_PLAN: Final = (
    frozenset({"assignments", "lines", "sites"}),
    frozenset({"assignments", "moves", "centres"}),
    frozenset({"affectations", "transferts", "centres"}),
)
"""Tables that every plan has and no case."""

_REQUIRED_OF_A_CASE: Final = frozenset({"services", "demands", "providers"})
"""Tables of a case that no plan has."""


@dataclass(slots=True)
class RawTable:
    """Cells of one table as text, column by column.

    Parameters
    ----------
    name, file : str
    columns : mapping of str to list of str
        Known columns only; unknown ones have been reported.
    rows : sequence of int
        Row of the source behind each position: line of a file or sheet (header = 1), or
        position in the list of a JSON document (first = 1).
    misspelt : frozenset of str
        Columns that were probably given under another name, which has been reported.
    style : CellStyle
    dropped : int
        Rows that could not be read and were reported; very many when the rest of the file could not.
    """

    name: str
    file: str
    columns: dict[str, Sequence[str]]
    rows: Sequence[int]
    misspelt: frozenset[str] = frozenset()
    style: CellStyle = PLAIN_STYLE
    dropped: int = 0


@dataclass(slots=True)
class RawPolicy:
    """Policy entries in source order: dotted key, text or list of texts, row if known."""

    file: str
    entries: list[tuple[str, str | list[str], int | None]] = field(default_factory=list)


@dataclass(slots=True)
class RawCase:
    """Everything a source holds.

    ``strays`` are files that are named like a table (or policy) but are not read, by that name.
    """

    name: str = ""
    file: str = ""
    tables: dict[str, RawTable] = field(default_factory=dict)
    policy: RawPolicy | None = None
    strays: dict[str, list[str]] = field(default_factory=dict)


GUESSED: Final = 50
"""Tables of a source for which a likely meaning is looked for where they are unknown."""


def check_table_name(name: str, file: str, findings: Findings, seen: set[str]) -> bool:
    """Whether a file, sheet or key is a table (or policy) met for the first time; reports if not."""
    known = (*TABLE_NAMES, POLICY_TABLE)
    if name not in known:
        guessed = len(seen) < GUESSED  # comparing takes time, and beyond this nobody reads it
        seen.add(name)
        findings.add(
            "unknown_table",
            f"{name!r} is no table of a case",
            table=name,
            file=file,
            value=name,
            guess=did_you_mean(name, known) if guessed else "",
            tables=", ".join(known),
        )
        return False
    if name in seen:
        findings.add("duplicate_table", f"{name} is given twice", table=name, file=file, value=name)
        return False
    seen.add(name)
    return True


def is_plan(names: Iterable[str], file: str, findings: Findings) -> bool:
    """Whether the tables are those of a plan and not of a case; reports if so, once for all of them."""
    given = set(names)
    if not any(given >= names for names in _OF_A_PLAN) or given & _REQUIRED_OF_A_CASE:
        return False
    findings.add("plan_not_case", "this is a plan, not a case", file=file)
    return True
