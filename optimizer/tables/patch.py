"""Patches of cases: rows to add, change or remove by key, policy keys to set. Never in place.

A patch speaks of the canonical case (``Case.tables``); the result goes through the ordinary reader,
so a patched case is checked like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.case import Case
from optimizer.domain.errors import InputError
from optimizer.domain.policy import POLICY_KEYS, Policy
from optimizer.tables.checks.findings import did_you_mean
from optimizer.tables.checks.patch_kinds import PATCH_CATALOGUE
from optimizer.tables.checks.problems import Problems
from optimizer.tables.parse.policy import PARTS
from optimizer.tables.read import case_from_tables
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.issues import Issue

__all__ = ["Tables", "Write", "apply_patch", "open_case", "patched_tables", "settle"]

Tables = dict[str, Any]
"""A case document: table name to a list of rows, ``policy`` to a mapping."""

ACTIONS: Final = ("add", "change", "remove")
PLACE_OF: Final = ("latitude", "longitude", "country", "time_zone", "weekend")
"""What a reader settles from a city: looked up again when the city changes."""


@dataclass(frozen=True, slots=True)
class Write:
    """One cell that a patch writes: ``column`` is ``+`` for a row added, ``-`` for one removed."""

    table: str
    key: tuple[str, ...]
    column: str
    value: str


def apply_patch(case: Case | Mapping[str, Any], patch: Any, *, name: str = "") -> tuple[Case, tuple[Issue, ...]]:
    """A new case: the old one with a patch applied, read and checked like every case.

    Parameters
    ----------
    case : Case or mapping
        A case, or a case document (``Case.tables`` has that form).
    patch : mapping
        ``{"tables": {table: {"add": [row], "change": [row], "remove": [key]}}, "policy": {key: value}}``.
        A row to change gives its key and the cells that change; ``null`` makes a cell blank and puts a
        policy key back to its default. Of ``[transition]`` only the elements named change.

    Returns
    -------
    case : Case
    issues : tuple of Issue
        Warnings and information of patch and reader.

    Raises
    ------
    InputError
        With every problem of the patch, or of the case that it makes.
    """
    before = open_case(case, name)
    problems = Problems(PATCH_CATALOGUE)
    tables, _ = patched_tables(before.tables, patch, problems)
    problems.raise_errors()
    return settle(tables, name or before.name, problems)


def open_case(case: Case | Mapping[str, Any], name: str = "") -> Case:
    """The case itself, or the case that a document holds."""
    return case if isinstance(case, Case) else case_from_tables(case, name=name)[0]


def settle(tables: Tables, name: str, problems: Problems) -> tuple[Case, tuple[Issue, ...]]:
    """Read tables as a case; findings so far are carried along, into the error too."""
    try:
        case, issues = case_from_tables(tables, name=name)
    except InputError as error:
        problems.raise_errors(error.issues)
        raise
    return case, (*problems.found, *issues)


def patched_tables(tables: Mapping[str, Any], patch: Any, problems: Problems) -> tuple[Tables, list[Write]]:
    """Tables with the patch applied (a copy), and every cell it writes; problems are collected."""
    out: Tables = {k: [dict(r) for r in v] if isinstance(v, list) else dict(v) for k, v in tables.items()}
    if not isinstance(patch, Mapping) or (extra := set(patch) - {"tables", "policy", "schema"}):
        told = "is not an object" if not isinstance(patch, Mapping) else f"has {', '.join(map(repr, sorted(extra)))}"
        problems.add("patch_structure", f"the patch {told}")
        return out, []
    writes: list[Write] = []
    content = _given(patch, "tables", {})
    if not isinstance(content, Mapping):
        problems.add("patch_structure", "`tables` is not an object", column="tables")
        content = {}
    for name, actions in content.items():
        if name not in TABLE_NAMES:
            problems.add(
                "patch_unknown_table",
                f"there is no table {name!r}",
                table=str(name),
                value=str(name),
                guess=did_you_mean(str(name), TABLE_NAMES),
                tables=", ".join(TABLE_NAMES),
            )
            continue
        rows = _Rows(TABLE_NAMES[name], out.get(name, []), problems)
        rows.apply(actions)
        writes += rows.writes
        if rows.rows:
            out[name] = rows.rows
        else:
            out.pop(name, None)
    writes += _policy(out, _given(patch, "policy", {}), problems)
    return out, writes


def _policy(out: Tables, changes: Any, problems: Problems) -> list[Write]:
    if not isinstance(changes, Mapping):
        problems.add("patch_structure", "`policy` is not an object", column="policy")
        return []
    known = {k.name for k in POLICY_KEYS}
    policy, defaults, writes = dict(out.get(POLICY_TABLE, {})), Policy().as_mapping(), []
    for key, value in changes.items():
        if key not in known:
            problems.add(
                "patch_unknown_policy",
                f"policy has no key {key!r}",
                table=POLICY_TABLE,
                column=str(key),
                guess=did_you_mean(str(key), known),
            )
            continue
        writes.append(Write(POLICY_TABLE, (str(key),), "value", str(value)))
        if isinstance(value, Mapping) and key in PARTS:
            held = policy.get(key)
            parts = {**(held if isinstance(held, Mapping) else {}), **value}
            value = {k: v for k, v in parts.items() if v is not None} or None
        policy[key] = value
        if value is None:
            policy.pop(key)
            if key in defaults:
                policy[key] = defaults[key]
    out[POLICY_TABLE] = policy
    return writes


def _given(mapping: Mapping[str, Any], key: str, nothing: Any) -> Any:
    value = mapping.get(key)
    return nothing if value is None else value


class _Rows:
    """The rows of one table while a patch works on them."""

    def __init__(self, table: Table, rows: Sequence[Mapping[str, Any]], problems: Problems) -> None:
        self.table, self.problems = table, problems
        self._rows: list[dict[str, Any] | None] = [dict(r) for r in rows]
        self.writes: list[Write] = []
        self._touched: set[tuple[str, ...]] = set()
        self._numeric = {c.name for c in table.columns if c.type in ("number", "whole", "coordinate")}
        self._place = {self._key(r): i for i, r in enumerate(rows)}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What is there now."""
        return [r for r in self._rows if r is not None]

    def apply(self, actions: Any) -> None:
        """Removals, then changes, then additions."""
        name = self.table.name
        if not isinstance(actions, Mapping) or set(actions) - set(ACTIONS):
            self.problems.add("patch_structure", f"{name} holds something other than add, change, remove", table=name)
            return
        for action in ("remove", "change", "add"):
            content = _given(actions, action, [])
            if not isinstance(content, (list, tuple)):
                self.problems.add("patch_structure", f"{action} of {name} is not a list", table=name, column=action)
                continue
            for number, row in enumerate(content, 1):
                if self._is_row(action, number, row):
                    getattr(self, f"_{action}")(dict(row), number)

    def _is_row(self, action: str, number: int, row: Any) -> bool:
        name = self.table.name
        if not isinstance(row, Mapping):
            self.problems.add("patch_structure", f"item {number} to {action} is not an object", table=name, row=number)
            return False
        unknown = [c for c in row if c not in self.table.column]
        for column in unknown:
            self.problems.add(
                "patch_unknown_column",
                f"{name} has no column {column!r}",
                table=name,
                row=number,
                column=str(column),
                guess=did_you_mean(str(column), self.table.column),
            )
        missing = [k for k in self.table.key if row.get(k) in (None, "")]
        if missing:
            self.problems.add(
                "patch_key_missing",
                f"item {number} to {action} lacks {', '.join(missing)}",
                table=name,
                row=number,
                key=", ".join(self.table.key),
            )
        return not unknown and not missing

    def _key(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        columns = self.table.key or tuple(self.table.column)
        return tuple(self._text(c, row.get(c)) for c in columns)

    def _text(self, column: str, value: Any) -> str:
        return _text(value, column in self._numeric)

    def _once(self, row: Mapping[str, Any], number: int) -> bool:
        key = self._key(row)
        if key in self._touched:
            self.problems.add(
                "patch_twice",
                f"{' | '.join(key)} is touched twice",
                table=self.table.name,
                row=number,
                value=" | ".join(key),
            )
            return False
        self._touched.add(key)
        return True

    def _found(self, row: Mapping[str, Any], number: int) -> int | None:
        at = self._place.get(self._key(row))
        if at is None:
            key = " | ".join(self._key(row))
            self.problems.add(
                "patch_no_such_row", f"{self.table.name} has no row {key}", table=self.table.name, row=number, value=key
            )
        return at

    def _remove(self, row: dict[str, Any], number: int) -> None:
        if self._once(row, number) and (at := self._found(row, number)) is not None:
            self.writes.append(Write(self.table.name, self._key(row), "-", ""))
            self._rows[at] = None
            del self._place[self._key(row)]

    def _change(self, row: dict[str, Any], number: int) -> None:
        if not self.table.key:
            self.problems.add("patch_key_changed", f"{self.table.name} has no key", table=self.table.name, row=number)
        elif self._once(row, number) and (at := self._found(row, number)) is not None:
            self._rows[at] = self._changed(self._rows[at] or {}, row, number)
            cells = ((c, v) for c, v in row.items() if c not in self.table.key)
            self.writes += [Write(self.table.name, self._key(row), c, self._text(c, v)) for c, v in cells]

    def _changed(self, before: Mapping[str, Any], row: Mapping[str, Any], number: int) -> dict[str, Any]:
        """The row with new cells; what followed from an old city or country is blank unless given."""
        out = {**before, **row}
        moved = [c for c in ("city", "country") if c in row and self._text(c, row[c]) != self._text(c, before.get(c))]
        if moved and "latitude" not in row:
            stale = [c for c in PLACE_OF if c in before and c not in row]
            for column in stale:
                out[column] = None
            if stale:
                self.problems.add(
                    "patch_place_settled",
                    f"{', '.join(stale)} follow from the new {moved[0]}",
                    table=self.table.name,
                    row=number,
                    column=moved[0],
                )
        return {c: v for c, v in out.items() if v is not None}

    def _add(self, row: dict[str, Any], number: int) -> None:
        key = self._key(row)
        if self.table.key and not self._once(row, number):
            return
        if self.table.key and key in self._place:
            self.problems.add(
                "patch_row_exists",
                f"{self.table.name} has a row {' | '.join(key)}",
                table=self.table.name,
                row=number,
                value=" | ".join(key),
            )
            return
        kept = {c: v for c, v in row.items() if v is not None}
        self._place[key] = len(self._rows)
        self._rows.append(kept)
        cells = repr(sorted((c, self._text(c, v)) for c, v in kept.items()))
        self.writes.append(Write(self.table.name, key, "+", cells))


def _text(value: Any, numeric: bool) -> str:
    """A cell as it is compared: numbers by value, lists as a set, blanks alike."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ";".join(sorted(map(str, value)))
    text = str(value).strip()
    if not numeric:
        return text
    try:
        return f"{float(text):.6f}".rstrip("0").rstrip(".")
    except ValueError:
        return text
