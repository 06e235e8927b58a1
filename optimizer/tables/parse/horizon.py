"""``[horizon]`` of the policy: its parts, and what they must be together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.horizon import MONTHS, PERIODS_MAX, Horizon
from optimizer.domain.policy import PolicyKey

if TYPE_CHECKING:
    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.raw import RawPolicy

__all__ = ["HORIZON_PARTS", "horizon_key", "settle_horizon"]

_PARTS: Final[dict[str, PolicyKey]] = {
    key.name.removeprefix("horizon."): key
    for key in (
        PolicyKey("horizon.start", "date", "date", "-", "first day, the first of a month"),
        PolicyKey("horizon.unit", "choice", "-", "-", "length of a period", choices=("month", "quarter", "year")),
        PolicyKey("horizon.count", "int", "periods", "-", "number of periods", minimum=1, maximum=PERIODS_MAX),
        PolicyKey("horizon.target_from", "date", "date", "start", "the target rules bind from here on"),
    )
}
HORIZON_PARTS: Final = tuple(_PARTS)
"""Keys of the table."""

_NEEDED: Final = ("start", "unit", "count")
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2400
"""A horizon outside of these is a slip of the pen; and a hundred years after one there is still a calendar."""


def horizon_key(part: str) -> PolicyKey:
    """What a part of the table must be."""
    return _PARTS[part]


def settle_horizon(given: dict[str, Any], raw: RawPolicy, findings: Findings) -> None:
    """Make the horizon of its parts; what is missing or wrong is reported and leaves it out."""
    parts = given.pop("horizon", None)
    rows = {name: row for name, _, row in raw.entries}
    named = [name for name in rows if name.startswith("horizon.")]
    if not named:
        return
    place: dict[str, Any] = {"table": "policy", "file": raw.file}
    missing = [part for part in _NEEDED if f"horizon.{part}" not in rows]
    if missing:
        told = f"[horizon] has no {' and no '.join(missing)}"
        findings.add(
            "horizon_incomplete", told, row=rows[named[0]], column="horizon", parts=", ".join(missing), **place
        )
    if missing or parts is None or not all(part in parts for part in _NEEDED):
        return
    start = parts["start"]
    if start.day != 1:
        told = f"horizon.start is {start}, not the first of a month"
        findings.add(
            "horizon_start", told, row=rows["horizon.start"], column="horizon.start", value=str(start), **place
        )
        return
    years = MONTHS[parts["unit"]] * parts["count"] / 12
    if not _FIRST_YEAR <= start.year <= _LAST_YEAR - years:
        told = f"{parts['count']} periods of a {parts['unit']} from {start} on"
        known: dict[str, Any] = {"first": _FIRST_YEAR, "last": _LAST_YEAR, "value": str(start)}
        findings.add("horizon_years", told, row=rows["horizon.start"], column="horizon.start", **known, **place)
        return
    given["horizon"] = Horizon(start, parts["unit"], parts["count"], parts.get("target_from", start))
    period = given.get("big_bang_period")
    if period is not None and period > parts["count"]:
        told = f"big_bang_period is {period}, the horizon has {parts['count']} periods"
        where: dict[str, Any] = {"row": rows.get("big_bang_period"), "column": "big_bang_period", "value": str(period)}
        findings.add("policy_range", told, minimum="1", maximum=str(parts["count"]), **where, **place)
