"""Tables of a plan as data frames: one row an item, nested figures as columns, names beside ids."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import OWN
from optimizer.plan import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from optimizer.domain.case import Case

__all__ = ["TABLES", "frame"]

TABLES: Final[dict[str, type]] = {
    "assignments": values.Assignment,
    "moves": values.Assignment,
    "lines": values.Line,
    "sites": values.Site,
    "entities": values.Entity,
}
"""Tables of a plan and what a row of each is."""


def frame(name: str, rows: Iterable[Any], case: Case | None) -> pd.DataFrame:
    """Rows of one of ``TABLES`` as a frame; see ``Plan.frame``."""
    import pandas as pd

    columns = [*_columns(TABLES[name])]
    cells = [dict(_cells(row)) for row in rows]
    out = pd.DataFrame([[row.get(c) for c in columns] for row in cells], columns=columns)
    return out if case is None else _named(out, case, "id" if name == "entities" else "entity")


def _columns(kind: type) -> Iterator[str]:
    """Names of the columns; those of nested figures carry the name of their block."""
    inner = {"cost": values.Terms, "runner_up": values.RunnerUp}
    for f in fields(kind):
        if f.name in inner:
            yield from (f"{f.name}_{part.name}" for part in fields(inner[f.name]))
        else:
            yield f.name


def _cells(row: Any) -> Iterable[tuple[str, Any]]:
    for f in fields(row):
        value = getattr(row, f.name)
        if is_dataclass(value):
            yield from ((f"{f.name}_{part}", cell) for part, cell in _cells(value))
        else:
            yield f.name, value


def _named(out: pd.DataFrame, case: Case, entity: str) -> pd.DataFrame:
    """Names and countries behind the ids, each beside its id."""
    known: dict[str, list[tuple[str, dict[str, str]]]] = {
        entity: _of({e.id: e for e in (*case.entities, *case.absent_entities)}, ""),
        "service": [("service_name", {s.id: s.name for s in case.services})],
        "provider": _of(case.provider, "provider_"),
    }
    if entity == "entity":
        known["entity"] = [(f"entity_{name}", found) for name, found in known["entity"]]
    for column, more in known.items():
        if column in out:
            at = list(out.columns).index(column)
            for k, (name, found) in enumerate(more, 1):
                out.insert(at + k, name, [found.get(i) for i in out[column]])
    return out


def _of(rows: dict[str, Any], prefix: str) -> list[tuple[str, dict[str, str]]]:
    """Name and country of entities or providers by id; own capacity is named, and is where its entity is."""
    names = {i: r.name for i, r in rows.items()} | ({OWN: "own capacity"} if prefix else {})
    return [(f"{prefix}name", names), (f"{prefix}country", {i: r.place.country for i, r in rows.items()})]
