"""Files from elsewhere: ``DIR/<family>/<instance>.txt`` and a CSV of known values.

Columns of the CSV that are read: ``family, instance, problem, value, status, source``.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.instance import Known
from benchmarks.layouts import CAPACITIES, LAYOUTS
from benchmarks.literature import kinds_of, load
from benchmarks.task import Task
from optimizer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from benchmarks.instance import Instance

__all__ = ["foreign_tasks", "read_known"]

Key = tuple[str, str, str]


def read_known(path: Path) -> dict[Key, Known]:
    """Known values by (family, instance, problem).

    Raises
    ------
    UsageError
        Not readable, a column is missing, or a value is no number.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"cannot read {path}: {error}") from None
    try:
        return {
            (r["family"], r["instance"], r["problem"]): Known(
                float(r["value"]), r.get("status") or "best_known", r.get("source") or ""
            )
            for r in rows
        }
    except KeyError as error:
        raise UsageError(f"{path}: there is no column {error}") from None
    except (TypeError, ValueError) as error:
        raise UsageError(f"{path}: a value is no number ({error})") from None


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
