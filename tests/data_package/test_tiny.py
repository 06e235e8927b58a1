"""The hand-worked case: all plans are tried with code of its own; the README's figures come out."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from geographiclib.geodesic import Geodesic

import data

OWN = "OWN"
BEST = {
    ("ALPHA", "payroll"): "NBO",
    ("ALPHA", "payables"): "NBO",
    ("BRAVO", "payroll"): "NBO",
    ("CHARLIE", "payroll"): "NBO",
    ("CHARLIE", "payables"): "AGY",
    ("DELTA", "payroll"): "NBO",
    ("DELTA", "payables"): "NBO",
}


def _km(case, entity, provider):
    a, b = case.entity[entity], case.provider[provider]
    line = Geodesic.WGS84.Inverse(*(float(r[c]) for r in (a, b) for c in ("latitude", "longitude")))
    return line["s12"] / 1000


def _line_cost(case, line, volume):
    steps = [*case.tiers()[line], (float("inf"), 0.0)]
    offer = case.offer[line]
    units = sum(c * max(0.0, min(volume, end) - start) for (start, c), (end, _) in pairwise(steps))
    return (float(offer["fixed_cost"]) + units) * (1 + float(offer["fee_rate"] or 0))


def _cost(case, plan, moved=True):
    """Total a year, or None when a line is over capacity."""
    lines, _ = case.loads(plan)
    if any(v > case.room(*line) for line, v in lines.items()):
        return None
    total = sum(_line_cost(case, line, v) for line, v in lines.items())
    for (entity, service), provider in plan.items():
        volume = case.volume[entity, service]
        fte = volume * case.minutes(service) / 96000
        if provider == OWN:
            row = case.demand[entity, service]
            total += float(row["own_fixed_cost"]) + volume * float(row["own_unit_cost"])
        else:
            total += 1000 * fte * _km(case, entity, provider) / 1000
        total += 10000 / 5 * fte * (moved and case.current[entity, service] != provider)
    for entity in case.entity:
        sources = {p for (e, _), p in plan.items() if e == entity}
        total += 1000 * len(sources - {OWN}) + 500 * (len(sources) - 1)
    return total


def _all_plans(case):
    keys = list(case.demand)
    choices = [
        [p for p in case.provider if (p, k[1]) in case.offer] + [OWN] * bool(case.demand[k]["own_unit_cost"])
        for k in keys
    ]
    for chosen in product(*choices):
        yield dict(zip(keys, chosen, strict=True))


def test_optimum_is_the_one_of_the_readme_and_unique(tiny):
    costs = [(c, p) for p in _all_plans(tiny) if (c := _cost(tiny, p)) is not None]
    costs.sort(key=lambda pair: pair[0])
    assert len(costs) == 384
    assert costs[0][1] == BEST
    assert costs[0][0] == pytest.approx(262_958.976503, abs=1e-6)
    assert costs[1][0] - costs[0][0] == pytest.approx(3_535.385902, abs=1e-6)


def test_baseline_and_distance(tiny):
    assert _cost(tiny, tiny.current, moved=False) == pytest.approx(322_500)
    assert _km(tiny, "CHARLIE", "NBO") == pytest.approx(6_058.976503, abs=1e-6)


@pytest.mark.parametrize("figure", ["6,058.976503", "262,958.976503", "322,500", "3,535.385902", "62,741.023497"])
def test_readme_says_so(figure):
    assert figure in (data.case_path("tiny") / "README.md").read_text(encoding="utf-8")
