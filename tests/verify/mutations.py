"""Every single change to a finished plan document: each value made another, each key and each item dropped."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

__all__ = ["FREE", "is_free", "mutations"]

Path = tuple[Any, ...]

FREE = (
    ("run", "id"),
    ("run", "name"),
    ("run", "tags"),
    ("run", "created"),
    ("run", "product_version"),
    ("run", "solver"),
    ("run", "zone_database"),
    ("run", "seed"),
    ("run", "limits"),
    ("run", "timings"),
    ("status", "detail"),
    ("status", "stopped_by"),
)
"""How the run went and in which words: no case tells it."""

_WORDS = frozenset({"message", "remedy", "file", "column", "row", "table"})
"""Of a finding: where its author put the row, and in which words it is told."""

_DERIVED = frozenset({"entity_absent", "ends_soon", "current_unpriceable", "kept_by_exemption", "unserved"})


def mutations(plan: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(what was done, changed copy) for every place of a document that is not free."""
    for path in _places(plan, ()):
        if is_free(plan, path):
            continue
        for how, changed in _changes(plan, path):
            yield f"{how} {'.'.join(map(str, path))}", changed


def is_free(plan: dict[str, Any], path: Path) -> bool:
    """Whether the verifier need not notice a change there; dropping a key of ``run`` or ``status`` it must."""
    if any(path[: len(f)] == f for f in FREE):
        return True
    if path[0] == "baseline" and "violations" in path and path[-1] in ("message", "amount"):
        return True  # words, and figures in the unit of the rule
    if path == ("bounds", "best_bound") and plan["bounds"]["objective"] is None:
        return True  # of a search that has no plan to hold it against
    if path[0] != "issues" or len(path) < 2:
        return False
    return path[-1] in _WORDS or plan["issues"][path[1]]["code"] not in _DERIVED


def _places(value: Any, path: Path) -> Iterator[Path]:
    """Path of every value, mappings and lists included, the document itself not."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, deeper in inner:
        yield from _places(deeper, (*path, key))


def _changes(plan: dict[str, Any], path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    holder, value = _at(plan, path[:-1]), _at(plan, path)
    yield "dropped", _edited(plan, path, drop=True)
    if isinstance(value, list) and value:
        yield "emptied", _edited(plan, path, [])
    elif isinstance(value, dict) and value:
        yield "emptied", _edited(plan, path, {})
    elif not isinstance(value, dict | list):
        for other in _others(value, holder, path):
            yield f"{value!r} became {other!r} at", _edited(plan, path, other)


def _others(value: Any, holder: Any, path: Path) -> list[Any]:
    """Values of another meaning, of the same kind as far as there are any."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, None]
    if isinstance(value, float):
        return [value + 0.02, -value - 1.0, None]
    if value is None:
        return [1.0, "x"]
    return [other for other in (f"{value}x", "", None) if other != value]


def _edited(plan: dict[str, Any], path: Path, value: Any = None, *, drop: bool = False) -> dict[str, Any]:
    """A copy of what lies on the path, the rest shared."""
    out = copy.copy(plan)
    here: Any = out
    for key in path[:-1]:
        here[key] = copy.copy(here[key])
        here = here[key]
    if drop:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return out


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value
