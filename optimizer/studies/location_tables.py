"""Tables of a location study, ``criteria``, ``scores`` and ``weights``: read and checked, every problem at once."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import data.location as packaged
from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.studies.scoring import Criterion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["LocationTables", "Shortlist", "read_folder", "read_tables", "shortlisted"]

COLUMNS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "criteria": (("id",), ("group", "direction", "unit", "worst", "best", "name")),
    "scores": (("place", "criterion", "value"), ("source",)),
    "weights": (("preset", "weight"), ("criterion", "group", "basis")),
}
"""Columns that a table must have, and those that it may have."""
MOST_BYTES: Final = 20_000_000
Row = dict[str, str]


class Problems:
    """What is wrong, collected."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def add(self, code: str, message: str, remedy: str, table: str, row: int | None = None, **where: str) -> None:
        """One more."""
        self.issues.append(Issue(code, "error", message, remedy, table=table, row=row, **where))

    def raise_any(self) -> None:
        """Stop if there is any."""
        if self.issues:
            raise InputError(self.issues)


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


@dataclass(frozen=True)
class Shortlist:
    """Values and weights of the places that are compared."""

    places: tuple[str, ...]
    values: Mapping[tuple[str, str], Fraction]
    weights: Mapping[str, Fraction]
    imputed: tuple[tuple[str, str], ...] = field(default=())


def read_folder(where: str | Path) -> dict[str, list[Row]]:
    """Rows of the three tables as they stand in a folder of CSV files, or in a JSON file.

    Raises
    ------
    InputError
        With every problem.
    """
    problems = Problems()
    raw = _read(Path(where), problems)
    problems.raise_any()
    return raw


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
    problems = Problems()
    if given is not None:
        raw = _of_document(given, problems)
    else:
        known = packaged.places()
        wanted = [p for p in places if p in known] if places else packaged.candidates()
        raw = {"criteria": packaged.criteria(), "scores": packaged.scores(wanted), "weights": packaged.weights()}
    for table, (must, may) in COLUMNS.items():
        if table in raw:
            _check_columns(table, raw[table], must, may, problems)
    problems.raise_any()
    criteria = dict(_criteria(raw["criteria"], problems))
    values, sources = _scores(raw["scores"], criteria, problems)
    presets = _weights(raw["weights"], criteria, problems)
    problems.raise_any()
    return LocationTables(criteria, values, sources, presets, tuple(dict.fromkeys(p for p, _ in values)))


def shortlisted(tables: LocationTables, preset: str, places: Sequence[str], impute: bool) -> Shortlist:
    """The places to compare, with every value that their weights ask for.

    Raises
    ------
    InputError
        No such preset or place; fewer than two places; values that are missing, unless they are to be imputed.
    """
    problems, known = Problems(), set(tables.places)
    weights = {c: w for c, w in tables.presets.get(preset, {}).items() if w > 0}
    if preset not in tables.presets:
        remedy = f"choose one of {', '.join(sorted(tables.presets))}"
        problems.add(
            "unknown_preset", f"there is no preset {preset!r}", remedy, "weights", column="preset", value=preset
        )
    for p in dict.fromkeys(places):
        if p not in known:
            remedy = "add rows to scores, or choose another place"
            problems.add("unknown_place", f"there are no scores of {p}", remedy, "scores", column="place", value=p)
    chosen = tuple(p for p in dict.fromkeys(places or tables.places) if p in known)
    if len(chosen) < 2 and not problems.issues:
        problems.add("few_places", "a comparison needs two places at least", "name more places", "scores")
    values, imputed = dict(tables.values), list[tuple[str, str]]()
    for c in weights:
        have = [tables.values[p, c] for p in chosen if (p, c) in tables.values]
        for p in chosen:
            if (p, c) in tables.values:
                continue
            if impute and have:
                values[p, c] = sum(have, Fraction(0)) / len(have)
                imputed.append((p, c))
            else:
                remedy = "give the value" + ("" if impute else ", leave the place out, or ask for it to be imputed")
                problems.add("missing_score", f"{p} has no value of {c}", remedy, "scores", value=f"{p}|{c}")
        _check_scale(tables.criteria[c], [values[p, c] for p in chosen if (p, c) in values], problems)
    problems.raise_any()
    return Shortlist(chosen, values, weights, tuple(imputed))


def _check_scale(criterion: Criterion, values: Sequence[Fraction], problems: Problems) -> None:
    """One end given, the other over the shortlist: they must not be the wrong way round."""
    if not values or (criterion.worst is None) == (criterion.best is None):
        return
    worst, best = criterion.ends(values)
    if (best < worst) if criterion.higher else (best > worst):
        told = f"{criterion.id}: the end that is given lies beyond all places"
        problems.add("scale_reversed", told, "give both ends", "criteria", column="worst", value=criterion.id)


def _read(path: Path, problems: Problems) -> dict[str, list[Row]]:
    out: dict[str, list[Row]] = {}
    if path.is_dir():
        for table in COLUMNS:
            file = path / f"{table}.csv"
            if file.is_file():
                out[table] = _csv(file, problems)
    elif path.is_file() and path.suffix.lower() == ".json":
        out = _json(path, problems)
    else:
        told = f"{path} is no folder of CSV files and no .json file"
        problems.add(
            "tables_not_found", told, "give a folder with criteria.csv, scores.csv and weights.csv", "criteria"
        )
        return out
    return out


def _text(path: Path, table: str, problems: Problems) -> str | None:
    try:
        if path.stat().st_size > MOST_BYTES:
            problems.add("table_too_large", f"more than {MOST_BYTES:,} bytes", "leave rows out", table, file=path.name)
            return None
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.add("table_not_readable", str(error), "save the file as UTF-8", table, file=path.name)
        return None


def _csv(path: Path, problems: Problems) -> list[Row]:
    """Rows of a file; its header says whether cells are parted by commas, semicolons or tabs."""
    text = _text(path, path.stem, problems)
    if text is None:
        return []
    head = text.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    rows = list(csv.DictReader(io.StringIO(text), delimiter=mark, restkey="", restval=""))
    decimal = mark == ";"
    clean = [{str(k).strip(): _cell(v, decimal) for k, v in r.items()} for r in rows]
    if not rows:
        names = [h.strip() for h in head.split(mark)]
        return [] if names == [""] else [dict.fromkeys(names, "")][:0]
    return clean


def _cell(value: Any, decimal: bool) -> str:
    text = "" if value is None else str(value).strip()
    bare = text.replace(",", "", 1).lstrip("-")
    return text.replace(",", ".", 1) if decimal and bare.isdigit() else text


def _json(path: Path, problems: Problems) -> dict[str, list[Row]]:
    import json

    text = _text(path, "criteria", problems)
    try:
        found = json.loads(text) if text is not None else {}
    except ValueError as error:
        problems.add("table_not_readable", str(error), "mend the JSON document", "criteria", file=path.name)
        return {}
    return _of_document(found, problems)


def _of_document(found: Any, problems: Problems) -> dict[str, list[Row]]:
    """Rows of each table of a document."""
    out: dict[str, list[Row]] = {}
    for table in COLUMNS:
        rows = found.get(table) if isinstance(found, dict) else None
        if isinstance(rows, list) and all(isinstance(r, dict) for r in rows):
            out[table] = [{str(k): _cell(v, False) for k, v in r.items()} for r in rows]
    for table in COLUMNS:
        if table not in out and not any(i.table == table for i in problems.issues):
            problems.add("table_missing", f"there is no table {table}", f"add {table}", table)
    return out


def _check_columns(
    table: str, rows: Sequence[Row], must: tuple[str, ...], may: tuple[str, ...], problems: Problems
) -> None:
    if not rows:
        problems.add("table_empty", f"{table} has no rows", f"add rows to {table}", table)
        return
    have = dict.fromkeys(name for row in rows for name in row)
    for name in must:
        if name not in have:
            problems.add("missing_column", f"{table} has no column {name}", "add it", table, column=name)
    for name in have:
        if name not in (*must, *may):
            known = ", ".join((*must, *may))
            problems.add(
                "unknown_column", f"{table} has no column {name!r}", f"columns are {known}", table, column=name
            )


def _number(text: str, table: str, row: int, column: str, problems: Problems) -> Fraction | None:
    try:
        value = Decimal(text)
        if not value.is_finite():
            raise InvalidOperation
        return Fraction(value)
    except InvalidOperation:
        problems.add("bad_number", f"{text!r} is no number", "give a number", table, row, column=column, value=text)
        return None


def _criteria(rows: Sequence[Row], problems: Problems) -> Iterator[tuple[str, Criterion]]:
    count = Counter(r["id"] for r in rows)
    for n, r in enumerate(rows, 2):
        key, direction = r["id"], r.get("direction", "")
        if not key or count[key] > 1:
            what = f"{key} stands more than once" if key else "a criterion without id"
            problems.add("duplicate_id", what, "give each its own id", "criteria", n, column="id", value=key)
        if direction not in ("higher", "lower"):
            told = f"direction is higher or lower (is better), not {direction!r}"
            problems.add("bad_direction", told, "write higher or lower", "criteria", n, column="direction")
        ends = [_number(r[c], "criteria", n, c, problems) if r.get(c, "") else None for c in ("worst", "best")]
        if None not in ends and (ends[0] == ends[1] or (ends[0] < ends[1]) != (direction == "higher")):  # type: ignore[operator]
            told = f"worst {r['worst']} and best {r['best']} do not go with direction {direction}"
            problems.add("scale_reversed", told, "exchange them, or change direction", "criteria", n, column="worst")
        yield key, Criterion(key, r.get("group", ""), r.get("unit", ""), direction == "higher", ends[0], ends[1])


def _scores(
    rows: Sequence[Row], criteria: Mapping[str, Criterion], problems: Problems
) -> tuple[dict[tuple[str, str], Fraction], dict[tuple[str, str], str]]:
    values: dict[tuple[str, str], Fraction] = {}
    sources: dict[tuple[str, str], str] = {}
    seen: set[tuple[str, str]] = set()
    for n, r in enumerate(rows, 2):
        key = r["place"], r["criterion"]
        if not key[0]:
            problems.add("missing_value", "a score without place", "name the place", "scores", n, column="place")
        if key[1] not in criteria:
            told = f"there is no criterion {key[1]!r}"
            problems.add("unknown_reference", told, "add it to criteria", "scores", n, column="criterion", value=key[1])
        if key in seen:
            told = f"{key[0]} has two values of {key[1]}"
            problems.add("duplicate_id", told, "keep one", "scores", n, column="criterion", value="|".join(key))
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
            problems.add(
                "negative", f"weight {r['weight']} is below 0", "give 0 or more", "weights", n, column="weight"
            )
        if not preset or bool(criterion) == bool(group):
            told = "a weight has a preset, and a criterion or a group"
            problems.add("missing_value", told, "name one of the two", "weights", n, column="criterion")
            continue
        members = groups.get(group, []) if group else [criterion] * (criterion in criteria)
        if not members:
            told = f"there is no {'group' if group else 'criterion'} {group or criterion!r}"
            where = "group" if group else "criterion"
            problems.add(
                "unknown_reference", told, "see criteria", "weights", n, column=where, value=group or criterion
            )
        mine = out.setdefault(preset, {})
        for member in members:
            if member in mine:
                told = f"preset {preset} weighs {member} twice"
                problems.add("duplicate_id", told, "weigh it once", "weights", n, column="criterion", value=member)
            mine[member] = (weight or Fraction(0)) / len(members)
    for preset, mine in out.items():
        if not any(w > 0 for w in mine.values()):
            problems.add("no_weight", f"preset {preset} has no weight above 0", "give one", "weights", value=preset)
    return out
