"""Columns of one kind and rows of one rule: where they stand, and what is behind each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.model.aliases import Ints

Labels = Sequence[str]
"""Names of each column or row of a program in which indices alone do not say them; empty elsewhere."""

__all__ = ["ColumnGroup", "Labels", "RowBlock"]


@dataclass(frozen=True, eq=False)
class ColumnGroup:
    """Columns of one kind (``x``, ``y``, ``o``, ``z``, ``b``, ``w``, ``t``, ``q``, ``r`` …).

    ``index`` has shape (stop − start, k): the model indices behind each column, whose meaning
    ``key`` tells by a letter each (d demand, e entity, s service, p provider, g bundle group,
    k tier, n number, a zone, l language, i row).
    """

    kind: str
    start: int
    stop: int
    index: Ints
    key: str = ""
    labels: Labels = ()


@dataclass(frozen=True, eq=False)
class RowBlock:
    """Rows that one rule (or one cost term's linking, e.g. ``cost:service``) put there.

    ``part`` tells parts of a rule apart; ``unit`` is the unit of a violation.
    """

    rule: str
    start: int
    stop: int
    index: Ints
    key: str = ""
    part: str = ""
    unit: str = ""
    labels: Labels = ()
