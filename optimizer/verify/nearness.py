"""Whether the rules about means, worse-off entities, exposed places and shares hold after a single move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.domain.types import MICRO, micro
from optimizer.verify.quality import compared, exposed, km_of, losses, shared_hours, worse_entities

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.verify.facts import DemandFacts, Facts
    from optimizer.verify.tally import Tally

__all__ = ["Nearness"]


class Nearness:
    """What these rules add up over one plan; nothing is counted for a rule that is off."""

    def __init__(self, tally: Tally) -> None:
        self.t, self.f, self.policy = tally, tally.facts, tally.facts.policy
        self._means = self._sums()
        self._exposed = sum(m for p, m in tally.site_minutes.items() if exposed(self.f, p))
        self._worse: set[str] = set()
        self._of_entity: dict[str, list[tuple[DemandFacts, str]]] = {}
        if self.policy.worse_off_max is not None:
            self._worse = set(worse_entities(tally))
            for d, p in compared(tally.served, self.f):
                self._of_entity.setdefault(d.key[0], []).append((d, p))

    def _sums(self) -> list[tuple[Callable[[DemandFacts, str], int], int]]:
        """For each mean that has a limit: what a pair has beyond it, by effort, and the sum, which is at most 0."""
        found: list[tuple[Callable[[DemandFacts, str], int], int]] = []
        rules = ((self.policy.mean_overlap_min, shared_hours, -1), (self.policy.mean_distance_max, km_of, 1))
        for limit, figure, side in rules:
            if limit is not None:
                beyond = self._beyond(figure, micro(limit), side)
                found.append((beyond, sum(beyond(d, p) for d, p in self.t.served)))
        return found

    def _beyond(
        self, figure: Callable[[Facts, DemandFacts, str], int], limit: int, side: int
    ) -> Callable[[DemandFacts, str], int]:
        def beyond(d: DemandFacts, p: str) -> int:
            return side * d.minutes * (figure(self.f, d, p) - limit) if p in self.f.sites else 0

        return beyond

    def keeps(self, d: DemandFacts, here: str, there: str) -> bool:
        """Whether all of these rules hold when the demand moves."""
        return (
            all(total + beyond(d, there) - beyond(d, here) <= 0 for beyond, total in self._means)
            and self._keeps_exposure(d, here, there)
            and self._keeps_share(d, there)
            and self._keeps_worse(d, there)
        )

    def _keeps_exposure(self, d: DemandFacts, here: str, there: str) -> bool:
        most = self.policy.exposure_max_fte
        if most is None or not exposed(self.f, there):
            return True
        minutes = self._exposed + (0 if exposed(self.f, here) else d.minutes)
        return minutes <= micro(most) * micro(self.policy.minutes_per_fte_year)

    def _keeps_share(self, d: DemandFacts, there: str) -> bool:
        share = self.policy.site_share_max
        if share is None or there not in self.f.sites:
            return True
        minutes = self.t.site_minutes.get(there, 0) + d.minutes
        return minutes * MICRO <= micro(share) * self.f.all_minutes

    def _keeps_worse(self, d: DemandFacts, there: str) -> bool:
        most, entity = self.policy.worse_off_max, d.key[0]
        if most is None or not d.priced_today:
            return True
        rows = [(other, there if other is d else p) for other, p in self._of_entity.get(entity, ())]
        worse = any(above > 0 for above in losses(self.f, rows).values())
        return len(self._worse - {entity}) + worse <= most
