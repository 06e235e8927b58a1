"""A draft: sheets of text, kept as a plain document and read by the ordinary reader."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.tables.checks.findings import Findings
from optimizer.tables.raw import DEFAULT_LIMITS, RawCase, check_table_name
from optimizer.tables.read import case_from_raw
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES
from optimizer.tables.sources.sheets import Held, Sheet, policy_of, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.tables.raw import Limits

__all__ = ["Draft", "labels", "read_draft", "schema_columns"]


@dataclass(slots=True)
class Draft:
    """Cells of all tables of a case as text.

    Parameters
    ----------
    file : str
        What they came from.
    sheets : dict of str to Sheet
        By name; those that are named like no table are kept too.
    notices : list of Issue
        What was found in the files beside cells, and no change of a cell mends: never an error.
    strays : dict
        Files that were not read, by the table that they mean.
    """

    file: str = ""
    sheets: dict[str, Sheet] = field(default_factory=dict)
    notices: list[Issue] = field(default_factory=list)
    strays: dict[str, list[str]] = field(default_factory=dict)

    def as_document(self) -> dict[str, Any]:
        """As a plain mapping, for JSON."""
        return {
            "file": self.file,
            "sheets": [asdict(s) for s in self.sheets.values()],
            "notices": [i.as_dict() for i in self.notices],
            "strays": self.strays,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Draft:
        """From what ``as_document`` gave."""
        sheets = [Sheet(**{**s, "held": [Held(**h) for h in s["held"]]}) for s in document["sheets"]]
        notices = [Issue(**i) for i in document["notices"]]
        return cls(document["file"], {s.name: s for s in sheets}, notices, dict(document["strays"]))


def read_draft(draft: Draft, name: str = "", limits: Limits = DEFAULT_LIMITS) -> tuple[Case | None, tuple[Issue, ...]]:
    """Read and check the case that a draft holds as it is.

    Returns
    -------
    case : Case or None
        None where there are errors.
    issues : tuple of Issue
        Everything found.
    """
    findings = Findings()
    for issue in draft.notices:
        findings.repeat(issue)
    raw = RawCase(name, draft.file, strays=draft.strays)
    seen: set[str] = set()
    for sheet in draft.sheets.values():
        if not check_table_name(sheet.name, sheet.file, findings, seen):
            continue
        if len(sheet.rows) > limits.rows:
            told = f"more than {limits.rows:,} rows"
            findings.add("too_many_rows", told, table=sheet.name, file=sheet.file, limit=f"{limits.rows:,}")
        elif sheet.name == POLICY_TABLE:
            raw.policy = policy_of(sheet, findings)
        elif (table := table_of(sheet, findings)) is not None:
            raw.tables[sheet.name] = table
    try:
        return case_from_raw(raw, findings)
    except InputError as error:
        return None, error.issues


def labels(sheet: Sheet) -> list[str]:
    """A name of its own for each column of a sheet, as it stands there; by its position where it has none."""
    width = max([len(sheet.header), *map(len, sheet.cells)])
    out: list[str] = []
    met: set[str] = set()
    for at in range(width):
        given = sheet.header[at].strip() if at < len(sheet.header) else ""
        plain = given.casefold()
        own = given if given and plain not in met and not given.startswith("#") else f"#{at + 1}"
        met.add(plain)
        out.append(own)
    return out


def schema_columns(table: str) -> list[str]:
    """Columns that a table may have; none of an unknown one."""
    if table == POLICY_TABLE:
        return ["key", "value"]
    return [c.name for c in TABLE_NAMES[table].columns] if table in TABLE_NAMES else []
