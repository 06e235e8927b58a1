"""Two steps after an event: fewest moves, then least cost with so many more; the curve; what cannot be."""

from __future__ import annotations

import pytest

from optimizer.domain.errors import UsageError
from optimizer.domain.params import SolveParams
from optimizer.model.build import build_problem
from optimizer.solvers.accept.fewest_moves import fewest_moves
from optimizer.solvers.accept.solve import Watch
from optimizer.studies.missions import event_hash, reoptimise, today
from optimizer.studies.missions.staying import staying
from optimizer.tables import apply_patch, case_from_tables
from optimizer.verify.documents import verify
from tests.missions.test_events import CLOSE, GROW, START

CLOSED_AGENCY = {
    "type": "change",
    "date": "2026-02-01",
    "patch": {"tables": {"providers": {"change": [{"id": "AGY", "status": "closed"}]}}},
}
DEAR_NAIROBI = {
    "type": "change",
    "date": "2026-02-01",
    "patch": {
        "tables": {
            "tiers": {
                "change": [
                    {"provider": "NBO", "service": "payables", "from_volume": 0, "unit_cost": 300},
                    {"provider": "NBO", "service": "payables", "from_volume": 1200, "unit_cost": 290},
                ]
            }
        }
    },
}
SMALL_NAIROBI = {
    "type": "change",
    "date": "2026-02-01",
    "patch": {"tables": {"providers": {"change": [{"id": "NBO", "capacity_fte": 2}]}}},
}


def test_closed_provider_moves_its_one_demand(tiny, applied, params, watch):
    """CHARLIE's payables cannot stay at the agency: NBO is the second best place (see the case's page)."""
    result = reoptimise(tiny, applied, [CLOSED_AGENCY], params, watch=watch)
    assert (result["moves"]["lower"], result["moves"]["upper"], result["moves"]["proven"]) == (1, 1, True)
    moved = {
        (a["entity"], a["service"]): (a["moved_from"], a["provider"])
        for a in result["plans"][0]["assignments"]
        if a["moved_from"]
    }
    assert moved == {("CHARLIE", "payables"): ("AGY", "NBO")}
    point = result["points"][0]
    # Running: NBO payables 600 × 50 = 30,000 and distance 0.6 × 6,058.976503 = 3,635.385902 for the agency's
    # 28,600, one interface of 1,000 and the hand-over of 500; the move of 0.6 posts is 6,000, once.
    assert point["running"] == pytest.approx(259758.976503 + 30000 + 3635.385902 - 28600 - 1000 - 500, abs=0.01)
    assert (point["one_off"], point["moves"], point["solution"], point["verified"]) == (6000.0, 1, "optimal", True)
    assert point["total"] == pytest.approx(point["running"] + 6000 / 5, abs=0.01)


def test_under_a_work_limit_no_clock_decides(tiny, applied):
    """CP-SAT counts its work; a plan to start from that moves all it must needs no solver."""
    served = case_from_tables(today(tiny, applied), name="tiny")[0]
    case = apply_patch(served, CLOSED_AGENCY["patch"])[0]
    problem, params = build_problem(case), SolveParams(work_limit=10_000)
    found = fewest_moves(case, problem, params)
    assert (found.lower, found.upper, found.backend) == (1, 1, "cpsat")
    begun = fewest_moves(case, problem, params, start=staying(problem))
    assert (begun.lower, begun.upper, begun.backend) == (1, 1, "none")


def test_nothing_need_move_when_missions_start_and_close(tiny, applied, params, watch):
    result = reoptimise(tiny, applied, [START, CLOSE], params, watch=watch)
    assert (result["moves"]["upper"], result["points"][0]["moves"]) == (0, 0)
    assert {(x["entity"], x["service"]) for x in result["comparison"]["only_in_b"]} == {
        ("ECHO", "payroll"),
        ("ECHO", "payables"),
    }
    assert {x["entity"] for x in result["comparison"]["only_in_a"]} == {"DELTA"}


def test_curve_never_rises_and_every_point_is_verified(tiny, applied, params, watch):
    phases: list[tuple[str, int | None]] = []
    result = reoptimise(
        tiny, applied, [DEAR_NAIROBI], params, budgets=[5, 0, 1, 2], watch=watch, on_phase=lambda *p: phases.append(p)
    )
    assert phases == [("moves", None), ("cost", 0), ("cost", 1), ("cost", 2), ("cost", 5)]
    points = result["points"]
    totals = [p["total"] for p in points]
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] < totals[0] - 1.0
    assert all(p["moves"] <= p["max_moves"] and p["verified"] for p in points)
    new = apply_patch(result["case"], {})[0]
    assert new.case_hash == result["case_hash"]
    for point, plan in zip(points, result["plans"], strict=True):
        case = apply_patch(new, point["patch"])[0]
        assert plan["run"]["case_hash"] == point["case_hash"] == case.case_hash
        assert verify(case, plan).ok


def test_saving_is_against_the_applied_plan(tiny, applied, params, watch):
    result = reoptimise(tiny, applied, [DEAR_NAIROBI], params, budgets=[0, 5], watch=watch)
    stay, move = result["points"]
    assert stay["moves"] == 0
    assert stay["saving"] == pytest.approx(0.0, abs=0.01)
    assert move["saving"] == pytest.approx(stay["running"] - move["running"], abs=0.01)


def test_the_smaller_limit_of_moves_holds(tiny, applied, params, watch):
    capped = {**DEAR_NAIROBI, "patch": {**DEAR_NAIROBI["patch"], "policy": {"max_moves": 1}}}
    result = reoptimise(tiny, applied, [capped], params, budgets=[0, 5], watch=watch)
    assert [p["max_moves"] for p in result["points"]] == [0, 1]
    assert "max_moves_caps_budget" in {i["code"] for i in result["issues"]}


def test_policy_that_allows_fewer_moves_than_needed(tiny, applied, params, watch):
    event = {**CLOSED_AGENCY, "patch": {**CLOSED_AGENCY["patch"], "policy": {"max_moves": 0}}}
    result = reoptimise(tiny, applied, [event], params, watch=watch)
    assert "max_moves_below_least" in {i["code"] for i in result["issues"]}
    assert result["points"][0]["solution"] == "infeasible"


def test_infeasible_event_says_why_and_loses_nothing(tiny, applied, params, watch):
    huge = {
        "type": "change",
        "date": "2026-02-01",
        "patch": {"tables": {"demands": {"change": [{"entity": "ALPHA", "service": "payroll", "volume": 90000}]}}},
    }
    result = reoptimise(tiny, applied, [huge], params, budgets=[0, 1], watch=watch)
    assert (result["moves"]["infeasible"], result["moves"]["upper"]) == (True, None)
    assert [p["solution"] for p in result["points"]] == ["infeasible"]
    findings = [i for i in result["plans"][0]["issues"] if i["severity"] == "error"]
    assert findings
    served = {(a["entity"], a["service"]) for a in result["plans"][0]["assignments"] if a["provider"]}
    assert served == {d.key for d in tiny.demands} - {("ALPHA", "payroll")}


def test_same_event_again_solves_nothing(tiny, applied, params, watch):
    result = reoptimise(tiny, applied, [GROW], params, already=[event_hash(GROW)], watch=watch)
    assert (result["changed"], result["plans"], result["case_hash"]) == (False, [], tiny.case_hash)


def test_cancelled_keeps_what_is_there(tiny, applied, params, pool):
    result = reoptimise(
        tiny, applied, [CLOSED_AGENCY], params, budgets=[0, 1, 2], watch=Watch(pool=pool, cancelled=lambda: True)
    )
    assert len(result["points"]) == 1
    assert result["moves"]["lower"] == 1  # by counting: the agency cannot keep its demand


def test_documents_in_and_out(tiny, applied, params, watch):
    """Everything is plain JSON, the case too."""
    import json

    result = reoptimise(json.loads(json.dumps(dict(tiny.tables))), applied, [CLOSE], params, watch=watch)
    assert json.loads(json.dumps(result)) == result


@pytest.mark.parametrize("budgets", [[], [-1]])
def test_budgets(tiny, applied, budgets):
    with pytest.raises(UsageError):
        reoptimise(tiny, applied, [CLOSE], budgets=budgets)


def test_a_curve_of_too_many_points_is_refused_before_anything_is_solved(tiny, applied):
    with pytest.raises(UsageError, match="1,000 budgets are too many: each is a solve; name at most 50"):
        reoptimise(tiny, applied, [CLOSE], budgets=range(1000))


def test_beyond_the_exact_solver_it_is_an_interval(tiny, applied, watch, monkeypatch):
    """The engine's search gives the upper end, counting the lower; neither is called more than it is."""
    import optimizer.solvers.accept.fewest_moves as moves

    monkeypatch.setattr(moves, "MAX_PAIRS_EXACT", 0)
    result = reoptimise(tiny, applied, [SMALL_NAIROBI], SolveParams(backend="engine", time_limit_s=120), watch=watch)
    known = result["moves"]
    assert (known["lower"], known["upper"], known["proven"], known["backend"]) == (0, 2, False, "engine")
    assert "price on each move" in known["reason"]
    assert result["points"][0]["verified"]


def test_unserved_demands_that_the_policy_accepts(tiny, applied, params, watch):
    event = {
        "type": "change",
        "date": "2026-02-01",
        "patch": {
            "policy": {"allow_unserved": True},
            "tables": {"demands": {"change": [{"entity": "ALPHA", "service": "payroll", "volume": 90000}]}},
        },
    }
    result = reoptimise(tiny, applied, [event], params, watch=watch)
    point = result["points"][0]
    assert (point["budget"], point["patch"], result["moves"]["infeasible"]) == (None, {}, True)
    unserved = [a for a in result["plans"][0]["assignments"] if a["provider"] is None]
    assert [(a["entity"], a["service"]) for a in unserved] == [("ALPHA", "payroll")]
