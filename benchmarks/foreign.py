"""Files from elsewhere: ``DIR/<family>/<instance>.txt`` and a CSV of known values.

Columns of the CSV that are read: ``family, instance, problem, value, status, source``.
"""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.instance import Known
from benchmarks.layouts import CAPACITIES, LAYOUTS
from benchmarks.literature import file_of, kinds_of, load
from benchmarks.task import Task
from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from benchmarks.instance import Instance

__all__ = ["foreign_tasks", "left_out", "read_known"]

Key = tuple[str, str, str]
COLUMNS = ("family", "instance", "problem", "value")
MOST_TOLD = 8


def read_known(path: Path) -> dict[Key, Known]:
    """Known values by (family, instance, problem).

    Raises
    ------
    UsageError
        Not readable, a column is missing, a value is no number or stands there twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"cannot read {path}: {error}") from None
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise UsageError(
            f"{path}: there is no column {', '.join(map(repr, missing))}; the first line names the columns"
        )
    return _collect(path, [(n, dict(zip(header, row, strict=False))) for n, row in lines if any(row)])


def _collect(path: Path, rows: list[tuple[int, dict[str, str]]]) -> dict[Key, Known]:
    """Values by key; every bad line is told at once."""
    found: dict[Key, Known] = {}
    wrong: list[str] = []
    for number, row in rows:
        key = (row["family"], row.get("instance", ""), row.get("problem", ""))
        text = row.get("value", "")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            wrong.append(f"line {number}: the value {text!r} is no number")
        elif key in found and found[key].value != value:
            wrong.append(f"line {number}: {'/'.join(key)} has another value further up")
        else:
            found[key] = Known(value, row.get("status") or "best_known", row.get("source", ""))
    if wrong:
        more = f" and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
        raise UsageError(f"{path}: {'; '.join(wrong[:MOST_TOLD])}{more}")
    return found


def left_out(
    folder: Path, known: Mapping[Key, Known], families: Collection[str] = (), only: Collection[str] = ()
) -> list[str]:
    """What of a folder will not be run, or not be compared, and why; one line each.

    Parameters
    ----------
    folder, known, families, only
        As given to ``foreign_tasks``.
    """
    out = []
    for path in sorted(folder.iterdir()):
        if not path.is_dir():
            continue
        if not kinds_of(path.name) and not families:
            out.append(f"{path.name}: left out, no layout reads it (there are {', '.join(LAYOUTS)})")
        elif kinds_of(path.name) and (not families or path.name in families):
            other = sorted(p.name for p in path.iterdir() if p.suffix != ".txt")
            if other:
                out.append(f"{path.name}: left out, instances end in .txt: {_some(other)}")
            if not any(path.glob("*.txt")):
                out.append(f"{path.name}: holds no instance")
    out += _without_value(folder, known, families, only)
    there = {p.name for p in folder.iterdir() if p.is_dir() and kinds_of(p.name)}
    wanted = [(f, n) for f, n, kind in known if f in there and kind in kinds_of(f) and (not families or f in families)]
    gone = sorted({f"{f}/{n}" for f, n in wanted if not file_of(folder / f, n)[0].is_file()})
    if gone and not only:
        out.append(f"known values without a file: {_some(gone)}")
    return out


def _without_value(
    folder: Path, known: Mapping[Key, Known], families: Collection[str], only: Collection[str]
) -> list[str]:
    """Instances that have nothing to be compared with, where there are known values at all."""
    if not known:
        return []
    tasks = foreign_tasks(folder, known, {}, families, only)
    bare = [f"{t.family}/{t.instance}" for t in tasks if t.known is None]
    return [f"no known value, compared with nothing: {_some(bare)}"] if bare else []


def _some(names: Sequence[str]) -> str:
    """The first few of many names."""
    shown = ", ".join(names[:MOST_TOLD])
    return f"{shown} and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else shown


def foreign_tasks(
    folder: Path,
    known: Mapping[Key, Known],
    limits: Mapping[str, float],
    families: Collection[str] = (),
    only: Collection[str] = (),
) -> list[Task]:
    """Everything to be run in a folder, family by family.

    Parameters
    ----------
    folder : Path
        Holds one folder for each family.
    known : mapping
        From ``read_known``.
    limits : mapping
        Backend to seconds.
    families, only : collection of str
        Take these families, these instances (or files) alone; empty = all that can be read.

    Raises
    ------
    UsageError
        A family or instance named is not there, or no layout reads it.
    """
    there = _families(folder, families)
    tasks = [task for family in there for task in _family(folder / family, family, known, limits)]
    return _chosen(tasks, only, folder)


def _families(folder: Path, wanted: Collection[str]) -> list[str]:
    """Folders to be read: those named, or all that have a layout."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    there = sorted(p.name for p in folder.iterdir() if p.is_dir())
    if not wanted and not any(kinds_of(f) for f in there):
        told = ", ".join(there) or "none"
        raise UsageError(f"{folder} has no folder that can be read; layouts are {', '.join(LAYOUTS)}, folders {told}")
    for family in wanted:
        if family not in there:
            raise UsageError(f"{folder} has no folder {family}; it has {', '.join(there) or 'none'}")
        if not kinds_of(family):
            raise UsageError(f"{family}: single-source assignment is read from {', '.join(LAYOUTS)}")
    return [f for f in there if kinds_of(f) and (not wanted or f in wanted)]


def _chosen(tasks: list[Task], only: Collection[str], folder: Path) -> list[Task]:
    if not only:
        return tasks
    names = {n for t in tasks for n in (t.instance, _stem(t.instance))}
    missing = sorted(set(only) - names)
    if missing:
        raise UsageError(f"{folder} has no instance {', '.join(missing)} in these families")
    return [t for t in tasks if t.instance in only or _stem(t.instance) in only]


def _stem(name: str) -> str:
    """File name behind ``capa_8000``."""
    head, _, tail = name.rpartition("_")
    return head if head in CAPACITIES and tail.isdigit() else name


def _family(folder: Path, family: str, known: Mapping[Key, Known], limits: Mapping[str, float]) -> list[Task]:
    names = [n for p in sorted(folder.glob("*.txt"), key=_natural) for n in _names(p, family, known)]
    return [
        Task(
            family=family,
            instance=name,
            kind=kind,
            build=_builder(folder, family, name, kind),
            limits=limits,
            known=known.get((family, name, kind)),
        )
        for name in names
        for kind in _kinds(family, name, known)
    ]


def _builder(folder: Path, family: str, name: str, kind: str) -> Callable[[], Instance]:
    return lambda: load(folder, family, name, kind)


def _natural(path: Path) -> list[tuple[int, str]]:
    """p2 before p10."""
    return [(int(w), "") if w.isdigit() else (-1, w) for w in re.split(r"(\d+)", path.stem)]


def _names(path: Path, family: str, known: Mapping[Key, Known]) -> list[str]:
    """Instances in a file: its own name, or one for each capacity it is used with."""
    if "capacity" not in path.read_text(encoding="utf-8", errors="replace")[:200]:
        return [path.stem]
    told = {n for f, n, _ in known if f == family and n.rpartition("_")[0] == path.stem}
    told |= {f"{path.stem}_{c}" for c in CAPACITIES.get(path.stem, ())}
    if not told:
        raise UsageError(f"{path} has the word capacity in place of a number, and no known value names one")
    return sorted(told, key=lambda n: _natural(Path(n)))


def _kinds(family: str, name: str, known: Mapping[Key, Known]) -> tuple[str, ...]:
    """Problems with a known value; without any, the first the layout allows."""
    allowed = kinds_of(family)
    return tuple(k for k in allowed if (family, name, k) in known) or allowed[:1]
