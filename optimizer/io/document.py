"""``TABLES.md`` and ``CODES.md`` from schema and catalogue. Run ``python -m optimizer.io.document`` to renew."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from optimizer.domain.policy import POLICY_KEYS, Policy
from optimizer.io.canonical import canonical_policy
from optimizer.io.files import write_text_atomic
from optimizer.io.raw import DEFAULT_LIMITS
from optimizer.io.schema import TABLES, Column, Table
from optimizer.validation.catalogue import KINDS

__all__ = ["DOCUMENTS", "codes_markdown", "tables_markdown"]

_INTRODUCTION = f"""# Tables of a case

Made from `optimizer/io/schema.py` and `optimizer/domain/policy.py`; do not edit.

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
reported at once; see [CODES.md](../validation/CODES.md).
"""


def tables_markdown() -> str:
    """Every table, column and policy key."""
    return "\n".join([_INTRODUCTION, *map(_table, TABLES), _policy()])


def _table(table: Table) -> str:
    key = f" Key: {', '.join(f'`{k}`' for k in table.key)}." if table.key else ""
    need = "Required." if table.required else "Optional."
    head = [
        f"## {table.name}\n",
        f"{table.meaning} {need}{key}\n",
        "| Column | Type | Unit | Blank means | Meaning |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *map(_column, table.columns), ""])


def _column(column: Column) -> str:
    blank = "**required**" if column.required else column.blank or column.default or "nothing"
    kind = f"{column.type}: {', '.join(column.choices)}" if column.choices else str(column.type)
    if column.refers:
        kind = f"{column.type} of {column.refers}"
    kind += _limits(column)
    return f"| `{column.name}` | {kind} | {column.unit} | {blank} | {_bars(column.meaning)} |"


def _limits(column: Column) -> str:
    if column.type != "number" or column.minimum is None:
        return ""
    return f", {'> ' if column.above else ''}{column.minimum:g} to {column.maximum:,.0f}"


def _policy() -> str:
    defaults = canonical_policy(Policy())
    lines = [
        "## policy\n",
        "`policy.toml`, or the `policy` sheet or object. Optional.\n",
        "| Key | Type | Unit | Default | Switched off by | Meaning |",
        "|---|---|---|---|---|---|",
    ]
    for key in POLICY_KEYS:
        default = "" if key.name == "transition" else defaults.get(key.name, "absent")
        kind = f"{key.type}: {', '.join(key.choices)}" if key.choices else key.type
        shown = str(default).lower() if isinstance(default, bool) else default
        lines.append(f"| `{key.name}` | {kind} | {key.unit} | {shown} | {key.off} | {key.meaning} |")
    return "\n".join(lines) + "\n"


def codes_markdown() -> str:
    """Every code with severity, meaning and remedy."""
    out = ["# Codes of findings about input\n", "Made from `optimizer/validation/catalogue.py`; do not edit.\n"]
    for chapter, kinds in KINDS.items():
        out += [f"## {chapter}\n", "| Code | Severity | Meaning | Remedy |", "|---|---|---|---|"]
        out += [f"| `{k.code}` | {k.severity} | {_bars(k.meaning)} | {_bars(k.remedy)} |" for k in kinds]
        out.append("")
    return "\n".join(out)


def _bars(text: str) -> str:
    plain = text.replace("{guess}", "(a suggestion) ").replace("{hint}", "(a hint) ")
    return plain.replace("|", "\\|")


DOCUMENTS: Final = {
    ("optimizer.io", "TABLES.md"): tables_markdown,
    ("optimizer.validation", "CODES.md"): codes_markdown,
}
"""Package and file of each generated page."""


if __name__ == "__main__":
    for (package, file), make in DOCUMENTS.items():
        write_text_atomic(Path(str(files(package) / file)), make())
