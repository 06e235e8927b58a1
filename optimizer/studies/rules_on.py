"""Every rule, filter and limit that is on in a case, and the change that switches it off or moves it a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.decided import without_decisions

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from optimizer.domain.case import Case
    from optimizer.domain.policy import Policy

__all__ = ["Switch", "locks_of", "switches"]

SHARE_STEP: Final = 0.05
"""Step of a share, of one."""
PART_STEP: Final = 0.1
"""Step of an amount, as a part of it."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A change of a case that takes a rule away, or moves it a step.

    Parameters
    ----------
    rule : str
        Out of ``RULES`` or ``REFUSALS``.
    step : str
        ``off``, or what it moves to, in words.
    policy, changes, tables : mapping, tuple, mapping
        As ``Session.vary`` takes them.
    ids : mapping
        What it speaks of beside the rule: ``entity``, ``service``.
    """

    rule: str
    step: str
    policy: Mapping[str, Any]
    changes: tuple[Mapping[str, Any], ...] = ()
    tables: Mapping[str, Any] | None = None
    ids: Mapping[str, str] | None = None


def switches(case: Case, *, steps: bool) -> Iterator[Switch]:
    """Every rule and filter of a case that is on: off, or with ``steps`` each limit moved a step."""
    for make in (_of_policy, _of_tables):
        yield from make(case, steps)
    if not steps and any(d.action == "forbid" for d in case.decisions):
        yield Switch("forbid", "off", {}, tables={"decisions": _without(case, "forbid", case.demand)})


def locks_of(case: Case, most: int) -> Iterator[Switch]:
    """Each of the locks with most effort withdrawn alone, then all of them."""
    effort = {key: case.effort_fte(case.demand[key]) for key in case.locks}
    for key in sorted(effort, key=lambda k: (-effort[k], k))[:most]:
        rows = _without(case, "lock", [key])
        yield Switch("lock", "withdrawn", {}, tables={"decisions": rows}, ids={"entity": key[0], "service": key[1]})
    if effort:
        yield Switch("lock", "off", {}, tables={"decisions": _without(case, "lock", case.demand)})


def _without(case: Case, action: str, demands: Container[tuple[str, str]]) -> list[dict[str, Any]]:
    """Decisions of a case without those of an action, for some demands."""
    return without_decisions(case, lambda row: demands if row.action == action else ())


_POLICY: Final[tuple[tuple[str, str, Any, Callable[[Any], Any]], ...]] = (
    ("max_providers_per_entity", "max_providers_per_entity", None, lambda v: v + 1),
    ("agency_share", "agency_share_max", None, lambda v: min(1.0, round(v + SHARE_STEP, 6))),
    ("max_moves", "max_moves", None, lambda v: v + 1),
    ("one_off_budget", "one_off_budget", None, lambda v: round(v * (1 + PART_STEP), 2)),
    ("agency_saving", "agency_min_saving", None, lambda v: max(0.0, round(v - SHARE_STEP, 6))),
    ("mean_overlap_min", "mean_overlap_min", None, lambda v: max(0.0, round(v - 0.5, 6))),
    ("mean_distance_max", "mean_distance_max", None, lambda v: round(v * (1 + PART_STEP), 6)),
    ("worse_off_max", "worse_off_max", None, lambda v: v + 1),
    ("exposure_max_fte", "exposure_max_fte", None, lambda v: round(v * (1 + PART_STEP), 6)),
    ("site_share_max", "site_share_max", None, lambda v: min(1.0, round(v + SHARE_STEP, 6))),
)
"""Rule, its key of the policy, the value that switches it off, and a step looser."""


def _of_policy(case: Case, steps: bool) -> Iterator[Switch]:
    policy = case.policy
    for rule, key, off, loosen in _POLICY:
        held = getattr(policy, key, None)
        if held is not None:
            value = loosen(held) if steps else off
            if value != held:
                yield Switch(rule, f"{held:g} to {value:g}" if steps else "off", {key: value})
    if policy.own_min_headcount > 0 and not steps:
        yield Switch("own_headcount", "off", {"own_min_headcount": 0})
    if policy.max_hardship_class is not None:
        yield from _hardship(policy, steps)
    yield from _sites(policy, steps)
    if not steps:
        if policy.bundle_mode == "together":
            yield Switch("bundle_together", "off", {"bundle_mode": "price"})
        if policy.backup and any(s.critical for s in case.services):
            yield Switch("backup", "off", {"backup": False})
        if policy.language_mode == "forbid" and any(s.language_rule in ("all", "any") for s in case.services):
            yield Switch("language", "off", {"language_mode": "price"})


def _hardship(policy: Policy, steps: bool) -> Iterator[Switch]:
    from optimizer.domain.policy import HARDSHIP_ORDER

    held = str(policy.max_hardship_class)
    place = HARDSHIP_ORDER.index(held) + 1
    if not steps:
        yield Switch("hardship", "off", {"max_hardship_class": None})
    elif place < len(HARDSHIP_ORDER):
        worse = HARDSHIP_ORDER[place]
        yield Switch("hardship", f"{held} to {worse}", {"max_hardship_class": worse})


def _sites(policy: Policy, steps: bool) -> Iterator[Switch]:
    count = policy.site_count
    if not steps and (count is not None or policy.zones):
        yield Switch("site_count", "off", {"site_count": None, "zones": False})
    if steps and count is not None and count.max is not None:
        yield Switch("site_count", f"at most {count.max} to {count.max + 1}", {"site_count": {"max": count.max + 1}})
    if steps and count is not None and count.min:
        yield Switch("site_count", f"at least {count.min} to {count.min - 1}", {"site_count": {"min": count.min - 1}})


_TABLES: Final[tuple[tuple[str, tuple[tuple[str, str], ...], float], ...]] = (
    ("line_capacity", (("offers", "capacity"),), 1 + PART_STEP),
    ("site_capacity", (("providers", "capacity_fte"),), 1 + PART_STEP),
    ("minimum_volume", (("offers", "min_volume"), ("providers", "min_fte")), 1 - PART_STEP),
    ("distance", (("services", "max_distance_km"),), 1 + PART_STEP),
    ("overlap", (("services", "min_overlap_hours"),), 1 - PART_STEP),
    ("client_kind", (("offers", "client_kinds"),), 0.0),
    ("service_level", (("services", "min_service_level"),), 1 - PART_STEP),
)
"""Rule or filter, the cells that make it, and the factor of a step looser (0: it has no amount)."""


def _of_tables(case: Case, steps: bool) -> Iterator[Switch]:
    for rule, cells, factor in _TABLES:
        filled = [(t, c) for t, c in cells if any(row.get(c) not in (None, []) for row in case.tables.get(t, []))]
        if not filled or (steps and not factor):
            continue
        how = {"times": factor} if steps else {"set": None}
        told = f"{'+' if factor > 1 else '-'}{abs(factor - 1):.0%}" if steps else "off"
        yield Switch(rule, told, {}, tuple({"table": t, "where": {c: "*"}, "column": c, **how} for t, c in filled))
    if steps:
        return
    near = [s.id for s in case.services if s.location_class != "global"]
    if near:
        there = {"table": "services", "where": {"id": near}, "column": "location_class", "set": "global"}
        yield Switch("location_class", "off", {}, (there,))
    served = [o for o in case.tables.get("offers", []) if o.get("regions_served")]
    if served:
        world = {"table": "offers", "where": {"regions_served": "*"}, "column": "regions_served", "set": ["World"]}
        yield Switch("region", "off", {}, (world,))
