"""Readers, the judge that knows nothing of them, and the arrays: tiny files solved by hand, packaged ones by HiGHS."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from benchmarks.check import judge_assignment
from benchmarks.layouts import LAYOUTS, layout_of, read_raw
from benchmarks.literature import file_of, kinds_of, load, to_problem
from benchmarks.registry import INSTANCES
from optimizer.arrays.evaluate import check, evaluate
from optimizer.arrays.problem import Choice
from optimizer.errors import UsageError
from tests.benchmarks.conftest import BEST, FILES

PACKAGED = [
    ("cflp_orlib", "cap63", "sscflp", 1014099.61),
    ("sscflp_holmberg", "p10", "sscflp", 7617),
    pytest.param("sscflp_delmaire", "p7", "sscflp", 4366, marks=pytest.mark.slow),
    ("gap_orlib", "a20100", "gap-min", 1158),
    ("gap_orlib", "gap12-0", "gap-max", 1451),
    ("gap_orlib", "gap12-0", "gap-min", 974),
    ("pmed", "pmed1", "pmed", 5819),
]
"""Files that HiGHS proves in a second or two."""


def choice_of(facility):
    return Choice(np.array(facility), np.full(len(facility), -1))


def test_every_layout_has_a_tiny_file():
    assert set(FILES) == set(BEST) == set(LAYOUTS)


@pytest.mark.parametrize("family", FILES)
def test_optimum_by_hand(family, by_hand, solved):
    instance, value = by_hand(family), BEST[family][2]
    got = solved(instance)
    assert (got.stopped_by, got.judged.ok) == ("finished", True)
    assert got.judged.objective == pytest.approx(value)
    assert instance.scale.own(got.bound) == pytest.approx(value)


@pytest.mark.parametrize("family", FILES)
def test_arrays_and_judge_agree_on_every_assignment(family, by_hand):
    """Cost and feasibility of all plans, by two codes that share nothing."""
    instance = by_hand(family)
    problem, seen = instance.problem, set()
    for facility in product(range(problem.n_providers), repeat=problem.n_demands):
        choice = choice_of(facility)
        judged = instance.judge(choice)
        assert judged.ok == (not check(problem, choice)), facility
        if judged.ok:
            assert instance.scale.own(evaluate(problem, choice).total) == pytest.approx(judged.objective)
        seen.add(judged.ok)
    assert True in seen


@pytest.mark.parametrize(("family", "name", "kind", "value"), PACKAGED)
def test_packaged_file_has_its_published_optimum(family, name, kind, value, solved):
    instance = load(INSTANCES / family, family, name, kind)
    got = solved(instance, 60.0)
    assert got.stopped_by == "finished"
    assert got.judged.objective == pytest.approx(value, rel=1e-8)


@pytest.mark.parametrize("path", sorted(INSTANCES.glob("*/*.txt")), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_packaged_file_is_read_and_judged(path):
    """Every customer at its nearest facility: the judge's cost is that of the arrays."""
    for kind in kinds_of(path.parent.name):
        instance = load(path.parent, path.parent.name, path.stem, kind)
        problem = instance.problem
        first = problem.pairs.provider[problem.pairs.start[:-1]]
        judged = instance.judge(choice_of(first))
        assert instance.scale.own(evaluate(problem, choice_of(first)).total) == pytest.approx(judged.objective)


@pytest.mark.parametrize(
    ("plan", "words"),
    [([0, 1], "2 customers"), ([0, 1, 2], "customer 2 has no"), ([0, 1, -1], "has no"), ([0, 0, 0], "carries 7.0")],
)
def test_judge_says_what_is_wrong(plan, words):
    judged = judge_assignment(FILES["sscflp_holmberg"], "sscflp_holmberg", plan)
    assert not judged.ok
    assert words in judged.why


def test_judge_counts_medians():
    judged = judge_assignment(FILES["pmed"], "pmed", [0, 1, 2, 2])
    assert (judged.ok, judged.why) == (False, "3 facilities are open, 2 may be")


def test_judge_is_exact():
    """A tenth three times is more than three tenths in floating point only."""
    text = "1 3  0.3 1  0.1 0.1 0.1  0 0 0"
    assert judge_assignment(text, "sscflp_holmberg", [0, 0, 0]).ok
    assert not judge_assignment(text.replace("0.3", "0.29999999"), "sscflp_holmberg", [0, 0, 0]).ok


def test_last_of_equal_edges_counts():
    """1–2 is listed with 9 and then with 3."""
    assert read_raw(FILES["pmed"], "pmed", "x").cost[0, 1] == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2 3 1 2", "needs more"),
        ("2 3 x", "could not convert"),
        (FILES["pmed"], "layout"),
        ("0 3", "number of things"),
        ("", "needs more"),
        ("2 3 nan", "no number"),
        ("inf 3", "no number"),
        ("2 1e999", "no number"),
        ("3000000000 3000000000 1", "needs more"),
        ("2.5 3", "number of things"),
        ("-1 3", "number of things"),
        ("\x00\x01", "could not convert"),
    ],
)
def test_file_of_another_layout(text, words):
    with pytest.raises(UsageError, match=words):
        read_raw(text, "sscflp_holmberg", "p1.txt")


@pytest.mark.parametrize(
    ("family", "layout"),
    [
        ("sscflp_holmberg", "sscflp_holmberg"),
        ("sscflp_holmberg_2", "sscflp_holmberg"),
        ("pmedcap", "pmedcap"),
        ("pmed_large", "pmed"),
        ("tscflp", None),
        ("sscflp_unheard", None),
        ("mscflp_ci", None),
    ],
)
def test_layout_by_folder_name(family, layout):
    assert layout_of(family) == layout


def test_edge_to_nowhere():
    with pytest.raises(UsageError, match="an edge names a node"):
        read_raw("2 1 1  1 3 5", "pmed", "pmed1.txt")


def test_a_byte_order_mark_is_no_number(tmp_path):
    (tmp_path / "t.txt").write_text("\ufeff" + FILES["sscflp_holmberg"].replace("  ", "\r\n"), encoding="utf-8")
    assert load(tmp_path, "sscflp_holmberg", "t", "sscflp").problem.n_demands == 3


def test_capacity_in_the_name(tmp_path):
    (tmp_path / "capa.txt").write_text("")
    (tmp_path / "50_7.txt").write_text("")
    assert file_of(tmp_path, "capa_8000") == (tmp_path / "capa.txt", 8000.0)
    assert file_of(tmp_path, "50_7") == (tmp_path / "50_7.txt", None)
    assert file_of(tmp_path, "none_7") == (tmp_path / "none_7.txt", None)


def test_missing_file_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot read"):
        load(tmp_path, "pmed", "pmed1", "pmed")


def test_kind_must_fit_the_layout(tmp_path):
    with pytest.raises(UsageError, match="no layout reads it as sscflp"):
        load(tmp_path, "pmed", "pmed1", "sscflp")


def test_customers_too_large_for_a_facility_have_no_pair():
    """Demand 3 does not fit into a facility of 2."""
    raw = read_raw("2 2  2 1  9 1  3 1  1 1 1 1", "sscflp_holmberg", "x")
    problem = to_problem(raw)
    assert problem.pairs.demand.tolist() == [0, 1, 1]
    assert problem.pairs.provider.tolist() == [1, 0, 1]
    assert problem.refusals[0, 0] > 0
