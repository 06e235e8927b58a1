"""Raw cells: what every source becomes before anything is interpreted. All cells are text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from optimizer.io.schema import POLICY_TABLE, TABLE_NAMES
from optimizer.validation.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.validation.findings import Findings

__all__ = ["DEFAULT_LIMITS", "Limits", "RawCase", "RawPolicy", "RawTable", "check_header", "check_table_name"]


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
    """

    name: str
    file: str
    columns: dict[str, Sequence[str]]
    rows: Sequence[int]


@dataclass(slots=True)
class RawPolicy:
    """Policy entries in source order: dotted key, text or list of texts, row if known."""

    file: str
    entries: list[tuple[str, str | list[str], int | None]] = field(default_factory=list)


@dataclass(slots=True)
class RawCase:
    """Everything a source holds."""

    name: str = ""
    file: str = ""
    tables: dict[str, RawTable] = field(default_factory=dict)
    policy: RawPolicy | None = None


def check_table_name(name: str, file: str, findings: Findings, seen: set[str]) -> bool:
    """Whether a file, sheet or key is a table (or policy) met for the first time; reports if not."""
    known = (*TABLE_NAMES, POLICY_TABLE)
    if name not in known:
        findings.add("unknown_table", f"{name!r} is no table of a case", table=name, file=file, value=name,
                     guess=did_you_mean(name, known), tables=", ".join(known))  # fmt: skip
        return False
    if name in seen:
        findings.add("duplicate_table", f"{name} is given twice", table=name, file=file, value=name)
        return False
    seen.add(name)
    return True


def check_header(table: str, file: str, header: Sequence[str], findings: Findings, row: int | None = 1) -> list[str]:
    """Column names as the schema spells them, ``""`` for those to skip; reports all others.

    Names may be written in any case and with spaces around them.
    """
    schema = TABLE_NAMES[table].column
    names: list[str] = []
    for given in header:
        name = given.strip().lower()
        if name and name not in schema:
            findings.add("unknown_column", f"{table} has no column {given.strip()!r}", table=table, file=file, row=row,
                         column=given.strip(), value=given, guess=did_you_mean(name, schema))  # fmt: skip
            name = ""
        elif name and name in names:
            findings.add("duplicate_column", f"column {name} is given twice", table=table, file=file, row=row,
                         column=name, value=given)  # fmt: skip
            name = ""
        names.append(name)
    for column in schema.values():
        if column.required and column.name not in names:
            findings.add("missing_column", f"{table} lacks the required column {column.name}", table=table, file=file,
                         row=row, column=column.name)  # fmt: skip
    return names
