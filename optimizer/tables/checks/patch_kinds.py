"""Every finding about patches of cases."""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.kinds import Kind

__all__ = ["PATCH_CATALOGUE", "PATCH_KINDS"]

PATCH_KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "patch_structure",
        "error",
        "a patch is not of the shape of a patch",
        "Give an object with `tables` (table: add, change, remove) and `policy` (key: value, null = default).",
    ),
    Kind("patch_unknown_table", "error", "a patch names a table that no case has", "{guess}Tables are: {tables}."),
    Kind(
        "patch_unknown_column",
        "error",
        "a patch names a column that the table does not have",
        "{guess}Remove or rename the column.",
    ),
    Kind(
        "patch_unknown_policy",
        "error",
        "a patch names a policy key that does not exist",
        "{guess}Remove or rename the key.",
    ),
    Kind("patch_key_missing", "error", "a row of a patch does not give its whole key", "Give {key}."),
    Kind(
        "patch_no_such_row",
        "error",
        "the row to change or remove is not in the case",
        "Correct the key, or add the row.",
    ),
    Kind(
        "change_structure",
        "error",
        "a change is not of the shape of a change",
        "Give table, column, one of set, times, plus; in `where` a value, a list or a text with * by column.",
    ),
    Kind("change_no_row", "error", "a change meets no row", "Correct `where`, or leave the change out."),
    Kind(
        "change_blank",
        "error",
        "times or plus meets a cell without a number",
        "Use set, or mean the rows by * so that blanks are passed by.",
    ),
    Kind("patch_row_exists", "error", "the row to add is in the case already", "Change it instead."),
    Kind(
        "patch_key_changed",
        "error",
        "rows of this table have no key, so none can be changed",
        "Remove the row, giving all its cells, and add the new one.",
    ),
    Kind("patch_twice", "error", "one patch touches a row twice", "Say it once."),
    Kind(
        "patch_place_settled",
        "info",
        "the place changed, so what followed from the old one is looked up again",
        "Give latitude, longitude, time_zone and weekend if the tables are not right.",
    ),
)

PATCH_CATALOGUE: Final[dict[str, Kind]] = {k.code: k for k in PATCH_KINDS}
