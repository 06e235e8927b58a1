"""Reports of a ledger by period and cumulative."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.domain.issues import Issue
from optimizer.domain.types import exact
from optimizer.ledger.entries import NOTHING
from optimizer.ledger.state import State
from optimizer.ledger.values import LEDGER_SCHEMA, LedgerReport, OneOff, PeriodRow, VarianceParts, VarianceRow
from optimizer.ledger.variance import PARTS, cells_of
from optimizer.money.amounts import half_up, six

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optimizer.ledger.entries import Entry
    from optimizer.ledger.periods import LedgerPeriod
    from optimizer.ledger.variance import Cell

__all__ = ["report_of"]


@dataclass
class _Sums:
    """Cents of some cells."""

    planned: int = 0
    forecast: int = 0
    actual: int = 0
    assumed: int = 0
    parts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    saving: dict[str, int] = field(default_factory=dict)

    def add(self, other: _Sums) -> None:
        """Add others to these."""
        self.planned += other.planned
        self.forecast += other.forecast
        self.actual += other.actual
        self.assumed += other.assumed
        for name, cents in other.parts.items():
            self.parts[name] += cents
        for name, cents in other.saving.items():
            self.saving[name] = self.saving.get(name, 0) + cents

    def row(self, period: str, *, cumulative: bool, recorded: bool) -> PeriodRow:
        """As a row of the report; of a period that is not recorded only what was planned and expected is known."""
        known = recorded or cumulative
        money = {name: self.saving[name] / 100 if name in self.saving else None for name in _SAVINGS}
        if not known:
            money |= {"baseline": None, "achieved": None}
        return PeriodRow(
            period=period,
            cumulative=cumulative,
            recorded=recorded,
            planned=self.planned / 100,
            forecast=self.forecast / 100,
            actual=self.actual / 100 if known else None,
            variance=_parts(self.parts) if known else VarianceParts(**dict.fromkeys(PARTS)),
            baseline=money["baseline"],
            saving_planned=money["planned"],
            saving_forecast=money["forecast"],
            saving_achieved=money["achieved"],
            on_assumptions_rel=float(six(Fraction(self.assumed, self.planned))) if self.planned else None,
        )


_SAVINGS = ("baseline", "planned", "forecast", "achieved")


def _parts(cents: dict[str, int]) -> VarianceParts:
    return VarianceParts(**{name: cents[name] / 100 for name in PARTS})


def report_of(entries: Sequence[Entry], until: str = "") -> LedgerReport:
    """The report of a ledger, up to a period.

    Parameters
    ----------
    entries : sequence of Entry
        The chain, checked, with at least one freeze.
    until : str, optional
        Name of the last period; default the last that has actuals.
    """
    state = State(entries)
    recorded, all_so_far = state.recorded(), _Sums()
    rows: list[PeriodRow] = []
    cells: list[Cell] = []
    periods = [p for p in state.periods if not until or p.name <= until]
    for period in periods:
        there = period.name in recorded
        found = list(cells_of(state, period))
        sums = _sums(state, period, found)
        rows.append(sums.row(period.name, cumulative=False, recorded=there))
        if there:
            all_so_far.add(sums)
            cells += found
        rows.append(all_so_far.row(period.name, cumulative=True, recorded=there))
    last = state.freezes[-1]
    missing = [name for name in state.missing if not until or name <= until]
    remedy = "record it, or say with an entry of its own that nothing happened"
    return LedgerReport(
        schema=LEDGER_SCHEMA,
        plan=last.body["plan"],
        name=last.body["name"],
        currency=last.currency,
        head=entries[-1].hash if entries else NOTHING,
        entries=len(entries),
        unit=state.unit,  # type: ignore[arg-type]
        missing=tuple(missing),
        periods=tuple(rows),
        variance=tuple(map(_row, cells)),
        one_offs=tuple(_one_offs(state, periods)),
        issues=tuple(Issue("ledger_period_missing", "warning", f"{m} has no actuals", remedy) for m in missing),
    )


def _sums(state: State, period: LedgerPeriod, cells: Iterable[Cell]) -> _Sums:
    """Sums of a period; a demand that is not forecast is forecast as planned."""
    out, forecast = _Sums(), state.forecast(period)
    gone = {e for e, change in state.scope(period).items() if change == "out"}
    for cell in cells:
        key = (cell.entity, cell.service)
        expected = 0 if cell.entity in gone else cell.planned
        volume = Fraction(0) if cell.entity in gone else cell.planned_volume
        if key in forecast:
            volume, amount = forecast[key]
            expected = half_up(amount * 100)
        out.planned += cell.planned
        out.forecast += expected
        out.actual += cell.actual
        out.assumed += cell.planned if cell.quality == "assumed" else 0
        for name, cents in cell.parts.items():
            out.parts[name] += cents
        if cell.baseline is not None and cell.baseline_planned is not None:
            unit = state.frozen(period).demands[key].baseline_unit_cost or Fraction(0)
            saved = {
                "baseline": half_up(cell.baseline * 100),
                "planned": half_up(cell.baseline_planned * 100) - cell.planned,
                "forecast": half_up(unit * volume * 100) - expected,
                "achieved": half_up(cell.baseline * 100) - cell.actual,
            }
            for name, cents in saved.items():
                out.saving[name] = out.saving.get(name, 0) + cents
    return out


def _row(cell: Cell) -> VarianceRow:
    return VarianceRow(
        period=cell.period,
        entity=cell.entity,
        service=cell.service,
        planned_provider=cell.planned_provider,
        providers=cell.providers,
        planned_volume=float(six(cell.planned_volume)),
        volume=float(six(cell.volume)),
        planned=cell.planned / 100,
        actual=cell.actual / 100,
        variance=_parts(dict(cell.parts)),
        quality=cell.quality,
    )


def _one_offs(state: State, periods: Sequence[LedgerPeriod]) -> list[OneOff]:
    """One-off cost by element: of the freeze that counts last, and what was spent."""
    spent: dict[str, Fraction] = defaultdict(Fraction)
    for period in periods:
        for row in state.rows("one_offs", period):
            spent[row["element"]] += exact(row["amount"]) * state.rate(row["currency"], period)
    planned = state.freezes[-1].body["one_offs"]
    return [OneOff(e, planned.get(e, 0.0), half_up(spent[e] * 100) / 100) for e in sorted({*planned, *spent})]
