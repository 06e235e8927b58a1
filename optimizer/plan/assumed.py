"""Which demands rest on assumed figures (basis ``assumed`` in the register, or estimated volume)."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.types import Assumption, Demand

__all__ = ["AssumptionIndex"]

Key = tuple[str, ...]

_OWN_COLUMNS = ("own_unit_cost", "own_fixed_cost")
_LINE_COLUMNS = ("fixed_cost", "fee_rate", "base_volume")
_TIER_COLUMNS = ("unit_cost", "from_volume")
_TIER_PARTS = 3


class AssumptionIndex:
    """Answers whether an input figure is assumed.

    A register key names the parts of a row's key joined by ``|``; ``*`` stands for any part, a
    lone ``*`` for any key. Tiers are named by line (provider|service, all its tiers) or with
    their from_volume as third part. Column ``*`` means every column.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._patterns: dict[tuple[str, str], list[Key]] = defaultdict(list)
        self._plain: dict[tuple[str, str], set[Key]] = defaultdict(set)
        for row in case.assumptions:
            if row.basis == "assumed":
                parts = _parts(row)
                if "*" in parts:
                    self._patterns[row.table, row.column].append(parts)
                else:
                    self._plain[row.table, row.column].add(parts)
        self._lines: dict[tuple[str, str], bool] = {}
        self._volumes: dict[str, bool] = {}

    def assumed(self, table: str, column: str, key: Key) -> bool:
        """Whether a register row of basis ``assumed`` covers this cell."""
        return any(self._covers((table, c), key) for c in (column, "*"))

    def _covers(self, cell: tuple[str, str], key: Key) -> bool:
        return key in self._plain.get(cell, ()) or any(_matches(p, key) for p in self._patterns.get(cell, ()))

    def rests_on_assumption(self, demand: Demand, sources: tuple[str, ...]) -> bool:
        """Whether any price, volume or effort input behind a demand at these sources is assumed."""
        if demand.basis == "estimated" or self.assumed("demands", "volume", demand.key):
            return True
        if demand.service not in self._volumes:
            self._volumes[demand.service] = self.assumed("services", "minutes_per_unit", (demand.service,))
        if self._volumes[demand.service]:
            return True
        return any(self._source_assumed(demand, who) for who in sources)

    def _source_assumed(self, demand: Demand, who: str) -> bool:
        if who == OWN:
            return any(self.assumed("demands", c, demand.key) for c in _OWN_COLUMNS)
        line = (who, demand.service)
        if line not in self._lines:
            self._lines[line] = self._line_assumed(line)
        return self._lines[line]

    def _line_assumed(self, line: tuple[str, str]) -> bool:
        if any(self.assumed("offers", c, line) for c in _LINE_COLUMNS):
            return True
        if self.assumed("providers", "site_fixed_cost", line[:1]):
            return True
        steps = self._tier_rows.get(line)
        if steps is None:
            return self.assumed("providers", "cost_per_fte", line[:1])
        keys = [line, *((*line, step) for step in steps)]
        return any(self.assumed("tiers", c, key) for key in keys for c in _TIER_COLUMNS)

    @cached_property
    def _tier_rows(self) -> dict[tuple[str, str], list[str]]:
        out: dict[tuple[str, str], list[str]] = defaultdict(list)
        for t in self._case.tiers:
            out[t.provider, t.service].append(_plain_number(t.from_volume))
        return out


def _parts(row: Assumption) -> Key:
    """Parts of a register key; the from_volume of a tier in one spelling."""
    parts = tuple(row.key.split("|"))
    if row.table == "tiers" and len(parts) == _TIER_PARTS and parts[-1] != "*":
        with suppress(ValueError):
            return (*parts[:-1], _plain_number(float(parts[-1])))
    return parts


def _plain_number(value: float) -> str:
    """Six decimals at most, no trailing zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _matches(pattern: Key, key: Key) -> bool:
    if pattern == ("*",):
        return True
    return len(pattern) == len(key) and all(a in ("*", b) for a, b in zip(pattern, key, strict=True))
