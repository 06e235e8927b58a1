"""What a plan document says, as frozen values: one class a block, fields named and ordered as in the document.

Money is a year's, in the currency of ``run``; ``None`` means unknown or not applicable, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

__all__ = [
    "Assignment",
    "BaselineCost",
    "Bounds",
    "Cost",
    "Entity",
    "Line",
    "People",
    "Run",
    "Savings",
    "Site",
    "Status",
    "Unallocated",
    "Verification",
]


def _read_only(value: object, *names: str) -> None:
    """Give the mappings of a frozen value a face that does not change."""
    for name in names:
        held = getattr(value, name)
        if held is not None:
            object.__setattr__(value, name, MappingProxyType(dict(held)))


@dataclass(frozen=True, slots=True)
class Solver:
    """Who searched, and why it was chosen."""

    backend: str
    reason: str
    versions: Mapping[str, str]
    start_used: bool | None

    def __post_init__(self) -> None:
        _read_only(self, "versions")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the search was allowed; ``None``: no limit."""

    time_limit_s: float | None
    work_limit: int | None
    gap_rel: float
    threads: int
    memory_limit_mb: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run: name, when, with what, on which case."""

    id: str
    name: str
    tags: tuple[str, ...]
    created: str
    product_version: str
    solver: Solver
    zone_database: str
    seed: int
    limits: Limits
    case_hash: str
    currency: str
    timings: Mapping[str, float]

    def __post_init__(self) -> None:
        _read_only(self, "timings")


@dataclass(frozen=True, slots=True)
class Status:
    """What is held, and why the search ended: two facts."""

    solution: Literal["optimal", "feasible", "infeasible", "no_solution"]
    stopped_by: Literal["finished", "gap", "time", "work", "memory", "user", "error"]
    detail: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """The plan's cost, the least that any plan can cost, and what lies between."""

    objective: float | None
    best_bound: float | None
    gap_abs: float | None
    gap_rel: float | None


@dataclass(frozen=True, slots=True)
class Terms:
    """Money a year by cost term."""

    service: float
    own: float
    site: float
    interface: float
    handover: float
    distance: float
    overlap: float
    language: float
    dispersion: float
    transition_annualised: float
    setup_annualised: float


@dataclass(frozen=True, slots=True)
class Cost(Terms):
    """Money a year by cost term; ``running`` is ``total`` without the two one-off terms."""

    total: float
    running: float


@dataclass(frozen=True, slots=True)
class Paid:
    """What is paid today where that is known (memo), and the share of effort that it covers."""

    amount: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Departure:
    """Where today's arrangement breaks a rule."""

    rule: str
    entity: str
    service: str
    provider: str
    message: str
    amount: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """A service of today that the case does not ask for any more."""

    entity: str
    service: str
    provider: str


@dataclass(frozen=True, slots=True)
class BaselineCost(Cost):
    """Today's arrangement, priced as the plan is."""

    paid: Paid
    violations: tuple[Departure, ...]
    stopped: tuple[Stopped, ...]


@dataclass(frozen=True, slots=True)
class OneOff:
    """Money paid once."""

    transition: float
    setup: float


@dataclass(frozen=True, slots=True)
class Saving:
    """Running cost today and in the plan, of one entity, provider or service."""

    id: str
    baseline: float
    plan: float
    saving: float


@dataclass(frozen=True, slots=True)
class Savings:
    """The plan against today; all ``None`` but the one-off costs where there is nothing to compare."""

    annual: float | None
    annual_rel: float | None
    upper_limit: float | None
    one_off: OneOff
    payback_years: float | None
    npv: float | None
    horizon_years: int
    new_demand_cost: float | None
    on_assumptions_rel: float | None
    by_entity: tuple[Saving, ...]
    by_provider: tuple[Saving, ...]
    by_service: tuple[Saving, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """FTE of work today and in the plan, arriving and leaving; never netted."""

    id: str
    fte_today: float
    fte_plan: float
    fte_in: float
    fte_out: float


@dataclass(frozen=True, slots=True)
class People:
    """Where work is done, and where it moves."""

    by_provider: tuple[Flow, ...]
    by_place: tuple[Flow, ...]
    by_organisation: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The next best provider of one demand, all else as it is."""

    provider: str
    extra_cost: float


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who serves one demand, and what that costs; ``provider`` is ``None`` where nobody does."""

    entity: str
    service: str
    provider: str | None
    backup: str | None
    volume: float
    volume_basis: Literal["given", "estimated"]
    effort_fte: float
    cost: Terms
    price: float | None
    distance_km: float | None
    overlap_hours: float | None
    overlap_hours_worst: float | None
    languages_missing: tuple[str, ...]
    moved_from: str | None
    by_decision: bool
    exempted: tuple[str, ...]
    runner_up: RunnerUp | None


@dataclass(frozen=True, slots=True)
class Unallocated:
    """Money that no assignment bears: a required site without work."""

    provider: str
    term: str
    amount: float


@dataclass(frozen=True, slots=True)
class Line:
    """One provider's work for one service, units of the service a year."""

    provider: str
    service: str
    volume: float
    base_volume: float
    capacity: float | None
    utilisation: float | None
    tier: int
    unit_cost_average: float


@dataclass(frozen=True, slots=True)
class Site:
    """One provider with all its work, FTE."""

    provider: str
    open: bool
    effort_fte: float
    base_fte: float
    capacity_fte: float | None
    utilisation: float | None
    entities: int


@dataclass(frozen=True, slots=True)
class Loss:
    """What an entity loses against today."""

    kind: Literal["overlap", "distance", "language", "price"]
    today: float
    plan: float


@dataclass(frozen=True, slots=True)
class Entity:
    """How one client office is served."""

    id: str
    providers: tuple[str, ...]
    lead_provider: str | None
    handovers: int
    overlap_hours_mean: float | None
    overlap_hours_worst: float | None
    distance_km_mean: float | None
    languages_missing: int
    price_index: float | None
    worse_than_today: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """One instance of a rule that the plan breaks: who, by how much, in which unit."""

    rule: str
    entity: str
    service: str
    provider: str
    message: str
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """One rule: how many instances were looked at, and which are broken."""

    rule: str
    checked: int
    violations: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A figure of the document that is not what the check recomputed."""

    path: str
    stated: Any
    recomputed: Any


@dataclass(frozen=True, slots=True)
class Verification:
    """What the independent check found."""

    ok: bool
    rules: tuple[CheckedRule, ...]
    cost_recomputed: Mapping[str, float] | None
    checker_version: str
    mismatches: tuple[Mismatch, ...] = ()

    def __post_init__(self) -> None:
        _read_only(self, "cost_recomputed")
