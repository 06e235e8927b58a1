"""The words of the model, each once: rules, refusals, cost terms.

Formulation, verifier, messages and documentation use these names and no others; a test
compares the lists. This module holds names only, so that the verifier may share it
without sharing any logic.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "COST_TERMS",
    "KEEP_CURRENT_EXEMPTS",
    "LOCK_CANNOT_OVERRIDE",
    "ONE_OFF_TERMS",
    "OWN",
    "REFUSALS",
    "RULES",
    "RUNNING_TERMS",
    "TIME_ONE_OFFS",
    "TIME_RULES",
    "TIME_TERMS",
    "TRANSITION_ELEMENTS",
    "ZONES",
]

OWN: Final = "OWN"
"""Provider id of an entity's own capacity."""

RULES: Final[dict[str, str]] = {
    "assign_once": "every demand has exactly one provider, and the pair is eligible",
    "line_capacity": "volume of a line plus its base volume stays within the line's capacity",
    "site_capacity": "minutes of work at a site stay within its capacity less its base load",
    "open_line": "a line carries volume only when it is open, at an offer that exists",
    "open_site": "a site carries work only when it is open",
    "max_providers_per_entity": "an entity deals with at most so many providers, own capacity aside",
    "bundle_together": "one source per entity and bundle",
    "agency_share": "effort given to agencies stays within its share of all effort",
    "site_count": "number of open Secretariat sites within limits, and one in each zone",
    "minimum_volume": "an open line or candidate site carries at least its minimum",
    "backup": "a critical demand has a backup elsewhere that could carry what falls to it",
    "max_moves": "at most so many demands change provider",
    "one_off_budget": "one-off cost of moves and set-ups stays within budget",
    "mean_overlap_min": "mean overlap of the work that providers do reaches its least",
    "mean_distance_max": "mean distance of the work that providers do stays within its limit",
    "worse_off_max": "at most so many entities are worse off than today by overlap, distance or languages",
    "exposure_max_fte": "effort at providers of hardship class D or E stays within its limit",
    "site_share_max": "no provider does more than its share of all effort",
    "lock": "a locked demand is served by the provider that was decided",
}
"""Hard rules in the order of the design, with one line for messages."""

TIME_RULES: Final[dict[str, str]] = {
    "one_switch": "a demand switches at most so many times",
    "notice": "no switch away from today's source before its notice ends",
    "freeze": "no switch takes effect within a freeze that covers it",
    "precedence": "a service switches no earlier than so many months after those that go first",
    "wave": "all switches of an entity, or of a service, take effect together",
    "growth_limit": "within any twelve months a site takes in no more effort than it can absorb",
    "yearly_budget": "one-off cost of a planning year stays within its budget, risk aside",
    "max_moves_per_period": "at most so many demands switch in one period",
    "committed": "a committed demand is where it was committed to be, and does not switch before",
    "big_bang": "all switches that are not forced take effect in one period",
    "npo_share": "national professional officers stay within their share of professional work",
    "max_moves": "at most so many demands switch over the horizon",
    "one_off_budget": "one-off cost of the horizon stays within budget, risk aside",
}
"""Hard rules that tie periods together, in the order of the design; ``RULES`` hold in each period."""

REFUSALS: Final[dict[str, str]] = {
    "not_offered": "the provider does not offer the service",
    "own_not_given": "the entity has no own capacity for the service",
    "own_headcount": "the entity is too small for own capacity",
    "client_kind": "the offer is not for this kind of client",
    "region": "the offer does not reach the entity's region",
    "location_class": "the service must be provided nearer to the entity",
    "distance": "farther than the service allows",
    "overlap": "too few shared working hours in the worst week",
    "language": "the provider lacks a language the entity needs",
    "hardship": "would add work at a place with too high a hardship class",
    "service_level": "the offer is below the service's minimum standard",
    "agency_saving": "the agency is not enough cheaper than the best Secretariat provider",
    "closing": "the provider is closing and takes no new work",
    "closed": "the provider is closed",
    "forbid": "a decision forbids this pair",
}
"""Reasons why a provider may not serve a demand; position = bit in refusal masks."""

KEEP_CURRENT_EXEMPTS: Final = frozenset({"distance", "overlap", "language", "hardship", "region", "agency_saving"})
"""Filters that today's pair is exempt from under ``keep_current``."""

LOCK_CANNOT_OVERRIDE: Final = frozenset({"not_offered", "own_not_given", "closed"})
"""The only refusals that stand against a lock."""

RUNNING_TERMS: Final = (
    "service",
    "own",
    "site",
    "interface",
    "handover",
    "distance",
    "overlap",
    "language",
    "dispersion",
)
ONE_OFF_TERMS: Final = ("transition_annualised", "setup_annualised")
COST_TERMS: Final = RUNNING_TERMS + ONE_OFF_TERMS
"""Terms of the yearly cost, each kept apart; their sum is the objective."""

TIME_TERMS: Final = (*RUNNING_TERMS, "npo_compliance")
"""Terms of the running cost of a period."""

TIME_ONE_OFFS: Final = ("transition", "setup", "exit", "risk", "double_running")
"""What is paid once, in a period."""

TRANSITION_ELEMENTS: Final = (
    "separation",
    "double_running",
    "recruitment",
    "training",
    "knowledge_transfer",
    "travel",
    "project",
)
"""One-off cost elements, money per FTE moved."""

ZONES: Final = ("americas", "asia_pacific", "rest")
"""Three zones of the ``zones`` part of ``site_count``."""
