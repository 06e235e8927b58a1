"""Tables of a location study, ``criteria``, ``scores`` and ``weights``: checked, every problem at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import data.location as packaged
from optimizer.studies.location_files import COLUMNS, tables_of_document
from optimizer.studies.location_kinds import LOCATION_CATALOGUE
from optimizer.studies.scoring import Criterion
from optimizer.tables.checks.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.studies.location_files import Row

__all__ = ["LocationTables", "read_tables"]


@dataclass(frozen=True)
class LocationTables:
    """The three tables, checked.

    Parameters
    ----------
    criteria : mapping of str to Criterion
    values : mapping of (place, criterion) to Fraction
    sources : mapping of (place, criterion) to str
    presets : mapping of str to mapping of str to Fraction
        Weights by criterion; those of groups split equally.
    places : tuple of str
        In the order of the scores.
    """

    criteria: Mapping[str, Criterion]
    values: Mapping[tuple[str, str], Fraction]
    sources: Mapping[tuple[str, str], str]
    presets: Mapping[str, Mapping[str, Fraction]]
    places: tuple[str, ...]


def read_tables(given: Mapping[str, Any] | None, places: Sequence[str] = ()) -> LocationTables:
    """The tables out of their rows; the packaged ones where nothing is given.

    Parameters
    ----------
    given : mapping, optional
        Rows by ``criteria``, ``scores``, ``weights``, as ``read_folder`` gives them.
    places : sequence of str
        Cities to take out of the packaged scores; default the candidates.

    Raises
    ------
    InputError
        With every problem.
    """
    problems = Problems(LOCATION_CATALOGUE)
    if given is not None:
        raw = tables_of_document(given, problems)
    else:
        known = packaged.places()
        wanted = [p for p in places if p in known] or packaged.candidates()  # names that are unknown are told later
        raw = {"criteria": packaged.criteria(), "scores": packaged.scores(wanted), "weights": packaged.weights()}
    for table, (must, may) in COLUMNS.items():
        if table in raw:
            _check_columns(table, raw[table], must, may, problems)
    problems.raise_errors()
    criteria = dict(_criteria(raw["criteria"], problems))
    values, sources = _scores(raw["scores"], criteria, problems)
    presets = _weights(raw["weights"], criteria, problems)
    problems.raise_errors()
    return LocationTables(criteria, values, sources, presets, tuple(dict.fromkeys(p for p, _ in values)))


def _check_columns(
    table: str, rows: Sequence[Row], must: tuple[str, ...], may: tuple[str, ...], problems: Problems
) -> None:
    if not rows:
        problems.add("table_empty", f"{table} has no rows", table=table)
        return
    have = dict.fromkeys(name for row in rows for name in row)
    for name in must:
        if name not in have:
            problems.add("missing_column", f"{table} has no column {name}", table=table, column=name)
    for name in have:
        if name not in (*must, *may):
            known = ", ".join((*must, *may))
            problems.add("unknown_column", f"{table} has no column {name!r}", table=table, column=name, known=known)


def _number(text: str, table: str, row: int, column: str, problems: Problems) -> Fraction | None:
    try:
        value = Decimal(text)
        if not value.is_finite():
            raise InvalidOperation
        return Fraction(value)
    except InvalidOperation:
        problems.add("bad_number", f"{text!r} is no number", table=table, row=row, column=column, value=text)
        return None


def _criteria(rows: Sequence[Row], problems: Problems) -> Iterator[tuple[str, Criterion]]:
    count = Counter(r["id"] for r in rows)
    for n, r in enumerate(rows, 2):
        key, direction = r["id"], r.get("direction", "")
        if not key or count[key] > 1:
            what = f"{key} stands more than once" if key else "a criterion without id"
            problems.add("duplicate_id", what, table="criteria", row=n, column="id", value=key)
        if direction not in ("higher", "lower"):
            told = f"direction is higher or lower (is better), not {direction!r}"
            problems.add("bad_direction", told, table="criteria", row=n, column="direction")
        ends = [_number(r[c], "criteria", n, c, problems) if r.get(c, "") else None for c in ("worst", "best")]
        if None not in ends and (ends[0] == ends[1] or (ends[0] < ends[1]) != (direction == "higher")):  # type: ignore[operator]
            told = f"worst {r['worst']} and best {r['best']} do not go with direction {direction}"
            problems.add("scale_reversed", told, table="criteria", row=n, column="worst")
        group, unit, name = (r.get(c, "") for c in ("group", "unit", "name"))
        yield key, Criterion(key, group, unit, direction == "higher", ends[0], ends[1], name or key)


def _scores(
    rows: Sequence[Row], criteria: Mapping[str, Criterion], problems: Problems
) -> tuple[dict[tuple[str, str], Fraction], dict[tuple[str, str], str]]:
    values: dict[tuple[str, str], Fraction] = {}
    sources: dict[tuple[str, str], str] = {}
    seen: set[tuple[str, str]] = set()
    for n, r in enumerate(rows, 2):
        key = r["place"], r["criterion"]
        if not key[0]:
            problems.add("missing_value", "a score without place", table="scores", row=n, column="place")
        if key[1] not in criteria:
            told = f"there is no criterion {key[1]!r}"
            problems.add("unknown_reference", told, table="scores", row=n, column="criterion", value=key[1])
        if key in seen:
            told = f"{key[0]} has two values of {key[1]}"
            problems.add("duplicate_id", told, table="scores", row=n, column="criterion", value="|".join(key))
        seen.add(key)
        value = _number(r["value"], "scores", n, "value", problems) if r["value"] else None
        if value is not None:
            values[key] = value
            sources[key] = r.get("source", "")
    return values, sources


def _weights(
    rows: Sequence[Row], criteria: Mapping[str, Criterion], problems: Problems
) -> dict[str, dict[str, Fraction]]:
    """Weights by preset and criterion; that of a group is split equally over its criteria."""
    groups: dict[str, list[str]] = {}
    for c in criteria.values():
        groups.setdefault(c.group, []).append(c.id)
    groups.pop("", None)
    out: dict[str, dict[str, Fraction]] = {}
    for n, r in enumerate(rows, 2):
        preset, criterion, group = r["preset"], r.get("criterion", ""), r.get("group", "")
        if criterion and not group and criterion not in criteria and criterion in groups:
            criterion, group = "", criterion
        weight = _number(r["weight"], "weights", n, "weight", problems)
        if weight is not None and weight < 0:
            problems.add("negative", f"weight {r['weight']} is below 0", table="weights", row=n, column="weight")
        if not preset or bool(criterion) == bool(group):
            told = "a weight has a preset, and a criterion or a group"
            problems.add("missing_value", told, table="weights", row=n, column="criterion")
            continue
        members = groups.get(group, []) if group else [criterion] * (criterion in criteria)
        if not members:
            told = f"there is no {'group' if group else 'criterion'} {group or criterion!r}"
            where = "group" if group else "criterion"
            problems.add("unknown_reference", told, table="weights", row=n, column=where, value=group or criterion)
        mine = out.setdefault(preset, {})
        for member in members:
            if member in mine:
                told = f"preset {preset} weighs {member} twice"
                problems.add("duplicate_id", told, table="weights", row=n, column="criterion", value=member)
            mine[member] = (weight or Fraction(0)) / len(members)
    for preset, mine in out.items():
        if not any(w > 0 for w in mine.values()):
            problems.add("no_weight", f"preset {preset} has no weight above 0", table="weights", value=preset)
    return out
