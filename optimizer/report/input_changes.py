"""What changed in the input from one case to another, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from optimizer.report.console import heading, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console

__all__ = ["print_inputs"]

_MOST = 10
_BLANK = "blank"


def print_inputs(inputs: Mapping[str, Any] | None, console: Console) -> None:
    """Show tables and policy keys that differ, the first rows of each; nothing when the cases were not given."""
    if inputs is None:
        return
    heading(console, "Input, A → B")
    if not inputs["tables"] and not inputs["policy"]:
        console.print(Text("No row and no policy key differs."))
        return
    for table in inputs["tables"]:
        counts = ", ".join(f"{len(table[k])} {k}" for k in ("added", "removed", "changed") if table[k])
        console.print(Text(plain(f"{table['table']}: {counts}")))
        _listed(_rows(table), console)
    if inputs["policy"]:
        console.print(Text(f"policy: {len(inputs['policy'])} changed"))
        _listed((f"{c['key']}: {_value(c['a'])} → {_value(c['b'])}" for c in inputs["policy"]), console)


def _listed(lines: Iterator[str], console: Console) -> None:
    told = list(lines)
    for line in told[:_MOST]:
        console.print(Text(plain(f"  {line}"), style="dim", overflow="fold"))
    if len(told) > _MOST:
        console.print(Text(f"  and {len(told) - _MOST} more; --json lists all of them", style="dim"))


def _rows(table: Mapping[str, Any]) -> Iterator[str]:
    """One line for each row: added, removed, then changed with its cells."""
    names = table["key"]
    for sign, kind in (("+", "added"), ("−", "removed")):
        for row in table[kind]:
            yield f"{sign} {_key(row, names)}"
    for row in table["changed"]:
        cells = ", ".join(f"{c['column']} {_value(c['a'])} → {_value(c['b'])}" for c in row["cells"])
        yield f"{_key(row['key'], names)}: {cells}"


def _key(row: Mapping[str, Any], names: list[str]) -> str:
    """A row by its key; by all its cells where the table has none."""
    return " | ".join(str(row.get(n, "")) for n in names or row)


def _value(value: Any) -> str:
    return _BLANK if value is None else str(value)
