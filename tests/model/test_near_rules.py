"""Rules on means, worse-off entities, exposed places and shares: just kept, then broken by a known amount."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.domain.types import CurrentRow, Demand
from optimizer.model.build import build_problem
from optimizer.model.losses import losses_of
from optimizer.model.measured import distances, hours
from optimizer.model.parts import Choice
from optimizer.model.rules import check
from optimizer.testing import edited
from optimizer.verify import Evaluator
from tests.model.test_check import broken

OWN = 2
HAIR = 1e-6


@pytest.fixture
def near(make):
    """E1 (Paris), E2 (Nairobi) × S1 (6,000 minutes), S2 (3,000), with own capacity; P1 in Paris, P2 in New York."""

    def case(hardship="", kind="secretariat", current=(), **policy):
        return make.two(
            demands=[Demand(e, s, 100.0, own_unit_cost=5.0) for e in ("E1", "E2") for s in ("S1", "S2")],
            providers=[
                make.provider(languages=frozenset({"en", "fr"})),
                make.provider("P2", "US", hardship_class=hardship, kind=kind),
            ],
            current=list(current),
            policy=policy,
        )

    return case


def mean(case, plan, figures):
    """Mean of a figure over what providers do, in whole units; two services, the first weighs twice."""
    weight = [2, 1, 2, 1]
    rows = [(weight[d], int(figures(build_problem(case))[d // 2, p])) for d, p in enumerate(plan) if p != OWN]
    return sum(w * f for w, f in rows) / sum(w for w, _ in rows) / 1e6


@pytest.mark.parametrize("plan", [[0, 0, 1, 1], [0, OWN, 1, OWN], [OWN, OWN, OWN, 1]])
def test_mean_distance(near, plan):
    """Own capacity counts in neither sum; a millionth of a kilometre less is too little."""
    most = round(mean(near(), plan, distances) + 5e-7, 6)
    assert broken(near(mean_distance_max=most), plan) == []
    ((rule, missed),) = broken(near(mean_distance_max=round(most - 2, 6)), plan)
    assert rule == "mean_distance_max"
    assert missed.expected == pytest.approx(2, abs=2 * HAIR)


@pytest.mark.parametrize("plan", [[0, 0, 1, 1], [0, OWN, 1, OWN], [OWN, OWN, OWN, 1]])
def test_mean_overlap(near, plan):
    least = round(mean(near(), plan, hours) - 5e-7, 6)
    assert broken(near(mean_overlap_min=least), plan) == []
    ((rule, missed),) = broken(near(mean_overlap_min=round(least + 0.25, 6)), plan)
    assert rule == "mean_overlap_min"
    assert missed.expected == pytest.approx(0.25, abs=2 * HAIR)


def test_one_millionth_beyond_a_mean(make):
    """With one demand the mean is the figure itself, as a plan shows it: rounded half up to six decimals."""
    case = make.case(entities=[make.entity("E1", "KE")])
    problem = build_problem(case)
    km, shared = int(distances(problem)[0, 0]), int(hours(problem)[0, 0])
    for key, limit, side in (("mean_distance_max", km, -1), ("mean_overlap_min", shared, 1)):
        for step, found in ((0, []), (-side, []), (side, [(key, HAIR)])):
            limited = edited(case, policy=replace(case.policy, **{key: (limit + step) / 1e6}))
            problem = build_problem(limited)
            seen = check(problem, Choice(np.array([0]), np.array([-1])))
            assert [(b.rule, pytest.approx(b.amount)) for b in seen] == found
            judged = Evaluator(limited).violations([("E1", "S1", "P1", "")])
            assert [(v.rule, float(v.amount)) for v in judged] == found


def test_a_mean_of_nothing_is_kept(near):
    assert broken(near(mean_overlap_min=24.0, mean_distance_max=0.0), [OWN] * 4) == []


@pytest.mark.parametrize(("most", "found"), [(0.09375, []), (0.093749, [("exposure_max_fte", 0.096)])])
@pytest.mark.parametrize("kind", ["secretariat", "agency"])
def test_exposure(near, most, found, kind):
    """E2 with 9,000 minutes of 96,000 at P2, class E; own capacity and a class of C are not exposed."""
    assert broken(near("E", kind, exposure_max_fte=most), [0, OWN, 1, 1]) == found
    assert broken(near("C", kind, exposure_max_fte=0.0), [0, OWN, 1, 1]) == []


@pytest.mark.parametrize(("share", "found"), [(0.5, []), (0.499999, [("site_share_max", 0.018)] * 2)])
def test_site_share(near, share, found):
    """Half of the effort each: 9,000 of 18,000 minutes; own capacity counts in the whole."""
    assert broken(near(site_share_max=share), [0, 0, 1, 1]) == found
    assert broken(near(site_share_max=share), [0, 0, OWN, OWN]) == found[:1]


def todays(*who):
    return [
        CurrentRow(e, s, p)
        for (e, s), p in zip([("E1", "S1"), ("E1", "S2"), ("E2", "S1"), ("E2", "S2")], who, strict=True)
    ]


def worse(case, plan):
    """By kind, the entities worse off."""
    problem = build_problem(case)
    found = losses_of(problem, np.array(plan))
    kinds = {**{k: v > 0 for k, v in found.means.items()}, "languages": found.languages}
    return {k: [problem.entity_ids[e] for e in np.flatnonzero(v)] for k, v in kinds.items() if v.any()}


def test_worse_off_by_distance_alone(near):
    """All at P1 today; the threshold in km is met, then passed by a millionth."""
    current, plan = todays("P1", "P1", "P1", "P1"), [1, 1, 0, 0]
    off = {"current": current, "worse_overlap_hours": 24.0, "worse_off_max": 0}
    km = int(distances(build_problem(near()))[0, 1]) / 1e6
    assert broken(near(**off, worse_distance_km=km), plan) == []
    case = near(**off, worse_distance_km=round(km - HAIR, 6))
    assert worse(case, plan) == {"distance": ["E1"]}
    assert broken(case, plan) == [("worse_off_max", 1)]
    assert broken(edited(case, policy=replace(case.policy, worse_off_max=1)), plan) == []


def test_worse_off_by_overlap(near):
    """Own capacity shares the whole day: any provider elsewhere is a loss; no row today: nothing to compare with."""
    off = {"worse_distance_km": 40000.0, "worse_overlap_hours": 1.0, "worse_off_max": 0}
    case = near(current=todays("OWN", "OWN", "OWN", "OWN"), **off)
    assert worse(case, [1, 1, 0, 0]) == {"overlap": ["E1", "E2"]}
    assert broken(case, [1, 1, 0, 0]) == [("worse_off_max", 2)]
    assert broken(near(current=todays("OWN", "OWN", "OWN", "OWN")[:2], **off), [1, 1, 0, 0]) == [("worse_off_max", 1)]
    assert broken(near(**off), [1, 1, 0, 0]) == []


@pytest.mark.parametrize(("most", "found"), [(1, []), (0, ["E1"])])
def test_worse_off_by_languages(near, most, found):
    """P2 speaks none of E1's two languages; one that P1 lacks today does not count again."""
    case = near(
        current=todays("P1", "P1", "P1", "P1"),
        worse_distance_km=40000.0,
        worse_overlap_hours=24.0,
        worse_languages=most,
        worse_off_max=0,
        language_mode="price",
    )
    wants = tuple(replace(e, languages=frozenset({"fr", "ru"})) if e.id == "E1" else e for e in case.entities)
    case = edited(case, entities=wants)
    assert worse(case, [0, 1, 1, 1]) == ({"languages": found} if found else {})
    assert broken(case, [0, 1, 1, 1]) == ([("worse_off_max", 1)] if found else [])
