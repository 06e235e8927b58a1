"""The register of service agreements as frozen values; fields named and ordered as in ``designate.agreements/1``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from optimizer.domain.issues import Issue
from optimizer.money.documents import MoneyDocument

__all__ = [
    "AGREEMENTS_SCHEMA",
    "AgreementRegister",
    "AgreementRow",
    "Finding",
    "IndicatorResult",
    "ServiceLevel",
    "SurveyResult",
]

AGREEMENTS_SCHEMA: Final = "designate.agreements/1"


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """How a provider does a service.

    Parameters
    ----------
    provider, service : str
    stated : float, optional
        Level that the offer states.
    score : float, optional
        0 to 1, six decimals: mean over indicators of the 12-month mean of min(1, value / target); ``None``: nothing
        that was promised was measured.
    measurements : int
        Values that count.
    level : float, optional
        What counts in the case.
    derived : bool
        ``level`` is the score.
    """

    provider: str
    service: str
    stated: float | None
    score: float | None
    measurements: int
    level: float | None
    derived: bool


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """An indicator over the last 12 months, of one provider's service to one client (``*``: all).

    Parameters
    ----------
    provider, service, client, indicator, unit : str
    direction : {"higher", "lower"}
        Which values are better.
    value : float
        Mean of the values, six decimals.
    measurements : int
    met : float, optional
        Mean of min(1, value / target); ``None`` where nothing was promised.
    minimum_standard : float, optional
    missed : bool
        The mean is worse than the minimum standard.
    """

    provider: str
    service: str
    client: str
    indicator: str
    unit: str
    direction: Literal["higher", "lower"]
    value: float
    measurements: int
    met: float | None
    minimum_standard: float | None
    missed: bool


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """An agreement beside the plan.

    Parameters
    ----------
    provider, client, service : str
    begin : str
        First day.
    until : str, optional
        First day after it.
    notice_by : str, optional
        Last day on which notice can be given: ``until`` less the months of notice.
    in_force : bool
        On the day of the case (``as_of``).
    clients : int
        Clients of the plan that it covers on that day.
    indicators : tuple of str
    penalty : str
    """

    provider: str
    client: str
    service: str
    begin: str
    until: str | None
    notice_by: str | None
    in_force: bool
    clients: int
    indicators: tuple[str, ...]
    penalty: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong.

    Parameters
    ----------
    kind : {"missing", "ends_early", "standard_missed", "nothing_promised"}
        No agreement covers what the plan does; one ends before the plan does; a standard is missed; a value was
        measured of which nothing is promised.
    provider, service, client, indicator : str
        Empty where it speaks of none.
    day : str, optional
        From when on nothing is agreed.
    needed_until : str, optional
        First day after which the plan needs nothing more.
    message : str
    """

    kind: Literal["missing", "ends_early", "standard_missed", "nothing_promised"]
    provider: str
    service: str
    client: str
    indicator: str
    day: str | None
    needed_until: str | None
    message: str


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """What clients say of a provider in the last 12 months: mean by answers, from 1 to 5, six decimals."""

    provider: str
    score: float
    answers: int
    clients: int


@dataclass(frozen=True, slots=True, repr=False)
class AgreementRegister(MoneyDocument):
    """Service agreements beside a plan, what is measured under them, and what is wrong.

    Parameters
    ----------
    schema : "designate.agreements/1"
    case_hash, plan, name : str
    begin, end : str
        First day of the 12 months that are measured, and first day after them.
    service_level_from : {"offers", "measurements"}
    findings : tuple of Finding
    agreements : tuple of AgreementRow
    levels : tuple of ServiceLevel
    indicators : tuple of IndicatorResult
    surveys : tuple of SurveyResult
    issues : tuple of Issue
    """

    SCHEMA: ClassVar = AGREEMENTS_SCHEMA
    UNREADABLE: ClassVar = "agreements_not_readable"
    CAPTION: ClassVar = "Service agreements"
    TABLES: ClassVar = ("findings", "agreements", "levels", "indicators", "surveys")

    schema: Literal["designate.agreements/1"]
    case_hash: str
    plan: str
    name: str
    begin: str
    end: str
    service_level_from: Literal["offers", "measurements"]
    findings: tuple[Finding, ...]
    agreements: tuple[AgreementRow, ...]
    levels: tuple[ServiceLevel, ...]
    indicators: tuple[IndicatorResult, ...]
    surveys: tuple[SurveyResult, ...]
    issues: tuple[Issue, ...]

    def _shown(self) -> list[tuple[str, str]]:
        kinds = [f.kind for f in self.findings]
        return [
            ("agreements", f"{len(self.agreements):,}"),
            ("missing", f"{kinds.count('missing'):,}"),
            ("end too early", f"{kinds.count('ends_early'):,}"),
            ("standards missed", f"{kinds.count('standard_missed'):,}"),
        ]
