"""Events on the hand-worked case: the case they make, what is refused, what changes nothing."""

from __future__ import annotations

import copy
from datetime import date

import pytest

from optimizer.errors import InputError
from optimizer.replan import apply_events, apply_patch, event_hash
from optimizer.verify.checker import Evaluator

ECHO = {"id": "ECHO", "name": "Office Echo", "city": "Nairobi", "country": "KE", "headcount": 30, "languages": ["en"]}
START = {
    "type": "start",
    "date": "2026-03-01",
    "entity": ECHO,
    "demands": [{"service": "payroll"}, {"service": "payables", "volume": 100}],
}
CLOSE = {"type": "close", "date": "2026-04-01", "entity": "DELTA"}
GROW = {
    "type": "change",
    "date": "2026-02-01",
    "patch": {"tables": {"demands": {"change": [{"entity": "BRAVO", "service": "payroll", "volume": 960}]}}},
}


def refused(case, plan, events) -> list[str]:
    with pytest.raises(InputError) as caught:
        apply_events(case, plan, events)
    return sorted({i.code for i in caught.value.issues if i.severity == "error"})


class TestCase:
    def test_start(self, tiny, applied):
        made = apply_events(tiny, applied, [START]).case
        assert made.policy.as_of == date(2026, 3, 1)
        assert made.entity["ECHO"].start == date(2026, 3, 1)
        assert (made.demand["ECHO", "payroll"].volume, made.demand["ECHO", "payroll"].basis) == (360.0, "estimated")
        assert (made.demand["ECHO", "payables"].volume, made.demand["ECHO", "payables"].basis) == (100.0, "given")

    def test_close(self, tiny, applied):
        made = apply_events(tiny, applied, [CLOSE]).case
        assert {e.id for e in made.absent_entities} == {"DELTA"}
        assert {(c.entity, c.service) for c in made.stopped} == {("DELTA", "payroll"), ("DELTA", "payables")}

    def test_change(self, tiny, applied):
        made = apply_events(tiny, applied, [GROW]).case
        assert made.demand["BRAVO", "payroll"].volume == 960

    def test_applied_plan_is_current_at_the_same_running_cost(self, tiny, applied):
        made = apply_events(tiny, applied, [GROW]).case
        rows = [(a["entity"], a["service"], a["provider"], "") for a in applied["assignments"]]
        assert {k: c.provider for k, c in made.current_of.items()} == {r[:2]: r[2] for r in rows}
        same = apply_patch(
            made, {"tables": {"demands": {"change": [{"entity": "BRAVO", "service": "payroll", "volume": 480}]}}}
        )[0]
        cost = Evaluator(same).cost(rows)
        assert cost["running"] == pytest.approx(applied["cost"]["running"], abs=0.01)
        assert cost["total"] == pytest.approx(cost["running"], abs=1e-9)

    def test_candidates_that_were_opened_are_open(self, tiny, applied):
        case, _ = apply_patch(
            tiny,
            {
                "tables": {
                    "providers": {"change": [{"id": "AGY", "status": "candidate", "setup_cost": 100, "min_fte": 0.1}]}
                }
            },
        )
        plan = {**applied, "run": {**applied["run"], "case_hash": case.case_hash}}
        made = apply_events(case, plan, [GROW]).case
        assert (made.provider["AGY"].status, made.provider["AGY"].setup_cost) == ("open", 0.0)

    def test_batch_takes_the_latest_date_and_does_all(self, tiny, applied):
        happened = apply_events(tiny, applied, {"schema": "designate.events/1", "events": [CLOSE, START, GROW]})
        assert [e.kind for e in happened.events] == ["change", "start", "close"]
        assert happened.case.policy.as_of == date(2026, 4, 1)
        assert "ECHO" in happened.case.entity
        assert ("DELTA", "payroll") not in happened.case.demand

    def test_start_and_close_of_one_mission(self, tiny, applied):
        made = apply_events(tiny, applied, [START, {**CLOSE, "entity": "ECHO"}]).case
        assert {e.id for e in made.absent_entities} == {"ECHO"}

    def test_late_event_leaves_the_date_and_says_so(self, tiny, applied):
        happened = apply_events(tiny, applied, [{**GROW, "date": "2025-12-01"}])
        assert happened.case.policy.as_of == tiny.policy.as_of
        assert "event_late" in {i.code for i in happened.issues}

    def test_inputs_are_not_changed(self, tiny, applied):
        tables, plan, events = copy.deepcopy(dict(tiny.tables)), copy.deepcopy(applied), copy.deepcopy([START, CLOSE])
        apply_events(tiny, plan, events)
        assert (dict(tiny.tables), plan, events) == (tables, applied, [START, CLOSE])


class TestSameAgain:
    def test_hash_is_of_the_content(self):
        turned = dict(reversed(START.items()))
        assert event_hash(START) == event_hash(turned) == event_hash({**START, "note": "again"})
        assert event_hash(START) != event_hash({**START, "date": "2026-03-02"})

    def test_twice_in_a_batch_counts_once(self, tiny, applied):
        once = apply_events(tiny, applied, [START, GROW])
        twice = apply_events(tiny, applied, [START, GROW, START, GROW])
        assert twice.case.case_hash == once.case.case_hash
        assert [i.code for i in twice.issues].count("event_repeated") == 2

    def test_applied_before(self, tiny, applied):
        happened = apply_events(tiny, applied, [START], already=[event_hash(START)])
        assert (happened.changed, happened.case) == (False, tiny)
        assert [i.code for i in happened.issues] == ["event_already_applied"]

    @pytest.mark.parametrize("event", [START, CLOSE, GROW], ids=["start", "close", "change"])
    def test_on_the_case_it_made(self, tiny, applied, event, params, watch):
        from optimizer.pipeline import solve_case

        made = apply_events(tiny, applied, [event]).case
        plan = solve_case(made, params, watch=watch)
        again = apply_events(made, plan, [event])
        assert (again.changed, again.case.case_hash) == (False, made.case_hash)


class TestRefused:
    @pytest.mark.parametrize(
        ("events", "codes"),
        [
            ([], ["events_structure"]),
            ({"schema": "designate.events/2", "events": [CLOSE]}, ["events_structure"]),
            ([{"type": "merge", "date": "2026-01-01"}], ["events_structure"]),
            ([{**CLOSE, "why": "x"}], ["events_structure"]),
            ([{**START, "demands": []}], ["events_structure"]),
            ([{**CLOSE, "date": "soon"}], ["event_date"]),
            ([{**CLOSE, "entity": "DELTO"}], ["event_unknown_entity"]),
            ([{**START, "entity": {**ECHO, "id": "ALPHA"}}], ["event_entity_exists"]),
            ([{**START, "entity": {**ECHO, "start": "2027-01-01"}}], ["event_start_later"]),
            ([START, {**START, "entity": {**ECHO, "headcount": 31}}], ["event_entity_exists"]),
            ([CLOSE, {**CLOSE, "date": "2026-05-01"}], ["event_conflict"]),
            ([START, {**CLOSE, "entity": "ECHO", "date": "2026-03-01"}], ["event_conflict"]),
            ([{**START, "entity": {**ECHO, "colour": "red"}}], ["patch_unknown_column"]),
            ([{**START, "demands": [{"service": "fax"}]}], ["dangling_reference"]),
            ([{**GROW, "patch": {"policy": {"as_of": "2026-01-02"}}}], ["event_sets_as_of"]),
            (
                [{**GROW, "patch": {"policy": {"nothing": 1}}}, {**CLOSE, "entity": "X"}],
                ["event_unknown_entity", "patch_unknown_policy"],
            ),
        ],
    )
    def test_with_a_code(self, tiny, applied, events, codes):
        assert refused(tiny, applied, events) == codes

    @pytest.mark.parametrize(
        ("events", "message", "remedy"),
        [
            ({"events": [CLOSE], "a": 1}, "unknown key 'a'", "Give {"),
            ([{**CLOSE, "why": "x"}], "event 1 (close): unknown key 'why'", "Give `entity`"),
            (
                [{"type": "close", "date": "2026-04-01", "who": "x"}],
                "event 1 (close): lacks entity; unknown key 'who'",
                "Give `entity`",
            ),
            ([{**CLOSE, "date": "13/03/2026"}], "event 1 (close): '13/03/2026' is no date", "Write 2026-03-13. "),
            ([{**CLOSE, "date": "01/03/2026"}], "'01/03/2026' is no date", "Write 2026-03-01 or 2026-01-03, whichever"),
            ([{"type": "close", "entity": "DELTA"}], "event 1 (close) has no date", "Write the date as YYYY-MM-DD"),
        ],
    )
    def test_in_words(self, tiny, applied, events, message, remedy):
        with pytest.raises(InputError) as caught:
            apply_events(tiny, applied, events)
        (found,) = caught.value.issues
        assert message in found.message
        assert found.remedy.startswith(remedy)

    def test_two_values_for_one_cell(self, tiny, applied):
        other = copy.deepcopy(GROW)
        other["patch"]["tables"]["demands"]["change"][0]["volume"] = 500
        assert refused(tiny, applied, [GROW, other]) == ["event_conflict"]

    def test_change_and_removal_of_one_row(self, tiny, applied):
        gone = {
            "type": "change",
            "date": "2026-02-02",
            "patch": {"tables": {"demands": {"remove": [{"entity": "BRAVO", "service": "payroll"}]}}},
        }
        assert "event_conflict" in refused(tiny, applied, [GROW, gone])

    def test_plan_of_another_case(self, tiny, applied):
        grown, _ = apply_patch(tiny, GROW["patch"])
        assert refused(grown, applied, [CLOSE]) == ["plan_not_this_case"]
        fewer = {**applied, "assignments": applied["assignments"][1:]}
        assert refused(tiny, fewer, [CLOSE]) == ["plan_not_this_case"]

    @pytest.mark.parametrize("plan", [{}, {"schema": "designate.plan/1"}, None])
    def test_no_plan(self, tiny, plan):
        assert refused(tiny, plan, [CLOSE]) == ["plan_not_readable"]
