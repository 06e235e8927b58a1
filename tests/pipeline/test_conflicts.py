"""Conflicts of rules that no structural finding sees: every rule named, with amounts that suffice and are needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.domain.params import SolveParams
from optimizer.domain.types import CurrentRow, Decision, Demand, Offer
from optimizer.pipeline import solve_case
from optimizer.solvers.accept.solve import Watch
from optimizer.testing import edited
from optimizer.testing.hand import GENEVA, case, changed, entity, provider, service, two_by_two, with_policy

HIGHS = SolveParams(backend="highs")


@pytest.fixture(scope="module")
def watch(pool):
    return Watch(pool=pool)


def conflicts(plan):
    """Findings about single rules; the head of each conflict left out."""
    return [i for i in plan["issues"] if i["code"] == "rule_conflict" and "table" in i]


class TestConflicts:
    """Rules that no structural finding sees, told with amounts that suffice and are needed."""

    def locked(self, room):
        """Both demands (1,000 and 3,000 units) are decided for P1."""
        c = two_by_two()
        c = changed(c, "offers", ("P1", "pay"), capacity=room)
        return edited(c, decisions=tuple(Decision("lock", e, "agreed", "pay", "P1") for e in ("E1", "E2")))

    def test_amount(self, watch):
        plan = solve_case(self.locked(3500.0), HIGHS, watch=watch)
        found = {i["value"]: i for i in conflicts(plan)}
        assert plan["status"]["solution"] == "infeasible"
        assert set(found) == {"P1|pay", "E1|pay|P1", "E2|pay|P1"}
        assert {i["severity"] for i in found.values()} == {"error"}
        assert (found["P1|pay"]["table"], found["P1|pay"]["column"]) == ("offers", "capacity")
        assert "500 units short" in found["P1|pay"]["message"]
        assert "to 4,000" in found["P1|pay"]["remedy"]
        assert "row E2|pay|P1 of decisions; decision: agreed" in found["E2|pay|P1"]["message"]
        assert "column" not in found["E2|pay|P1"]
        assert solve_case(self.locked(4000.0), HIGHS, watch=watch)["status"]["solution"] == "optimal"
        assert solve_case(self.locked(3999.999999), HIGHS, watch=watch)["status"]["solution"] == "infeasible"

    def test_amount_frees_the_case_and_not_only_its_conflict(self, watch):
        """Every demand must move away from a closed provider, each in a conflict of its own with max_moves = 0."""
        c = case(
            [entity(f"E{i}") for i in range(3)],
            [service()],
            [Demand(f"E{i}", "pay", 1000.0) for i in range(3)],
            [provider("P1", status="closed"), provider("P2")],
            [Offer("P1", "pay"), Offer("P2", "pay")],
            current=[CurrentRow(f"E{i}", "pay", "P1") for i in range(3)],
        )
        plan = solve_case(with_policy(c, max_moves=0), HIGHS, watch=watch)
        (found,) = [i for i in conflicts(plan) if i["column"] == "max_moves"]
        assert "3 moves short" in found["message"]
        assert found["remedy"] == "raise max_moves by at least 3 moves, to 3"
        for moves, solution in ((2, "infeasible"), (3, "optimal")):
            assert solve_case(with_policy(c, max_moves=moves), HIGHS, watch=watch)["status"]["solution"] == solution

    def test_conflicts_apart_say_that_more_may_follow(self, watch):
        """Two locks, each on a line of its own that is too small: neither capacity frees the other."""
        c = case(
            [entity("E1"), entity("E2")],
            [service("pay"), service("hr")],
            [Demand("E1", "pay", 1000.0), Demand("E2", "hr", 1000.0)],
            [provider("P1"), provider("P2")],
            [
                Offer("P1", "pay", capacity=500.0),
                Offer("P2", "pay"),
                Offer("P1", "hr"),
                Offer("P2", "hr", capacity=500.0),
            ],
        )
        rows = (("E1", "pay", "P1"), ("E2", "hr", "P2"))
        c = edited(c, decisions=tuple(Decision("lock", e, "agreed", s, p) for e, s, p in rows))
        found = {i["value"]: i for i in conflicts(solve_case(c, HIGHS, watch=watch))}
        assert set(found) == {"P1|pay", "P2|hr", "E1|pay|P1", "E2|hr|P2"}
        assert all("more may follow" in found[p]["remedy"] for p in ("P1|pay", "P2|hr"))

    @pytest.mark.parametrize(
        ("policy", "rule"),
        [
            ({"max_moves": 0}, "max_moves"),
            ({"agency_share_max": 0.0}, "agency_share"),
            ({"one_off_budget": 0.0}, "one_off_budget"),
        ],
    )
    def test_rule_that_must_give_way(self, policy, rule, watch):
        """Today's provider is closed; the only other one is an agency, and moving costs money."""
        c = case(
            [entity()],
            [service()],
            [Demand("E1", "pay", 1000.0)],
            [provider("P1", status="closed"), provider("P2", kind="agency")],
            [Offer("P1", "pay"), Offer("P2", "pay")],
            current=[CurrentRow("E1", "pay", "P1")],
        )
        c = edited(c, policy=replace(c.policy, transition=replace(c.policy.transition, training=100.0)))
        assert solve_case(c, HIGHS, watch=watch)["status"]["solution"] == "optimal"
        plan = solve_case(with_policy(c, **policy), HIGHS, watch=watch)
        assert plan["status"]["solution"] == "infeasible"
        named = {i["column"]: i for i in conflicts(plan)}
        assert set(named) == {next(iter(policy)), "provider"}, rule  # the key, and that today's provider is closed
        assert named["provider"]["value"] == "E1|pay|P1"
        assert "closed" in named["provider"]["message"]

    def test_backup_that_makes_a_share_of_nothing_bind(self, watch):
        """Secretariat providers could serve, but a critical service needs a second country: the agency's."""
        c = case(
            [entity()],
            [service(critical=True)],
            [Demand("E1", "pay", 1000.0), Demand("E2", "pay", 10.0)],
            [provider("P1"), provider("P2", GENEVA, "Europe/Zurich", kind="agency")],
            [Offer("P1", "pay"), Offer("P2", "pay")],
            agency_share_max=0.0,
        )
        c = edited(c, entities=(*c.entities, entity("E2")))
        plan = solve_case(c, HIGHS, watch=watch)
        assert plan["status"]["solution"] == "infeasible"
        found = {i["column"]: i for i in conflicts(plan)}
        assert set(found) == {"agency_share_max", "critical"}
        assert found["critical"]["value"] == "pay"
        assert "raise agency_share_max to at least 0.009901" in found["agency_share_max"]["remedy"]
        for more, policy in ((0.009901, {}), (0.0, {"backup": False})):
            relaxed = with_policy(c, agency_share_max=more, **policy)
            assert solve_case(relaxed, HIGHS, watch=watch)["status"]["solution"] == "optimal"
        short = with_policy(c, agency_share_max=0.0099)
        assert solve_case(short, HIGHS, watch=watch)["status"]["solution"] == "infeasible"

    def test_several_conflicts_are_told_apart(self, watch):
        c = two_by_two()
        for e in ("E1", "E2"):  # own capacity would do
            c = changed(c, "demands", (e, "pay"), own_unit_cost=50.0)
        c = changed(changed(c, "offers", ("P1", "pay"), capacity=500.0), "offers", ("P2", "pay"), capacity=2000.0)
        rows = (Decision("lock", "E1", "agreed", "pay", "P1"), Decision("lock", "E2", "so it is", "pay", "P2"))
        plan = solve_case(edited(c, decisions=rows), HIGHS, watch=watch)
        by_number = {}
        for i in conflicts(plan):
            by_number.setdefault(i["message"].partition(":")[0], set()).add(i["value"])
        assert sorted(by_number.values(), key=sorted) == [{"E1|pay|P1", "P1|pay"}, {"E2|pay|P2", "P2|pay"}]

    @pytest.mark.parametrize("backend", ["highs", "cpsat", "scip", "cbc", "pulp-highs"])
    def test_every_backend_that_proves(self, backend, watch):
        plan = solve_case(self.locked(3500.0), SolveParams(backend=backend), watch=watch)
        assert plan["status"]["solution"] == "infeasible"
        assert plan["run"]["solver"]["backend"] == backend
