"""Every finding about changes of drafts."""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.kinds import Kind

__all__ = ["DRAFT_KINDS"]

DRAFT_KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "draft_change",
        "error",
        "a change of a draft does not say all that it needs",
        "Give {needed}.",
    ),
    Kind(
        "draft_no_such_table",
        "error",
        "a change names a table that the draft does not have",
        "{guess}Tables are: {tables}.",
    ),
    Kind(
        "draft_no_such_row",
        "error",
        "a change names a row that the draft does not have, or no longer has",
        "Read the rows again; each keeps its number.",
    ),
    Kind(
        "draft_no_such_column",
        "error",
        "a change names a column that neither the draft nor the table has",
        "{guess}Columns are: {columns}.",
    ),
    Kind(
        "draft_name_taken",
        "error",
        "a table or column cannot have the name of another one",
        "Choose another name, or remove the other one.",
    ),
)
