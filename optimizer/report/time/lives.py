"""Entities over time as figures: in which periods their services are where they are today, moved, or new."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Life", "Run", "lives_of"]

_KINDS: Final = ("today", "moved", "new")


class Run(NamedTuple):
    """A box of a drawing of 100 by 100: services of one kind, over a time in which their number stays the same."""

    kind: str
    left: float
    top: float
    width: float
    height: float


class Life:
    """One entity over time: in which periods it is there, and where its services begin, move, end.

    Parameters
    ----------
    rows : sequence of mapping
        Its ``assignments`` of ``designate.plan/2``.
    today : set of str
        Its services that have a source today.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], today: set[str]) -> None:
        self.rows, self.today = rows, today
        self.first: int = min(r["from_period"] for r in rows)
        self.last: int = max(r["until_period"] for r in rows)
        self.switched = [r for r in rows if r["moved_from"] is not None]
        self.services = len({r["service"] for r in rows})

    @property
    def wave(self) -> int | None:
        """Period of its first switch."""
        return min((r["from_period"] for r in self.switched), default=None)

    @property
    def moving_fte(self) -> float:
        """Work that switches, FTE."""
        fte: float = sum(r["effort_fte"] for r in self.switched)
        return fte

    def runs(self, total: int) -> Iterator[Run]:
        """Boxes in proportion to the services of each kind, over so many periods."""
        kinds = [(r, self._kind(r)) for r in self.rows]
        mixes = [
            tuple(sum(kind == k and r["from_period"] <= t <= r["until_period"] for r, k in kinds) for kind in _KINDS)
            for t in range(1, total + 1)
        ]
        begin = 0
        for mix, run in groupby(mixes):
            end = begin + len(list(run))
            top = 0.0
            for kind, number in zip(_KINDS, mix, strict=True):
                tall = 100 * number / (sum(mix) or 1)
                if number:
                    yield Run(kind, 100 * begin / total, top, 100 * (end - begin) / total, tall)
                top += tall
            begin = end

    def _kind(self, row: Mapping[str, Any]) -> str:
        if row["moved_from"] is not None:
            return "moved"
        before = [r for r in self.rows if r["service"] == row["service"] and r["until_period"] < row["from_period"]]
        if any(r["moved_from"] is not None for r in before):
            return "moved"
        return "today" if row["service"] in self.today else "new"


def lives_of(assignments: Iterable[Mapping[str, Any]], today: Iterable[tuple[str, str]]) -> dict[str, Life]:
    """Each entity of a plan over time.

    Parameters
    ----------
    assignments : iterable of mapping
        Of ``designate.plan/2``.
    today : iterable of (str, str)
        Entity and service of every demand that has a source today.
    """
    rows: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for a in assignments:
        rows[a["entity"]].append(a)
    held: dict[str, set[str]] = defaultdict(set)
    for entity, service in today:
        held[entity].add(service)
    return {entity: Life(found, held[entity]) for entity, found in rows.items()}
