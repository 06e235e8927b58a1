"""build_problem as a whole: order, shapes, read-only arrays, laws."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.arrays.build import build_problem
from optimizer.arrays.evaluate import evaluate
from optimizer.arrays.problem import Choice, Problem
from optimizer.domain.policy import SiteCount, Transition
from optimizer.domain.types import CurrentRow, Decision, Demand, Tier

LINES = [(p, s) for p in ("P1", "P2", "P3") for s in ("S1", "S2")]


def arrays(value, prefix=""):
    """Every array of a problem by name."""
    for f in fields(value):
        inner = getattr(value, f.name)
        if is_dataclass(inner) and f.name != "scalars":
            yield from arrays(inner, f"{f.name}.")
        elif isinstance(inner, np.ndarray):
            yield prefix + f.name, inner


def rich(make):
    """A case in which every table and most rules say something."""
    return make.two(
        entities=[make.entity(languages=frozenset({"fr", "en"})), make.entity("E2", "KE", languages=frozenset({"en"}))],
        services=[
            make.service(bundle="hr", critical=True, language_rule="all", target_overlap_hours=8.0),
            make.service("S2", bundle="hr", minutes_per_unit=30.0, max_distance_km=6000.0),
        ],
        demands=[
            Demand(e, s, v, own_unit_cost=u)
            for e, s, v, u in (
                ("E1", "S1", 100.0, 12.0),
                ("E1", "S2", 50.0, None),
                ("E2", "S1", 70.0, None),
                ("E2", "S2", 30.0, 9.0),
            )
        ],
        providers=[
            make.provider(site_fixed_cost=40.0),
            make.provider("P2", "AT", kind="agency", languages=frozenset({"en"})),
            make.provider("P3", "US", status="candidate", setup_cost=500.0, languages=frozenset({"fr"})),
        ],
        offers=[make.offer(p, s, fixed_cost=20.0, fee_rate=0.1, base_volume=10.0) for p, s in LINES],
        tiers=[Tier(p, s, f, c) for p, s in LINES for f, c in ((0.0, 9.0), (60.0, 5.0))],
        decisions=(Decision("forbid", "E2", "no", "S1", "P3"), Decision("lock", "E1", "yes", "S2", "P1")),
        policy={
            "interface_cost": 11.0,
            "handover_cost": 13.0,
            "distance_cost_per_fte_1000km": 17.0,
            "overlap_cost_per_fte_hour": 19.0,
            "language_mode": "price",
            "language_cost_rate": 0.2,
            "dispersion_loss": (0.0, 0.125, 0.25),
            "transition": Transition(100.0, contingency_rate=0.1),
        },
    )


def test_order_and_shapes(make):
    """Sorted names, shapes as documented, pairs by demand then provider with own capacity last."""
    p = build_problem(rich(make))
    assert (p.entity_ids, p.service_ids, p.provider_ids) == (("E1", "E2"), ("S1", "S2"), ("P1", "P2", "P3"))
    assert p.demand_entity.tolist() == [0, 0, 1, 1]
    assert p.demand_service.tolist() == [0, 1, 0, 1]
    assert p.refusals.shape == (4, 4)
    assert p.refusals.dtype == np.uint32
    assert p.distance_km.shape == p.overlap_hours.shape == p.overlap_hours_worst.shape == (2, 3)
    key = p.pairs.demand * 4 + p.pairs.provider
    assert np.all(np.diff(key) > 0)
    assert np.array_equal(np.diff(p.pairs.start), (p.refusals == 0).sum(axis=1))
    assert p.locked.tolist() == [-1, 0, -1, -1]
    assert p.current.tolist() == [0, 0, -1, -1]
    assert p.critical.tolist() == [True, False, True, False]
    assert p.bundle.tolist() == [0, 0, 1, 1]


def test_arrays_are_read_only(make):
    """No solver can change the problem."""
    for name, a in arrays(build_problem(rich(make))):
        assert not a.flags.writeable, name
    with pytest.raises(ValueError, match="read-only"):
        build_problem(make.case()).volume[0] = 1.0


def test_pair_index(make):
    """Same answer as the dictionary, −1 for unserved and ineligible, any shape."""
    p = build_problem(rich(make))
    d, q = np.indices((4, 5)) - np.array([0, 1])[:, None, None]
    expected = [[p.pair_of.get((i, j), -1) for j in range(-1, 4)] for i in range(4)]
    assert p.pair_index(d, q).tolist() == expected
    assert int(p.pair_index(0, -1)) == -1


def test_decode_encode(make):
    """Names and back."""
    p = build_problem(rich(make))
    choice = Choice(np.array([3, 0, -1, 2]), np.array([-1, -1, 1, -1]))
    rows = p.decode(choice)
    assert rows[0] == ("E1", "S1", "OWN", "")
    assert rows[2] == ("E2", "S1", "", "P2")
    again = p.encode(rows)
    assert np.array_equal(again.provider, choice.provider)
    assert np.array_equal(again.backup, choice.backup)


def test_bundles_need_two_demands(make):
    """A single demand of a bundle has no group, a blank bundle neither."""
    case = make.two(
        services=[make.service(bundle="b"), make.service("S2", bundle="b"), make.service("S3")],
        demands=[Demand("E1", "S1", 1.0), Demand("E2", "S1", 1.0), Demand("E2", "S2", 1.0), Demand("E2", "S3", 1.0)],
        current=(),
    )
    assert build_problem(case).bundle.tolist() == [-1, 0, 0, -1]


def test_backup_off(make):
    """Without the policy nothing is critical."""
    case = rich(make)
    assert not build_problem(replace(case, policy=replace(case.policy, backup=False))).critical.any()


def test_scalars(make):
    """Rules of the policy as they are."""
    rules = {"site_count": SiteCount(1, 3), "bundle_mode": "together", "max_moves": 4, "one_off_budget": 9.0}
    scalars = build_problem(make.case(policy=rules)).scalars
    assert (scalars.site_min, scalars.site_max, scalars.bundle_together) == (1, 3, True)
    assert (scalars.max_moves, scalars.one_off_budget) == (4, 9.0)
    assert build_problem(make.case()).scalars.site_max is None


def test_empty_tables(make):
    """No demand, no offer, no provider: arrays of length 0, no failure."""
    for rows in ({"demands": ()}, {"offers": ()}, {"providers": (), "offers": ()}, {"entities": (), "demands": ()}):
        p = build_problem(make.case(**rows))
        assert p.n_pairs == 0
        assert evaluate(p, Choice(np.full(p.n_demands, -1), np.full(p.n_demands, -1))).total == 0.0


def equal(a: Problem, b: Problem) -> None:
    """Every array and scalar the same."""
    assert vars(a.scalars) == vars(b.scalars)
    for (name, x), (_, y) in zip(arrays(a), arrays(b), strict=True):
        assert np.array_equal(x, y, equal_nan=x.dtype.kind == "f"), name


@given(seed=st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_row_order_does_not_matter(make, seed):
    """Shuffled tables give the same arrays."""
    case = rich(make)
    tables = ("entities", "services", "demands", "providers", "offers", "tiers", "current", "decisions")
    shuffled = {t: tuple(seed.sample(getattr(case, t), len(getattr(case, t)))) for t in tables}
    equal(build_problem(case), build_problem(replace(case, **shuffled)))


@given(factor=st.floats(0.1, 1000.0), providers=st.lists(st.integers(0, 3), min_size=4, max_size=4))
@settings(max_examples=25, deadline=None)
def test_money_scales(make, factor, providers):
    """All prices times k: every term times k, same pairs."""
    case = rich(make)
    p = case.policy
    dear = replace(
        case,
        demands=tuple(replace(d, own_unit_cost=d.own_unit_cost and d.own_unit_cost * factor) for d in case.demands),
        providers=tuple(
            replace(x, setup_cost=x.setup_cost * factor, site_fixed_cost=x.site_fixed_cost * factor)
            for x in case.providers
        ),
        offers=tuple(replace(o, fixed_cost=o.fixed_cost * factor) for o in case.offers),
        tiers=tuple(replace(t, unit_cost=t.unit_cost * factor) for t in case.tiers),
        policy=replace(
            p,
            interface_cost=p.interface_cost * factor,
            handover_cost=p.handover_cost * factor,
            distance_cost_per_fte_1000km=p.distance_cost_per_fte_1000km * factor,
            overlap_cost_per_fte_hour=p.overlap_cost_per_fte_hour * factor,
            transition=replace(p.transition, separation=p.transition.separation * factor),
        ),
    )
    choice = Choice(np.array(providers), np.full(4, -1))
    small, large = build_problem(case), build_problem(dear)
    assert np.array_equal(small.refusals, large.refusals)
    for name, money in evaluate(small, choice).terms.items():
        assert evaluate(large, choice).terms[name] == pytest.approx(money * factor), name


@given(factor=st.sampled_from([2.0, 10.0, 64.0]))
@settings(max_examples=3, deadline=None)
def test_effort_scales_with_minutes(make, factor):
    """Minutes of a unit and of a year times k: the same effort and costs."""
    case = rich(make)
    longer = replace(
        case,
        services=tuple(replace(s, minutes_per_unit=s.minutes_per_unit * factor) for s in case.services),
        policy=replace(case.policy, minutes_per_fte_year=case.policy.minutes_per_fte_year * factor),
    )
    a, b = build_problem(case), build_problem(longer)
    assert b.effort_fte == pytest.approx(a.effort_fte)
    assert b.pairs.linear == pytest.approx(a.pairs.linear)


def test_new_current_changes_only_moves(make):
    """Another baseline leaves every running term of a pair alone."""
    case = rich(make)
    other = replace(case, current=(CurrentRow("E1", "S1", "P2"),), policy=replace(case.policy, keep_current=False))
    a, b = build_problem(replace(case, policy=other.policy)), build_problem(other)
    for name in ("own", "distance", "overlap", "language"):
        assert np.array_equal(getattr(a.pairs, name), getattr(b.pairs, name))
    assert not np.array_equal(a.pairs.is_move, b.pairs.is_move)
