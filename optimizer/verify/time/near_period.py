"""What if one demand were elsewhere in one period: its rules, and its running cost; open sites are not its concern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.domain.names import OWN
from optimizer.verify.neighbours import Neighbourhood
from optimizer.verify.time.costs import compliance_rate

if TYPE_CHECKING:
    from optimizer.verify.facts import DemandFacts
    from optimizer.verify.time.facts import Key
    from optimizer.verify.time.steady import PeriodTally

__all__ = ["NearPeriod"]


class NearPeriod(Neighbourhood):
    """Single moves away from the plan of one period.

    When a site opens and closes follows from all periods, so here no site does; moves and one-off money are of the
    whole plan too, and off in a period's policy.
    """

    def __init__(self, tally: PeriodTally) -> None:
        super().__init__(tally)
        self.period = tally.period

    def keeps(self, key: Key, here: str, there: str) -> bool:
        """Whether the demand may be elsewhere, and every rule of the period holds then."""
        demand = self.period.demands[key]
        if demand.lock or self.period.refusals(key, there, arriving=False):
            return False
        return self._may_leave(demand, here) and self._keeps_rules(demand, here, there)

    def extra(self, key: Key, here: str, there: str) -> float:
        """Change of the running cost a year."""
        d = self.period.demands[key]
        dearer = float(compliance_rate(self.period, there) - compliance_rate(self.period, here)) * d.effort
        return self._gained(d, there) - self._freed(d, here) + self._shared(d, here, there) + dearer

    def _empties(self, here: str) -> bool:  # noqa: ARG002 (of all periods together)
        return False

    def _keeps_sites(self, here: str, there: str) -> bool:  # noqa: ARG002 (see NearSites)
        return True

    def _gained(self, d: DemandFacts, there: str) -> float:
        amount = self._linear(self.f.pair(d, there))
        if there == OWN:
            return amount
        line, volume = self.f.lines[there, d.key[1]], self.t.line_volume.get((there, d.key[1]), 0)
        amount += line.cost(volume + d.volume) - line.cost(volume)
        return amount + self._first_dealing(d, there) * self.policy.interface_cost
