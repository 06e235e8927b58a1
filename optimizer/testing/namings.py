"""Namings of backups that the rule ``backup`` accepts in a plan of the grid."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.testing.grid import Grid
    from optimizer.verify.facts import DemandFacts

__all__ = ["Namings"]


class Namings:
    """For each plan, every way to name backups: abroad, eligible, running the service, with room for one loss."""

    def __init__(self, grid: Grid) -> None:
        self.grid, facts = grid, grid.facts
        verdict = facts.eligibility.verdict
        self.abroad = {
            (p, q): a.row.place.country != b.row.place.country
            for p, a in facts.sites.items()
            for q, b in facts.sites.items()
        }
        self.may = {
            d.key: [q for q in facts.sites if (q, d.key[1]) in facts.lines and not verdict(d.row, q).refusals]
            for d in grid.demands
            if d.critical
        }

    def of(self, i: int) -> Iterator[tuple[str, ...]]:
        """Backups of plan ``i``, one a demand, empty where none is needed."""
        names = self.grid.names_of(i)
        needy = [k for k, d in enumerate(self.grid.demands) if d.critical and names[k] in self.grid.facts.sites]
        if not needy:
            yield ("",) * len(names)
            return
        running = {(p, d.key[1]) for p, d in zip(names, self.grid.demands, strict=True)}
        carried = self._carried(names)
        for chosen in product(*(self._fit(self.grid.demands[k], names[k], running) for k in needy)):
            if self._has_room(names, dict(zip(needy, chosen, strict=True)), carried):
                named = dict(zip(needy, chosen, strict=True))
                yield tuple(named.get(k, "") for k in range(len(names)))

    def _fit(self, d: DemandFacts, provider: str, running: set[tuple[str, str]]) -> list[str]:
        return [q for q in self.may[d.key] if self.abroad[provider, q] and (q, d.key[1]) in running]

    def _carried(self, names: tuple[str, ...]) -> dict[tuple[str, str], int]:
        """Volume of each line and, under an empty service, minutes of each site."""
        out: dict[tuple[str, str], int] = {}
        for d, p in zip(self.grid.demands, names, strict=True):
            out[p, d.key[1]] = out.get((p, d.key[1]), 0) + d.volume
            out[p, ""] = out.get((p, ""), 0) + d.minutes
        return out

    def _has_room(self, names: tuple[str, ...], chosen: dict[int, str], carried: dict[tuple[str, str], int]) -> bool:
        """Whoever is lost, every survivor has room on line and site for its own load and what falls to it."""
        fallen: dict[tuple[str, str, str], int] = {}
        for k, q in chosen.items():
            d, lost = self.grid.demands[k], names[k]
            fallen[lost, q, d.key[1]] = fallen.get((lost, q, d.key[1]), 0) + d.volume
            fallen[lost, q, ""] = fallen.get((lost, q, ""), 0) + d.minutes
        return all(self._fits(q, what, carried[q, what] + more) for (_, q, what), more in fallen.items())

    def _fits(self, provider: str, service: str, load: int) -> bool:
        if not service:
            room = self.grid.facts.sites[provider].room
            return room is None or load <= room
        line = self.grid.facts.lines[provider, service]
        return line.capacity is None or line.base + load <= line.capacity
