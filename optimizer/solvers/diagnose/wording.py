"""A conflict in words: one finding for each rule instance, with its row, its reason and its amount."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from optimizer.domain.answer import told
from optimizer.domain.issues import Issue
from optimizer.model.eligibility.lifts import lift_of, lockable
from optimizer.model.eligibility.reasons import explain_refusals, said_by
from optimizer.solvers.diagnose.wording_limits import (
    BEYOND,
    NEARER,
    Known,
    after,
    line_capacity,
    minimum_volume,
    plain,
    policy_figure,
    share_of_all,
    site_capacity,
    site_count,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from optimizer.domain.case import Case
    from optimizer.model.problem import Problem
    from optimizer.solvers.diagnose.instances import Instance
    from optimizer.solvers.diagnose.irreducible import Conflict

__all__ = ["Teller", "conflict_issues"]

MOST_LISTED: Final = 60
"""Instances of one conflict told one by one; the rest is counted."""

MOST_NAMED: Final = 5
"""Demands named in one sentence."""


class Teller(Known):
    """Words for the instances of one conflict of a case."""

    def tell(self, instance: Instance, label: str) -> Issue:
        """The finding about one instance; its remedy says where it ends this conflict only."""
        issue = _TELL[instance.rule](self, instance, label)
        if instance not in self.conflict.amounts or instance in self.conflict.alone:
            return issue
        return replace(issue, remedy=told("{what}; this ends this conflict, and more may follow", what=issue.remedy))


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
        remedy = told(text, n=plain(way.amount), held=len(held), named=_listed(way.named))
    named = _listed(held) if len(held) < 3 else told("{n} demands", n=len(held))
    text = "the lock of {what} of {entity} to {provider} (row {key} of decisions; decision: {why}) holds {named}"
    message = told(text, what=what, entity=whom, provider=where, key=key, why=said_by(row), named=named)
    return Issue("rule_conflict", "error", after(label, message), remedy, table="decisions", value=key)


def _backup(t: Teller, instance: Instance, label: str) -> Issue:
    service = t.problem.service_ids[instance.key[0]]
    way = t.amount(instance)
    text = "{service} is critical, so each of its demands needs a backup in another country (policy backup)"
    message = told(text, service=service)
    text = "let another country's provider run {service}, set critical of {service} to false, or switch backup off"
    remedy = told(text, service=service)
    if way is not None and way.least:
        text = "{what}; at least {n} would have none ({named})"
        message = told(text, what=message, n=plain(way.amount), named=_listed(way.named))
    elif way is not None:
        message = told("{what}; some would have none ({named})", what=message, named=_listed(way.named))
    return Issue(
        "rule_conflict", "error", after(label, message), remedy, table="services", column="critical", value=service
    )


def _required(t: Teller, instance: Instance, label: str) -> Issue:
    site = t.problem.provider_ids[instance.key[0]]
    return Issue(
        "rule_conflict",
        "error",
        after(label, told("{provider} is required, so it counts as open", provider=site)),
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
    return Issue("rule_conflict", "error", after(label, message), remedy, table="demands", column="provider", value=key)


def _in_turn(parts: Sequence[str], joint: str) -> str:
    """Several sentences as one."""
    return functools.reduce(lambda one, other: told(joint, one=one, other=other), parts)


def _bundle(t: Teller, instance: Instance, label: str) -> Issue:
    way = t.amount(instance)
    message = told("bundles stay with one source (policy bundle_mode = together)")
    remedy = told("set bundle_mode to price")
    if way is not None:
        message = told("{what}; {named} would have to be split", what=message, named=_listed(way.named))
    return Issue(
        "rule_conflict", "error", after(label, message), remedy, table="policy", column="bundle_mode", value="together"
    )


_TELL: Final[dict[str, Callable[[Teller, Instance, str], Issue]]] = {
    "refusal": _refusal,
    "required": _required,
    "line_capacity": line_capacity,
    "site_capacity": site_capacity,
    "minimum_volume": minimum_volume,
    "max_providers_per_entity": policy_figure(
        "max_providers_per_entity", "the number of providers of an entity", "providers"
    ),
    "bundle_together": _bundle,
    "agency_share": share_of_all(
        "agency_share_max",
        "agencies may have {share:.6g} of all effort (policy agency_share_max)",
        "{what}; the other rules send them {amount} more",
    ),
    "site_count": site_count,
    "backup": _backup,
    "max_moves": policy_figure("max_moves", "the number of moves (policy max_moves)", "moves"),
    "one_off_budget": policy_figure("one_off_budget", "the one-off budget (policy one_off_budget)", ""),
    "mean_overlap_min": policy_figure(
        "mean_overlap_min", "the least mean overlap (policy mean_overlap_min)", "hours", BEYOND, lower=True
    ),
    "mean_distance_max": policy_figure(
        "mean_distance_max",
        "the largest mean distance (policy mean_distance_max)",
        "km",
        NEARER,
    ),
    "worse_off_max": policy_figure(
        "worse_off_max", "the number of entities that may be worse off (policy worse_off_max)", "entities"
    ),
    "exposure_max_fte": policy_figure(
        "exposure_max_fte", "the effort at places of hardship class D or E (policy exposure_max_fte)", "FTE"
    ),
    "site_share_max": share_of_all(
        "site_share_max",
        "one provider may have {share:.6g} of all effort (policy site_share_max)",
        "{what}; the other rules send one of them {amount} more",
    ),
    "lock": _lock,
}
"""How each kind of instance is told."""
