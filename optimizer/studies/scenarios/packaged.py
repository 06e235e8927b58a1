"""Scenario sets that come with the product: files for the example of the Secretariat, and some made of any case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import data
from optimizer.domain.answer import counted, told
from optimizer.domain.errors import UsageError
from optimizer.studies.reference import only_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from optimizer.domain.case import Case

__all__ = ["MADE", "packaged", "packaged_names"]


_AT_MOST: Final = ("at most {n} Secretariat site", "at most {n} Secretariat sites")


def _agencies(case: Case) -> list[dict[str, Any]]:
    """Agencies as today, less, more and not at all."""
    held = case.policy.agency_share_max
    shares = sorted({0.1, 0.25, 0.5} | (set() if held is None else {held}))
    runs: list[dict[str, Any]] = [{"name": told("no agencies"), "policy": {"agency_share_max": 0}}]
    at_most = "agencies at most {n:g} %"
    runs += [{"name": told(at_most, n=100 * s), "policy": {"agency_share_max": s}} for s in shares]
    runs.append({"name": told("agencies without limit"), "policy": {"agency_share_max": None}})
    if case.policy.agency_min_saving is not None:
        runs.append({"name": told("agencies need not be cheaper"), "policy": {"agency_min_saving": None}})
    return runs


def _close_each_site(case: Case) -> list[dict[str, Any]]:
    """Each Secretariat site closed in turn."""
    sites = [p.id for p in case.providers if p.kind == "secretariat" and p.status not in ("closed", "candidate")]
    return [
        {
            "name": told("{provider} closed", provider=only_name(case.provider, site)),
            "change": [{"table": "providers", "where": {"id": site}, "column": "status", "set": "closed"}],
        }
        for site in sites
    ]


def _one_or_two_centres(case: Case) -> list[dict[str, Any]]:
    """One, two or three open Secretariat sites at most."""
    held = case.policy.site_count
    least = 0 if held is None or held.min is None else held.min
    return [{"name": counted(*_AT_MOST, n), "policy": {"site_count": {"max": n}}} for n in (1, 2, 3) if n >= least]


def _volume_20(case: Case) -> list[dict[str, Any]]:  # noqa: ARG001 (every case has volumes)
    """All volumes a fifth lower and higher."""
    return [
        {
            "name": told("volumes {change}", change=by_how),
            "change": [{"table": "demands", "column": "volume", "times": by}],
        }
        for by_how, by in (("-20 %", 0.8), ("-10 %", 0.9), ("+10 %", 1.1), ("+20 %", 1.2))
    ]


def _fao_zones(case: Case) -> list[dict[str, Any]]:  # noqa: ARG001 (zones are those of every case)
    """A centre in each of three time zones, as FAO had them (JIU/REP/2009/6)."""
    return [
        {"name": told("a centre in each zone"), "policy": {"zones": True}},
        {"name": told("a centre in each zone, three in all"), "policy": {"zones": True, "site_count": {"max": 3}}},
        {"name": told("one centre for the world"), "policy": {"zones": False, "site_count": {"max": 1}}},
    ]


MADE: Final[Mapping[str, Callable[[Case], list[dict[str, Any]]]]] = {
    "agencies": _agencies,
    "close-each-site": _close_each_site,
    "fao-zones": _fao_zones,
    "one-or-two-centres": _one_or_two_centres,
    "volume-20": _volume_20,
}
"""Sets that are made of a case, by name; the others are files under ``data/scenarios``."""


def packaged_names() -> list[str]:
    """Names of all packaged sets, sorted."""
    return sorted([*MADE, *data.scenario_names()])


def packaged(name: str, case: Case) -> dict[str, Any] | str:
    """A packaged set: its content, or the text of its file.

    Raises
    ------
    UsageError
        There is no such set.
    """
    if name in MADE:
        return {"scenario": MADE[name](case)}
    if name not in data.scenario_names():
        raise UsageError(f"there are no packaged scenarios {name!r}; there are {', '.join(packaged_names())}")
    return data.scenario_text(name)
