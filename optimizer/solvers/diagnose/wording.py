"""A conflict in words: one finding for each rule instance, with its row, its reason and its amount."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.domain.issues import Issue
from optimizer.domain.names import ZONES
from optimizer.model.eligibility.lifts import lift_of, lockable
from optimizer.model.eligibility.reasons import explain_refusals, said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from optimizer.domain.case import Case
    from optimizer.model.problem import Problem
    from optimizer.solvers.diagnose.instances import Instance
    from optimizer.solvers.diagnose.irreducible import Conflict, GiveWay

__all__ = ["Teller", "conflict_issues"]

MOST_LISTED: Final = 60
"""Instances of one conflict told one by one; the rest is counted."""

MOST_NAMED: Final = 5
"""Demands named in one sentence."""


class Teller:
    """Words for the instances of one conflict of a case."""

    def __init__(self, case: Case, problem: Problem, conflict: Conflict) -> None:
        self.case, self.problem, self.conflict = case, problem, conflict

    def amount(self, instance: Instance) -> GiveWay | None:
        """How far the instance must give way, where that was found: for the whole case if it can be."""
        return self.conflict.alone.get(instance) or self.conflict.amounts.get(instance)

    def tell(self, instance: Instance, label: str) -> Issue:
        """The finding about one instance; its remedy says where it ends this conflict only."""
        issue = _TELL[instance.rule](self, instance, label)
        if instance not in self.conflict.amounts or instance in self.conflict.alone:
            return issue
        return replace(issue, remedy=f"{issue.remedy}; this ends this conflict, and more may follow")

    def line(self, index: int) -> tuple[str, str]:
        """Provider and service of a line."""
        lines = self.problem.lines
        return self.problem.provider_ids[lines.provider[index]], self.problem.service_ids[lines.service[index]]


def conflict_issues(case: Case, problem: Problem, conflicts: list[Conflict]) -> Iterator[Issue]:
    """Findings of all conflicts: a head for each, then its instances."""
    for number, conflict in enumerate(conflicts, start=1):
        label = f"conflict {number}" if len(conflicts) > 1 else "conflict"
        yield _head(label, conflict)
        teller = Teller(case, problem, conflict)
        for instance in _shown(conflict):
            yield teller.tell(instance, f"{label}: ")


def _head(label: str, conflict: Conflict) -> Issue:
    n = len(conflict.instances)
    rules = "this rule cannot be kept" if n == 1 else f"these {n} rules cannot all be kept"
    if conflict.irreducible:
        how = "without any one of them the others can" if n > 1 else "all others can"
    else:
        counts = Counter(i.rule for i in conflict.instances)
        parts = ", ".join(f"{count:,} of {rule}" for rule, count in counts.most_common())
        how = "not proven irreducible, for the search ran out of time: fewer of them may conflict as well"
        how += f"; {parts}; {len(conflict.needed)} are known to be needed"
    if len(conflict.needed) > MOST_LISTED:
        how += f"; {MOST_LISTED} of them are listed"
    second = "two solvers agree" if conflict.confirmed else "one solver says so, no second one confirmed it in time"
    what = "it as told below" if n == 1 else "one of them as told below"
    remedy = f"change {what}; other conflicts may stand behind this one, so solve again"
    return Issue("rule_conflict", "error", f"{label}: {rules} ({how}; {second})", remedy, value=label)


def _shown(conflict: Conflict) -> list[Instance]:
    """Instances told one by one: those that are needed, all of them if there are few."""
    few = len(conflict.instances) <= MOST_LISTED
    return [i for i in conflict.instances if few or i in conflict.needed][-MOST_LISTED:]


def _plain(amount: Fraction, unit: str = "") -> str:
    """An amount rounded up to six decimals, so that giving so much is enough."""
    unit = unit.removesuffix("s") if amount == 1 else unit
    return f"{float(_ceil(amount)):,.6f}".rstrip("0").rstrip(".") + (f" {unit}" if unit else "")


def _ceil(amount: Fraction) -> Fraction:
    return Fraction(-((-amount * 1_000_000) // 1), 1_000_000)


def _number(value: float) -> Fraction:
    """A number of the input as it was written."""
    return Fraction(str(value))


def _listed(names: Sequence[tuple[str, str]]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join("|".join(n) for n in names[:MOST_NAMED]) + more


def _lock(t: Teller, instance: Instance, label: str) -> Issue:
    row = t.case.decisions[instance.key[0]]
    what = f"service {row.service}" if row.service else "all services"
    whom = "all entities" if row.entity == "*" else row.entity
    where = row.provider or "today's provider"
    key = "|".join((row.entity, row.service, row.provider))
    held = t.case.demands_named(row.entity, row.service)
    way = t.amount(instance)
    remedy = "withdraw the lock"
    if way is not None and len(held) > 1:
        least = "at least " if way.least else ""
        remedy = (
            f"withdraw the lock for {least}{_plain(way.amount)} of its {len(held)} demands, e.g. {_listed(way.named)}"
        )
    named = _listed(held) if len(held) < 3 else f"{len(held)} demands"
    message = f"{label}the lock of {what} of {whom} to {where} (row {key} of decisions; decision: {said_by(row)})"
    message += f" holds {named}"
    return Issue("rule_conflict", "error", message, remedy, table="decisions", value=key)


def _limit(
    name: str, limit: float, unit: str, what: str, table: str, column: str, value: str, *, lower: bool = False
) -> Callable[[str, GiveWay | None], Issue]:
    """A finding about one figure of the input that is too small (or, ``lower``, too large)."""

    def tell(label: str, way: GiveWay | None) -> Issue:
        verb, least = ("lower", "at most") if lower else ("raise", "at least")
        message, remedy = f"{label}{name} is {limit:,.6g} {unit}", f"{verb} {column}"
        if way is not None:
            new = _number(limit) + (-_ceil(way.amount) if lower else _ceil(way.amount))
            message += f", {_plain(way.amount, unit)} {what}"
            remedy += f" by {least if not lower else 'at least'} {_plain(way.amount, unit)}, to {_plain(new)}"
            if not way.least:
                remedy += " (less may do)"
        return Issue("rule_conflict", "error", message, remedy, table=table, column=column, value=value)

    return tell


SHORT: Final = "short of what the other rules send there"
MISSED: Final = "more than the other rules can fill"
NEARER: Final = "short of what the other rules leave"
BEYOND: Final = "more than the other rules leave"


def _line_capacity(t: Teller, instance: Instance, label: str) -> Issue:
    key = t.line(instance.key[0])
    unit = t.case.service[key[1]].unit or "units"
    name = f"the capacity of the offer {'|'.join(key)}, {key[1]} by {key[0]},"
    limit = t.case.offer[key].capacity or 0.0
    return _limit(name, limit, unit, SHORT, "offers", "capacity", "|".join(key))(label, t.amount(instance))


def _site_capacity(t: Teller, instance: Instance, label: str) -> Issue:
    site = t.case.provider[t.problem.provider_ids[instance.key[0]]]
    name = f"the capacity of {site.id}"
    tell = _limit(name, site.capacity_fte or 0.0, "FTE", SHORT, "providers", "capacity_fte", site.id)
    return tell(label, t.amount(instance))


def _minimum_volume(t: Teller, instance: Instance, label: str) -> Issue:
    if instance.part == "line":
        key = t.line(instance.key[0])
        unit = t.case.service[key[1]].unit or "units"
        name, limit = f"the least volume of the offer {'|'.join(key)}", t.case.offer[key].min_volume
        tell = _limit(name, limit, unit, MISSED, "offers", "min_volume", "|".join(key), lower=True)
    else:
        site = t.case.provider[t.problem.provider_ids[instance.key[0]]]
        tell = _limit(
            f"the least work at {site.id}, a candidate,",
            site.min_fte,
            "FTE",
            MISSED,
            "providers",
            "min_fte",
            site.id,
            lower=True,
        )
    return tell(label, t.amount(instance))


def _backup(t: Teller, instance: Instance, label: str) -> Issue:
    service = t.problem.service_ids[instance.key[0]]
    way = t.amount(instance)
    message = f"{label}{service} is critical, so each of its demands needs a backup in another country (policy backup)"
    remedy = f"let another country's provider run {service}, set critical of {service} to false, or switch backup off"
    if way is not None:
        message += f"; at least {_plain(way.amount)} would have none" if way.least else "; some would have none"
        message += f" ({_listed(way.named)})"
    return Issue("rule_conflict", "error", message, remedy, table="services", column="critical", value=service)


def _required(t: Teller, instance: Instance, label: str) -> Issue:
    site = t.problem.provider_ids[instance.key[0]]
    return Issue(
        "rule_conflict",
        "error",
        f"{label}{site} is required, so it counts as open",
        "set its status to open",
        table="providers",
        column="status",
        value=site,
    )


def _refusal(t: Teller, instance: Instance, label: str) -> Issue:
    d, p = instance.key
    entity = t.problem.entity_ids[t.problem.demand_entity[d]]
    service, who = t.problem.service_ids[t.problem.demand_service[d]], t.problem.provider_name(p)
    found = explain_refusals(t.case, t.problem, d, p)
    lifts = [lift_of(t.case, t.problem, d, p, r["code"]).action for r in found]
    remedy = " and ".join(lifts)
    if lockable(r["code"] for r in found):
        remedy += f"; or lock {service} of {entity} to {who} by decision"
    codes = ", ".join(r["code"] for r in found)
    message = f"{label}{who} may not serve {service} of {entity}: {'; '.join(r['message'] for r in found)} ({codes})"
    return Issue(
        "rule_conflict", "error", message, remedy, table="demands", column="provider", value=f"{entity}|{service}|{who}"
    )


def _site_count(t: Teller, instance: Instance, label: str) -> Issue:
    limits, way = t.case.policy.site_count, t.amount(instance)
    if instance.part == "zone":
        zone = ZONES[instance.key[0]]
        message = f"{label}at least one open Secretariat site in zone {zone} (policy zones)"
        return Issue(
            "rule_conflict",
            "error",
            message,
            f"let a provider work in zone {zone}, or switch zones off",
            table="policy",
            column="zones",
            value=zone,
        )
    lower = instance.part == "least"
    limit = (limits.min if lower else limits.max) if limits else 0
    column = "site_count.min" if lower else "site_count.max"
    word = "least" if lower else "largest"
    name = f"the {word} number of open Secretariat sites (policy {column})"
    what = MISSED if lower else SHORT
    return _limit(name, float(limit or 0), "sites", what, "policy", column, "", lower=lower)(label, way)


def _share(column: str, who: str, them: str) -> Callable[[Teller, Instance, str], Issue]:
    """A finding about a share of all effort that is too small."""
    return lambda t, instance, label: _of_all(t, label, t.amount(instance), (column, who, them))


def _of_all(t: Teller, label: str, way: GiveWay | None, words: tuple[str, str, str]) -> Issue:
    column, who, them = words
    share = float(getattr(t.case.policy, column) or 0)
    message, remedy = f"{label}{who} may have {share:.6g} of all effort (policy {column})", "raise it"
    if way is not None:
        whole = sum(
            (_number(d.volume) * _number(t.case.service[d.service].minutes_per_unit) for d in t.case.demands),
            Fraction(0),
        ) / _number(t.case.policy.minutes_per_fte_year)
        need = _number(share) + way.amount / whole
        message += f"; the other rules send {them} {_plain(way.amount, 'FTE')} more"
        remedy = f"raise {column} to at least {_plain(need)}"
    return Issue("rule_conflict", "error", message, remedy, table="policy", column=column)


def _key(
    column: str, name: str, unit: str, what: str = SHORT, *, lower: bool = False
) -> Callable[[Teller, Instance, str], Issue]:
    def tell(t: Teller, instance: Instance, label: str) -> Issue:
        limit, way = float(getattr(t.case.policy, column) or 0), t.amount(instance)
        return _limit(name, limit, unit or t.case.policy.currency, what, "policy", column, "", lower=lower)(label, way)

    return tell


def _bundle(t: Teller, instance: Instance, label: str) -> Issue:
    way = t.amount(instance)
    message, remedy = f"{label}bundles stay with one source (policy bundle_mode = together)", "set bundle_mode to price"
    if way is not None:
        message += f"; {_listed(way.named)} would have to be split"
    return Issue("rule_conflict", "error", message, remedy, table="policy", column="bundle_mode", value="together")


_TELL: Final[dict[str, Callable[[Teller, Instance, str], Issue]]] = {
    "refusal": _refusal,
    "required": _required,
    "line_capacity": _line_capacity,
    "site_capacity": _site_capacity,
    "minimum_volume": _minimum_volume,
    "max_providers_per_entity": _key("max_providers_per_entity", "the number of providers of an entity", "providers"),
    "bundle_together": _bundle,
    "agency_share": _share("agency_share_max", "agencies", "them"),
    "site_count": _site_count,
    "backup": _backup,
    "max_moves": _key("max_moves", "the number of moves (policy max_moves)", "moves"),
    "one_off_budget": _key("one_off_budget", "the one-off budget (policy one_off_budget)", ""),
    "mean_overlap_min": _key(
        "mean_overlap_min", "the least mean overlap (policy mean_overlap_min)", "hours", BEYOND, lower=True
    ),
    "mean_distance_max": _key(
        "mean_distance_max",
        "the largest mean distance (policy mean_distance_max)",
        "km",
        NEARER,
    ),
    "worse_off_max": _key(
        "worse_off_max", "the number of entities that may be worse off (policy worse_off_max)", "entities"
    ),
    "exposure_max_fte": _key(
        "exposure_max_fte", "the effort at places of hardship class D or E (policy exposure_max_fte)", "FTE"
    ),
    "site_share_max": _share("site_share_max", "one provider", "one of them"),
    "lock": _lock,
}
"""How each kind of instance is told."""
