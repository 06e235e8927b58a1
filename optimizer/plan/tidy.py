"""A row of frozen values as the cells of a tidy table."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cells"]


def cells(row: Any) -> Iterator[tuple[str, Any]]:
    """Column and value of each field; of a nested value each of its fields, as ``outer_inner``."""
    for f in fields(row):
        held = getattr(row, f.name)
        if is_dataclass(held) and not isinstance(held, type):
            yield from ((f"{f.name}_{part}", cell) for part, cell in cells(held))
        else:
            yield f.name, held
