"""Policy: every key of ``policy.toml`` once, with unit, default and what switches it off."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from optimizer.domain.horizon import Horizon
from optimizer.domain.policy_parts import (
    MONEY_KEYS,
    AloneMode,
    IdleBy,
    LevelSource,
    ListKind,
    PolicyKey,
    SiteCount,
    Transition,
)
from optimizer.domain.types import exact

__all__ = [
    "DISPERSION_PRESETS",
    "EXPOSED_CLASSES",
    "HARDSHIP_ORDER",
    "POLICY_KEYS",
    "Policy",
    "PolicyKey",
    "SiteCount",
    "Transition",
]

HARDSHIP_ORDER = ("H", "A", "B", "C", "D", "E")
"""From easiest to hardest (ICSC)."""

EXPOSED_CLASSES = frozenset({"D", "E"})
"""Hardship classes of places where work counts as exposed (``exposure_max_fte``)."""

DISPERSION_PRESETS: dict[str, tuple[float, ...]] = {"who-25": (0.0, 0.125, 0.25)}
"""Loss by number of providers; the last value holds for every higher number (JIU/REP/2009/6, 55)."""


_LATER = frozenset(
    {
        "max_switches",
        "wave_by",
        "handover_months",
        "transition_mode",
        "big_bang_cost_factor",
        "big_bang_probability",
        "big_bang_failure_cost",
        "price_list",
        "price_step",
        "idle_by",
        "alone_mode",
        "service_level_from",
    }
)
"""Keys that are left out of the canonical policy while they are at their default: older cases keep their hash."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the organisation wants, apart from the tables. See ``POLICY_KEYS`` for units."""

    currency: str = "USD"
    calendar_year: int = 2026
    as_of: date = date(2026, 1, 1)
    horizon_years: int = 5
    discount_rate: float = 0.03
    minutes_per_fte_year: float = 96000.0
    interface_cost: float = 0.0
    handover_cost: float = 0.0
    distance_cost_per_fte_1000km: float = 0.0
    overlap_cost_per_fte_hour: float = 0.0
    language_mode: Literal["forbid", "price"] = "forbid"
    language_cost_rate: float = 0.0
    dispersion_loss: tuple[float, ...] = ()
    agency_min_saving: float | None = None
    agency_share_max: float | None = None
    max_providers_per_entity: int | None = None
    bundle_mode: Literal["price", "together"] = "price"
    max_hardship_class: str | None = None
    own_min_headcount: float = 0.0
    keep_current: bool = True
    max_moves: int | None = None
    one_off_budget: float | None = None
    site_count: SiteCount | None = None
    zones: bool = False
    backup: bool = True
    allow_unserved: bool = False
    worse_overlap_hours: float = 1.0
    worse_distance_km: float = 1000.0
    worse_languages: int = 0
    worse_price_rel: float = 0.05
    mean_overlap_min: float | None = None
    mean_distance_max: float | None = None
    worse_off_max: int | None = None
    exposure_max_fte: float | None = None
    site_share_max: float | None = None
    transition: Transition = field(default_factory=Transition)
    npo_share_max: float | None = None
    horizon: Horizon | None = None
    max_switches: int = 1
    wave_by: Literal["demand", "entity", "service"] = "demand"
    max_moves_per_period: int | None = None
    handover_months: float = 0.0
    transition_mode: Literal["phased", "big_bang"] = "phased"
    big_bang_period: int | None = None
    big_bang_cost_factor: float = 1.0
    big_bang_probability: float = 0.0
    big_bang_failure_cost: float = 0.0
    price_list: ListKind = "provider"
    price_step: float = 0.01
    idle_by: IdleBy = "unshared"
    max_price_change_rel: float | None = None
    alone_mode: AloneMode = "offers"
    service_level_from: LevelSource = "offers"

    def as_mapping(self) -> dict[str, Any]:
        """Effective policy as plain JSON values, switched-off keys omitted."""
        out: dict[str, Any] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if value is None or value == () or (f.name in _LATER and value == f.default):
                continue
            if isinstance(value, date):
                value = value.isoformat()
            elif isinstance(value, Horizon):
                value = value.as_mapping()
            elif isinstance(value, SiteCount):
                value = {k: v for k, v in (("min", value.min), ("max", value.max)) if v is not None}
            elif isinstance(value, Transition):
                value = {g.name: getattr(value, g.name) for g in fields(value)}
            elif isinstance(value, tuple):
                value = list(value)
            out[f.name] = value
        return out

    @property
    def switch_cost_per_fte(self) -> Fraction:
        """One-off cost of moving one FTE over time, contingency and the factor of a big bang included."""
        factor = exact(self.big_bang_cost_factor) if self.transition_mode == "big_bang" else Fraction(1)
        return self.transition.per_fte * factor


def _key(name: str, kind: Any, unit: str, off: str, meaning: str, **more: Any) -> PolicyKey:
    return PolicyKey(name, kind, unit, off, meaning, **more)


POLICY_KEYS: tuple[PolicyKey, ...] = (
    _key("currency", "str", "ISO 4217 code", "-", "currency of every money column and figure"),
    _key(
        "calendar_year",
        "int",
        "year",
        "-",
        "year whose local calendars give the working-hours overlap",
        minimum=1971,
        maximum=2037,
    ),
    _key(
        "as_of",
        "date",
        "date",
        "-",
        "entities that started on or before it and end after it are in the case; default 1 January of calendar_year",
    ),
    _key(
        "horizon_years",
        "int",
        "years",
        "-",
        "years over which one-off costs are spread and present value runs",
        minimum=1,
        maximum=100,
    ),
    _key("discount_rate", "number", "per year", "0", "rate for annualising and net present value", maximum=1.0),
    _key(
        "minutes_per_fte_year",
        "number",
        "minutes",
        "-",
        "working minutes of one full-time post in a year",
        minimum=0.000001,
    ),
    _key("interface_cost", "number", "money a year", "0", "for each provider an entity deals with, own capacity aside"),
    _key("handover_cost", "number", "money a year", "0", "for each source beyond the first in an entity's bundle"),
    _key("distance_cost_per_fte_1000km", "number", "money a year", "0", "for one FTE of work served 1,000 km away"),
    _key(
        "overlap_cost_per_fte_hour",
        "number",
        "money a year",
        "0",
        "for one FTE of work and each hour that mean overlap lacks to the service's target",
    ),
    _key(
        "language_mode",
        "choice",
        "-",
        "price with language_cost_rate 0",
        "whether a missing language forbids a pair or is priced",
        choices=("forbid", "price"),
    ),
    _key("language_cost_rate", "number", "share of unit cost", "0", "price of each missing language in mode price"),
    _key(
        "dispersion_loss",
        "numbers",
        "share of reference cost",
        "[]",
        "loss when 1, 2, 3 … providers run one service; the last value holds beyond; or the preset name who-25",
    ),
    _key(
        "agency_min_saving",
        "number",
        "share",
        "absent",
        "an agency must be this much cheaper than the best eligible Secretariat provider",
        maximum=1.0,
    ),
    _key(
        "agency_share_max",
        "number",
        "share of effort",
        "absent",
        "upper limit of the effort given to agencies",
        maximum=1.0,
    ),
    _key(
        "max_providers_per_entity",
        "int",
        "providers",
        "absent",
        "most providers of an entity, own capacity aside",
    ),
    _key(
        "bundle_mode",
        "choice",
        "-",
        "price with handover_cost 0",
        "whether a bundle split over sources is priced or ruled out",
        choices=("price", "together"),
    ),
    _key(
        "max_hardship_class",
        "choice",
        "ICSC class",
        "absent",
        "worst class of a place that may receive new work",
        choices=HARDSHIP_ORDER,
    ),
    _key("own_min_headcount", "number", "staff", "0", "smallest entity that may keep own capacity"),
    _key(
        "keep_current",
        "bool",
        "-",
        "false",
        "today's pair is exempt from distance, overlap, language, hardship, region and agency filters",
    ),
    _key("max_moves", "int", "moves", "absent", "most demands that may change provider"),
    _key("one_off_budget", "number", "money", "absent", "upper limit of one-off cost (moves and set-ups)"),
    _key("site_count", "range", "sites", "absent", "least and most open Secretariat sites: {min = 1, max = 3}"),
    _key("zones", "bool", "-", "false", "an open Secretariat site in each of Americas, Asia-Pacific, the rest"),
    _key("backup", "bool", "-", "false", "critical demands need a backup provider in another country"),
    _key(
        "allow_unserved",
        "bool",
        "-",
        "false",
        "accept the plan with the least unserved effort",
    ),
    _key(
        "worse_overlap_hours",
        "number",
        "hours a day",
        "24",
        "loss of mean overlap beyond which an entity is worse off",
    ),
    _key("worse_distance_km", "number", "km", "40000", "gain in mean distance beyond which it is worse off"),
    _key("worse_languages", "int", "languages", "100", "more missing languages beyond which it is worse off"),
    _key("worse_price_rel", "number", "share", "1000", "rise in its price beyond which it is worse off"),
    _key(
        "mean_overlap_min",
        "number",
        "hours a day",
        "absent",
        "least mean overlap of all work that providers do, by effort, own capacity aside",
        maximum=24.0,
    ),
    _key(
        "mean_distance_max",
        "number",
        "km",
        "absent",
        "largest mean distance of all work that providers do, by effort, own capacity aside",
    ),
    _key(
        "worse_off_max",
        "int",
        "entities",
        "absent",
        "most entities that may be worse off than today by overlap, distance or languages (worse_…; not by price)",
    ),
    _key(
        "exposure_max_fte",
        "number",
        "FTE",
        "absent",
        "most effort at providers whose hardship_class is D or E",
    ),
    _key(
        "site_share_max",
        "number",
        "share of effort",
        "absent",
        "largest share of one provider in all effort",
        maximum=1.0,
    ),
    _key(
        "npo_share_max",
        "number",
        "share of P and NPO",
        "absent",
        "largest share of national professional officers in professional work; what is beyond is done by P",
        maximum=1.0,
    ),
    _key(
        "horizon",
        "table",
        "dates",
        "absent",
        "start (first of a month), unit (month, quarter, year), count (1 to 120), target_from (default start)",
    ),
    _key("max_switches", "int", "switches", "-", "most switches of a demand over the horizon"),
    _key(
        "wave_by",
        "choice",
        "-",
        "demand",
        "what switches together: all switches of an entity, or of a service, in one period",
        choices=("demand", "entity", "service"),
    ),
    _key("max_moves_per_period", "int", "moves", "absent", "most demands that may switch in one period"),
    _key(
        "handover_months",
        "number",
        "months",
        "0",
        "months that the old source goes on beside the new one after a switch",
        maximum=120.0,
    ),
    _key(
        "transition_mode",
        "choice",
        "-",
        "phased",
        "whether switches may spread over periods or all take effect in one",
        choices=("phased", "big_bang"),
    ),
    _key("big_bang_period", "int", "period", "absent", "the period of a big bang; absent: free", minimum=1),
    _key("big_bang_cost_factor", "number", "factor", "1", "factor on the one-off elements in a big bang"),
    _key("big_bang_probability", "number", "share", "0", "probability that a big bang fails", maximum=1.0),
    _key("big_bang_failure_cost", "number", "money", "0", "cost of a big bang that fails"),
    *MONEY_KEYS,
    _key(
        "transition",
        "table",
        "money per FTE moved",
        "all 0",
        "separation, double_running, recruitment, training, knowledge_transfer, travel, project; contingency_rate",
    ),
)
"""Every key of ``policy.toml`` in the order of the documentation."""
