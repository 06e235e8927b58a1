"""Parsed tables as columns of values: what the rules look at before a case exists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.validation.findings import Findings

__all__ = ["ParsedTable", "ParsedTables"]


@dataclass(slots=True)
class ParsedTable:
    """One table, column by column.

    Parameters
    ----------
    name, file : str
    rows : sequence of int
        Row of the file behind each position.
    values : mapping of str to list
        Every column of the schema, parsed; ``None`` (or an empty list) where blank or bad.
    text : mapping of str to list of str
        The cells as they were, for messages; columns that were given only.
    bad : mapping of str to set of int
        Positions whose cell was refused already, by column.
    given : bool
        Whether the input has the table, readable.
    damaged : bool
        Whether it has one that could not be read, which has been reported: nothing is concluded from its lack.
    dropped : int
        Rows that could not be read, which has been reported.
    """

    name: str
    file: str
    rows: Sequence[int]
    values: dict[str, list[Any]]
    text: Mapping[str, Sequence[str]] = field(default_factory=dict)
    bad: dict[str, set[int]] = field(default_factory=dict)
    given: bool = True
    damaged: bool = False
    dropped: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, column: str) -> list[Any]:
        return self.values[column]

    def good(self, *columns: str) -> Iterator[int]:
        """Positions at which none of these columns was refused."""
        refused: set[int] = set().union(*(self.bad.get(c, set()) for c in columns))
        return (i for i in range(len(self.rows)) if i not in refused) if refused else iter(range(len(self.rows)))

    def is_whole(self, *columns: str) -> bool:
        """Whether it may be concluded from these columns that something is not there: nothing in them was refused."""
        return not (self.damaged or self.dropped or any(self.bad.get(c) for c in columns))

    def report(self, findings: Findings, code: str, message: str, at: int, column: str = "", **facts: Any) -> None:
        """Record a finding about the row at a position, with the cell as it was."""
        cells = self.text.get(column)
        value = facts.pop("value", None)
        shown = value if value is not None else (cells[at] if cells is not None else "")
        findings.add(
            code, message, table=self.name, file=self.file, row=self.rows[at], column=column, value=shown, **facts
        )


ParsedTables = dict[str, ParsedTable]
"""Every table of the schema by name, those not given with no rows."""
