"""``Ledger``: what callers do with a ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from optimizer.domain.errors import InputError, OptionsRefused
from optimizer.domain.issues import Issue
from optimizer.domain.options import Options, refused
from optimizer.ledger.entries import adding, full_id, read_entries
from optimizer.ledger.frozen import frozen_body
from optimizer.ledger.importing import actuals_body, forecast_body, read_tables
from optimizer.ledger.periods import EXAMPLES, UNITS, LedgerPeriod, from_name, of_day
from optimizer.ledger.report import report_of
from optimizer.ledger.state import State
from optimizer.money.price_list import prices_of
from optimizer.money.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from optimizer.domain.case import Case
    from optimizer.ledger.entries import Adding, Entry
    from optimizer.ledger.values import LedgerReport
    from optimizer.money.values import PriceList
    from optimizer.plan.plan import Plan

__all__ = ["Ledger"]

_ACTUALS: Final = ("actuals", "one_offs", "staff", "rates")


class Ledger:
    """A ledger in a file: what a plan promised, what happened, why it differs.

    Entries are added and never changed; each has the hash of the one before. A correction is an entry that names the
    one it ``replaces``. Whatever is added is there whole, or not at all.

    Parameters
    ----------
    path : str or Path
        A file of JSON lines; the first ``freeze`` makes it.
    author : str
        Who adds; stands in every entry.
    """

    def __init__(self, path: str | Path, author: str = "") -> None:
        self.path, self.author = Path(path), author

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, the chain checked.

        Raises
        ------
        InputError
            ``ledger_not_there``, ``ledger_broken``.
        """
        return read_entries(self.path)

    def freeze(
        self,
        case: Case,
        plan: Plan,
        prices: PriceList | None = None,
        *,
        unit: str = "month",
        begin: str = "",
        rates: Mapping[str, float] | None = None,
        replaces: str | None = None,
    ) -> Entry:
        """Freeze a plan: its volumes, sources and prices are what is promised from a period on.

        Parameters
        ----------
        case : Case
        plan : Plan
            Steady and verified; a year of it is spread evenly.
        prices : PriceList, optional
            Of this plan; made by the policy's terms when left out.
        unit : {"month", "quarter", "half", "year"}
            Of all periods of the ledger.
        begin : str, optional
            First period, e.g. 2026-03; default that of ``as_of``.
        rates : mapping of str to float, optional
            Planned rates of other currencies: money of the ledger for one unit.
        replaces : str, optional
            A freeze that this one corrects.

        Raises
        ------
        InputError
            ``freeze_repeated``, ``freeze_unit``; of the plan as in ``price_list``.
        OptionsRefused
            Unit, period or a rate makes no sense; with what is wrong with the plan they are told as ``InputError``.
        """
        asked = Options()
        first = _first_period(asked, case, unit, begin)
        for currency, rate in sorted((rates or {}).items()):
            asked.number(f"rate {currency}", rate, 0, 1e9, above=True)
        made = prices or asked.take(lambda: prices_of(case, plan.document(), terms_of(case.policy)).prices)
        body = asked.take(lambda: _body(case, plan, made, unit=unit, first=first, rates=rates or {}))
        asked.done()
        assert first is not None  # else it is refused, as is a body that there is not
        assert body is not None
        with adding(self.path, new=True) as added:
            corrected = full_id(added.entries, replaces)
            others = State([e for e in added.entries if e.id != corrected]).freezes
            found = []
            if any(f.begin == first for f in others):
                told = f"there is a freeze from {first.name} on"
                found.append(Issue("freeze_repeated", "error", told, "correct that one (replaces), or begin later"))
            if any((f.unit, f.currency) != (unit, case.policy.currency) for f in others):
                told = f"the ledger is kept by {others[0].unit} in {others[0].currency}"
                found.append(Issue("freeze_unit", "error", told, "keep both, or begin another ledger"))
            if found:
                raise InputError(found)
            return self._add(added, "freeze", body, replaces)

    def record(self, path: str | Path, *, replaces: str | None = None) -> Entry:
        """Record what happened, from a CSV file, a workbook or a folder of CSV files.

        Raises
        ------
        InputError
            Every bad row, with its place; nothing is taken then.
        """
        with self._begun() as added:
            corrected = full_id(added.entries, replaces)
            body = actuals_body(State(added.entries), read_tables(path, _ACTUALS), corrected)
            return self._add(added, "actuals", body, replaces)

    def forecast(self, path: str | Path, *, replaces: str | None = None) -> Entry:
        """Record what is expected, by period and demand; what is not named is expected as planned.

        Raises
        ------
        InputError
            Every bad row, with its place; nothing is taken then.
        """
        with self._begun() as added:
            body = forecast_body(State(added.entries), read_tables(path, ("forecast",)))
            return self._add(added, "forecast", body, replaces)

    def scope(self, entity: str, change: str, begin: str, *, replaces: str | None = None) -> Entry:
        """Record that an entity came in or went out from a period on.

        Parameters
        ----------
        entity : str
        change : {"in", "out"}
        begin : str
            Name of the first period.
        replaces : str, optional
        """
        asked = Options()
        asked.one_of("change", change, ("in", "out"))
        with self._begun() as added:
            state = State(added.entries)
            if state.period(begin) is None:
                told, remedy = f"{begin!r} is no {state.unit} of this ledger", f"write it as {EXAMPLES[state.unit]}"
                asked.refuse("option_malformed", "begin", told, remedy)
            if change == "out" and entity not in state.known_entities():
                told = f"{entity} is in no plan of the ledger"
                asked.found.append(Issue("ledger_entity", "error", told, "use the id of an entity that is in it"))
            asked.done()
            return self._add(added, "scope", {"entity": entity, "change": change, "from": begin}, replaces)

    def report(self, until: str = "") -> LedgerReport:
        """What was promised, what happened and why it differs, by period and cumulative.

        Parameters
        ----------
        until : str, optional
            Last period; default the last that has actuals.

        Raises
        ------
        InputError
            ``ledger_not_there``, ``ledger_broken``.
        OptionsRefused
            There is no such period.
        """
        entries = self.entries
        state = State(entries)
        if until and state.period(until) is None:
            told, remedy = f"{until!r} is no {state.unit} of this ledger", f"write it as {EXAMPLES[state.unit]}"
            raise OptionsRefused([refused("option_malformed", "until", told, remedy)])
        return report_of(entries, until)

    def _begun(self) -> AbstractContextManager[Adding]:
        return adding(self.path)

    def _add(self, added: Adding, kind: str, body: Mapping[str, object], replaces: str | None) -> Entry:
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return added.add(kind, self.author, now, body, replaces)


def _body(
    case: Case,
    plan: Plan,
    prices: PriceList | None,
    *,
    unit: str,
    first: LedgerPeriod | None,
    rates: Mapping[str, float],
) -> Mapping[str, object] | None:
    """What is frozen; nothing where prices or the first period are refused already."""
    if prices is None or first is None:
        return None
    return frozen_body(case, plan, prices, unit=unit, begin=first.name, rates=rates)


def _first_period(asked: Options, case: Case, unit: str, begin: str) -> LedgerPeriod | None:
    """The first period of a freeze; what is wrong with its unit and its name is among the options."""
    asked.one_of("unit", unit, tuple(UNITS))
    if unit not in UNITS:
        return None
    first = from_name(begin, unit) if begin else of_day(case.policy.as_of, unit)
    if first is None:
        asked.refuse("option_malformed", "begin", f"{begin!r} is no {unit}", f"write it as {EXAMPLES[unit]}")
    return first
