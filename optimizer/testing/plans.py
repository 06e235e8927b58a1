"""Random plans of a case, and limits drawn close around one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import OWN
from optimizer.domain.policy import SiteCount
from optimizer.domain.types import MICRO
from optimizer.testing.typed import edited
from optimizer.verify.checker import Evaluator
from optimizer.verify.costs import one_off_cost

if TYPE_CHECKING:
    from random import Random

    from optimizer.domain.case import Case
    from optimizer.domain.types import Offer, Provider
    from optimizer.testing.enumerate import Row

__all__ = ["good_plan", "random_plan", "tightened"]

_FREE: Final[dict[str, Any]] = {
    **dict.fromkeys(("max_providers_per_entity", "agency_share_max", "site_count", "max_moves", "one_off_budget")),
    "bundle_mode": "price",
}


def random_plan(case: Case, rng: Random, evaluator: Evaluator | None = None) -> list[Row]:
    """Eligible providers where there are any, with a backup that runs the service where one does; limits may break.

    Parameters
    ----------
    case : Case
    rng : Random
    evaluator : Evaluator, optional
        Of the case, where many plans are drawn.
    """
    facts = (evaluator or Evaluator(case)).facts
    eligibility, chosen = facts.eligibility, dict[tuple[str, str], str]()
    for d in case.demands:
        may = [p for p in eligibility.candidates(d) if eligibility.eligible(d, p)]
        if may:
            chosen[d.key] = case.locks[d.key] if case.locks.get(d.key) in may else rng.choice(may)
    out = []
    for d in case.demands:
        p, fit = chosen.get(d.key, ""), list[str]()
        if facts.demands[d.key].critical and p not in ("", OWN):
            country = case.provider[p].place.country
            running = sorted({q for (_, s), q in chosen.items() if s == d.service} - {p, OWN})
            fit = [q for q in running if case.provider[q].place.country != country and eligibility.eligible(d, q)]
        out.append((d.entity, d.service, p, rng.choice(fit or [""])))
    return out


def good_plan(case: Case, rng: Random, evaluator: Evaluator | None = None, tries: int = 40) -> list[Row] | None:
    """The first of so many random plans that keeps every rule, if one turns up."""
    evaluator = evaluator or Evaluator(case)
    for _ in range(tries):
        rows = random_plan(case, rng, evaluator)
        if not evaluator.violations(rows):
            return rows
    return None


def tightened(case: Case, rows: list[Row], rng: Random) -> Case:
    """The case with limits drawn close around what a plan uses, so that rules bind and the plan may keep them."""
    tally = Evaluator(case).tally(rows)
    spare = (0.0, 0.0, 300.0, 1500.0)

    def offer(o: Offer) -> Offer:
        volume, low = tally.line_volume.get(o.key, 0) / MICRO, rng.random()
        limit = None if low < 0.4 else o.base_volume + volume + rng.choice(spare)
        return replace(o, capacity=limit, min_volume=volume if low > 0.9 else 0.0)

    def provider(p: Provider) -> Provider:
        fte = tally.site_minutes.get(p.id, 0) / MICRO**2 / case.policy.minutes_per_fte_year
        limit = None if rng.random() < 0.4 else round(p.base_fte + fte + rng.choice(spare) / 1000, 6) + 1e-6
        return replace(p, capacity_fte=limit, min_fte=round(fte * rng.choice([0.0, 0.5]), 6))

    used = Counter(e for e, _ in tally.dealings)
    agency = {p.id for p in case.providers if p.kind == "agency"}
    share = sum(m for p, m in tally.site_minutes.items() if p in agency) / max(tally.facts.all_minutes, 1)
    number = sum(p not in agency for p in tally.open_sites())
    split = any(len({p for _, p in members}) > 1 for members in tally.bundles.values())
    drawn: dict[str, Any] = {
        "max_providers_per_entity": max(used.values(), default=1),
        "agency_share_max": round(share + 1e-6, 6),
        "site_count": SiteCount(max(0, number - rng.randrange(2)), number + rng.randrange(2)),
        "max_moves": len(tally.moves),
        "one_off_budget": round(float(sum(one_off_cost(tally))) + rng.choice([0.01, 5000.0]), 2),
        "bundle_mode": "price" if split else "together",
    }
    limits = {k: v if rng.random() < 0.35 else _FREE[k] for k, v in drawn.items()}
    policy = replace(case.policy, backup=rng.random() < 0.4, **limits)
    return edited(
        case, policy=policy, offers=tuple(map(offer, case.offers)), providers=tuple(map(provider, case.providers))
    )
