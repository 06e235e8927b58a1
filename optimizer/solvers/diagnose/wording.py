"""A conflict in words: one finding for each rule instance, with its row, its reason and its amount."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.domain.answer import Sentence, told
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
        return replace(issue, remedy=told("{what}; this ends this conflict, and more may follow", what=issue.remedy))

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


def _plain(amount: Fraction, unit: str = "") -> Sentence:
    """An amount rounded up to six decimals, so that giving so much is enough."""
    unit = unit.removesuffix("s") if amount == 1 else unit
    text, figure = f"{float(_ceil(amount)):,.6f}".rstrip("0").rstrip("."), float(_ceil(amount))
    if not unit:
        return Sentence(text, "{n}", {"n": figure})
    return Sentence(f"{text} {unit}", "{n} {unit}", {"n": figure, "unit": told(unit)})


def _after(label: str, what: Sentence) -> str:
    """A message behind the name of its conflict, if it has one."""
    return f"{label}{what}" if label else what


def _ceil(amount: Fraction) -> Fraction:
    return Fraction(-((-amount * 1_000_000) // 1), 1_000_000)


def _number(value: float) -> Fraction:
    """A number of the input as it was written."""
    return Fraction(str(value))


def _listed(names: Sequence[tuple[str, str]]) -> str:
    first = ", ".join("|".join(n) for n in names[:MOST_NAMED])
    return told("{first} and {n} more", first=first, n=len(names) - MOST_NAMED) if len(names) > MOST_NAMED else first


def _lock(t: Teller, instance: Instance, label: str) -> Issue:
    row = t.case.decisions[instance.key[0]]
    what = told("service {service}", service=row.service) if row.service else told("all services")
    whom = told("all entities") if row.entity == "*" else row.entity
    where = row.provider or told("today's provider")
    key = "|".join((row.entity, row.service, row.provider))
    held = t.case.demands_named(row.entity, row.service)
    way = t.amount(instance)
    remedy = told("withdraw the lock")
    if way is not None and len(held) > 1:
        text = "withdraw the lock for {n} of its {held} demands, e.g. {named}"
        if way.least:
            text = "withdraw the lock for at least {n} of its {held} demands, e.g. {named}"
        remedy = told(text, n=_plain(way.amount), held=len(held), named=_listed(way.named))
    named = _listed(held) if len(held) < 3 else told("{n} demands", n=len(held))
    text = "the lock of {what} of {whom} to {where} (row {key} of decisions; decision: {why}) holds {named}"
    message = told(text, what=what, whom=whom, where=where, key=key, why=said_by(row), named=named)
    return Issue("rule_conflict", "error", _after(label, message), remedy, table="decisions", value=key)


def _limit(
    name: Sentence, limit: float, unit: str, what: Sentence, table: str, column: str, value: str, *, lower: bool = False
) -> Callable[[str, GiveWay | None], Issue]:
    """A finding about one figure of the input that is too small (or, ``lower``, too large)."""

    def tell(label: str, way: GiveWay | None) -> Issue:
        verb = "lower" if lower else "raise"
        message = told("{name} is {limit:,.6g} {unit}", name=name, limit=limit, unit=told(unit))
        remedy = told(_CHANGE[verb, ""], column=column)
        if way is not None:
            by, new = _plain(way.amount, unit), _number(limit) + (-_ceil(way.amount) if lower else _ceil(way.amount))
            message = told("{limited}, {amount} {what}", limited=message, amount=by, what=what)
            remedy = told(_CHANGE[verb, "least" if way.least else "perhaps"], column=column, amount=by, new=_plain(new))
        return Issue("rule_conflict", "error", _after(label, message), remedy, table=table, column=column, value=value)

    return tell


_CHANGE: Final = {
    ("raise", ""): "raise {column}",
    ("lower", ""): "lower {column}",
    ("raise", "least"): "raise {column} by at least {amount}, to {new}",
    ("lower", "least"): "lower {column} by at least {amount}, to {new}",
    ("raise", "perhaps"): "raise {column} by at least {amount}, to {new} (less may do)",
    ("lower", "perhaps"): "lower {column} by at least {amount}, to {new} (less may do)",
}
"""What to do with a figure, by how far that is known to be enough."""
SHORT: Final = told("short of what the other rules send there")
MISSED: Final = told("more than the other rules can fill")
NEARER: Final = told("short of what the other rules leave")
BEYOND: Final = told("more than the other rules leave")


def _line_capacity(t: Teller, instance: Instance, label: str) -> Issue:
    key = t.line(instance.key[0])
    unit = t.case.service[key[1]].unit or "units"
    text = "the capacity of the offer {offer}, {service} by {provider},"
    name = told(text, offer="|".join(key), service=key[1], provider=key[0])
    limit = t.case.offer[key].capacity or 0.0
    return _limit(name, limit, unit, SHORT, "offers", "capacity", "|".join(key))(label, t.amount(instance))


def _site_capacity(t: Teller, instance: Instance, label: str) -> Issue:
    site = t.case.provider[t.problem.provider_ids[instance.key[0]]]
    name = told("the capacity of {provider}", provider=site.id)
    tell = _limit(name, site.capacity_fte or 0.0, "FTE", SHORT, "providers", "capacity_fte", site.id)
    return tell(label, t.amount(instance))


def _minimum_volume(t: Teller, instance: Instance, label: str) -> Issue:
    if instance.part == "line":
        key = t.line(instance.key[0])
        unit = t.case.service[key[1]].unit or "units"
        name = told("the least volume of the offer {offer}", offer="|".join(key))
        limit = t.case.offer[key].min_volume
        tell = _limit(name, limit, unit, MISSED, "offers", "min_volume", "|".join(key), lower=True)
    else:
        site = t.case.provider[t.problem.provider_ids[instance.key[0]]]
        tell = _limit(
            told("the least work at {provider}, a candidate,", provider=site.id),
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
    text = "{service} is critical, so each of its demands needs a backup in another country (policy backup)"
    message = told(text, service=service)
    text = "let another country's provider run {service}, set critical of {service} to false, or switch backup off"
    remedy = told(text, service=service)
    if way is not None and way.least:
        text = "{what}; at least {n} would have none ({named})"
        message = told(text, what=message, n=_plain(way.amount), named=_listed(way.named))
    elif way is not None:
        message = told("{what}; some would have none ({named})", what=message, named=_listed(way.named))
    return Issue(
        "rule_conflict", "error", _after(label, message), remedy, table="services", column="critical", value=service
    )


def _required(t: Teller, instance: Instance, label: str) -> Issue:
    site = t.problem.provider_ids[instance.key[0]]
    return Issue(
        "rule_conflict",
        "error",
        _after(label, told("{provider} is required, so it counts as open", provider=site)),
        told("set its status to open"),
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
    remedy = _in_turn(lifts, "{one} and {other}")
    if lockable(r["code"] for r in found):
        text = "{lifts}; or lock {service} of {entity} to {provider} by decision"
        remedy = told(text, lifts=remedy, service=service, entity=entity, provider=who)
    codes, why = ", ".join(r["code"] for r in found), _in_turn([r["message"] for r in found], "{one}; {other}")
    text = "{provider} may not serve {service} of {entity}: {why} ({codes})"
    message = told(text, provider=who, service=service, entity=entity, why=why, codes=codes)
    key = f"{entity}|{service}|{who}"
    return Issue(
        "rule_conflict", "error", _after(label, message), remedy, table="demands", column="provider", value=key
    )


def _in_turn(parts: Sequence[str], joint: str) -> str:
    """Several sentences as one."""
    return functools.reduce(lambda one, other: told(joint, one=one, other=other), parts)


_SITES: Final = {
    "least": "the least number of open Secretariat sites (policy site_count.min)",
    "most": "the largest number of open Secretariat sites (policy site_count.max)",
}


def _site_count(t: Teller, instance: Instance, label: str) -> Issue:
    limits, way = t.case.policy.site_count, t.amount(instance)
    if instance.part == "zone":
        zone = ZONES[instance.key[0]]
        message = told("at least one open Secretariat site in zone {zone} (policy zones)", zone=zone)
        return Issue(
            "rule_conflict",
            "error",
            _after(label, message),
            told("let a provider work in zone {zone}, or switch zones off", zone=zone),
            table="policy",
            column="zones",
            value=zone,
        )
    lower = instance.part == "least"
    limit = (limits.min if lower else limits.max) if limits else 0
    column = "site_count.min" if lower else "site_count.max"
    name = told(_SITES[instance.part])
    what = MISSED if lower else SHORT
    return _limit(name, float(limit or 0), "sites", what, "policy", column, "", lower=lower)(label, way)


def _share(column: str, who: str, them: str) -> Callable[[Teller, Instance, str], Issue]:
    """A finding about a share of all effort that is too small."""
    return lambda t, instance, label: _of_all(t, label, t.amount(instance), (column, who, them))


def _of_all(t: Teller, label: str, way: GiveWay | None, words: tuple[str, str, str]) -> Issue:
    column, who, them = words
    share = float(getattr(t.case.policy, column) or 0)
    message, remedy = told(who, share=share), told("raise it")
    if way is not None:
        whole = sum(
            (_number(d.volume) * _number(t.case.service[d.service].minutes_per_unit) for d in t.case.demands),
            Fraction(0),
        ) / _number(t.case.policy.minutes_per_fte_year)
        need = _number(share) + way.amount / whole
        message = told(them, what=message, amount=_plain(way.amount, "FTE"))
        remedy = told("raise {column} to at least {need}", column=column, need=_plain(need))
    return Issue("rule_conflict", "error", _after(label, message), remedy, table="policy", column=column)


def _key(
    column: str, name: str, unit: str, what: Sentence = SHORT, *, lower: bool = False
) -> Callable[[Teller, Instance, str], Issue]:
    def tell(t: Teller, instance: Instance, label: str) -> Issue:
        limit, way = float(getattr(t.case.policy, column) or 0), t.amount(instance)
        currency = t.case.policy.currency
        return _limit(told(name), limit, unit or currency, what, "policy", column, "", lower=lower)(label, way)

    return tell


def _bundle(t: Teller, instance: Instance, label: str) -> Issue:
    way = t.amount(instance)
    message = told("bundles stay with one source (policy bundle_mode = together)")
    remedy = told("set bundle_mode to price")
    if way is not None:
        message = told("{what}; {named} would have to be split", what=message, named=_listed(way.named))
    return Issue(
        "rule_conflict", "error", _after(label, message), remedy, table="policy", column="bundle_mode", value="together"
    )


_TELL: Final[dict[str, Callable[[Teller, Instance, str], Issue]]] = {
    "refusal": _refusal,
    "required": _required,
    "line_capacity": _line_capacity,
    "site_capacity": _site_capacity,
    "minimum_volume": _minimum_volume,
    "max_providers_per_entity": _key("max_providers_per_entity", "the number of providers of an entity", "providers"),
    "bundle_together": _bundle,
    "agency_share": _share(
        "agency_share_max",
        "agencies may have {share:.6g} of all effort (policy agency_share_max)",
        "{what}; the other rules send them {amount} more",
    ),
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
    "site_share_max": _share(
        "site_share_max",
        "one provider may have {share:.6g} of all effort (policy site_share_max)",
        "{what}; the other rules send one of them {amount} more",
    ),
    "lock": _lock,
}
"""How each kind of instance is told."""
