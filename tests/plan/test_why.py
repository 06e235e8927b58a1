"""Why one demand is served by whom, against the verifier's own prices and verdicts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

import data
import optimizer
from optimizer.domain.errors import InputError
from optimizer.domain.names import COST_TERMS, OWN, REFUSALS
from optimizer.domain.params import SolveParams
from optimizer.domain.types import CurrentRow, Decision, Demand, Offer
from optimizer.pipeline import solve_case
from optimizer.plan.why import why
from optimizer.stating import price_case
from optimizer.tables import read_case
from optimizer.testing import best_plan, edited, random_case
from optimizer.testing.hand import NEW_YORK, VIENNA, case, changed, entity, provider, service, two_by_two
from optimizer.verify.checker import Evaluator

CENT = 0.011


def plan_of(c, rows):
    """A plan document as far as the question reads it."""
    names = ("entity", "service", "provider", "backup")
    assignments = [dict(zip(names, r, strict=True)) for r in rows]
    return {"schema": "designate.plan/1", "run": {"id": "r", "case_hash": c.case_hash}, "assignments": assignments}


def moved(rows, key, who, backup):
    return [(*key, who, backup) if tuple(r[:2]) == key else tuple(r) for r in rows]


@pytest.fixture(scope="module")
def solved():
    """Random cases with an optimal plan by enumeration."""
    found = ((c, best_plan(c)) for c in (random_case(seed, max_plans=130) for seed in range(400, 460)))
    out = [(c, list(best.rows)) for c, best in found if best is not None]
    assert len(out) >= 15
    return out


class TestAgainstTheVerifier:
    def test_verdicts_are_the_verifiers(self, solved):
        for c, rows in solved:
            verdict = Evaluator(c).facts.eligibility.verdict
            for d in c.demands:
                for o in why(c, *d.key, plan_of(c, rows)).options:
                    codes = {r.code for r in o.refusals}
                    theirs = {r.code for r in verdict(d, o.provider).refusals}
                    if "not_offered" in theirs:  # the verifier asks no further there
                        codes &= {"not_offered", "closed", "forbid"}
                    assert codes == theirs, (d.key, o.provider)
                    assert (o.verdict == "refused") == bool(codes)
                    assert (o.cost is None) == bool(codes)

    def test_extra_cost_and_broken_rules_are_the_verifiers(self, solved):
        seen = {"possible": 0, "breaks": 0}
        for c, rows in solved:
            evaluator = Evaluator(c)
            total = evaluator.cost(rows)["total"]
            for d in c.demands:
                answer = why(c, *d.key, plan_of(c, rows))
                assert answer.chosen == next(r[2] for r in rows if tuple(r[:2]) == d.key)
                for o in (o for o in answer.options if o.cost is not None):
                    seen[o.verdict] += not o.chosen
                    after = moved(rows, d.key, o.provider, o.backup)
                    assert o.extra_cost == pytest.approx(evaluator.cost(after)["total"] - total, abs=CENT)
                    assert bool(o.breaks) == bool(evaluator.violations(after)), (d.key, o.provider)
        assert min(seen.values()) >= 15, seen

    def test_a_move_that_a_backup_makes_possible_is_found(self, solved):
        """Every naming of a backup is tried here; the answer says ``breaks`` only when none works."""
        for c, rows in solved:
            evaluator = Evaluator(c)
            for d in c.demands:
                for o in why(c, *d.key, plan_of(c, rows)).options:
                    if o.verdict == "breaks":
                        for q in ("", *(p.id for p in c.providers)):
                            assert evaluator.violations(moved(rows, d.key, o.provider, q)), (d.key, o.provider, q)

    def test_terms_add_up_and_differ_by_the_extra_cost(self, solved):
        for c, rows in solved:
            for d in c.demands:
                answer = why(c, *d.key, plan_of(c, rows))
                [chosen] = [o for o in answer.options if o.chosen]
                for o in (o for o in answer.options if o.cost is not None):
                    assert list(o.cost) == [*COST_TERMS, "total"]
                    assert sum(o.cost[t] for t in COST_TERMS) == pytest.approx(o.cost["total"], abs=0.06)
                    if chosen.cost is not None:
                        assert o.cost["total"] - chosen.cost["total"] == pytest.approx(o.extra_cost, abs=0.03)

    def test_alone_is_the_price_of_a_plan_with_this_demand_only(self, solved):
        for c, _ in solved[:8]:
            evaluator = Evaluator(c)
            nothing = evaluator.cost([])["total"]
            for d in c.demands:
                for o in (o for o in why(c, *d.key).options if o.cost is not None):
                    alone = evaluator.cost([(*d.key, o.provider, "")])["total"] - nothing
                    assert o.cost["total"] == pytest.approx(alone, abs=CENT)
                    assert o.extra_cost is None

    def test_possible_ones_come_first_by_cost(self, solved):
        for c, rows in solved:
            for d in c.demands:
                options = why(c, *d.key, plan_of(c, rows)).options
                order = [("possible", "breaks", "refused").index(o.verdict) for o in options]
                assert order == sorted(order)
                costs = [o.cost["total"] for o in options if o.verdict == "possible"]
                assert costs == sorted(costs)
                assert {o.provider for o in options} == {OWN, *(p.id for p in c.providers)}


class TestRunnerUp:
    def test_cheapest_possible_other_is_the_runner_up_of_the_document(self):
        c, _ = read_case(data.case_path("tiny"))
        plan = solve_case(c, SolveParams(backend="highs"))
        compared = 0
        for a in plan["assignments"]:
            others = [
                o for o in why(c, a["entity"], a["service"], plan).options if o.verdict == "possible" and not o.chosen
            ]
            if a["runner_up"] is not None:
                best = min(others, key=lambda o: o.extra_cost)
                assert (best.provider, best.extra_cost) == (a["runner_up"]["provider"], a["runner_up"]["extra_cost"])
                compared += 1
        assert compared


class TestLocks:
    def locked(self):
        row = Decision("lock", "E1", "agreed", "pay", "P1", "Head", date(2025, 1, 2))
        return edited(two_by_two(), decisions=(row,))

    def test_elsewhere_breaks_the_lock(self):
        c = self.locked()
        plan = price_case(c, [("E1", "pay", "P1"), ("E2", "pay", "P2")])
        for answer in (why(c, "E1", "pay", plan), why(c, "E1", "pay")):
            by_name = {o.provider: o for o in answer.options}
            assert by_name["P1"].verdict == "possible"
            assert [b["rule"] for b in by_name["P2"].breaks] == ["lock"]
            assert "agreed, Head, 2025-01-02" in by_name["P2"].breaks[0]["message"]

    def test_of_another_demand_says_nothing_here(self):
        c = self.locked()
        assert {o.verdict for o in why(c, "E2", "pay").options if o.provider != OWN} == {"possible"}


class TestPlanThatBreaksRules:
    """A hand-made plan may have the demand where it is refused: moving away is priced all the same."""

    def given(self, who):
        c = TestRefused().lonely()
        c = edited(c, policy=replace(c.policy, distance_cost_per_fte_1000km=500.0), decisions=())
        return c, price_case(c, [("E1", "pay", who)])

    def test_extra_cost_counts_the_refused_pair_in_full(self):
        c, plan = self.given("FAR")
        by_name = {o.provider: o for o in why(c, "E1", "pay", plan).options}
        assert (by_name["FAR"].verdict, by_name["FAR"].chosen, by_name["FAR"].extra_cost) == ("refused", True, None)
        cost = {p: Evaluator(c).cost([("E1", "pay", p, "")])["total"] for p in ("FAR", "BARRED")}
        assert by_name["BARRED"].extra_cost == pytest.approx(cost["BARRED"] - cost["FAR"], abs=CENT)
        assert by_name["BARRED"].extra_cost < -2000

    def test_no_figure_where_the_pair_has_no_price(self):
        c, plan = self.given(OWN)
        [barred] = [o for o in why(c, "E1", "pay", plan).options if o.provider == "BARRED"]
        assert (barred.verdict, barred.extra_cost) == ("possible", None)


class TestWithoutAPlan:
    def test_a_demand_that_fits_nowhere_alone(self):
        c = changed(two_by_two(), "offers", ("P1", "pay"), capacity=999.999999)
        by_name = {o.provider: o for o in why(c, "E1", "pay").options}
        assert [(b["rule"], b["amount"]) for b in by_name["P1"].breaks] == [("line_capacity", 0.000001)]
        assert by_name["P2"].verdict == "possible"
        assert why(c, "E1", "pay").plan is None


class TestRefused:
    def lonely(self):
        return case(
            [entity("E1", languages=frozenset({"fr"}))],
            [service(max_distance_km=6000.0, language_rule="all")],
            [Demand("E1", "pay", 1000.0)],
            [
                provider("FAR", NEW_YORK, "America/New_York", languages=frozenset({"fr"})),
                provider("MUTE", VIENNA, languages=frozenset({"de"})),
                provider("BARRED", VIENNA, languages=frozenset({"fr"})),
                provider("IDLE", VIENNA, languages=frozenset({"fr"})),
            ],
            [Offer(p, "pay") for p in ("FAR", "MUTE", "BARRED")],
            decisions=[Decision("forbid", "E1", "by the board", "pay", "BARRED", "Board", date(2025, 3, 4))],
            language_mode="forbid",
        )

    def test_reason_figure_limit_and_lift(self):
        found = {o.provider: o for o in why(self.lonely(), "E1", "pay").options}
        [far] = found["FAR"].refusals
        assert (far.code, far.limit) == ("distance", 6000.0)
        assert far.figure == pytest.approx(11_833, abs=20)
        assert far.action.startswith("raise max_distance_km of pay from 6,000 to at least 11,8")
        assert found["FAR"].by_decision == "lock pay of E1 to FAR by decision"
        [mute] = found["MUTE"].refusals
        assert mute.action == "add fr to the languages of MUTE"
        assert mute.change == {"table": "providers", "key": "MUTE", "column": "languages", "value": "de;fr"}
        [barred] = found["BARRED"].refusals
        assert "by the board, Board, 2025-03-04" in barred.message
        assert found["IDLE"].by_decision == ""
        assert [r.code for r in found[OWN].refusals] == ["own_not_given"]

    def test_kept_although_refused_is_told(self):
        c = changed(self.lonely(), "providers", "FAR", status="open", setup_cost=1.0)
        c = edited(c, current=(CurrentRow("E1", "pay", "FAR"),))
        [far] = [o for o in why(c, "E1", "pay").options if o.provider == "FAR"]
        assert far.verdict == "possible"
        assert [e.partition(":")[0] for e in far.exempted] == ["distance"]


class TestQuestions:
    def tiny(self):
        return read_case(data.case_path("tiny"))[0]

    @pytest.mark.parametrize(
        ("entity_id", "service_id", "columns", "near"),
        [
            ("ALPH", "payroll", ["entity"], "ALPHA"),
            ("ALPHA", "payrol", ["service"], "payroll"),
            ("ALPH", "payrol", ["entity", "service"], "ALPHA"),
            ("zzz", "payroll", ["entity"], ""),
        ],
    )
    def test_unknown_names_with_near_matches(self, entity_id, service_id, columns, near):
        with pytest.raises(InputError) as error:
            why(self.tiny(), entity_id, service_id)
        assert [i.column for i in error.value.issues] == columns
        assert ("Did you mean" in error.value.issues[0].message) == bool(near)
        assert near in error.value.issues[0].message

    def test_no_such_demand(self):
        c = two_by_two()
        c = edited(c, demands=c.demands[:1])
        with pytest.raises(InputError) as error:
            why(c, "E2", "pay")
        assert [i.code for i in error.value.issues] == ["no_demand"]

    def test_plan_of_another_case(self):
        c = self.tiny()
        other = plan_of(c, []) | {"run": {"id": "r", "case_hash": "0" * 64}}
        with pytest.raises(InputError) as error:
            why(c, "ALPHA", "payroll", other)
        assert [i.code for i in error.value.issues] == ["plan_of_another_case"]

    def test_public_name_and_plain_document(self):
        answer = optimizer.why(self.tiny(), "ALPHA", "payroll")
        document = answer.as_dict()
        assert json.loads(json.dumps(document)) == document
        assert document["schema"] == "designate.why/1"
        assert {r["code"] for o in document["options"] for r in o["refusals"]} <= set(REFUSALS)
