"""``TABLES.md``: every table, column and policy key of a case."""

from __future__ import annotations

from typing import Final

from docs.made.markdown import table
from optimizer.domain.policy import POLICY_KEYS, Policy, PolicyKey
from optimizer.tables.canonical import canonical_policy
from optimizer.tables.raw import DEFAULT_LIMITS
from optimizer.tables.schema import TABLES, Column, Table

__all__ = ["tables_page"]

_INTRODUCTION: Final = f"""# Tables of a case

Made by `python -m docs.build` from `optimizer/tables/schema.py` and `optimizer/domain/policy.py`; do not edit.

A case is a folder of CSV files (one per table, and `policy.toml`), a zip of such a folder, an XLSX workbook (a sheet
per table, and a sheet `policy` of keys and values) or a JSON document (table name to a list of objects, `policy` to an
object). CSV is UTF-8 with commas and a header line. Lists are separated by `;`. Numbers use a point and at most six
decimals. Money is in the policy's currency. Cells are text: `NA` is Namibia. In CSV a text that a spreadsheet would
take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return) is written with an apostrophe before
it, which is taken off when the file is read; numbers such as `-5` are written as they are. Column
names may be in any case; files, sheets and archive members whose name begins with `_` are left aside. Findings name the
line of a file or sheet (header = 1); in a JSON document the position in the list (first = 1).

Also read, and told as a warning: cells separated by `;` or tabs, as the header line shows (then decimals have a comma,
unless the numbers of the table show that they have a point, and lists may use `|` where `;` separates cells; `1,200`
and `1.200` are refused unless another number of the column shows which sign stands before decimals); UTF-16 with a
byte order mark; a code page that the user names (`--encoding cp1252`). A first line `sep=` is read. What is hidden or
filtered out in a workbook is read and told; a file that is named like a table but has another ending, or lies in
another folder, is not read and told.

Accepted: {DEFAULT_LIMITS.file_text} a file, {DEFAULT_LIMITS.rows:,} rows a table. Everything wrong with a case is
reported at once; see [CODES.md](CODES.md).
"""


def tables_page() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *map(_table, TABLES), _policy()])


def _table(about: Table) -> str:
    key = f" Key: {', '.join(f'`{k}`' for k in about.key)}." if about.key else ""
    need = "Required." if about.required else "Optional."
    rows = table(("Column", "Type", "Unit", "Blank means", "Meaning"), map(_column, about.columns))
    return f"## {about.name}\n\n{about.meaning} {need}{key}\n\n{rows}"


def _column(column: Column) -> tuple[str, ...]:
    blank = "**required**" if column.required else column.blank or column.default or "nothing"
    kind = f"{column.type}: {', '.join(column.choices)}" if column.choices else str(column.type)
    if column.refers:
        kind = f"{column.type} of {column.refers}"
    return f"`{column.name}`", kind + _limits(column), column.unit, blank, column.meaning


def _limits(column: Column) -> str:
    if column.type != "number" or column.minimum is None:
        return ""
    return f", {'> ' if column.above else ''}{column.minimum:g} to {column.maximum:,.0f}"


def _policy() -> str:
    rows = table(("Key", "Type", "Unit", "Default", "Switched off by", "Meaning"), map(_key, POLICY_KEYS))
    return f"## policy\n\n`policy.toml`, or the `policy` sheet or object. Optional.\n\n{rows}"


def _key(key: PolicyKey) -> tuple[str, ...]:
    default = "" if key.name == "transition" else canonical_policy(Policy()).get(key.name, "absent")
    kind = f"{key.type}: {', '.join(key.choices)}" if key.choices else key.type
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    return f"`{key.name}`", kind, key.unit, shown, key.off, key.meaning
