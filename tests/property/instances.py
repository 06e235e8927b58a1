"""What every plan of a small case breaks, instance by instance, by enumeration and the verifier's code.

Written apart from ``optimizer.solvers.diagnose``: instances are named by labels of ids here, and looked up with
``label_of`` only to compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.names import OWN, ZONES
from optimizer.verify.checker import Evaluator

Label = tuple[str, ...]
Row = tuple[str, str, str, str]
FACTS = {"not_offered", "own_not_given"}
KEYS = (
    "max_providers_per_entity",
    "bundle_together",
    "agency_share",
    "max_moves",
    "one_off_budget",
    "mean_overlap_min",
    "mean_distance_max",
    "worse_off_max",
    "exposure_max_fte",
    "site_share_max",
)


def broken_sets(case: Case, *, refused_backups: bool = True) -> set[frozenset[Label]]:
    """For every plan that hard facts allow: the labels of what it breaks.

    ``refused_backups``: a provider that may not serve a demand may be named as its backup, and breaks a rule by it.
    """
    evaluator = Evaluator(case)
    verdict = evaluator.facts.eligibility.verdict
    refused = {
        (d.key, p): {r.code for r in verdict(d, p).refusals}
        for d in case.demands
        for p in [*(p.id for p in case.providers), OWN]
    }
    options = [[p for (key, p), codes in refused.items() if key == d.key and not codes & FACTS] for d in case.demands]
    idle = [p.id for p in case.providers if p.status == "required" and p.kind == "secretariat"]
    out: set[frozenset[Label]] = set()
    for choice in product(*options):
        for rows in _with_backups(case, choice, refused):
            if not refused_backups and any(q and refused[(e, s), q] for e, s, _, q in rows):
                continue
            plain = _broken(case, evaluator, rows, refused)
            used = {p for _, _, p, _ in rows if p != OWN}
            for shut in _subsets([p for p in idle if p not in used]):
                labels = plain | {("required", p) for p in shut} | _sites(case, evaluator, used, shut)
                out.add(frozenset(labels))
    return {s for s in out if not any(other < s for other in out)}


def _subsets(items: list[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(items, n) for n in range(len(items) + 1))


def _with_backups(case: Case, choice: tuple[str, ...], refused: dict[Any, set[str]]) -> Iterator[list[Row]]:
    """The plan with every naming of backups that hard facts allow, and with none."""
    names = [p.id for p in case.providers]
    spare = [
        ["", *(q for q in names if q != p and not refused[d.key, q] & FACTS)]
        if case.policy.backup and case.service[d.service].critical and p != OWN
        else [""]
        for d, p in zip(case.demands, choice, strict=True)
    ]
    for backups in product(*spare):
        yield [(*d.key, p, q) for d, p, q in zip(case.demands, choice, backups, strict=True)]


def _broken(case: Case, evaluator: Evaluator, rows: list[Row], refused: dict[Any, set[str]]) -> set[Label]:
    out: set[Label] = set()
    for entity, service, p, q in rows:
        out |= {("refusal", entity, service, who) for who in (p, q) if who and refused[(entity, service), who]}
    out |= {("backup", row[1]) for row in rows if _unfit(case, rows, row)}
    for v in evaluator.violations(rows):
        if v.rule in ("assign_once", "open_line", "open_site", "site_count"):
            continue  # refusals are above, sites are counted apart
        if v.rule == "backup" and v.entity:
            continue  # the verifier stops at a backup's refusal, which is an instance of its own here
        if v.rule in ("line_capacity", "site_capacity", "backup"):
            out.add(("line_capacity", v.provider, v.service) if v.service else ("site_capacity", v.provider))
        elif v.rule == "minimum_volume":
            out.add(("minimum_volume", v.provider, v.service))
        elif v.rule == "lock":
            out |= {("lock", str(i)) for i in _locks(case, v.entity, v.service)}
        else:
            assert v.rule in KEYS
            out.add((v.rule,))
    return out


def _unfit(case: Case, rows: list[Row], row: Row) -> bool:
    """Whether a demand that needs a backup has none abroad that runs the service; refusals apart."""
    _, service, p, q = row
    if not (case.policy.backup and case.service[service].critical) or p == OWN:
        return False
    runs = any((s, who) == (service, q) for _, s, who, _ in rows)
    return not q or not runs or case.provider[p].place.country == case.provider[q].place.country


def _locks(case: Case, entity: str, service: str) -> Iterator[int]:
    for i, d in enumerate(case.decisions):
        if d.action == "lock" and (entity, service) in case.demands_named(d.entity, d.service):
            yield i


def _sites(case: Case, evaluator: Evaluator, used: set[str], shut: tuple[str, ...]) -> set[Label]:
    open_ = [
        p
        for p in case.providers
        if p.kind == "secretariat" and p.id not in shut and (p.id in used or p.status == "required")
    ]
    out: set[Label] = set()
    count = case.policy.site_count
    if count is not None and count.min is not None and len(open_) < count.min:
        out.add(("site_count", "least"))
    if count is not None and count.max is not None and len(open_) > count.max:
        out.add(("site_count", "most"))
    if case.policy.zones:
        present = {evaluator.facts.geography.zone(p.place) for p in open_}
        out |= {("site_count", "zone", z) for z in ZONES if z not in present}
    return out


def label_of(problem: Any, instance: Any) -> Label:
    """The label of one of the product's instances."""
    rule, key, lines = instance.rule, instance.key, problem.lines
    provider = problem.provider_ids
    if rule == "refusal":
        d, p = key
        return rule, *_demand(problem, d), provider[p] if p < len(provider) else OWN
    if rule == "line_capacity" or (rule, instance.part) == ("minimum_volume", "line"):
        return rule, provider[lines.provider[key[0]]], problem.service_ids[lines.service[key[0]]]
    if rule == "minimum_volume":
        return rule, provider[key[0]], ""
    if rule in ("site_capacity", "required"):
        return rule, provider[key[0]]
    if rule == "backup":
        return rule, problem.service_ids[key[0]]
    if rule == "lock":
        return rule, str(key[0])
    if rule == "site_count":
        return (rule, instance.part, *(ZONES[z] for z in key))
    return (rule,)


def _demand(problem: Any, d: int) -> tuple[str, str]:
    return problem.entity_ids[problem.demand_entity[d]], problem.service_ids[problem.demand_service[d]]
