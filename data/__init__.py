"""Packaged data of Designate: reference tables, ready-made cases, a generator. Standard library only.

``names()`` lists the cases, ``case_path(name)`` is the folder of one, ``copy_case(name, folder)``
copies it; ``event_names()`` and ``events_path(name)`` give
examples of events for them; ``scenario_names()`` and ``scenario_text(name)`` give scenario files;
``reference_names()`` and ``reference_rows(name)`` give the reference tables.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from data.tables import Row, parse_rows

__all__ = [
    "case_path",
    "copy_case",
    "event_names",
    "events_path",
    "names",
    "reference_names",
    "reference_path",
    "reference_rows",
    "scenario_names",
    "scenario_text",
]


def _cases() -> dict[str, Traversable]:
    return {f.name: f for f in files("data.cases").iterdir() if f.joinpath("policy.toml").is_file()}


def names() -> list[str]:
    """Return the names of the packaged cases, sorted."""
    return sorted(_cases())


def _case(name: str) -> Traversable:
    known = _cases()
    if name not in known:
        raise KeyError(f"no packaged case {name!r}; there are: {', '.join(sorted(known))}")
    return known[name]


def case_path(name: str) -> Path:
    """Return the folder of a packaged case.

    Raises
    ------
    KeyError
        If there is no such case.
    FileNotFoundError
        If the package runs from a zip file: use ``copy_case`` then.
    """
    path = Path(str(_case(name)))
    if not path.is_dir():
        raise FileNotFoundError(f"{path} is not a folder on disk; use copy_case")
    return path


def copy_case(name: str, folder: Path, *, overwrite: bool = False) -> Path:
    """Copy a packaged case into a folder (made if missing) and return the folder.

    Raises
    ------
    KeyError
        If there is no such case.
    FileExistsError
        If the folder holds files already and ``overwrite`` is not set.
    """
    source = _case(name)
    if not overwrite and folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True)
    for item in source.iterdir():
        if item.is_file():
            (folder / item.name).write_bytes(item.read_bytes())
    return folder


def reference_names() -> list[str]:
    """Return the names of the reference tables, sorted."""
    found = files("data.reference").iterdir()
    return sorted(f.name.removesuffix(".csv") for f in found if f.name.endswith(".csv"))


def reference_path(name: str) -> Traversable:
    """Return a reference file by its name with ending, e.g. ``countries.csv``, ``map/land-110m.json``."""
    found = files("data.reference").joinpath(*name.split("/"))
    if not found.is_file():
        raise KeyError(f"no reference file {name!r}")
    return found


def reference_rows(name: str) -> list[Row]:
    """Return the rows of a reference table, every cell as text, e.g. of ``gazetteer``."""
    return parse_rows(reference_path(f"{name}.csv").read_text(encoding="utf-8"))


def event_names() -> list[str]:
    """Return the names of the packaged examples of events, each for the case of the same name."""
    return sorted(f.name.removesuffix(".json") for f in files("data").joinpath("events").iterdir())


def events_path(name: str) -> Traversable:
    """Return the packaged example of events (JSON) for a case.

    Raises
    ------
    KeyError
        If there is none.
    """
    if name not in event_names():
        raise KeyError(f"no packaged events {name!r}; there are: {', '.join(event_names())}")
    return files("data").joinpath("events", f"{name}.json")


def scenario_names() -> list[str]:
    """Return the names of the packaged scenario files, sorted."""
    return sorted(f.name.removesuffix(".toml") for f in files("data.scenarios").iterdir() if f.name.endswith(".toml"))


def scenario_text(name: str) -> str:
    """Return a packaged scenario file.

    Raises
    ------
    KeyError
        If there is no such file.
    """
    if name not in scenario_names():
        raise KeyError(f"no packaged scenarios {name!r}; there are: {', '.join(scenario_names())}")
    return files("data.scenarios").joinpath(f"{name}.toml").read_text("utf-8")
