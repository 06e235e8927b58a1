"""Single moves: same verdict and same change of cost as judging the whole plan again."""

from random import Random

import pytest

from optimizer.domain.names import OWN
from optimizer.domain.policy import SiteCount
from optimizer.domain.types import Decision
from optimizer.testing import edited, good_plan, random_case
from optimizer.testing.hand import changed, two_by_two
from optimizer.verify import Evaluator
from optimizer.verify.neighbours import Alternative, Neighbourhood
from tests.effort import few, share
from tests.verify.cases import Rows
from tests.verify.test_rules import CROSS, SPLIT, critical


def ranked(c, rows: Rows, demand: tuple[str, str]) -> list[Alternative]:
    evaluator = Evaluator(c)
    return Neighbourhood(evaluator.tally(rows)).ranked(evaluator.facts.demands[demand])


@pytest.mark.parametrize("seed", few(range(100), 25))
def test_moves_agree_with_judging_the_whole_plan(seed: int):
    c = random_case(seed, rich=True)
    evaluator = Evaluator(c)
    rows = good_plan(c, Random(seed), evaluator)
    if rows is None:
        return
    total, near = evaluator.cost(rows)["total"], Neighbourhood(evaluator.tally(rows))
    for k, (entity, service, here, _) in enumerate(rows):
        demand = evaluator.facts.demands[entity, service]
        found = {a.provider: a.extra_cost for a in near.alternatives(demand)}
        for there in {*c.provider, OWN} - {here}:
            seconds = ["", *(q for q in c.provider if q != there and there != OWN)]
            moved = [[*rows[:k], (entity, service, there, q), *rows[k + 1 :]] for q in seconds]  # its backup may change
            judged = next((e for e in map(evaluator.evaluate, moved) if e.ok), None)
            assert (judged is not None and not demand.lock) == (there in found), (there, found)
            if judged is not None and there in found:
                assert judged.cost["total"] - total == pytest.approx(found[there], abs=1e-6)


def test_random_cases_have_plans_and_moves():
    """The comparison above is not empty."""
    plans = moves = 0
    for seed in range(share(100)):
        c = random_case(seed, rich=True)
        evaluator = Evaluator(c)
        rows = good_plan(c, Random(seed), evaluator)
        plans += rows is not None
        if rows:
            near = Neighbourhood(evaluator.tally(rows))
            moves += sum(len(near.alternatives(d)) for d in evaluator.facts.demands.values())
    assert plans >= share(8, 4)
    assert moves >= share(30)


def test_cheapest_first_then_id():
    c = changed(two_by_two(), "demands", ("E1", "pay"), own_unit_cost=10.001)
    assert ranked(c, SPLIT, ("E1", "pay")) == [Alternative("P2", 0.0), Alternative(OWN, pytest.approx(1.0))]
    c = changed(c, "demands", ("E1", "pay"), own_unit_cost=10.000001)
    assert [a.provider for a in ranked(c, SPLIT, ("E1", "pay"))] == [OWN, "P2"]  # a tenth of a cent: tied, by id


def test_a_lock_forbids_moving():
    c = edited(two_by_two(), decisions=(Decision("lock", "E1", "decided", "pay", "P1"),))
    assert ranked(c, SPLIT, ("E1", "pay")) == []
    assert [a.provider for a in ranked(c, SPLIT, ("E2", "pay"))] == ["P1"]


def test_backups_bind_the_move():
    c = critical()
    assert ranked(c, CROSS, ("E1", "pay")) == []  # P2 is its backup; at P3, the backup P1 of E2 runs nothing
    more = [("E1", "pay", "P3", "P2"), ("E2", "pay", "P2", "P3")]
    assert ranked(c, more, ("E1", "pay")) == []
    own = changed(c, "demands", ("E2", "pay"), own_unit_cost=9.0)
    assert ranked(own, CROSS, ("E2", "pay")) == []  # E1 relies on P2
    rows = [("E1", "pay", OWN, ""), ("E2", "pay", OWN, "")]
    both = changed(own, "demands", ("E1", "pay"), own_unit_cost=9.0)
    assert ranked(both, rows, ("E1", "pay")) == []  # critical, and no backup is named


def test_a_required_site_stays_open():
    c = changed(two_by_two(site_count=SiteCount(min=2)), "providers", "P1", status="required")
    assert [a.provider for a in ranked(c, SPLIT, ("E1", "pay"))] == ["P2"]
    assert ranked(c, SPLIT, ("E2", "pay")) == []
