"""Reports of a ledger as frozen values; fields named and ordered as in ``designate.ledger/1``.

Money is in the ledger's currency, of the periods that a row speaks of; ``None`` means that nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from optimizer.domain.issues import Issue
from optimizer.money.documents import MoneyDocument

__all__ = ["LEDGER_SCHEMA", "LedgerReport", "OneOff", "PeriodRow", "VarianceParts", "VarianceRow"]

LEDGER_SCHEMA: Final = "designate.ledger/1"


@dataclass(frozen=True, slots=True)
class VarianceParts:
    """Why an amount differs; the parts add up to the difference, to the cent.

    All are ``None`` in the row of a period without actuals: nothing is known of it.

    Parameters
    ----------
    scope : float, optional
        Entities that came in or went out.
    volume : float, optional
        More or fewer units, at the planned price.
    timing : float, optional
        Another source, which is planned for this demand in another freeze.
    mix : float, optional
        Any other source than the planned one.
    exchange_rate : float, optional
        Amounts in other currencies, by their rates.
    pay : float, optional
        What staff cost more than planned.
    staffing : float, optional
        More staff than the work needs.
    other : float, optional
        What is left.
    """

    scope: float | None
    volume: float | None
    timing: float | None
    mix: float | None
    exchange_rate: float | None
    pay: float | None
    staffing: float | None
    other: float | None


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period, or all up to it (``cumulative``).

    Parameters
    ----------
    period : str
    cumulative : bool
    recorded : bool
        Of a period: actuals are there. Cumulative figures are of periods that have actuals.
    planned, forecast : float
        Amounts.
    actual : float, optional
        Amount paid; of a period without actuals ``None``, as are its variance, baseline and saving achieved.
    variance : VarianceParts
    baseline : float, optional
        Frozen baseline unit cost · actual volume.
    saving_planned, saving_forecast, saving_achieved : float, optional
        Baseline less amounts, of the demands that have a baseline; ``None`` where none has.
    on_assumptions_rel : float, optional
        Share of the planned amount that rests on assumptions.
    """

    period: str
    cumulative: bool
    recorded: bool
    planned: float
    forecast: float
    actual: float | None
    variance: VarianceParts
    baseline: float | None
    saving_planned: float | None
    saving_forecast: float | None
    saving_achieved: float | None
    on_assumptions_rel: float | None


@dataclass(frozen=True, slots=True)
class VarianceRow:
    """One demand in one period.

    Parameters
    ----------
    period, entity, service : str
    planned_provider : str
        Empty where nothing was planned.
    providers : tuple of str
    planned_volume, volume : float
        Units, six decimals.
    planned, actual : float
    variance : VarianceParts
    quality : {"", "derived", "assumed"}
        Of the planned figures; actual ones are measured.
    """

    period: str
    entity: str
    service: str
    planned_provider: str
    providers: tuple[str, ...]
    planned_volume: float
    volume: float
    planned: float
    actual: float
    variance: VarianceParts
    quality: str


@dataclass(frozen=True, slots=True)
class OneOff:
    """One-off cost of an element, planned for all of the plan and spent so far."""

    element: str
    planned: float
    actual: float


@dataclass(frozen=True, slots=True, repr=False)
class LedgerReport(MoneyDocument):
    """What was promised, what happened and why it differs.

    Parameters
    ----------
    schema : "designate.ledger/1"
    plan, name, currency : str
        Of the freeze that counts last.
    head : str
        SHA-256 of the last entry: who knows it can tell whether an entry is missing at the end.
    entries : int
    unit : {"month", "quarter", "half", "year"}
    missing : tuple of str
        Periods without actuals that others come after.
    periods : tuple of PeriodRow
    variance : tuple of VarianceRow
    one_offs : tuple of OneOff
    issues : tuple of Issue
    """

    SCHEMA: ClassVar = LEDGER_SCHEMA
    UNREADABLE: ClassVar = "ledger_report_not_readable"
    CAPTION: ClassVar = "Ledger"
    TABLES: ClassVar = ("periods", "variance", "one_offs")

    schema: Literal["designate.ledger/1"]
    plan: str
    name: str
    currency: str
    head: str
    entries: int
    unit: Literal["month", "quarter", "half", "year"]
    missing: tuple[str, ...]
    periods: tuple[PeriodRow, ...]
    variance: tuple[VarianceRow, ...]
    one_offs: tuple[OneOff, ...]
    issues: tuple[Issue, ...]

    def _shown(self) -> list[tuple[str, str]]:
        recorded = sum(p.recorded and not p.cumulative for p in self.periods)
        last = [p for p in self.periods if p.cumulative][-1:]
        saved = [p.saving_achieved for p in last if p.saving_achieved is not None]
        return [
            ("entries", f"{self.entries:,}"),
            ("periods recorded", f"{recorded:,}" + (f", missing {len(self.missing):,}" if self.missing else "")),
            *(("saving achieved", f"{self.currency} {amount:,.2f}") for amount in saved),
        ]
