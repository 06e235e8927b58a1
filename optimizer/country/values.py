"""The answer of the country model as frozen values; fields named and ordered as in ``designate.bos/1``.

Money is of the planning year, in the currency of the case; ``None`` means that nothing is known, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from optimizer.domain.issues import Issue
from optimizer.money.documents import MoneyDocument

__all__ = ["BOS_SCHEMA", "CountryAnswer", "CountryYear", "EntityYear", "ServedBy", "SettingUp"]

BOS_SCHEMA: Final = "designate.bos/1"


@dataclass(frozen=True, slots=True)
class CountryYear:
    """All offices in one planning year.

    Parameters
    ----------
    year : int
        Planning year, from 1.
    begin : str
        Its first day.
    baseline, running : float
        Running cost of today's path, and of the plan.
    saving : float
        As in the cash flow of the plan: demands without a source of today stand on neither side.
    one_off : float
        The plan's less today's path's.
    net : float
        ``saving`` − ``one_off``.
    nobody : float
        Part of ``net`` that no office bears: ``net`` less the net benefit of all offices.
    cumulative : float
        Σ ``net`` up to this year.
    """

    year: int
    begin: str
    baseline: float
    running: float
    saving: float
    one_off: float
    net: float
    nobody: float
    cumulative: float


@dataclass(frozen=True, slots=True)
class EntityYear:
    """One office in one planning year; amounts as of ``CountryYear``."""

    year: int
    entity: str
    name: str
    baseline: float
    running: float
    saving: float
    one_off: float
    net: float


@dataclass(frozen=True, slots=True)
class SettingUp:
    """What is paid once in a planning year for the work that a provider takes over, or that goes back to ``OWN``.

    Parameters
    ----------
    provider, name : str
    year : int
    switches : int
        Demands that come to it.
    setup, transition, double_running, other : float
        By element; ``other`` is closing sites and the risk of moving all at once. What no demand bears is not in it.
    total : float
    """

    provider: str
    name: str
    year: int
    switches: int
    setup: float
    transition: float
    double_running: float
    other: float
    total: float


@dataclass(frozen=True, slots=True)
class ServedBy:
    """One source of a service in the last period of the horizon, figures a year.

    Parameters
    ----------
    service, service_name, provider, name : str
        ``provider`` is ``OWN`` for the offices that do it themselves.
    clients : int
    volume, effort_fte : float
    unit_cost : float, optional
        Running cost of the plan for one unit here.
    unit_cost_before : float, optional
        Of the same demands on today's path.
    best : bool
        It does more of the service (FTE) than any other source; ties by id, providers before ``OWN``.
    """

    service: str
    service_name: str
    provider: str
    name: str
    clients: int
    volume: float
    effort_fte: float
    unit_cost: float | None
    unit_cost_before: float | None
    best: bool


@dataclass(frozen=True, slots=True, repr=False)
class CountryAnswer(MoneyDocument):
    """Net benefit by year and office, cost of setting up, and who serves best.

    Parameters
    ----------
    schema : "designate.bos/1"
    case_hash, plan, name, currency : str
        ``plan`` is the id of the run.
    country : str
        ISO 3166-1 alpha-2.
    solution : str
        As in the plan's status; without a plan the tables are empty and the amounts ``None``.
    gap_rel : float, optional
        Proven distance from the best plan.
    npv, saving, one_off : float, optional
        Net present value; saving of the last twelve months; one-off cost of the horizon, today's path's taken off.
    break_even : int, optional
        Months until all is earned back.
    years : tuple of CountryYear
    entities : tuple of EntityYear
    setting_up : tuple of SettingUp
    services : tuple of ServedBy
    issues : tuple of Issue
    """

    SCHEMA: ClassVar = BOS_SCHEMA
    UNREADABLE: ClassVar = "bos_not_readable"
    CAPTION: ClassVar = "Country model"
    TABLES: ClassVar = ("years", "entities", "setting_up", "services")

    schema: Literal["designate.bos/1"]
    case_hash: str
    plan: str
    name: str
    currency: str
    country: str
    solution: str
    gap_rel: float | None
    npv: float | None
    saving: float | None
    one_off: float | None
    break_even: int | None
    years: tuple[CountryYear, ...]
    entities: tuple[EntityYear, ...]
    setting_up: tuple[SettingUp, ...]
    services: tuple[ServedBy, ...]
    issues: tuple[Issue, ...]

    def _shown(self) -> list[tuple[str, str]]:
        if self.npv is None:
            return [("country", self.country), ("status", self.solution)]
        return [
            ("country", self.country),
            ("net present value", f"{self.currency} {self.npv:,.0f}"),
            ("one-off cost", f"{self.currency} {self.one_off:,.0f}"),
            ("break-even", "never" if self.break_even is None else f"month {self.break_even}"),
        ]
