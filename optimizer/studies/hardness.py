"""Which rule instances are hard facts and which are policy choices: by rule, unless the question says otherwise.

A hard fact is what no decision of people can set aside: every demand is served, by a provider that offers the service
and is not closed, or by own capacity that has a cost. Everything else is a choice: limits, capacities, decisions,
filters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from optimizer.domain.names import LOCK_CANNOT_OVERRIDE, REFUSALS, RULES, ZONES
from optimizer.domain.options import Options
from optimizer.solvers.diagnose.irreducible import Conflict, GiveWay
from optimizer.solvers.diagnose.wording import Teller

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from optimizer.domain.issues import Issue
    from optimizer.solvers.diagnose.instances import Ground, Instance

__all__ = ["CHOICES_HELP", "FACTS_HELP", "Hardness", "unit_of", "where"]

_ALONE: Final = frozenset({"not_offered", "own_not_given"})
"""Facts that are no instances: nothing can be dropped there."""
_RULES: Final = (*(set(RULES) - {"assign_once", "open_line", "open_site"}), "required", "refusal")
_UNITS: Final = {
    "site_capacity": "FTE",
    "minimum_volume": "FTE",
    "agency_share": "FTE",
    "max_providers_per_entity": "providers",
    "bundle_together": "sources",
    "site_count": "sites",
    "backup": "demands",
    "lock": "demands",
    "max_moves": "moves",
    "one_off_budget": "",
    "mean_overlap_min": "hours a day",
    "mean_distance_max": "km",
    "worse_off_max": "entities",
    "exposure_max_fte": "FTE",
    "site_share_max": "FTE",
}
FACTS_HELP: Final = "rules to take as hard facts, e.g. site_capacity, language or site_capacity:NBO"
CHOICES_HELP: Final = "rules to take as policy choices, e.g. closed"

Class = Literal["hard fact", "policy choice"]


class Hardness:
    """The class of each rule instance.

    Parameters
    ----------
    ground : Ground
    facts, choices : iterable of str
        A rule, a reason of a refusal, or one of them at a place (``site_capacity:NBO``). A place is stronger than a
        rule, and a choice stronger than a fact.

    Raises
    ------
    UsageError
        Names that are none, all of them.
    """

    def __init__(self, ground: Ground, facts: Iterable[str] = (), choices: Iterable[str] = ()) -> None:
        self.ground, self.facts, self.choices = ground, frozenset(facts), frozenset(choices)
        known = {*_RULES, *REFUSALS} - _ALONE
        wrong = sorted(n for n in self.facts | self.choices if n.partition(":")[0] not in known)
        both = sorted(self.facts & self.choices)
        asked = Options()
        if wrong:
            told, remedy = f"there is no rule or refusal {', '.join(wrong)}", f"there are {', '.join(sorted(known))}"
            asked.refuse("option_not_offered", "facts, choices", told, remedy)
        if both:
            told = f"{', '.join(both)} cannot be a fact and a choice"
            asked.refuse("options_at_odds", "facts, choices", told, "name each in one of the two")
        asked.done()

    def of(self, instance: Instance) -> Class:
        """What an instance is: that of any of its reasons, if it is a refusal, that is a fact."""
        names = self.reasons(instance) if instance.rule == "refusal" else (instance.rule,)
        place = where(self.ground, instance)
        return "hard fact" if any(self._is_fact(n, instance.rule, place) for n in names) else "policy choice"

    def _is_fact(self, name: str, rule: str, place: str) -> bool:
        for asked in (f"{name}:{place}", f"{rule}:{place}", name, rule):
            if asked in self.choices:
                return False
            if asked in self.facts:
                return True
        return name in LOCK_CANNOT_OVERRIDE

    def is_fact(self, instance: Instance) -> bool:
        """Whether it is a hard fact."""
        return self.of(instance) == "hard fact"

    def reasons(self, instance: Instance) -> tuple[str, ...]:
        """Codes of a refusal."""
        d, p = instance.key
        mask = int(self.ground.problem.refusals[d, p])
        return tuple(code for bit, code in enumerate(REFUSALS) if mask >> bit & 1)

    def told(self, instance: Instance, amounts: Mapping[Instance, GiveWay] | None = None) -> Issue:
        """What the instance says, with what would end its part in a conflict."""
        ground = self.ground
        alone = Conflict((instance,), frozenset(), False, {}, dict(amounts or {}))
        return Teller(ground.case, ground.problem, alone).tell(instance, "")


def where(ground: Ground, instance: Instance) -> str:
    """Ids of what an instance speaks of, joined with ``|``; empty for a key of the policy."""
    problem, rule, key = ground.problem, instance.rule, instance.key
    if rule == "refusal":
        d, p = key
        return "|".join((*_demand(ground, d), problem.provider_name(p)))
    if rule == "line_capacity" or (rule, instance.part) == ("minimum_volume", "line"):
        lines = problem.lines
        return f"{problem.provider_ids[lines.provider[key[0]]]}|{problem.service_ids[lines.service[key[0]]]}"
    if rule == "lock":
        row = ground.case.decisions[key[0]]
        return "|".join((row.entity, row.service, row.provider))
    if rule == "backup":
        return problem.service_ids[key[0]]
    if rule == "site_count":
        return ZONES[key[0]] if key else {"least": "min", "most": "max"}[instance.part]
    return problem.provider_ids[key[0]] if key else ""


def unit_of(ground: Ground, instance: Instance) -> str:
    """Unit of the amount by which an instance gives way."""
    rule = instance.rule
    if rule == "line_capacity" or (rule, instance.part) == ("minimum_volume", "line"):
        service = ground.case.service[ground.problem.service_ids[ground.problem.lines.service[instance.key[0]]]]
        return service.unit or "units"
    return _UNITS.get(rule, "") or ground.case.policy.currency


def _demand(ground: Ground, d: int) -> tuple[str, str]:
    problem = ground.problem
    return problem.entity_ids[problem.demand_entity[d]], problem.service_ids[problem.demand_service[d]]
