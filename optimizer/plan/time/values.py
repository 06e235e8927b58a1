"""What a document of a dynamic plan says, as frozen values; fields named and ordered as in the document.

Money is that of the row's periods; ``None`` means unknown or not applicable, never 0. Periods count from 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from optimizer.plan.values import RunnerUp

__all__ = [
    "AssignmentOverTime",
    "BaselineOverTime",
    "CashFlow",
    "CostOverTime",
    "DepartureInPeriod",
    "HorizonShown",
    "LineInPeriod",
    "Posts",
    "SavingsOverTime",
    "SiteInPeriod",
    "UnallocatedInPeriod",
    "Wave",
]


@dataclass(frozen=True, slots=True)
class PeriodShown:
    """One period [begin, end), ISO dates."""

    period: int
    begin: str
    end: str
    planning_year: int
    is_target: bool


@dataclass(frozen=True, slots=True)
class HorizonShown:
    """The horizon and its periods."""

    start: str
    unit: Literal["month", "quarter", "year"]
    count: int
    target_from: str
    periods: tuple[PeriodShown, ...]


@dataclass(frozen=True, slots=True)
class Yearly:
    """Running cost by term."""

    service: float
    own: float
    site: float
    interface: float
    handover: float
    distance: float
    overlap: float
    language: float
    dispersion: float
    npo_compliance: float


@dataclass(frozen=True, slots=True)
class Once:
    """One-off cost by element."""

    transition: float
    setup: float
    exit: float
    risk: float
    double_running: float


@dataclass(frozen=True, slots=True)
class Leaves(Yearly):
    """Running and one-off cost of one assignment."""

    transition: float
    setup: float
    exit: float
    risk: float
    double_running: float


@dataclass(frozen=True, slots=True)
class CostOverTime(Leaves):
    """Plain sums over the horizon; ``discounted`` is the objective, worth at the start."""

    total: float
    running: float
    one_off: float
    discounted: float


@dataclass(frozen=True, slots=True)
class DepartureInPeriod:
    """Where today's path breaks a rule in one period; ``amount`` in the rule's unit, FTE for effort."""

    period: int
    rule: str
    entity: str
    service: str
    provider: str
    message: str
    amount: float


@dataclass(frozen=True, slots=True)
class BaselineOverTime(CostOverTime):
    """Today's path, priced as the plan is: everyone stays."""

    violations: tuple[DepartureInPeriod, ...]


@dataclass(frozen=True, slots=True)
class SavingsOverTime:
    """The plan against today's path; ``break_even`` in months, ``payback_years`` without discount."""

    annual: float | None
    run_rate: float | None
    total: float
    upper_limit: float | None
    one_off: Once
    one_off_forced: float
    npv: float
    break_even: int | None
    payback_years: float | None
    irr: float | None
    five_years: float | None
    ten_years: float | None
    new_demand_cost: float
    source_ended_cost: float


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Money of one period."""

    period: int
    begin: str
    planning_year: int
    discount: float
    cost: Yearly
    one_off: Once
    running: float
    one_off_total: float
    one_off_forced: float
    baseline_running: float
    baseline_one_off: float
    new_demand_cost: float
    source_ended_cost: float
    saving: float
    flow: float
    cumulative: float
    cumulative_discounted: float


@dataclass(frozen=True, slots=True)
class Wave:
    """Switches that take effect at the beginning of one period."""

    period: int
    begin: str
    switches: int
    forced: int
    effort_fte: float
    one_off: float
    entities: tuple[str, ...]
    state: Literal["committed", "refined", "proposed"]


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts (in FTE) of one category in one period: of a source, or of a place with all its sources."""

    period: int
    source: str | None
    place: str
    organisation: str | None
    category: str
    fte: float
    created: float
    abolished: float
    redeployed: float | None
    separated: float | None
    fte_per_1000_heads: float | None


@dataclass(frozen=True, slots=True)
class AssignmentOverTime:
    """Who serves one demand over a stretch of periods, and what that costs."""

    entity: str
    service: str
    from_period: int
    until_period: int
    provider: str | None
    backup: str | None
    volume: float
    volume_basis: Literal["given", "estimated"]
    effort_fte: float
    cost: Leaves
    price: float | None
    distance_km: float | None
    overlap_hours: float | None
    overlap_hours_worst: float | None
    languages_missing: tuple[str, ...]
    moved_from: str | None
    forced: bool
    by_decision: bool
    runner_up: RunnerUp | None


@dataclass(frozen=True, slots=True)
class UnallocatedInPeriod:
    """Money that no assignment bears."""

    period: int
    term: str
    amount: float


@dataclass(frozen=True, slots=True)
class LineInPeriod:
    """One provider's work for one service in one period, units of the service a year."""

    period: int
    provider: str
    service: str
    volume: float
    base_volume: float
    capacity: float | None
    utilisation: float | None
    tier: int
    unit_cost_average: float


@dataclass(frozen=True, slots=True)
class SiteInPeriod:
    """One provider with all its work in one period, FTE."""

    period: int
    provider: str
    open: bool
    effort_fte: float
    base_fte: float
    capacity_fte: float | None
    utilisation: float | None
    entities: int
