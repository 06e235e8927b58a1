"""Periods of a ledger: months, quarters, half years or years, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from optimizer.domain.horizon import add_months

__all__ = ["UNITS", "LedgerPeriod", "from_name", "of_day", "until"]

UNITS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""Months of each unit."""
_NAMES: Final = {
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "half": re.compile(r"(\d{4})-H([12])"),
    "year": re.compile(r"(\d{4})()"),
}
EXAMPLES: Final = {"month": "2026-03", "quarter": "2026-Q1", "half": "2026-H1", "year": "2026"}


@dataclass(frozen=True, slots=True, order=True)
class LedgerPeriod:
    """One period [begin, end), of a calendar year."""

    begin: date
    end: date
    name: str

    @property
    def share(self) -> Fraction:
        """Part of a year: its months of 12."""
        months = (self.end.year - self.begin.year) * 12 + self.end.month - self.begin.month
        return Fraction(months, 12)


def from_name(name: str, unit: str) -> LedgerPeriod | None:
    """The period of a name such as 2026-03, 2026-Q1, 2026-H1 or 2026; ``None``: it is none of the unit."""
    found = _NAMES[unit].fullmatch(name)
    if found is None or not 1900 <= int(found.group(1)) <= 2400:
        return None
    number = int(found.group(2) or 1) - 1
    return _period(date(int(found.group(1)), number * UNITS[unit] + 1, 1), unit)


def of_day(day: date, unit: str) -> LedgerPeriod:
    """The period that a day lies in."""
    months = UNITS[unit]
    return _period(date(day.year, (day.month - 1) // months * months + 1, 1), unit)


def until(first: LedgerPeriod, last: LedgerPeriod, unit: str) -> list[LedgerPeriod]:
    """All periods from one to another, both included."""
    out = [first]
    while out[-1].begin < last.begin:
        out.append(of_day(out[-1].end, unit))
    return out


def _period(begin: date, unit: str) -> LedgerPeriod:
    number = (begin.month - 1) // UNITS[unit] + 1
    short = {"month": f"-{begin.month:02d}", "quarter": f"-Q{number}", "half": f"-H{number}", "year": ""}[unit]
    return LedgerPeriod(begin, add_months(begin, UNITS[unit]), f"{begin.year}{short}")
