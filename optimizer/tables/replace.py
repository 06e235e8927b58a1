"""Another case in place of one: whole tables, rows or policy keys changed, then read and checked as any case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from optimizer.domain.errors import UsageError
from optimizer.tables.changes import changed_tables
from optimizer.tables.checks.findings import did_you_mean
from optimizer.tables.checks.patch_kinds import PATCH_CATALOGUE
from optimizer.tables.checks.problems import Problems
from optimizer.tables.patch import patched_tables, settle
from optimizer.tables.policy_limits import LIMITS, with_limits
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES

if TYPE_CHECKING:
    from optimizer.domain.case import Case

__all__ = ["replace"]


def replace(
    case: Case,
    *,
    name: str = "",
    policy: Mapping[str, Any] | None = None,
    changes: Sequence[Mapping[str, Any]] = (),
    **tables: Any,
) -> Case:
    """A new case: this one with other policy keys or tables. Everything that follows from them is made anew.

    Parameters
    ----------
    case : Case
    name : str, optional
        Its name; default that of ``case``.
    policy : mapping, optional
        Keys to set; ``None`` puts a key back to its default. Of ``transition`` and ``site_count`` only
        what is named changes.
    changes : sequence of mapping
        Cells to set, multiply or raise, after everything else (``optimizer.tables.changes``), e.g.
        ``{"table": "demands", "where": {"entity.kind": "mission"}, "column": "volume", "times": 1.2}``.
    **tables
        By table name: rows for the whole table (mappings, or a ``DataFrame``), or a mapping with rows to
        ``add``, rows to ``change`` (their key and the cells that change) and keys to ``remove``.

    Returns
    -------
    Case
        Its ``issues`` are those of the change and of the reader.

    Raises
    ------
    InputError
        With every problem of the change, or of the case that it makes.
    UsageError
        There is no such table.

    Examples
    --------
    >>> import optimizer
    >>> tiny = optimizer.example("tiny")
    >>> fewer = optimizer.replace(tiny, policy={"max_moves": 2}, entities={"remove": [{"id": "DELTA"}]},
    ...                           demands=[d for d in tiny.tables["demands"] if d["entity"] != "DELTA"],
    ...                           current=[c for c in tiny.tables["current"] if c["entity"] != "DELTA"])
    >>> len(tiny.entities), len(fewer.entities), fewer.policy.max_moves
    (4, 3, 2)
    """
    before, patch = dict(case.tables), {}
    for table, value in tables.items():
        if table not in TABLE_NAMES or table == POLICY_TABLE:
            hint = did_you_mean(table, TABLE_NAMES)
            raise UsageError(f"there is no table {table!r}. {hint}Tables are: {', '.join(TABLE_NAMES)}")
        if isinstance(value, Mapping):
            patch[table] = value
        else:
            before[table] = _rows(value)
    problems = Problems(PATCH_CATALOGUE)
    after, _ = patched_tables(before, {"tables": patch, "policy": policy or {}}, problems)
    if changes:
        after = changed_tables(after, changes, problems)
    problems.raise_errors()
    if not tables and not changes and name in ("", case.name) and set(policy or {}) <= LIMITS:
        return with_limits(case, after[POLICY_TABLE])
    made, issues = settle(after, name or case.name, problems)
    return made.with_issues(issues)


def _rows(value: Any) -> list[dict[str, Any]]:
    """Rows of a sequence of mappings or of a data frame, cells without a value left out."""
    if hasattr(value, "to_dict"):
        value = value.astype(object).where(value.notna(), None).to_dict("records")
    if not isinstance(value, Sequence) or not all(isinstance(row, Mapping) for row in value):
        raise UsageError("a table is given as a list of rows, each a mapping of columns to cells, or as a DataFrame")
    return [{column: cell for column, cell in row.items() if cell is not None} for row in value]
