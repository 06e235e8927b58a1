"""Every kind of answer: the same keys, figures that verify, and what the case allows to say."""

from __future__ import annotations

from dataclasses import replace

import pytest

import data
from data.generator import generate, write_case
from optimizer.domain.errors import BackendFailed, BackendRefused, InputError
from optimizer.domain.params import SolveParams
from optimizer.domain.types import CurrentRow, Demand, Offer, Tier
from optimizer.pipeline import solve_case
from optimizer.solvers.accept.solve import Watch
from optimizer.stating import price_case, settle_case
from optimizer.tables import read_case
from optimizer.testing import edited
from optimizer.testing.hand import case, changed, entity, provider, service, with_policy
from optimizer.verify.documents import verify

HIGHS = SolveParams(backend="highs")


def shape(value):
    """Keys at every level, but for rows in lists and what depends on the backend."""
    if isinstance(value, dict):
        return {k: shape(v) for k, v in value.items() if k not in ("versions", "timings")}
    return "list" if isinstance(value, list) else "value"


@pytest.fixture(scope="module")
def watch(pool):
    return Watch(pool=pool)


@pytest.fixture(scope="module")
def tiny():
    return read_case(data.case_path("tiny"))[0]


@pytest.fixture(scope="module")
def best(tiny, watch):
    return solve_case(tiny, HIGHS, watch=watch)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated") / "case"
    write_case(generate(8, services=3, providers=6, seed=1), folder)
    return read_case(folder)[0]


def rows_of(plan):
    return [(a["entity"], a["service"], a["provider"] or "", a["backup"] or "") for a in plan["assignments"]]


def codes(plan, severity=None):
    return {i["code"] for i in plan["issues"] if severity in (None, i["severity"])}


def short_of(posts):
    """E1 needs one post, E2 three; only P1 offers, with ``posts`` of them."""
    return case(
        [entity("E1"), entity("E2")],
        [service()],
        [Demand("E1", "pay", 1000.0), Demand("E2", "pay", 3000.0)],
        [provider(capacity_fte=posts)],
        [Offer("P1", "pay")],
    )


class TestSameKeys:
    """An infeasible case, one without a plan and a hand-made plan answer in the shape of any plan."""

    def answers(self, tiny, watch):
        yield "structural", solve_case(short_of(2.0), HIGHS, watch=watch)
        yield "conflict", solve_case(with_policy(tiny, max_providers_per_entity=0), HIGHS, watch=watch)
        yield "hopeless", solve_case(read_case(data.case_path("infeasible-lock"))[0], HIGHS, watch=watch)
        yield "no time", solve_case(tiny, SolveParams(backend="scip", time_limit_s=0.0), watch=watch)
        yield "by hand", price_case(tiny, [("ALPHA", "payroll", "NBO")])

    def test_whatever_the_answer(self, tiny, best, watch):
        expected = shape(best)
        solutions = {}
        for name, plan in self.answers(tiny, watch):
            assert list(plan) == list(best), name
            none = {} if plan["baseline"] else {"baseline": "value"}  # nothing is arranged today
            if plan["cost"] is None:  # no plan, or one of a part
                none |= {"cost": "value", "savings": "value"}
                none["verification"] = {**expected["verification"], "cost_recomputed": "value"}
            assert shape(plan) == {**expected, **none}, name
            assert plan["verification"]["mismatches"] == [], name
            assert not plan["verification"]["ok"], name
            solutions[name] = plan["status"]["solution"]
        assert solutions == {
            "structural": "infeasible",
            "conflict": "infeasible",
            "hopeless": "infeasible",
            "no time": "no_solution",
            "by hand": "infeasible",
        }

    def test_hopeless(self, watch):
        """Not even with demands left unserved: nobody is assigned, the conflict is named."""
        plan = solve_case(read_case(data.case_path("infeasible-lock"))[0], HIGHS, watch=watch)
        assert {a["provider"] for a in plan["assignments"]} <= {None}
        assert plan["bounds"]["objective"] is None
        named = {(i["table"], i["value"]) for i in plan["issues"] if i["code"] == "rule_conflict" and "table" in i}
        assert named == {("offers", "ADD|payroll"), ("decisions", "ALPHA|payroll|ADD")}


class TestLeastUnserved:
    """E1 one post, E2 three: what is left out is as little as can be, not as few as can be."""

    @pytest.mark.parametrize(
        ("posts", "served", "left"),
        [(3.5, "E2", 1.0), (3.0, "E2", 1.0), (2.9, "E1", 3.0), (1.0, "E1", 3.0), (0.9, None, 4.0)],
    )
    @pytest.mark.parametrize("allowed", [False, True])
    def test_choice(self, posts, served, left, allowed, watch):
        plan = solve_case(with_policy(short_of(posts), allow_unserved=allowed), HIGHS, watch=watch)
        assert [a["entity"] for a in plan["assignments"] if a["provider"]] == ([served] if served else [])
        assert sum(a["effort_fte"] for a in plan["assignments"] if not a["provider"]) == pytest.approx(left)
        unserved = {i["value"]: i["severity"] for i in plan["issues"] if i["code"] == "unserved"}
        assert unserved == {
            f"{a['entity']}|pay": "warning" if allowed else "error" for a in plan["assignments"] if not a["provider"]
        }
        assert "capacity_short" in codes(plan, "warning" if allowed else "error")
        assert plan["verification"]["mismatches"] == []

    def test_not_allowed_stays_infeasible(self, watch):
        plan = solve_case(short_of(2.0), HIGHS, watch=watch)
        assert plan["status"]["solution"] == "infeasible"
        assert plan["bounds"]["best_bound"] is None
        assert not plan["verification"]["ok"]
        assert plan["savings"] is None

    def test_allowed_is_a_plan(self, watch):
        plan = solve_case(with_policy(short_of(2.0), allow_unserved=True), HIGHS, watch=watch)
        assert plan["status"]["solution"] == "optimal"
        assert plan["verification"]["ok"]
        assert plan["bounds"]["gap_abs"] <= 0.01

    def test_allowed_changes_nothing_when_all_can_be_served(self, tiny, best, watch):
        plan = solve_case(with_policy(tiny, allow_unserved=True), HIGHS, watch=watch)
        assert plan["cost"] == best["cost"]
        assert None not in {a["provider"] for a in plan["assignments"]}

    def test_then_least_cost(self, watch):
        """Two ways to leave one post out of two: the cheaper provider serves the other."""
        c = case(
            [entity("E1"), entity("E2")],
            [service()],
            [Demand("E1", "pay", 1000.0), Demand("E2", "pay", 1000.0)],
            [provider("P1", capacity_fte=1.0), provider("P2", capacity_fte=0.5)],
            [Offer("P1", "pay"), Offer("P2", "pay")],
            [Tier("P1", "pay", 0.0, 30.0), Tier("P2", "pay", 0.0, 10.0)],
        )
        c = changed(c, "demands", ("E2", "pay"), own_unit_cost=5.0, own_fixed_cost=1.0)
        c = with_policy(changed(c, "entities", "E2", headcount=10.0), own_min_headcount=50.0)
        plan = solve_case(c, HIGHS, watch=watch)
        assert plan["status"]["solution"] == "infeasible"
        assert plan["cost"] is None  # of a part
        assert sum(sum(a["cost"].values()) for a in plan["assignments"]) == 30_000.0


class TestLimits:
    @pytest.mark.parametrize("backend", ["highs", "cpsat", "scip", "cbc", "pulp-highs", "engine"])
    def test_no_time_at_all(self, backend, tiny, watch):
        """Never a wrong claim: nothing, or a plan that verifies."""
        plan = solve_case(tiny, SolveParams(backend=backend, time_limit_s=0.0), watch=watch)
        assert plan["verification"]["mismatches"] == []
        assert plan["status"]["solution"] in ("no_solution", "feasible", "optimal")
        if plan["status"]["solution"] == "no_solution":
            assert plan["status"]["stopped_by"] == "time"
            assert plan["assignments"] == []
            assert plan["cost"] is None
            assert plan["savings"] is None
        else:
            assert plan["verification"]["ok"]

    def test_gap(self, tiny, best, watch):
        plan = solve_case(tiny, SolveParams(backend="highs", gap_rel=0.9), watch=watch)
        assert plan["verification"]["ok"]
        assert plan["bounds"]["gap_rel"] <= 0.9
        assert plan["bounds"]["best_bound"] <= best["bounds"]["objective"] + 0.01

    def test_cancelled_before_it_begins(self, tiny, best, pool):
        stopped = Watch(pool=pool, cancelled=lambda: True)
        plan = solve_case(tiny, HIGHS, watch=stopped)
        assert plan["status"]["solution"] in ("no_solution", "feasible", "optimal")
        kept = solve_case(tiny, HIGHS, start=best, watch=stopped)
        assert kept["cost"] == best["cost"]

    def test_cancelled_plan_is_verified_and_has_no_runner_ups(self, tiny, best, pool):
        stages = []
        stopped = Watch(pool=pool, cancelled=lambda: True, on_stage=stages.append, grace_s=0.5)
        plan = solve_case(tiny, HIGHS, start=best, watch=stopped)
        assert stages == ["solving", "document", "document"]  # the solver had stopped; all else was done
        assert any(a["runner_up"] for a in best["assignments"])
        assert not any(a["runner_up"] for a in plan["assignments"])
        assert "no_runner_ups" in codes(plan)
        assert plan["verification"]["ok"]
        assert verify(tiny, plan).ok
        assert not verify(tiny, plan, runner_ups=True).ok  # who asks for them is told that they are not there

    def test_settled_without_a_plan(self, tiny):
        plan = settle_case(tiny, None, HIGHS, stopped_by="user", bound=5.0)
        assert (plan["status"]["solution"], plan["status"]["stopped_by"]) == ("no_solution", "user")
        assert (plan["bounds"]["best_bound"], plan["assignments"]) == (5.0, [])
        assert plan["verification"]["mismatches"] == []

    def test_cancelled_infeasible_case_explains_no_further(self, pool):
        plan = solve_case(short_of(2.0), HIGHS, watch=Watch(pool=pool, cancelled=lambda: True))
        assert plan["status"]["solution"] == "infeasible"
        assert codes(plan) == {"capacity_short"}
        assert plan["verification"]["mismatches"] == []

    def test_progress_reaches_the_caller(self, tiny, pool):
        news = []
        solve_case(tiny, HIGHS, watch=Watch(pool=pool, on_progress=news.append))
        assert news

    def test_refusal_and_failure_are_errors(self, tiny, monkeypatch):
        with pytest.raises(BackendRefused):
            solve_case(tiny, SolveParams(backend="highs", work_limit=10))
        monkeypatch.setattr(
            "optimizer.solvers.accept.solve.run", lambda *_, **__: (_ for _ in ()).throw(BackendFailed("gone"))
        )
        with pytest.raises(BackendFailed):
            solve_case(tiny, HIGHS)


class TestStart:
    """A start that keeps the rules is never made worse, and never believed beyond its figures."""

    def starts(self, tiny):
        """Today's arrangement (322,500) and a worse one."""
        today = price_case(tiny, [(r.entity, r.service, r.provider) for r in tiny.current])
        worst = price_case(tiny, [(d.entity, d.service, "GVA") for d in tiny.demands])
        assert worst["cost"]["total"] > today["cost"]["total"]
        return today, worst

    @pytest.mark.parametrize("backend", ["highs", "cpsat", "scip", "cbc", "pulp-highs", "engine"])
    def test_no_time(self, backend, tiny, watch):
        for start in self.starts(tiny):
            params = SolveParams(backend=backend, time_limit_s=0.0)
            plan = solve_case(tiny, params, start=start, watch=watch)
            assert plan["verification"]["ok"]
            assert plan["status"]["solution"] in ("feasible", "optimal")
            assert plan["bounds"]["objective"] <= start["bounds"]["objective"] + 1e-6

    @pytest.mark.parametrize("backend", ["highs", "cpsat", "scip", "cbc", "pulp-highs", "engine"])
    def test_optimum_stays(self, backend, tiny, best, watch):
        plan = solve_case(tiny, SolveParams(backend=backend), start=best, watch=watch)
        assert plan["status"]["solution"] == "optimal"
        assert plan["cost"] == best["cost"]
        assert rows_of(plan) == rows_of(best)

    def test_that_breaks_rules_is_only_a_hint(self, tiny, best, watch):
        broken = price_case(tiny, [(d.entity, d.service, "AGY") for d in tiny.demands if d.service == "payables"])
        plan = solve_case(tiny, HIGHS, start=broken, watch=watch)
        assert plan["cost"] == best["cost"]

    def test_of_another_case(self, tiny, best, watch):
        """Names that the case does not have are left out."""
        other = {**best, "assignments": [{**a, "entity": a["entity"].lower()} for a in best["assignments"]]}
        assert solve_case(tiny, HIGHS, start=other, watch=watch)["cost"] == best["cost"]

    @pytest.mark.parametrize("start", [{"schema": "designate.plan/9"}, {"schema": "designate.plan/1"}])
    def test_that_is_no_plan(self, start, tiny):
        with pytest.raises(InputError):
            solve_case(tiny, HIGHS, start=start)


class TestPlanBecomesToday:
    """A plan accepted: the next case has it as ``current`` and its opened candidates as ``open``."""

    @staticmethod
    def accepted(c, plan):
        opened = {s["provider"] for s in plan["sites"] if s["open"]}
        providers = tuple(
            replace(p, status="open") if p.status == "candidate" and p.id in opened else p for p in c.providers
        )
        current = tuple(CurrentRow(a["entity"], a["service"], a["provider"]) for a in plan["assignments"])
        return edited(c, providers=providers, current=current)

    def with_candidate(self, tiny):
        """GVA and NBO dear, a candidate cheap enough to pay its set-up."""
        c = changed(tiny, "providers", "NBO", status="candidate", setup_cost=50_000.0)
        return edited(c, current=tuple(replace(r, provider="GVA") for r in c.current))

    @pytest.mark.parametrize("name", ["tiny", "candidate", "generated"])
    def test_same_running_cost_no_one_off(self, name, tiny, made, watch):
        c = {"tiny": tiny, "generated": made, "candidate": self.with_candidate(tiny)}[name]
        plan = solve_case(c, SolveParams(backend="highs", time_limit_s=20.0, gap_rel=0.05), watch=watch)
        assert plan["verification"]["ok"]
        if name == "candidate":
            assert plan["cost"]["setup_annualised"] > 0
        after = self.accepted(c, plan)
        again = price_case(after, rows_of(plan))
        assert again["verification"]["ok"]
        assert again["cost"]["running"] == plan["cost"]["running"]
        assert again["cost"]["transition_annualised"] == again["cost"]["setup_annualised"] == 0.0
        assert again["baseline"]["running"] == plan["cost"]["running"]
        assert again["savings"]["annual"] == 0.0
        assert again["savings"]["one_off"] == {"transition": 0.0, "setup": 0.0}
        assert [a for a in again["assignments"] if a["moved_from"]] == []


class TestPricedByHand:
    def test_price_says_where_a_row_stands(self, tiny):
        with pytest.raises(InputError) as error:
            price_case(tiny, [("ALPHA", "payroll", "NBO"), ("NOBODY", "payroll", "NBO")], lines=[2, 9])
        assert [(i.code, i.row) for i in error.value.issues] == [("unknown_id", 9)]

    def test_verifies_after_a_journey_through_json(self, tiny, best):
        report = verify(tiny, best)
        assert report.ok
        assert report.consistent
