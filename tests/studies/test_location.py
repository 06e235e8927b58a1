"""Places by weighted criteria: scores, draws and turns against plain recomputation, costs against every plan."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import data.location as packaged
import optimizer as dg
from optimizer.domain.errors import InputError
from optimizer.domain.params import SolveParams
from optimizer.report.language import LANGUAGES, in_language
from optimizer.session import Session
from optimizer.solvers.accept.solve import Watch
from optimizer.solvers.pool import ChildPool
from optimizer.studies.base import Budget, Setting
from optimizer.studies.location_files import read_folder
from optimizer.studies.scoring import Criterion, Scored, acceptability, scored, turns
from optimizer.studies.search import Ends
from optimizer.studies.serving import least_serving
from optimizer.studies.words import phrase, say
from optimizer.testing import enumerate_plans, random_case
from tests.effort import few

QUICK, MANY = range(16), range(700, 1200)
CENT = 0.02


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def drawn(seed: int) -> tuple[Scored, dict[str, Criterion], dict[tuple[str, str], Fraction], dict[str, Fraction]]:
    rng = random.Random(seed)
    places = [f"P{n}" for n in range(rng.randint(2, 6))]
    criteria, values, weights = {}, {}, {}
    for n in range(rng.randint(1, 5)):
        higher, c = rng.random() < 0.5, f"c{n}"
        ends = (Fraction(0), Fraction(10)) if higher else (Fraction(10), Fraction(0))
        worst, best = ends if rng.random() < 0.5 else (None, None)
        criteria[c] = Criterion(c, "g", "", higher, worst, best)
        weights[c] = Fraction(rng.choice([0, 1, 2, 5]))
        values |= {(p, c): Fraction(rng.randint(-10, 120), 10) for p in places}
    weights["c0"] = weights["c0"] or Fraction(1)
    return scored(criteria, values, weights, places), criteria, values, weights


def plain_scores(
    result: Scored, criteria: dict[str, Criterion], values: Any, weights: dict[str, Fraction]
) -> dict[str, float]:
    """The same again in floats, from the definition."""
    out = dict.fromkeys(result.places, 0.0)
    whole = float(sum(weights.values()))
    for c, weight in weights.items():
        mine = {p: float(values[p, c]) for p in result.places}
        low, high = min(mine.values()), max(mine.values())
        worst, best = (low, high) if criteria[c].higher else (high, low)
        if criteria[c].worst is not None:
            worst, best = float(criteria[c].worst or 0), float(criteria[c].best or 0)
        for p, v in mine.items():
            at = 1.0 if worst == best else (v - worst) / (best - worst)
            out[p] += float(weight) / whole * min(max(at, 0.0), 1.0)
    return out


@pytest.mark.parametrize("seed", few(range(60), 15))
def test_scores_are_weighted_sums_from_worst_to_best(seed: int) -> None:
    result, *given = drawn(seed)
    again = plain_scores(result, *given)
    assert {p: float(s) for p, s in result.score.items()} == pytest.approx(again)
    assert list(result.places) == sorted(result.places, key=lambda p: (-result.score[p], p))


@pytest.mark.parametrize("seed", few(range(60), 15))
def test_the_smallest_change_of_one_weight_is_exact(seed: int) -> None:
    """Just beyond the level told another place wins, and nowhere nearer on either side."""
    result = drawn(seed)[0]

    def winners(criterion: str, weight: Fraction) -> set[str]:
        rest = 1 - result.weights[criterion]
        mixed = {c: weight if c == criterion else w / rest * (1 - weight) for c, w in result.weights.items()}
        total = {p: sum(w * result.utility[p, c] for c, w in mixed.items()) for p in result.places}
        return {p for p, s in total.items() if s == max(total.values())}

    found = {t.criterion: t for t in turns(result)}
    first, step = result.places[0], Fraction(1, 10**9)
    for c, weight in result.weights.items():
        if weight == 1:
            assert c not in found
            continue
        grid = [Fraction(k, 200) for k in range(201)]
        turned = found.get(c)
        nearer = [t for t in grid if turned is None or abs(t - weight) < turned.change]
        assert all(first in winners(c, t) for t in nearer)
        if turned is not None:
            assert {first, turned.place} <= winners(c, turned.level)
            beyond = turned.level + (step if turned.level > weight else -step)
            sides = [beyond] if turned.change else [turned.level + step, turned.level - step]
            assert any(first not in winners(c, t) for t in sides if 0 <= t <= 1)
    assert [t.change for t in turns(result)] == sorted(t.change for t in turns(result))


@pytest.mark.parametrize("seed", few(range(12), 4))
def test_shares_of_ranks_are_those_of_the_draws(seed: int) -> None:
    result = drawn(seed)[0]
    shares = acceptability(result, seed, 500)
    names = list(result.weights)
    counts = np.zeros_like(shares)
    for row in np.random.default_rng(seed).dirichlet([50 * float(result.weights[c]) for c in names], 500):
        total = {
            p: float(sum(w * float(result.utility[p, c]) for w, c in zip(row, names, strict=True)))
            for p in result.places
        }
        for rank, p in enumerate(sorted(result.places, key=lambda p: (-round(total[p], 12), p))):
            counts[result.places.index(p), rank] += 1
    assert np.abs(shares - counts / 500).max() <= 0.004  # ties told apart by the last digit of a float
    assert shares.sum(axis=0) == pytest.approx(1.0)
    assert shares.sum(axis=1) == pytest.approx(1.0)


def test_a_weight_of_nothing_stays_nothing() -> None:
    criteria = {c: Criterion(c, "", "", True, Fraction(0), Fraction(1)) for c in ("a", "b")}
    values = {("X", "a"): Fraction(1), ("X", "b"): Fraction(0), ("Y", "a"): Fraction(0), ("Y", "b"): Fraction(1)}
    result = scored(criteria, values, {"a": Fraction(3), "b": Fraction(0)}, ["X", "Y"])
    assert acceptability(result, 1)[0, 0] == 1.0
    assert turns(result) == []


def wrong_costs(seed: int, pool: ChildPool) -> list[str]:
    """Least cost with each site in use against every plan of the case."""
    case = random_case(seed)
    plans = [p for p in enumerate_plans(case) if not p.unserved]
    named = [p.id for p in case.providers]
    if len(named) < 2:
        return []
    rng = random.Random(seed)
    session, out = Session(case, pool=pool), []
    answer = _asked(session, named, rng)
    closed = {p.id for p in case.providers if p.status == "closed"}
    for row in answer.tables["costs"]:
        if row["place"] in closed:
            out += [] if row["status"] == "not in the case" else [f"{seed}: {row}"]
            continue
        best = min((float(p.cost) for p in plans if row["place"] in p.choice.values()), default=None)
        if best is None:
            out += [] if row["status"] == "impossible" and row["upper"] is None else [f"{seed}: {row} has no plan"]
        elif row["status"] != "proven" or abs(row["upper"] - best) > CENT or abs(row["lower"] - best) > CENT:
            out.append(f"{seed}: {row} against {best}")
    for point in answer.points:
        if point.plan is not None:
            served = {a["provider"] for a in answer.plans[point.plan]["assignments"]}
            out += [] if point.at["provider"] in served else [f"{seed}: {point.at} serves nothing"]
    return out


def _asked(session: Session, places: list[str], rng: random.Random) -> Any:
    import tempfile

    document = {
        "criteria": [{"id": "c", "direction": "higher"}],
        "scores": [{"place": p, "criterion": "c", "value": rng.randint(0, 9)} for p in places],
        "weights": [{"preset": "one", "criterion": "c", "weight": 1}],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return dg.study("location", session, preset="one", tables=read_folder(path), time_limit=120)


@pytest.mark.parametrize("seed", few(QUICK, 4))
def test_least_costs_with_each_site_in_use(seed: int, pool: ChildPool) -> None:
    assert not wrong_costs(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(MANY.start, MANY.stop, 50))
def test_least_costs_on_many(first: int, pool: ChildPool) -> None:
    assert not [w for seed in range(first, first + 50) for w in wrong_costs(seed, pool)]


def test_a_site_of_the_plan_in_hand_has_its_cost_without_any_time() -> None:
    """The plan shows what it costs at most to have the site serve, whether or not there is time to search."""
    case = dg.example("tiny")
    plan = dg.solve(case, time_limit=60)
    assert plan.cost is not None
    used = sorted({a.provider for a in plan.assignments if a.provider and a.provider != "OWN"})
    with Session(case) as session:
        session.keep(plan)
        setting = Setting(session, plan, SolveParams(), Budget(0.0), Watch())
        for who in used:
            ends = least_serving(setting, session, session.problem.provider_index[who], Ends("not_answered"), 1)
            assert ends.upper == pytest.approx(plan.cost.total, abs=CENT)


def test_set_up_and_least_posts_hold() -> None:
    """A candidate that must serve pays for its opening and carries at least what it must."""
    for seed in range(40):
        case = random_case(seed, always=("candidate", "min_fte", "setup"), feasible=True)
        candidates = [p.id for p in case.providers if p.status == "candidate"]
        plans = [p for p in enumerate_plans(case) if not p.unserved]
        if any(set(p.choice.values()) & set(candidates) for p in plans):
            break
    with Session(case) as session:
        answer = _asked(session, [p.id for p in case.providers], random.Random(1))
    for row in answer.tables["costs"]:
        if row["place"] in candidates and row["upper"] is not None:
            best = min(float(p.cost) for p in plans if row["place"] in p.choice.values())
            assert row["upper"] == pytest.approx(best, abs=CENT)


class TestPackaged:
    def test_every_candidate_has_every_score_and_every_preset_works(self) -> None:
        found = {(r["place"], r["criterion"]) for r in packaged.scores()}
        assert found == {(p, c["id"]) for p in packaged.candidates() for c in packaged.criteria()}
        case = dg.example("tiny")
        for preset in ("who", "equal", "wfp", "unhcr-supply", "unhcr-finance-hr"):
            answer = dg.study("location", case, preset=preset, cost=False)
            assert len(answer.tables["scores"]) == 17
            assert sum(r["weight"] for r in answer.tables["criteria"]) == pytest.approx(1.0)

    def test_the_preset_of_who_is_40_40_20(self) -> None:
        financial = {"income_per_head", "price_level", "pay_growth", "control_of_corruption"}
        workforce = {"tertiary_enrolment", "mean_schooling", "english", "human_development"}
        weight = {r["criterion"]: float(r["weight"]) for r in packaged.weights() if r["preset"] == "who"}
        assert sum(weight[c] for c in financial) == 40
        assert sum(weight[c] for c in workforce) == 40
        assert sum(weight.values()) == 100

    def test_groups_of_wfp_weigh_alike(self) -> None:
        rows = dg.study("location", dg.example("tiny"), preset="wfp", cost=False).tables["criteria"]
        groups: dict[str, float] = {}
        for r in rows:
            groups[r["group"]] = groups.get(r["group"], 0.0) + r["weight"]
        assert list(groups.values()) == pytest.approx([0.25] * 4)

    def test_any_duty_station_may_be_asked_about_and_what_is_not_known_is_refused_or_imputed(self) -> None:
        case, listed = dg.example("tiny"), ("Budapest", "Nairobi", "Pristina")
        with pytest.raises(InputError) as caught:
            dg.study("location", case, places=listed, cost=False)
        assert {i.code for i in caught.value.issues} == {"missing_score"}
        answer = dg.study("location", case, places=listed, impute=True, cost=False)
        assert {r["place"] for r in answer.tables["imputed"]} == {"Pristina"}
        assert len(answer.tables["imputed"]) == len(caught.value.issues)

    def test_the_same_seed_gives_the_same_answer(self) -> None:
        one, other = (dg.study("location", dg.example("tiny"), cost=False).as_dict() for _ in range(2))
        assert one == other


def test_every_problem_of_the_tables_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "criteria.csv").write_text("id,direction,worst,best\na,higher,5,1\na,sideways,,x\n", encoding="utf-8")
    (tmp_path / "scores.csv").write_text("place,criterion,value\nX,a,1\nX,a,2\nY,z,many\n", encoding="utf-8")
    (tmp_path / "weights.csv").write_text("preset,criterion,weight\np,a,-1\np,nothing,1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        dg.study("location", dg.example("tiny"), preset="p", tables=read_folder(tmp_path), cost=False)
    codes = [i.code for i in caught.value.issues]
    for code in ("duplicate_id", "bad_direction", "scale_reversed", "bad_number", "unknown_reference", "negative"):
        assert code in codes
    assert all(i.remedy and i.table for i in caught.value.issues)
    rows = {(i.table, i.row) for i in caught.value.issues}
    assert {("criteria", 3), ("scores", 3), ("scores", 4), ("weights", 2), ("weights", 3)} <= rows


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "table_missing"),
        ({"criteria.csv": "id,direction,colour\na,higher,red\n"}, "unknown_column"),
        ({"criteria.csv": "direction\nhigher\n"}, "missing_column"),
        ({"criteria.csv": ""}, "table_empty"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, files: dict[str, str], code: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        dg.study("location", dg.example("tiny"), tables=read_folder(tmp_path), cost=False)
    assert code in {i.code for i in caught.value.issues}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"preset": "beauty"}, "unknown_preset"),
        ({"places": ("Atlantis", "Budapest")}, "unknown_place"),
        ({"places": ("Budapest",)}, "few_places"),
        ({"tables": {}}, "table_missing"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        dg.study("location", dg.example("tiny"), cost=False, **given)
    assert code in {i.code for i in caught.value.issues}


def test_a_folder_that_is_not_there() -> None:
    with pytest.raises(InputError, match="tables_not_found"):
        read_folder("/nowhere/at/all")


def test_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    (tmp_path / "criteria.csv").write_text("id;direction;worst;best\na;higher;0;1\n", encoding="utf-8")
    (tmp_path / "scores.csv").write_text("place;criterion;value\nX;a;0,25\nY;a;0,5\n", encoding="utf-8")
    (tmp_path / "weights.csv").write_text("preset;criterion;weight\np;a;1\n", encoding="utf-8")
    rows = dg.study("location", dg.example("tiny"), preset="p", tables=read_folder(tmp_path), cost=False).tables[
        "scores"
    ]
    assert [(r["place"], r["score"]) for r in rows] == [("Y", 0.5), ("X", 0.25)]


class TestSentences:
    """Criteria are told by their names, in every language; ids are for machines."""

    def test_no_id_of_a_criterion_is_said(self) -> None:
        answer = dg.study("location", dg.example("tiny"), preset="who", cost=False)
        said = " ".join(in_language(s, language) for s in answer.sentences for language in LANGUAGES)
        ids = [c["id"] for c in packaged.criteria() if "_" in c["id"]]
        assert [c for c in ids if c in said] == []
        assert "mean years of schooling" in said
        assert "durée moyenne de scolarisation" in said

    def test_every_packaged_criterion_has_a_french_name(self) -> None:
        names = [c["name"] for c in packaged.criteria()]
        assert [n for n in names if in_language(say("{name}", name=phrase(n)), "fr") == n] == []

    def test_a_name_of_ones_own_may_have_braces(self, tmp_path: Path) -> None:
        (tmp_path / "criteria.csv").write_text("id,direction,name\na,higher,host {terms}\n", encoding="utf-8")
        (tmp_path / "scores.csv").write_text("place,criterion,value\nX,a,1\nY,a,2\n", encoding="utf-8")
        (tmp_path / "weights.csv").write_text("preset,criterion,weight\np,a,1\n", encoding="utf-8")
        answer = dg.study("location", dg.example("tiny"), preset="p", tables=read_folder(tmp_path), cost=False)
        assert any("host {terms}" in s for s in answer.sentences)
