"""Random small cases with rules on means, worse-off entities, exposed places and shares, drawn close around a plan."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.domain.types import MICRO
from optimizer.testing import edited, random_case
from optimizer.verify.checker import Evaluator

__all__ = ["KEYS", "near_case", "with_limits_around"]

KEYS = ("mean_overlap_min", "mean_distance_max", "worse_off_max", "exposure_max_fte", "site_share_max")
FREE = (
    "agency_share_max",
    "max_providers_per_entity",
    "max_hardship_class",
    "max_moves",
    "one_off_budget",
    "site_count",
)
"""Limits that are mostly taken off, so that the new ones bind."""


def near_case(seed: int, max_plans: int = 800, only: str = "") -> Case:
    """The case of a seed, one to three of the rules on (or ``only`` one of them) at, below or above what a plan has."""
    rng, case = Random(f"near {seed}"), random_case(seed, max_plans=max_plans)
    policy = replace(
        case.policy,
        worse_overlap_hours=rng.choice([0.0, 0.25, 1.0]),
        worse_distance_km=rng.choice([0.0, 500.5, 3000.0]),
        worse_languages=rng.choice([0, 0, 1]),
        language_mode="price",
        backup=rng.random() < 0.2,
        **({} if rng.random() < 0.2 else dict.fromkeys(FREE)),
    )
    hard = tuple(replace(p, hardship_class=rng.choice(["", "A", "D", "E"])) for p in case.providers)
    case = edited(case, policy=policy, providers=hard)
    keys = [only] if only else rng.sample(KEYS, rng.choice([1, 1, 2, 3]))
    return with_limits_around(case, keys, rng)


def with_limits_around(case: Case, keys: list[str], rng: Random) -> Case:
    """The case with limits at what a random plan has, or a millionth beside it."""
    evaluator = Evaluator(case)
    eligibility = evaluator.facts.eligibility
    rows = []
    for d in case.demands:
        may = [p for p in eligibility.candidates(d) if eligibility.eligible(d, p)]
        far = [p for p in may if p != OWN]
        if may:
            rows.append((*d.key, rng.choice(far if far and rng.random() < 0.8 else may), ""))
    bounds = {k: v for k, v in limits_of(evaluator, rows).items() if k in keys}
    drawn: dict[str, Any] = {}
    for key, value in bounds.items():
        if key == "worse_off_max":
            drawn[key] = max(0, value - rng.choice([0, 0, 1]))
        else:
            drawn[key] = float(max(Fraction(0), value + rng.choice([0, 0, -1, 1]) * Fraction(1, MICRO)))
    if "mean_overlap_min" in drawn:
        drawn["mean_overlap_min"] = min(24.0, drawn["mean_overlap_min"])
    if "site_share_max" in drawn:
        drawn["site_share_max"] = min(1.0, drawn["site_share_max"])
    return edited(case, policy=replace(case.policy, **drawn))


def limits_of(evaluator: Evaluator, rows: list[tuple[str, str, str, str]]) -> dict[str, Any]:
    """What a plan has of each figure that has a limit, to six decimals."""
    from optimizer.verify.quality import exposed, km_of, shared_hours, worse_entities

    facts, tally = evaluator.facts, evaluator.tally(rows)
    away = [(d, p) for d, p in tally.served if p != OWN]
    work = sum(d.minutes for d, _ in away) or 1
    per_fte = MICRO * MICRO * Fraction(str(facts.policy.minutes_per_fte_year))
    return {
        "mean_overlap_min": _six(Fraction(sum(d.minutes * shared_hours(facts, d, p) for d, p in away), work * MICRO)),
        "mean_distance_max": _six(Fraction(sum(d.minutes * km_of(facts, d, p) for d, p in away), work * MICRO)),
        "worse_off_max": len(worse_entities(tally)),
        "exposure_max_fte": _six(sum(m for p, m in tally.site_minutes.items() if exposed(facts, p)) / per_fte),
        "site_share_max": _six(Fraction(max(tally.site_minutes.values(), default=0), max(facts.all_minutes, 1))),
    }


def _six(value: Fraction) -> Fraction:
    return Fraction(round(value * MICRO), MICRO)
