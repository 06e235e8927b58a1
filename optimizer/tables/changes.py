"""The one language of changes: which rows of a table, which column, and what becomes of its cells.

``{"table": "offers", "where": {"provider": "NBO"}, "column": "capacity", "times": 1.2}``, in order, on the canonical
case; what comes of it is read and checked as any case. Scenario files, ``replace`` and sessions use it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from optimizer.tables.checks.findings import did_you_mean
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES

if TYPE_CHECKING:
    from optimizer.tables.checks.problems import Problems
    from optimizer.tables.patch import Tables
    from optimizer.tables.schema import Table

__all__ = ["ACTIONS", "changed_tables", "policy_changes"]

ACTIONS: Final = ("set", "times", "plus")
_KEYS: Final = {"table", "where", "column", *ACTIONS}
_PLACES: Final = Decimal("0.000001")


def policy_changes(policy: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Keys of the policy to set, as changes."""
    return [{"table": POLICY_TABLE, "column": key, "set": value} for key, value in policy.items()]


def changed_tables(tables: Mapping[str, Any], changes: Any, problems: Problems) -> Tables:
    """Tables with changes applied one after the other, as a copy; problems are collected.

    Parameters
    ----------
    tables : mapping
        Canonical tables of a case.
    changes : sequence of mapping
        Each with ``table``, ``column``, one of ``set``, ``times``, ``plus``, and ``where``: cells by column, or by
        ``entity.kind`` and the like for a column of the row that another table holds; a value, a list of values, or
        a text with ``*``. ``set`` with a blank text empties the cell. Without ``where``: every row. ``policy``:
        ``column`` is the key.
        ``times`` and ``plus`` keep six decimals, half up. A blank volume counts as its estimate; any other blank is
        an error, and is passed by where the rows are meant by ``*`` or all are.
    problems : Problems
        A change that meets no row is one.
    """
    out: Tables = {k: [dict(r) for r in v] if isinstance(v, list) else dict(v) for k, v in tables.items()}
    if isinstance(changes, str | Mapping) or not isinstance(changes, Sequence):
        problems.add("change_structure", "changes are a list of objects")
        return out
    for number, change in enumerate(changes, 1):
        told = _misshapen(change)
        if told:
            problems.add("change_structure", f"change {number} {told}", row=number)
        elif change["table"] == POLICY_TABLE:
            _policy(out, change, number, problems)
        else:
            _Change(out, TABLE_NAMES[change["table"]], change, number, problems).apply()
    return out


def _misshapen(change: Any) -> str:
    """What is wrong with the shape of a change; empty where nothing is."""
    if not isinstance(change, Mapping):
        return "is not an object"
    if extra := sorted(map(str, set(change) - _KEYS)):
        return f"has {', '.join(extra)}; it may have {', '.join(sorted(_KEYS))}"
    acts = [a for a in ACTIONS if a in change]
    if "table" not in change or "column" not in change or len(acts) != 1:
        return "needs table, column and one of set, times, plus"
    table = change["table"]
    if table != POLICY_TABLE and table not in TABLE_NAMES:
        return f"names no table of a case: {table!r}. {did_you_mean(str(table), TABLE_NAMES)}".rstrip()
    if table == POLICY_TABLE and "where" in change:
        return "is of the policy, which has no rows: leave `where` out"
    where = change.get("where", {})
    if not isinstance(where, Mapping):
        return "has a `where` that is not an object of columns and values"
    if acts[0] != "set" and _number(change[acts[0]]) is None:
        return f"has {acts[0]} = {change[acts[0]]!r}, which is no number"
    if table != POLICY_TABLE:
        columns = TABLE_NAMES[table].column
        wrong = [c for c in (change["column"], *where) if not _known(TABLE_NAMES[table], str(c))]
        if wrong or change["column"] not in columns:
            named = wrong[0] if wrong else change["column"]
            return f"names no column of {table}: {named!r}. {did_you_mean(str(named), columns)}".rstrip()
    return ""


def _known(table: Table, column: str) -> bool:
    """Whether a table has a column, or one that leads to a table with the other part of its name."""
    first, dot, second = column.partition(".")
    if not dot:
        return column in table.column
    there = table.column.get(first)
    return there is not None and there.refers in TABLE_NAMES and second in TABLE_NAMES[there.refers].column


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _policy(out: Tables, change: Mapping[str, Any], number: int, problems: Problems) -> None:
    key, _, inner = str(change["column"]).partition(".")
    policy = dict(out.get(POLICY_TABLE, {}))
    held = policy.get(key)
    before = held.get(inner) if inner and isinstance(held, Mapping) else None if inner else held
    if "set" in change:
        value = change["set"]
    elif (amount := _number(before)) is None:
        told = "is off" if before is None else f"is {before!r}, which is no number"
        problems.add("change_blank", f"change {number}: {change['column']} {told}", table=POLICY_TABLE, column=key)
        return
    else:
        value = _result(amount, change)
    if inner:
        value = {**(held if isinstance(held, Mapping) else {}), inner: value}
    elif isinstance(value, Mapping) and isinstance(held, Mapping):
        value = {k: v for k, v in {**held, **value}.items() if v is not None}
    policy[key] = value
    if value is None:
        del policy[key]
    out[POLICY_TABLE] = policy


def _result(amount: Decimal, change: Mapping[str, Any]) -> int | float:
    """``times`` or ``plus`` of a number, to six decimals half up."""
    by = _number(change["times"] if "times" in change else change["plus"])
    assert by is not None
    value = amount * by if "times" in change else amount + by
    value = value.quantize(_PLACES, rounding=ROUND_HALF_UP)
    return int(value) if value == value.to_integral_value() else float(value)


class _Change:
    """One change of a table with rows."""

    def __init__(self, out: Tables, table: Table, change: Mapping[str, Any], number: int, problems: Problems) -> None:
        self.out, self.table, self.change, self.number, self.problems = out, table, change, number, problems
        self.where: Mapping[str, Any] = change.get("where", {})
        self._others = {
            name: {str(r.get("id")): r for r in out.get(self.table.column[name.partition(".")[0]].refers, [])}
            for name in self.where
            if "." in name
        }
        self.broad = not self.where or any(isinstance(v, str) and "*" in v for v in self.where.values())

    def apply(self) -> None:
        """Change the cells of every row that is meant."""
        met, column = 0, self.change["column"]
        for row in self.out.get(self.table.name, []):
            if not self._meets(row):
                continue
            met += 1
            if "set" in self.change:
                row[column] = self.change["set"]
                if row[column] is None or row[column] == "":
                    del row[column]
            else:
                self._count(row, column)
        if not met:
            told = ", ".join(f"{c} = {v!r}" for c, v in self.where.items()) or "any row"
            message = f"change {self.number} meets no row of {self.table.name}: {told}"
            self.problems.add("change_no_row", message, table=self.table.name, row=self.number)

    def _count(self, row: dict[str, Any], column: str) -> None:
        before = self._estimate(row) if column == "volume" and row.get(column) is None else row.get(column)
        amount = _number(before)
        if amount is not None:
            row[column] = _result(amount, self.change)
        elif before is not None or not self.broad:
            key = " | ".join(str(row.get(k, "")) for k in self.table.key)
            told = "is blank" if before is None else f"is {before!r}, which is no number"
            message = f"change {self.number}: {column} of {key} {told}"
            self.problems.add("change_blank", message, table=self.table.name, column=column, value=key)

    def _estimate(self, row: Mapping[str, Any]) -> Decimal | None:
        """Volume that a blank of ``demands`` stands for."""
        if self.table.name != "demands":
            return None
        heads = next((e.get("headcount") for e in self.out["entities"] if e["id"] == row["entity"]), None)
        each = next((s.get("units_per_head") for s in self.out["services"] if s["id"] == row["service"]), None)
        many, per = _number(heads), _number(each)
        return None if many is None or per is None else (many * per).quantize(_PLACES, rounding=ROUND_HALF_UP)

    def _meets(self, row: Mapping[str, Any]) -> bool:
        return all(_fits(self._cell(row, column), wanted) for column, wanted in self.where.items())

    def _cell(self, row: Mapping[str, Any], column: str) -> Any:
        first, dot, second = column.partition(".")
        return self._others[column].get(str(row.get(first)), {}).get(second) if dot else row.get(column)


def _fits(cell: Any, wanted: Any) -> bool:
    """Whether a cell is the value, one of the values, or of the shape with ``*``; of a list, any of its items."""
    if isinstance(wanted, list | tuple):
        return any(_fits(cell, each) for each in wanted)
    if isinstance(cell, list | tuple):
        return any(_fits(each, wanted) for each in cell)
    if wanted is None or cell is None:
        return (wanted is None and cell is None) or wanted == "*"
    if isinstance(wanted, str) and "*" in wanted:
        return fnmatch.fnmatchcase(str(cell), wanted.replace("[", "[[]").replace("?", "[?]"))
    numbers = _number(cell), _number(wanted)
    return str(cell) == str(wanted) or (None not in numbers and numbers[0] == numbers[1])
