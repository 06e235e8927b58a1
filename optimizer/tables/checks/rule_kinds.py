"""Findings about rows, tables taken together, and policy."""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.kinds import Kind

__all__ = ["POLICY_KINDS", "RULE_KINDS"]

RULE_KINDS: Final[tuple[Kind, ...]] = (
    Kind("duplicate_id", "error", "two rows have the same id", "Rename or remove one; the first is in row {first}."),
    Kind("duplicate_key", "error", "two rows have the same key", "Remove one; the first is in row {first}."),
    Kind("duplicate_current", "error", "a demand has two current rows", "Keep one; the first is in row {first}."),
    Kind(
        "dangling_reference",
        "error",
        "the id is in no row of the table it refers to",
        "{guess}Add it to {refers} or correct the id.",
    ),
    Kind(
        "agreement_target",
        "error",
        "an agreement has an indicator and no target, or a target and no indicator",
        "Give both, or neither.",
    ),
    Kind(
        "service_level_derived",
        "info",
        "the service level of an offer was measured, as service_level_from asks",
        "Nothing; put service_level_from back to offers to count with what is stated.",
    ),
    Kind("unknown_kind", "warning", "a kind of client that no entity has", "{guess}Correct it or ignore this."),
    Kind("end_before_start", "error", "end is not after start", "Give an end after {start}, or leave it blank."),
    Kind(
        "working_hours_order",
        "error",
        "the working day does not end after it starts",
        "Give work_start before work_end, in local time.",
    ),
    Kind("no_working_day", "error", "the weekend leaves no working day", "Leave at least one day out of weekend."),
    Kind(
        "volume_missing",
        "error",
        "volume is blank and the service has no units_per_head",
        "Give the volume, or units_per_head of {service}.",
    ),
    Kind("zero_volume", "warning", "a demand with volume 0 is left out", "Remove the row if it is not meant."),
    Kind(
        "volume_estimated",
        "info",
        "volumes were estimated as headcount × units_per_head",
        "Give volumes where they are known.",
    ),
    Kind(
        "amount_too_large",
        "error",
        "an amount could pass what is counted to the cent: 10^15 of the minor unit",
        "Correct the volume or the price, or give all money in thousands or millions of the currency;"
        " the limit is {limit}.",
    ),
    Kind(
        "own_unit_cost_missing",
        "warning",
        "own_fixed_cost without own_unit_cost: there is no own capacity",
        "Give own_unit_cost (0 is a price) or remove own_fixed_cost.",
    ),
    Kind(
        "entity_absent", "info", "the entity is not in the case at as_of", "Check start, end and as_of if unexpected."
    ),
    Kind(
        "ends_soon",
        "warning",
        "the entity ends within a year of as_of: what a move of it costs once is spread over that year",
        "Ask whether its services should move at all; a lock keeps them where they are.",
    ),
    Kind("entity_without_demand", "warning", "an entity needs nothing", "Add demands or remove the entity."),
    Kind("service_without_demand", "warning", "a service that nobody needs", "Add demands or remove the service."),
    Kind("provider_without_offer", "warning", "a provider that offers nothing", "Add offers or remove the provider."),
    Kind(
        "no_source",
        "error",
        "there are no offers and a demand has no own capacity",
        "Add the table offers, or own_unit_cost for every demand.",
    ),
    Kind(
        "no_price",
        "error",
        "an offer has neither tiers nor cost_per_fte",
        "Add tiers for it or cost_per_fte of {provider}.",
    ),
    Kind("tier_first_not_zero", "error", "the first tier does not start at 0", "Add a tier with from_volume 0."),
    Kind("tier_order", "error", "two tiers start at the same volume", "Give rising from_volume; see row {first}."),
    Kind(
        "tier_cost_rising",
        "error",
        "unit_cost rises with volume",
        "Give unit_cost of at most {previous}, the cost of the tier before.",
    ),
    Kind(
        "regions_missing",
        "error",
        "an offer of a regional service without regions_served",
        "List the countries or M49 regions it serves, World for all.",
    ),
    Kind("capacity_below_base", "error", "base volume exceeds capacity", "Raise capacity or correct base_volume."),
    Kind("site_below_base", "error", "base_fte exceeds capacity_fte", "Raise capacity_fte or correct base_fte."),
    Kind("minimum_above_capacity", "error", "min_volume exceeds what capacity leaves", "Give at most {room}."),
    Kind("site_minimum_above_capacity", "error", "min_fte exceeds what capacity_fte leaves", "Give at most {room}."),
    Kind(
        "candidate_only",
        "warning",
        "setup_cost and min_fte count for candidates only",
        "Remove the value or make the provider a candidate.",
    ),
    Kind(
        "languages_blank",
        "warning",
        "a service has a language rule but the entity names no language",
        "Fill in languages of the entity; until then the rule does not bind it.",
    ),
    Kind(
        "overlap_order",
        "warning",
        "min_overlap_hours is above target_overlap_hours, which then never counts",
        "Give a target above the minimum.",
    ),
    Kind(
        "current_without_demand",
        "warning",
        "a current row without a demand: the service stops",
        "Add the demand, or ignore this when it is meant.",
    ),
    Kind(
        "current_unpriceable",
        "warning",
        "today's provider does not offer the service, so today has no price",
        "Add the offer (own_unit_cost for OWN); until then the demand stands on neither side of the saving, its move"
        " is not counted in the one-off cost, and its cost in a plan is told as that of a new demand.",
    ),
    Kind(
        "lock_and_forbid", "error", "one pair is both locked and forbidden", "Remove one; the lock is in row {first}."
    ),
    Kind("two_locks", "error", "one demand is locked to two providers", "Keep one; the other is in row {first}."),
    Kind("forbid_without_provider", "error", "a forbid names no provider", "Name the provider, or OWN."),
    Kind(
        "lock_without_current",
        "error",
        "a lock without provider on a demand that has no current row",
        "Name the provider or add the current row.",
    ),
    Kind(
        "lock_skips_new",
        "warning",
        "a lock on today's provider does not bind demands without a current row",
        "Name a provider if they are meant too.",
    ),
    Kind("decision_names_nothing", "error", "no entity is of this kind", "{guess}Correct the kind."),
    Kind(
        "decision_without_demand",
        "warning",
        "the decision touches no demand of the case",
        "Remove it or correct entity and service.",
    ),
    Kind(
        "assumption_nowhere",
        "error",
        "an assumption names no table, column or row of the case",
        "{guess}Name a table, the key joined by | (* for any) and a column.",
    ),
    Kind("assumption_range", "error", "low is above high", "Swap low and high."),
    Kind(
        "hardship_blank",
        "warning",
        "max_hardship_class is set but a provider has no hardship class: it passes",
        "Fill in hardship_class.",
    ),
    Kind(
        "scale_counted_twice",
        "warning",
        "dispersion_loss together with tiers or fixed costs counts scale twice",
        "Use one of the two.",
    ),
)
"""In the order of the tables."""

POLICY_KINDS: Final[tuple[Kind, ...]] = (
    Kind("policy_missing", "info", "no policy is given, the defaults hold", "Add policy.toml to be explicit."),
    Kind("policy_unknown_key", "error", "policy has no such key", "{guess}Remove or rename the key."),
    Kind("policy_duplicate_key", "error", "a policy key is given twice", "Keep one; the first is in row {first}."),
    Kind("policy_type", "error", "a policy value is of the wrong type", "Give {expected}."),
    Kind("policy_range", "error", "a policy value is outside its limits", "Give a value from {minimum} to {maximum}."),
    Kind(
        "policy_currency", "error", "the currency is not an ISO 4217 code", "Write three capital letters such as USD."
    ),
    Kind(
        "policy_dispersion",
        "error",
        "dispersion_loss is neither a list of losses of 0 or more nor a preset",
        "Give a list such as [0, 0.125, 0.25] or one of: {choices}.",
    ),
    Kind("policy_site_count", "error", "the least number of sites is above the greatest", "Swap min and max."),
    Kind(
        "policy_without_effect",
        "warning",
        "a policy value has no effect while another switches it off",
        "Set {other}, or remove the key.",
    ),
)
"""Findings in policy.toml, the policy sheet or the policy object."""
