"""Rules that are on in a case with a horizon, those between periods too, and the change that switches each off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.rules_on import PART_STEP, Switch, switches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.case import Case

__all__ = ["switches_over_time"]

_TABLES: Final[tuple[tuple[str, str], ...]] = (
    ("freeze", "freezes"),
    ("precedence", "precedence"),
    ("committed", "commitments"),
)
"""Rule, and the table whose rows make it."""
_UNREACHED: Final = 1e12
"""Money of one year that no plan pays."""
_CELLS: Final[tuple[tuple[str, str, str], ...]] = (
    ("notice", "current", "notice_until"),
    ("growth_limit", "providers", "absorb_fte"),
)
"""Rule, table and column that make it."""


def switches_over_time(case: Case, *, steps: bool) -> Iterator[Switch]:
    """Every rule, filter and limit of a case with a horizon that is on: off, or each limit a step looser."""
    yield from switches(case, steps=steps)
    yield from _of_policy(case, steps)
    for rule, table, column in _CELLS:
        if any(row.get(column) not in (None, "") for row in case.tables.get(table, ())):
            if not steps:
                yield Switch(rule, "off", {}, (_all(table, column, set=None),))
            elif rule == "growth_limit":
                yield Switch(rule, f"+{PART_STEP:.0%}", {}, (_all(table, column, times=1 + PART_STEP),))
    if case.tables.get("budgets"):  # rows stay: other tables may speak of them
        how = {"times": 1 + PART_STEP} if steps else {"set": _UNREACHED}
        yield Switch("yearly_budget", f"+{PART_STEP:.0%}" if steps else "off", {}, (_all("budgets", "amount", **how),))
    for rule, table in _TABLES:
        if case.tables.get(table) and not steps:
            yield Switch(rule, "off", {}, tables={table: []})


def _of_policy(case: Case, steps: bool) -> Iterator[Switch]:
    policy, periods = case.policy, case.policy.horizon.count if case.policy.horizon else 1
    most = policy.max_switches
    if most < periods:
        more = most + 1 if steps else periods
        yield Switch("one_switch", f"{most} to {more}" if steps else "off", {"max_switches": more})
    limit = policy.max_moves_per_period
    if limit is not None:
        more_moves = limit + 1 if steps else None
        step = f"{limit} to {limit + 1}" if steps else "off"
        yield Switch("max_moves_per_period", step, {"max_moves_per_period": more_moves})
    if steps:
        return
    if policy.wave_by != "demand":
        yield Switch("wave", "off", {"wave_by": "demand"})
    if policy.transition_mode == "big_bang":
        yield Switch("big_bang", "off", {"transition_mode": "phased"})


def _all(table: str, column: str, **how: Any) -> dict[str, Any]:
    return {"table": table, "where": {column: "*"}, "column": column, **how}
