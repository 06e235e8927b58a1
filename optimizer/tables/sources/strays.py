"""Files that seem meant for the case but are not read: named like a table, of another ending or in another folder."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from optimizer.tables.checks.findings import nearest
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.raw import RawCase

__all__ = ["POLICY_FILE", "files_below", "is_aside", "is_wanted", "report_strays", "strays_among", "table_meant"]

POLICY_FILE: Final = "policy.toml"

_DATA_ENDINGS: Final = frozenset({".csv", ".tsv", ".tab", ".txt", ".json", ".xlsx", ".xlsm", ".xls", ".ods", ".toml"})
"""Endings of files that hold data: under these a name that is nearly a table's is told as well."""

_OF_A_PLAN: Final = "assignments.csv"
"""Marks a folder of a plan's tables."""

_OTHER_NUMBER: Final = {"entity": "entities", "policies": "policy"}
"""Words whose spelling is far from the table's although they mean it."""

_REQUIRED: Final = frozenset(t.name for t in TABLES if t.required)
_DEEPEST: Final = 3
_MOST: Final = 2_000
"""How deep, and at how many files and folders, a folder is looked through for strays."""


def is_aside(name: str) -> bool:
    """Whether a file or folder is to be ignored: hidden, marked with an underscore, or an office program's lock."""
    return name.startswith(("_", ".", "~$"))


def is_wanted(name: str) -> bool:
    """Whether a file at the top of a case is read."""
    return not is_aside(name) and (name.lower().endswith(".csv") or name.lower() == POLICY_FILE)


def table_meant(name: str) -> str:
    """The table (or policy) that a file's name means, ``""`` when it means none."""
    stem = name.lower().partition(".")[0].strip()
    known = (*TABLE_NAMES, POLICY_TABLE)
    if stem in known:
        return stem
    if stem in _OTHER_NUMBER:
        return _OTHER_NUMBER[stem]
    return nearest(stem, known, 0.8) if PurePosixPath(name.lower()).suffix in _DATA_ENDINGS else ""


def files_below(folder: Path) -> Iterator[str]:
    """Paths of the files in the subfolders of a case, relative to it, as far as one looks."""
    seen = 0
    for root, folders, names in os.walk(folder):
        inside = os.path.relpath(root, folder)
        parts = [] if inside == "." else inside.split(os.sep)
        folders[:] = sorted(f for f in folders if not is_aside(f)) if len(parts) < _DEEPEST else []
        seen += len(names) + len(folders)
        if seen > _MOST:
            return
        if parts:
            yield from ("/".join([*parts, name]) for name in sorted(names))


def strays_among(paths: Iterable[str]) -> dict[str, list[str]]:
    """Strays by the table that they mean; paths are relative to the tables that are read.

    A subfolder that holds a case of its own, every required table, is another case and no stray; nor are the tables of
    a plan.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    listed = list(paths)
    for path in listed:
        place, _, name = path.rpartition("/")
        if any(map(is_aside, path.split("/"))) or (not place and is_wanted(name)):
            continue
        if (meant := table_meant(name)) and (not place or is_wanted(name)):
            found.setdefault(place, []).append((meant, path))
    out: dict[str, list[str]] = {}
    for place, members in found.items():
        another = {meant for meant, _ in members} >= _REQUIRED or f"{place}/{_OF_A_PLAN}" in listed
        if not (place and another):
            for meant, path in members:
                out.setdefault(meant, []).append(path)
    return out


def report_strays(case: RawCase, findings: Findings) -> None:
    """Tell of every stray; those of a required table that is missing are told with its lack."""
    for table, paths in sorted(case.strays.items()):
        if table in _REQUIRED and table not in case.tables:
            continue  # told with the table that is missing
        right = POLICY_FILE if table == POLICY_TABLE else f"{table}.csv"
        for path in paths:
            findings.add(
                "file_not_read",
                f"{path} is not read: {_lack(case, table, right)}",
                table=table,
                file=path,
                value=path,
                right=right,
            )


def _lack(case: RawCase, table: str, right: str) -> str:
    if table == POLICY_TABLE:
        return f"the policy is {right}" if case.policy else f"the policy would be {right}, and its defaults hold"
    return f"the table is {right}" if table in case.tables else f"the table would be {right}, and has no rows"
