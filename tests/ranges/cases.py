"""Small dynamic cases whose figures have ranges, and documents of plans of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from optimizer.domain.time.figures import number_part
from optimizer.domain.types import Assumption
from optimizer.testing.draw import Draw
from optimizer.testing.random_time import random_dynamic_case
from optimizer.testing.time_paths import best_path
from optimizer.verify.time import TimeEvaluator

if TYPE_CHECKING:
    from optimizer.domain.case import Case

COLUMNS = (
    ("entities", "headcount", ("id",)),
    ("services", "minutes_per_unit", ("id",)),
    ("services", "units_per_head", ("id",)),
    ("services", "min_overlap_hours", ("id",)),
    ("services", "target_overlap_hours", ("id",)),
    ("services", "max_distance_km", ("id",)),
    ("services", "min_service_level", ("id",)),
    ("demands", "volume", ("entity", "service")),
    ("demands", "own_unit_cost", ("entity", "service")),
    ("demands", "own_fixed_cost", ("entity", "service")),
    ("providers", "capacity_fte", ("id",)),
    ("providers", "base_fte", ("id",)),
    ("providers", "min_fte", ("id",)),
    ("providers", "setup_cost", ("id",)),
    ("providers", "site_fixed_cost", ("id",)),
    ("providers", "cost_per_fte", ("id",)),
    ("providers", "absorb_fte", ("id",)),
    ("providers", "exit_cost", ("id",)),
    ("providers", "rent", ("id",)),
    ("offers", "capacity", ("provider", "service")),
    ("offers", "base_volume", ("provider", "service")),
    ("offers", "min_volume", ("provider", "service")),
    ("offers", "fixed_cost", ("provider", "service")),
    ("offers", "fee_rate", ("provider", "service")),
    ("offers", "service_level", ("provider", "service")),
    ("tiers", "unit_cost", ("provider", "service", "from_volume")),
    ("staffing", "cost_per_fte", ("provider", "category")),
    ("profiles", "months", ("profile", "service", "phase")),
    ("profiles", "factor", ("profile", "service", "phase")),
    ("budgets", "amount", ("year",)),
)
"""Columns of tables that vary, and the keys of their rows."""

POLICY = (
    "discount_rate",
    "minutes_per_fte_year",
    "interface_cost",
    "handover_cost",
    "distance_cost_per_fte_1000km",
    "overlap_cost_per_fte_hour",
    "language_cost_rate",
    "own_min_headcount",
    "agency_min_saving",
    "agency_share_max",
    "npo_share_max",
    "one_off_budget",
    "handover_months",
    "mean_distance_max",
    "site_share_max",
    "exposure_max_fte",
    "big_bang_cost_factor",
    "big_bang_probability",
    "transition.training",
    "transition.contingency_rate",
)


SHARES = {"big_bang_probability", "agency_min_saving", "agency_share_max", "npo_share_max", "site_share_max"}


def around(value: float, draw: Draw, *, share: float = 0.4) -> tuple[float, float]:
    """Two ends around a figure, sometimes one of them or both on it."""
    low, high = (value * (1 + sign * share * draw.pick((0.0, 0.3, 1.0))) for sign in (-1, 1))
    if value == 0.0:
        high = draw.pick((0.0, 0.2))
    return round(low, 6), round(high, 6)


def with_ranges(case: Case, seed: int, most: int = 12) -> Case:
    """The case with ranges on some of its figures, most of them exact, some for all rows of a column."""
    draw, rows = Draw(f"ranges {seed}"), dict[tuple[str, str, str], Assumption]()
    for _ in range(most):
        table, column, key = draw.pick(COLUMNS)
        found = [r for r in getattr(case, table) if getattr(r, column) is not None]
        if not found:
            continue
        row = draw.pick(found)
        if table == "demands" and column == "volume" and row.basis == "estimated":
            continue
        low, high = around(getattr(row, column), draw)
        name = "|".join(number_part(v) if isinstance(v, float) else str(v) for v in (getattr(row, k) for k in key))
        rows[table, name, column] = Assumption(table, name, column, "assumed", low, high)
    for name in POLICY:
        head, _, part = name.partition(".")
        value = getattr(case.policy, head)
        value = getattr(value, part) if part else value
        if value is not None and draw.yes(0.4):
            low, high = around(value, draw)
            if name in SHARES:
                high = min(1.0, high)
            if name == "discount_rate":
                high = min(1.0, high + 0.02)
            rows["policy", "*", name] = Assumption("policy", "*", name, "assumed", low, high)
    paths = tuple(_ranged(p, draw) if draw.yes(0.6) else p for p in case.paths)
    return case.having(assumptions=tuple(rows[k] for k in sorted(rows)), paths=paths)


def _ranged(path: Any, draw: Draw) -> Any:
    low, high = around(path.amount, draw)
    return replace(path, low=low, high=high)


def dynamic(seed: int, **policy: Any) -> tuple[Case, dict[str, Any]]:
    """A random case with ranges, and the document of a plan that keeps its rules."""
    case = random_dynamic_case(seed, feasible=True, **policy)
    best = best_path(case)
    assert best is not None
    return with_ranges(case, seed), document_of(best.rows)


def document_of(rows: Any) -> dict[str, Any]:
    """What of a plan document holds it: a stretch for each row."""
    return {
        "assignments": [
            {"entity": e, "service": s, "from_period": t, "until_period": t, "provider": p or None, "backup": b or None}
            for e, s, t, p, b in rows
        ]
    }


def present(case: Case) -> dict[tuple[str, str], tuple[int, ...]]:
    """Periods in which each demand is present."""
    return TimeEvaluator(case).facts.present
