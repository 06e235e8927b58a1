"""Which demands rest on an assumed price, volume or effort.

Definition: ``optimizer/model/README.md`` (*share on assumptions*). An assumption names a
table, a key (parts joined by ``|``; ``*`` stands for any part, alone for any key) and a column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.domain.names import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.case import Case
    from optimizer.verify.facts import DemandFacts

__all__ = ["Assumed"]

_OFFER_COLUMNS: Final = ("fixed_cost", "fee_rate", "base_volume")
_TIER_COLUMNS: Final = ("unit_cost", "from_volume")
_OWN_COLUMNS: Final = ("own_unit_cost", "own_fixed_cost")


class Assumed:
    """Assumptions of basis ``assumed`` of a case, ready to be asked about inputs."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.rows = [a for a in case.assumptions if a.basis == "assumed"]
        self.tiered = {(t.provider, t.service) for t in case.tiers}
        self.starts: dict[tuple[str, str], list[float]] = {}
        for t in case.tiers:
            self.starts.setdefault((t.provider, t.service), []).append(t.from_volume)
        self._known: dict[tuple[str, tuple[str, ...], tuple[str, ...]], bool] = {}

    def demand(self, d: DemandFacts, providers: Iterable[str], own_always: bool = True) -> bool:
        """Whether a demand rests on an assumption, given today's and the plan's provider.

        With ``own_always`` the cost of own capacity counts as an input of the demand even when
        neither provider is ``OWN``.
        """
        providers = tuple(providers)
        if d.row.basis == "estimated":
            return True
        columns = ("volume", *_OWN_COLUMNS) if own_always or OWN in providers else ("volume",)
        if self._any("demands", d.key, columns) or self._any("services", (d.key[1],), ("minutes_per_unit",)):
            return True
        return any(self._line(p, d.key[1]) for p in providers if p and p != OWN)

    def _line(self, provider: str, service: str) -> bool:
        key = (provider, service)
        if self._any("offers", key, _OFFER_COLUMNS) or self._any("providers", (provider,), ("site_fixed_cost",)):
            return True
        if key not in self.tiered:
            return self._any("providers", (provider,), ("cost_per_fte",))
        return self._any("tiers", key, _TIER_COLUMNS) or any(
            self._any("tiers", (*key, f"{start:g}"), _TIER_COLUMNS) for start in self.starts[key]
        )

    def _any(self, table: str, key: tuple[str, ...], columns: tuple[str, ...]) -> bool:
        asked = (table, key, columns)
        if asked not in self._known:
            self._known[asked] = any(
                a.table == table and (a.column == "*" or a.column in columns) and _names(a.key, key) for a in self.rows
            )
        return self._known[asked]


def _names(pattern: str, key: tuple[str, ...]) -> bool:
    """Whether an assumption's key names a row."""
    if pattern == "*":
        return True
    parts = pattern.split("|")
    return len(parts) == len(key) and all(p in ("*", k) or _same_number(p, k) for p, k in zip(parts, key, strict=True))


def _same_number(a: str, b: str) -> bool:
    """``2000`` and ``2000.0`` name the same tier."""
    try:
        return float(a) == float(b)
    except ValueError:
        return False
