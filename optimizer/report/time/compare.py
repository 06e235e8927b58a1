"""Two plans over time side by side: who is elsewhere when, what that does to each year, why they may differ at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, TypeVar

from optimizer.domain.names import TIME_TERMS
from optimizer.report.compare_parts import figure_of, head, notes, pair, rules_apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["diff_over_time"]

T = TypeVar("T")
Plan = Mapping[str, Any]
Day = tuple[str, str]
"""First day of a period, and the first day after it, ISO."""

_ONCE: Final = ("transition", "setup", "exit", "risk", "double_running")
_SUMS: Final = ("running", "one_off", "total", "discounted")
_SAVINGS: Final = (
    *("annual", "run_rate", "total", "upper_limit", "npv", "break_even", "payback_years", "irr"),
    *("five_years", "ten_years", "one_off_forced", "new_demand_cost", "source_ended_cost"),
)


def diff_over_time(a: Plan, b: Plan) -> dict[str, Any]:
    """Say what changed from one plan over time to another, in the periods that both have.

    Returns
    -------
    dict
        ``designate.diff/2``: ``plans`` (both heads), ``same_case``, ``periods`` (shared, only in a, only in b: first
        days), ``moved`` (demands that are elsewhere: entity, service, ``begin`` and ``end``, the first day after,
        ``from`` and ``to``, ``kind``: ``dates`` where both plans give the demand the same sources one after the other,
        else ``sources``), ``only_in_a``, ``only_in_b`` (demands that one plan alone knows), ``waves`` (switches by day,
        where they differ), ``years`` (running and one-off money by first day of the planning year), ``cost`` (by term,
        the whole horizon), ``savings``, ``bounds``, ``sites`` open at other times, ``rules`` and ``notes``.
    """
    mine, yours = _paths(a), _paths(b)
    days, others = _days(a), _days(b)
    shared = [day for day in days if day in set(others)]
    return {
        "schema": "designate.diff/2",
        "plans": {"a": head(a), "b": head(b)},
        "same_case": a["run"]["case_hash"] == b["run"]["case_hash"],
        "periods": {
            "shared": [begin for begin, _ in shared],
            "only_in_a": [day[0] for day in days if day not in set(shared)],
            "only_in_b": [day[0] for day in others if day not in set(shared)],
        },
        "moved": _moved(mine, yours, shared),
        "only_in_a": [{"entity": e, "service": s} for e, s in mine if (e, s) not in yours],
        "only_in_b": [{"entity": e, "service": s} for e, s in yours if (e, s) not in mine],
        "waves": _apart("begin", _waves(a), _waves(b)),
        "years": _apart("begin", _years(a), _years(b)),
        "cost": [pair("term", t, *(figure_of(p, "cost", t) for p in (a, b))) for t in (*TIME_TERMS, *_ONCE, *_SUMS)],
        "savings": [pair("figure", k, *(figure_of(p, "savings", k) for p in (a, b))) for k in _SAVINGS],
        "bounds": [pair("figure", k, a["bounds"][k], b["bounds"][k]) for k in ("objective", "best_bound", "gap_abs")],
        "sites": _sites(a, b, shared),
        "rules": rules_apart(a, b),
        "notes": [*_horizon_notes(days, others, shared), *notes(a, b, " over the horizon, discounted")],
    }


def _days(plan: Plan) -> list[Day]:
    return [(p["begin"], p["end"]) for p in plan["horizon"]["periods"]]


def _paths(plan: Plan) -> dict[tuple[str, str], dict[Day, str | None]]:
    """Source of each demand in each period in which it is there."""
    days, out = _days(plan), dict[tuple[str, str], dict[Day, str | None]]()
    for x in plan["assignments"]:
        path = out.setdefault((x["entity"], x["service"]), {})
        path |= dict.fromkeys(days[x["from_period"] - 1 : x["until_period"]], x["provider"])
    return out


def _moved(
    mine: Mapping[tuple[str, str], Mapping[Day, str | None]],
    yours: Mapping[tuple[str, str], Mapping[Day, str | None]],
    shared: list[Day],
) -> list[dict[str, Any]]:
    """Runs of periods in which a demand is elsewhere, by day, entity and service."""
    out = []
    for key in [k for k in mine if k in yours]:
        a, b = mine[key], yours[key]
        kind = "dates" if _in_turn(a, shared) == _in_turn(b, shared) else "sources"
        for (was, now), run in _runs([((a[day], b[day]), day) for day in shared if day in a and day in b]):
            if was != now:
                row = {"entity": key[0], "service": key[1], "begin": run[0][0], "end": run[-1][1]}
                out.append({**row, "from": was, "to": now, "kind": kind})
    return sorted(out, key=lambda m: (m["begin"], m["entity"], m["service"]))


def _runs(states: Iterable[tuple[T, Day]]) -> Iterator[tuple[T, list[Day]]]:
    """Periods one after the other in which the state is the same."""
    for state, run in groupby(states, lambda held: held[0]):
        yield state, [day for _, day in run]


def _in_turn(path: Mapping[Day, str | None], shared: Iterable[Day]) -> list[str | None]:
    """Sources one after the other."""
    return [source for source, _ in groupby(path[d] for d in shared if d in path)]


def _waves(plan: Plan) -> dict[str, float]:
    return {w["begin"]: w["switches"] for w in plan["waves"] if w["switches"]}


def _years(plan: Plan) -> dict[str, float]:
    """What each planning year costs, by its first day."""
    first, out = dict[int, str](), defaultdict[str, float](float)
    for flow in plan["cash_flow"]:
        begin = first.setdefault(flow["planning_year"], flow["begin"])
        out[begin] += flow["running"] + flow["one_off_total"]
    return {begin: round(amount, 2) for begin, amount in out.items()}


def _apart(label: str, a: Mapping[str, float], b: Mapping[str, float]) -> list[dict[str, Any]]:
    """Figures that differ, 0 where a plan has none."""
    rows = [pair(label, key, a.get(key, 0), b.get(key, 0)) for key in sorted({*a, *b})]
    return [row for row in rows if row["change"]]


def _sites(a: Plan, b: Plan, shared: list[Day]) -> list[dict[str, Any]]:
    """Runs of periods in which a site is open in one plan only."""
    was, now = _open(a), _open(b)
    out = []
    for provider in sorted({*was, *now}):
        here, there = was.get(provider, set()), now.get(provider, set())
        for (in_a, in_b), run in _runs([((day in here, day in there), day) for day in shared]):
            if in_a != in_b:
                out.append({"provider": provider, "begin": run[0][0], "end": run[-1][1], "a": in_a, "b": in_b})
    return out


def _open(plan: Plan) -> dict[str, set[Day]]:
    days, out = _days(plan), defaultdict[str, set[Day]](set)
    for s in plan["sites"]:
        if s["open"]:
            out[s["provider"]].add(days[s["period"] - 1])
    return out


def _horizon_notes(days: list[Day], others: list[Day], shared: list[Day]) -> list[str]:
    if days == others:
        return []
    if not shared:
        return ["The horizons have no period in common: who is where cannot be compared."]
    told = f"The horizons differ: {len(shared)} periods are in both, {len(days)} in A and {len(others)} in B."
    return [told, "Costs and savings are of each plan's own horizon."]
