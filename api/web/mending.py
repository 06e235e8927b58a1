"""A table of a draft as its page shows it: faulty rows and columns first, faulty cells open."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.policy import POLICY_KEYS, Policy
from optimizer.tables.canonical import canonical_policy
from optimizer.tables.schema import POLICY_TABLE, TABLE_NAMES
from optimizer.tables.write import policy_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Cell", "Mend", "Row", "cell_name", "mend_of", "place_of_cell", "settings_left", "tables_known"]

_SERIOUS: Final = ("error", "warning")
_GUESSES: Final = re.compile(r"Did you mean '([^']+)'(?: or '([^']+)')?\?")
_KEYS: Final = {k.name: k for k in POLICY_KEYS}

Place = tuple[int, str]
"""Row and column of a cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Parameters
    ----------
    id, name : str
        In the page, and in the form.
    column, value, was : str
        ``was`` is what the draft holds, ``value`` what is shown.
    open : bool
        It can be written.
    problems : list of dict
    guesses : list of str
        What was probably meant.
    theirs : str, optional
        What somebody else has written meanwhile.
    """

    id: str
    name: str
    column: str
    value: str
    was: str
    open: bool
    problems: list[dict[str, Any]]
    guesses: list[str]
    theirs: str | None = None

    @property
    def wrong(self) -> bool:
        """Whether the case cannot be made with it."""
        return any(p["severity"] == "error" for p in self.problems)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number, what it is called, its cells, what is wrong with it as a whole."""

    number: int
    title: str
    cells: list[Cell]
    problems: list[dict[str, Any]]
    about: str = ""

    @property
    def faulty(self) -> bool:
        """Whether anything in it is to be mended, or can be written."""
        return bool(self.problems) or any(c.problems or c.open for c in self.cells)


@dataclass(frozen=True, slots=True)
class Mend:
    """Rows of a table, faulty ones apart; columns in the order of the page."""

    table: str
    columns: list[str]
    faulty: list[Row] = field(default_factory=list)
    clean: list[Row] = field(default_factory=list)


def cell_name(place: Place) -> str:
    """The field of a form for a cell."""
    return f"cell:{place[0]}:{place[1]}"


def place_of_cell(name: str) -> Place | None:
    """The cell of a field of a form."""
    kind, _, rest = name.partition(":")
    row, _, column = rest.partition(":")
    fits = kind in ("cell", "was", "use") and row.isascii() and row.isdigit() and len(row) < 10 and column
    return (int(row), column) if fits else None


def mend_of(
    table: str,
    told: Mapping[str, Any],
    *,
    only: bool,
    typed: Mapping[Place, str],
    theirs: Mapping[Place, str | None],
) -> Mend:
    """A table of a draft.

    Parameters
    ----------
    table : str
    told : mapping
        Of ``readers.drafts.rows``.
    only : bool
        One row is shown, with all its cells open.
    typed : mapping
        What a person has typed and is not in the draft yet.
    theirs : mapping
        What others have written there meanwhile.
    """
    columns = list(told["columns"]) + (list(told["more"]) if only else [])
    at = {c: i for i, c in enumerate(columns)}
    faults = {p["column"] for r in told["rows"] for p in r["problems"] if p["severity"] in _SERIOUS}
    faults |= {column for _, column in typed}
    filled = {c for r in told["rows"] for c, text in r["cells"].items() if text.strip()}
    first = [c for c in columns if c in faults]
    told_already = {"key"} if table == POLICY_TABLE else {k.lower() for k in _key(table)}
    others = [c for c in columns if c not in faults and (only or c in filled)]
    shown = first + [c for c in others if only or c.lower() not in told_already]
    rows = [_row(table, r, shown, at, only, typed, theirs) for r in told["rows"]]
    return Mend(table, shown, [r for r in rows if r.faulty], [r for r in rows if not r.faulty])


def _row(
    table: str,
    told: Mapping[str, Any],
    shown: Sequence[str],
    at: Mapping[str, int],
    only: bool,
    typed: Mapping[Place, str],
    theirs: Mapping[Place, str | None],
) -> Row:
    number, serious = told["row"], [p for p in told["problems"] if p["severity"] in _SERIOUS]
    cells = []
    for column in shown:
        place, was = (number, column), told["cells"].get(column, "")
        problems = [p for p in serious if p["column"] == column]
        setting = table == POLICY_TABLE and at[column] == 1
        cells.append(
            Cell(
                f"c{number}-{at[column]}",
                cell_name(place),
                column,
                typed.get(place, was),
                was,
                only or setting or place in typed or bool(problems),
                problems,
                _guesses(problems),
                theirs.get(place),
            )
        )
    loose = [p for p in serious if p["column"] not in at]
    return Row(number, _title(table, told["cells"]), cells, loose, _about(table, told["cells"]))


def _guesses(problems: Iterable[Mapping[str, Any]]) -> list[str]:
    found = [m for p in problems for m in _GUESSES.findall(p.get("remedy", ""))]
    return list(dict.fromkeys(g for pair in found for g in pair if g))


def _title(table: str, cells: Mapping[str, str]) -> str:
    """The key of a row, as far as it has one."""
    lower = {name.lower(): text for name, text in cells.items()}
    found = [lower.get(k, "") for k in _key(table)] or list(cells.values())[:1]
    return " · ".join(filter(None, found))


def _key(table: str) -> tuple[str, ...]:
    """Columns that name a row, which its title has."""
    return TABLE_NAMES[table].key if table in TABLE_NAMES else ()


def _about(table: str, cells: Mapping[str, str]) -> str:
    """What a setting of the policy means, in which unit."""
    if table != POLICY_TABLE:
        return ""
    key = _KEYS.get(next(iter(cells.values()), "").strip())
    return "" if key is None else key.meaning + (f" [{key.unit}]" if key.unit not in ("-", "") else "")


def settings_left(given: Iterable[str]) -> list[tuple[str, str]]:
    """Settings that a policy has not, with what they mean."""
    had = {name.strip() for name in given} | {name.strip().partition(".")[0] for name in given}
    default = {name for name, _ in policy_pairs(canonical_policy(Policy()))}
    names = [n for n in sorted(default | set(_KEYS)) if n not in had]
    return [(n, f"{n}: {_KEYS[n.partition('.')[0]].meaning}") for n in names if n.partition(".")[0] in _KEYS]


def tables_known() -> tuple[str, ...]:
    """Every table of a case."""
    return (*TABLE_NAMES, POLICY_TABLE)
