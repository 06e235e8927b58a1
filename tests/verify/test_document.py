"""Whole documents: a right one passes, any change to it or to its case is objected to."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import COST_TERMS, RULES
from optimizer.domain.policy import Transition
from optimizer.domain.types import Assumption, CurrentRow, Demand, Offer, Tier
from optimizer.testing import edited
from optimizer.testing.hand import GENEVA, case, changed, entity, provider, service, with_policy
from optimizer.verify import Evaluator, VerificationReport, verify
from tests.effort import here_and_there, stride
from tests.verify.cases import Rows, document

NOT_JUDGED = {
    "id",
    "name",
    "tags",
    "created",
    "product_version",
    "solver",
    "zone_database",
    "seed",
    "limits",
    "timings",
}
ROWS: Rows = [
    ("E1", "hire", "P1", ""),
    ("E1", "pay", "P1", "P2"),
    ("E2", "hire", "OWN", ""),
    ("E2", "pay", "P2", "P1"),
]


def rich() -> Case:
    """Two entities, two services, three providers; every cost term is more than nothing."""
    money = Transition(separation=1000.0, contingency_rate=0.1)
    c = case(
        [entity(languages=frozenset({"en", "fr"})), entity("E2", GENEVA, "Europe/Zurich", organisation="WHO")],
        [
            service(critical=True, bundle="hr", target_overlap_hours=7.5, language_rule="all"),
            service("hire", 50.0, bundle="hr"),
        ],
        [
            Demand("E1", "pay", 1000.0),
            Demand("E1", "hire", 700.0, "estimated"),
            Demand("E2", "pay", 333.333333),
            Demand("E2", "hire", 123.4, own_unit_cost=9.99, own_fixed_cost=5.0),
        ],
        [
            provider(languages=frozenset({"en"}), capacity_fte=9.0, base_fte=1.0, site_fixed_cost=1000.0),
            provider("P2", GENEVA, "Europe/Zurich", status="candidate", setup_cost=777.0, site_fixed_cost=100.01),
            provider("P3", GENEVA, status="required", site_fixed_cost=50.5, kind="agency"),
        ],
        [Offer(p, s, capacity=9000.0, fixed_cost=33.33, fee_rate=0.07) for p in ("P1", "P2") for s in ("pay", "hire")],
        [Tier("P1", "pay", 0.0, 10.0), Tier("P1", "pay", 800.0, 7.77)],
        [CurrentRow("E1", "pay", "P2", 11.0), CurrentRow("E2", "hire", "OWN"), CurrentRow("E2", "pay", "P2")],
        interface_cost=12.5,
        handover_cost=40.0,
        distance_cost_per_fte_1000km=100.0,
        overlap_cost_per_fte_hour=33.0,
        language_mode="price",
        language_cost_rate=0.02,
        dispersion_loss=(0.0, 0.125),
        transition=money,
        worse_distance_km=100.0,
    )
    return edited(c, assumptions=(Assumption("tiers", "P1|pay|800", "unit_cost", "assumed"),))


RICH = rich()
GOOD = document(RICH, ROWS)
CHECK = Evaluator(RICH).verify


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Path of every scalar of a document that the verifier judges."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if path != ("run",) or key not in NOT_JUDGED:
                yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for k, inner in enumerate(value):
            yield from places(inner, (*path, k))
    elif (
        path != ("status", "detail")
        and path[-1] not in ("message",)
        and not (path[-1] == "amount" and path[1] == "violations")
    ):
        yield path


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def put(plan: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A copy with one value replaced."""
    out = copy.deepcopy(plan)
    at(out, path[:-1])[path[-1]] = value
    return out


def another(value: Any, path: tuple[Any, ...]) -> Any:
    """A value that differs as little as the document can show."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value + (0.011 if path[0] == "bounds" else 0.01)
    return "P3" if value is None else f"{value}x"


def objections(report: VerificationReport) -> set[str]:
    """Rules broken and places that do not agree."""
    return {v.rule for r in report.rules for v in r.violations} | {m.path for m in report.mismatches}


def test_the_case_exercises_every_term():
    assert all(GOOD["cost"][name] > 0 for name in COST_TERMS)
    assert all(a["runner_up"] is None or a["runner_up"]["provider"] for a in GOOD["assignments"])
    assert any(a["runner_up"] for a in GOOD["assignments"])
    assert GOOD["unallocated"] == [{"provider": "P3", "term": "site", "amount": 50.5}]
    assert GOOD["entities"][0]["worse_than_today"]


def test_a_right_document_passes():
    report = verify(RICH, GOOD)
    assert report.ok, report.mismatches
    assert [r.rule for r in report.rules] == list(RULES)
    assert CHECK({**GOOD, "verification": report.as_dict()}).ok
    shown = report.as_dict()
    assert list(shown) == ["ok", "rules", "cost_recomputed", "checker_version", "mismatches"]
    assert list(shown["cost_recomputed"]) == [*COST_TERMS, "total", "running"]


@pytest.mark.parametrize("path", here_and_there(places(GOOD), 4), ids=lambda p: ".".join(map(str, p)))
def test_any_other_value_is_objected_to(path: tuple[Any, ...]):
    assert not CHECK(put(GOOD, path, another(at(GOOD, path), path))).ok


@pytest.mark.parametrize("key", list(GOOD))
def test_missing_and_unknown_keys_are_named(key: str):
    report = CHECK({k: v for k, v in GOOD.items() if k != key})
    assert any(m.path.startswith(key) and m.stated in ("(missing)", None) for m in report.mismatches)
    if isinstance(GOOD[key], dict):
        report = CHECK(put(GOOD, (key, "extra"), 1))
        assert [m.path for m in report.mismatches] == [f"{key}.extra"]


@pytest.mark.parametrize("key", ["assignments", "lines", "sites", "entities"])
def test_rows_may_not_be_missing_repeated_or_shuffled(key: str):
    assert not CHECK({**GOOD, key: GOOD[key][1:]}).ok
    assert not CHECK({**GOOD, key: [*GOOD[key], GOOD[key][-1]]}).ok
    assert f"{key}" in objections(CHECK({**GOOD, key: GOOD[key][::-1]}))


@pytest.mark.parametrize(
    "rubbish", [None, [], {}, 1, "plan", {"assignments": 3}, {"assignments": [None, {"entity": []}]}]
)
def test_rubbish_is_judged_not_raised(rubbish: Any):
    report = CHECK(rubbish)
    assert not report.ok
    assert "assign_once" in objections(report)


@pytest.mark.parametrize("value", [None, "x", [], {}, float("nan"), True, [None], {"a": 1}, 1e300])
def test_no_value_anywhere_makes_it_raise(value: Any):
    for path in list(places(GOOD))[:: stride(3, 5)]:
        for end in range(1, len(path) + 1):
            if at(GOOD, path[:end]) != value:
                CHECK(put(GOOD, path[:end], value))


def test_a_cent_moved_between_leaves_is_objected_to():
    plan = put(GOOD, ("assignments", 0, "cost", "site"), GOOD["assignments"][0]["cost"]["site"] + 0.01)
    plan = put(plan, ("assignments", 1, "cost", "site"), GOOD["assignments"][1]["cost"]["site"] - 0.01)
    assert "assignments[E1|hire].cost.site" in objections(CHECK(plan))


def as_its_own(case: Case) -> VerificationReport:
    """The good document, held against another case whose hash it bears."""
    return verify(case, put(GOOD, ("run", "case_hash"), case.case_hash))


@pytest.mark.parametrize(
    ("change", "objection"),
    [
        (("offers", ("P1", "pay"), {"capacity": 999.0}), "line_capacity"),
        (("providers", "P1", {"capacity_fte": 2.0}), "site_capacity"),
        (("offers", ("P2", "pay"), {"capacity": 1333.0}), "backup"),
        (("offers", ("P1", "pay"), {"min_volume": 1000.5}), "minimum_volume"),
        (("providers", "P2", {"min_fte": 5.0}), "minimum_volume"),
        (("providers", "P2", {"status": "closed"}), "open_site"),
        (("offers", ("P2", "pay"), {"client_kinds": frozenset({"rco"})}), "assign_once"),
        (("offers", ("P1", "pay"), {"fixed_cost": 33.34}), "cost.service"),
        (("offers", ("P1", "pay"), {"fee_rate": 0.070001}), "cost.service"),
        (("demands", ("E2", "hire"), {"own_unit_cost": 10.0}), "cost.own"),
        (("providers", "P3", {"site_fixed_cost": 50.51}), "cost.site"),
        (("providers", "P2", {"setup_cost": 777.05}), "cost.setup_annualised"),
        (("services", "pay", {"target_overlap_hours": 7.6}), "cost.overlap"),
        (("entities", "E1", {"languages": frozenset({"en", "fr", "es"})}), "cost.language"),
        (("demands", ("E1", "pay"), {"volume": 1010.0}), "cost.transition_annualised"),
        (("providers", "P1", {"organisation": "Other"}), "people.by_organisation[Other]"),
        (("entities", "E1", {"lead_preference": "P9", "organisation": "X"}), None),
    ],
)
def test_another_case_is_objected_to(change: tuple[str, Any, dict[str, Any]], objection: str | None):
    """The document of one case does not pass for a case that differs in one capacity or price."""
    table, id, fields = change
    found = objections(as_its_own(changed(RICH, table, id, **fields)))
    assert (objection in found) if objection else not found


@pytest.mark.parametrize(
    ("policy", "objection"),
    [
        ({"interface_cost": 12.51}, "cost.interface"),
        ({"handover_cost": 40.01}, "cost.handover"),
        ({"distance_cost_per_fte_1000km": 100.1}, "cost.distance"),
        ({"dispersion_loss": (0.0, 0.126)}, "cost.dispersion"),
        ({"discount_rate": 0.031}, "savings.npv"),
        ({"max_providers_per_entity": 0}, "max_providers_per_entity"),
        ({"bundle_mode": "together"}, "bundle_together"),
        ({"max_moves": 0}, "max_moves"),
        ({"one_off_budget": 10.0}, "one_off_budget"),
        ({"zones": True}, "site_count"),
        ({"currency": "EUR"}, "run.currency"),
        ({"worse_price_rel": 0.11}, "entities[E1].worse_than_today"),
    ],
)
def test_another_policy_is_objected_to(policy: dict[str, Any], objection: str):
    assert objection in objections(as_its_own(with_policy(RICH, **policy)))


@pytest.mark.parametrize("k", range(4))
@pytest.mark.parametrize("other", ["P1", "P2", "P3", "OWN", None])
def test_another_assignment_is_objected_to(k: int, other: str | None):
    if GOOD["assignments"][k]["provider"] != other:
        assert not CHECK(put(GOOD, ("assignments", k, "provider"), other)).ok


def test_twins_cost_the_same_and_the_document_still_names_the_right_one():
    """Two providers alike in all but their id: swapping them keeps every cost term."""
    twins = case(
        [entity()],
        [service()],
        [Demand("E1", "pay", 1000.0)],
        [provider("A"), provider("B")],
        [Offer("A", "pay"), Offer("B", "pay")],
    )
    first, second = (document(twins, [("E1", "pay", p, "")]) for p in "AB")
    assert verify(twins, first).ok
    assert verify(twins, second).ok
    assert first["cost"] == second["cost"]
    swapped = put(first, ("assignments", 0, "provider"), "B")
    assert "cost.total" not in objections(verify(twins, swapped))
    assert "lines[A|pay]" in objections(verify(twins, swapped))


class TestStatus:
    """Claims of optimality."""

    @pytest.mark.parametrize(
        ("gap", "said", "right"),
        [
            (0.0, "optimal", True),
            (0.0099, "optimal", True),
            (0.02, "optimal", False),
            (0.02, "feasible", True),
            (0.0, "feasible", False),
            (0.0, "infeasible", False),
            (0.0, "no_solution", False),
            (0.0, "Optimal", False),
        ],
    )
    def test_optimal_means_no_gap(self, gap: float, said: str, right: bool):
        bound = GOOD["bounds"]["objective"] - gap
        plan = document(RICH, ROWS, best_bound=bound)
        plan["status"]["solution"] = said
        assert CHECK(plan).ok == right

    def test_a_plan_below_the_bound_refutes_it(self):
        plan = document(RICH, ROWS, best_bound=GOOD["bounds"]["objective"] + 1)
        assert objections(CHECK(plan)) == {"bounds.best_bound"}

    def test_without_a_bound_nothing_is_optimal(self):
        plan = put(
            document(RICH, ROWS), ("bounds",), {**GOOD["bounds"], "best_bound": None, "gap_abs": None, "gap_rel": None}
        )
        plan["savings"]["upper_limit"] = None
        assert objections(CHECK(plan)) == {"status.solution"}
        plan["status"]["solution"] = "feasible"
        assert CHECK(plan).ok

    def test_unserved_demands_are_not_a_plan(self):
        plan = document(RICH, [*ROWS[:2], ROWS[3]])
        assert plan["savings"] is None
        report = CHECK(plan)
        assert (report.ok, report.consistent, report.feasible) == (False, True, False)
        plan["status"]["solution"] = "optimal"
        assert [m.path for m in CHECK(plan).mismatches] == ["status.solution"]

    def test_unserved_demands_may_be_allowed(self):
        lenient = with_policy(RICH, allow_unserved=True)
        plan = document(lenient, [*ROWS[:2], ROWS[3]])
        assert plan["status"]["solution"] == "optimal"
        assert verify(lenient, plan).ok
