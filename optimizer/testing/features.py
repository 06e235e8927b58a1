"""What a random case may have: each rule and option by name, to be switched on or off for sure.

The rare ones are left out of a case unless they are asked for.
"""

from __future__ import annotations

from datetime import date, time
from typing import Final

from optimizer.domain.policy import SiteCount, Transition
from optimizer.testing.random_rows import TRANSITION
from optimizer.testing.switches import (
    ASSUMED,
    Feature,
    absent_on,
    backup_on,
    budget_on,
    change_each,
    decided,
    hours_off,
    hours_on,
    languages_on,
    odd_today_on,
    one_provider,
    own_off,
    paid_on,
    policy_key,
    set_policy,
    some_rows,
    tiers_on,
    today_on,
    together_on,
    zones_on,
)

__all__ = ["FEATURES", "Feature"]

FEATURES: Final[dict[str, Feature]] = {
    "backup": Feature(
        "critical demands need a backup",
        lambda rows: rows["policy"].backup and any(s.critical for s in rows["services"]),
        backup_on,
        lambda rows: set_policy(rows, backup=False),
    ),
    "lock": decided("lock"),
    "forbid": decided("forbid"),
    "bundle_together": Feature(
        "one source for a bundle",
        lambda rows: rows["policy"].bundle_mode == "together" and any(s.bundle for s in rows["services"]),
        together_on,
        lambda rows: set_policy(rows, bundle_mode="price"),
    ),
    "agency_share_max": policy_key("a limit on what agencies get", "agency_share_max", (0.0, 0.3, 0.6)),
    "agency_min_saving": policy_key("agencies must save", "agency_min_saving", (0.0, 0.1)),
    "max_providers_per_entity": policy_key("a limit on an entity's providers", "max_providers_per_entity", (1, 2)),
    "hardship": policy_key("a worst hardship class", "max_hardship_class", ("A", "C")),
    "max_moves": policy_key("a limit on moves", "max_moves", (0, 1, 2, 3)),
    "one_off_budget": Feature(
        "a limit on one-off cost",
        lambda rows: rows["policy"].one_off_budget is not None,
        budget_on,
        lambda rows: set_policy(rows, one_off_budget=None),
    ),
    "site_count": policy_key(
        "limits on open sites", "site_count", (SiteCount(1, 1), SiteCount(1, 2), SiteCount(2, 3), SiteCount(2, None))
    ),
    "zones": Feature(
        "a site in each zone", lambda rows: rows["policy"].zones, zones_on, lambda rows: set_policy(rows, zones=False)
    ),
    "allow_unserved": policy_key("demands may stay unserved", "allow_unserved", (True,), False, 0.15),
    "mean_overlap_min": policy_key("a least mean overlap", "mean_overlap_min", (1.0, 3.5, 6.0), None, 0.15),
    "mean_distance_max": policy_key("a greatest mean distance", "mean_distance_max", (2500.5, 9000.0), None, 0.15),
    "worse_off_max": policy_key("a limit on entities worse off", "worse_off_max", (0, 1), None, 0.15),
    "exposure_max_fte": policy_key("a limit on work at hard places", "exposure_max_fte", (0.0, 0.75), None, 0.15),
    "site_share_max": policy_key("a limit on one provider's share", "site_share_max", (0.4, 0.75), None, 0.15),
    "min_volume": some_rows("least volumes of lines", "offers", "min_volume", (600.0, 900.0), 0.0),
    "min_fte": some_rows("least posts of candidates", "providers", "min_fte", (0.4, 0.9), 0.0),
    "line_capacity": some_rows("capacities of lines", "offers", "capacity", (1500.0, 3000.0, 6000.25)),
    "site_capacity": some_rows("capacities of sites", "providers", "capacity_fte", (1.5, 2.5, 3.5)),
    "tiers": Feature(
        "lines with tiers",
        lambda rows: len(rows["tiers"]) > len({(t.provider, t.service) for t in rows["tiers"]}),
        tiers_on,
        lambda rows: rows.update(tiers=()),
    ),
    "languages": Feature(
        "languages that are needed",
        lambda rows: any(s.language_rule != "none" for s in rows["services"]),
        languages_on,
        lambda rows: change_each(rows, "services", lambda _: {"language_rule": "none"}),
    ),
    "overlap": some_rows("least shared hours", "services", "min_overlap_hours", (1.0, 3.0)),
    "distance": some_rows("greatest distances", "services", "max_distance_km", (9000.0, 14000.0)),
    "service_level": some_rows("least service levels", "services", "min_service_level", (0.9,)),
    "interface": policy_key("cost of an interface", "interface_cost", (1500.0,), 0.0),
    "handover": policy_key("cost of a hand-over", "handover_cost", (2500.0,), 0.0),
    "dispersion": policy_key("loss by dispersion", "dispersion_loss", ((0.0, 0.125, 0.25),), ()),
    "transition": policy_key("one-off cost of moves", "transition", (TRANSITION,), Transition()),
    "setup": some_rows("set-up of candidates", "providers", "setup_cost", (50000.0,), 0.0),
    "agency": some_rows("providers that are agencies", "providers", "kind", ("agency",), "secretariat"),
    "candidate": one_provider("a candidate site", "candidate"),
    "required": one_provider("a site that must be open", "required"),
    "closing": one_provider("a site that is closing", "closing"),
    "today": Feature(
        "rows of today's arrangement",
        lambda rows: bool(rows["current"]),
        today_on,
        lambda rows: rows.update(current=()),
    ),
    "own": Feature(
        "own capacity",
        lambda rows: any(d.own_unit_cost is not None for d in rows["demands"]),
        some_rows("", "demands", "own_unit_cost", (45.0, 70.25)).on,
        own_off,
    ),
    "ends": some_rows("entities that close", "entities", "end", (date(2026, 9, 1), date(2028, 3, 1)), None, 0.2),
    "estimated": some_rows("volumes that are estimated", "demands", "basis", ("estimated",), "given", 0.3),
    "organisations": some_rows("organisations of providers", "providers", "organisation", ("UN", "Agency"), "", 0.5),
    "preferences": some_rows("providers that are preferred", "entities", "lead_preference", ("P1", "P2"), "", 0.5),
    "paid": Feature(
        "prices paid today",
        lambda rows: any(c.unit_cost is not None for c in rows["current"]),
        paid_on,
        lambda rows: change_each(rows, "current", lambda _: {"unit_cost": None}),
        0.3,
    ),
    "odd_today": Feature(
        "rows of today that the case does not explain",
        lambda rows: any(c.service == "S9" for c in rows["current"]),
        odd_today_on,
        lambda rows: rows.update(current=tuple(c for c in rows["current"] if c.service != "S9")),
        0.2,
    ),
    "hours": Feature(
        "working hours that differ",
        lambda rows: any(e.work.start != time(9) for e in rows["entities"]),
        hours_on,
        hours_off,
        0.2,
    ),
    "absent": Feature(
        "an entity that is gone",
        lambda rows: bool(rows.get("absent_entities")),
        absent_on,
        lambda rows: rows.update(absent_entities=()),
        0.3,
    ),
    "assumed": Feature(
        "a register of assumptions",
        lambda rows: bool(rows.get("assumptions")),
        lambda rows, draw: rows.update(assumptions=(*draw.some(ASSUMED, 3), ASSUMED[0])[:3]),
        lambda rows: rows.update(assumptions=()),
        0.5,
    ),
}
"""Every feature by its name."""
