"""Header lines: which line it is, and which names of it the schema knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.tables.checks.findings import did_you_mean, nearest
from optimizer.tables.schema import TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.schema import Column

__all__ = ["Header", "check_header", "header_at", "known_names"]

LINES_LOOKED_AT: Final = 10
"""First lines of a table among which a header is looked for."""


class Header(list[str]):
    """Column names as the schema spells them, ``""`` for those to skip.

    Parameters
    ----------
    names : iterable of str
    misspelt : frozenset of str
        Columns of the schema that a name to skip probably means: nothing is concluded from their lack.
    absent : frozenset of str
        Every column of the schema that is not there.
    """

    def __init__(
        self,
        names: Sequence[str] = (),
        misspelt: frozenset[str] = frozenset(),
        absent: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(names)
        self.misspelt, self.absent = misspelt, absent


def known_names(known: Collection[str], cells: Sequence[str]) -> int:
    """How many known columns the cells name."""
    return len({cell.strip().lower() for cell in cells}.intersection(known))


def header_at(table: str, records: Sequence[Sequence[str]], rows: Sequence[int], file: str, findings: Findings) -> int:
    """Position of the header among the first records; a title above it is reported.

    The first record is the header unless it names no column at all and a later one names two or more.
    """
    known = TABLE_NAMES[table].column
    if not records or known_names(known, records[0]):
        return 0
    for at in range(1, min(len(records), LINES_LOOKED_AT)):
        if known_names(known, records[at]) >= 2:
            title = next((cell for cell in records[0] if cell.strip()), "")
            findings.add(
                "title_above_header",
                f"the header is in row {rows[at]}, not at the top",
                table=table,
                file=file,
                row=rows[0],
                value=title,
                header=rows[at],
            )
            return at
    return 0


GUESSED: Final = 50
"""Unknown columns of a table for which a likely meaning is looked for."""


def check_header(table: str, file: str, header: Sequence[str], findings: Findings, row: int | None = 1) -> Header:
    """Column names as the schema spells them; reports all others.

    Names may be written in any case and with spaces around them. A name that is nearly that of a column which is not
    there is one finding, not two.
    """
    schema = TABLE_NAMES[table].column
    names, unknown = _sorted_out(table, file, header, findings, row)
    misspelt = _unknown_reported(table, file, unknown, names, schema, findings, row)
    for column in schema.values():
        if column.required and column.name not in names and column.name not in misspelt:
            findings.add(
                "missing_column",
                f"{table} lacks the required column {column.name}",
                table=table,
                file=file,
                row=row,
                column=column.name,
            )
    return Header(names, frozenset(misspelt), frozenset(schema) - set(names))


def _sorted_out(
    table: str, file: str, header: Sequence[str], findings: Findings, row: int | None
) -> tuple[list[str], list[str]]:
    """Names as the schema spells them, ``""`` for those to skip, and the names that it lacks; reports repetitions."""
    schema = TABLE_NAMES[table].column
    names: list[str] = []
    unknown: list[str] = []
    for given in header:
        name = given.strip().lower()
        if name and name not in schema:
            unknown.append(given)
            name = ""
        elif name and name in names:
            told = f"column {name} is given twice"
            findings.add("duplicate_column", told, table=table, file=file, row=row, column=name, value=given)
            name = ""
        names.append(name)
    return names, unknown


def _unknown_reported(
    table: str,
    file: str,
    unknown: Sequence[str],
    names: Sequence[str],
    schema: dict[str, Column],
    findings: Findings,
    row: int | None,
) -> set[str]:
    """Report names that the schema lacks; return the absent columns that they probably mean."""
    absent = [name for name in schema if name not in names]
    meant: set[str] = set()
    for number, given in enumerate(unknown):
        guessed = number < GUESSED  # comparing takes time, and beyond this nobody reads it
        guess = nearest(given.strip(), [name for name in absent if name not in meant]) if guessed else ""
        if guess:
            meant.add(guess)
        findings.add(
            "unknown_column",
            f"{table} has no column {given.strip()!r}",
            table=table,
            file=file,
            row=row,
            column=given.strip(),
            value=given,
            guess=f"Did you mean {guess!r}? " if guess else did_you_mean(given.strip(), schema) if guessed else "",
        )
    return meant
