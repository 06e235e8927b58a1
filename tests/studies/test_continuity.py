"""Losses of sites against trying every arrangement: least unserved, critical first, then least cost at yearly rates."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest

import optimizer as dg
from optimizer.domain.case import Case
from optimizer.domain.names import OWN
from optimizer.report.language import LANGUAGES, in_language
from optimizer.session import Session
from optimizer.solvers.pool import ChildPool
from optimizer.studies.continuity_words import sentences
from optimizer.testing import enumerate_plans, random_case
from optimizer.testing.hand import VIENNA, changed, two_by_two
from optimizer.verify.checker import Evaluator
from tests.effort import few

Row = tuple[str, str, str, str]
QUICK, MANY = range(16), range(100, 600)
CENT = 0.02


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


class Oracle:
    """Every arrangement after a loss, judged and priced by the verifier."""

    def __init__(self, case: Case, rows: tuple[Row, ...]) -> None:
        self.case, self.rows, self.evaluator = case, rows, Evaluator(case)
        self.running = self.cost(rows)

    def cost(self, rows: Any) -> float:
        cost = self.evaluator.evaluate([(e, s, p, "") for e, s, p, _ in rows]).cost
        return float(cost["running"])

    def fits(self, rows: list[Row]) -> set[str]:
        """Providers over capacity."""
        found = self.evaluator.violations([(e, s, p, "") for e, s, p, _ in rows])
        return {v.provider for v in found if v.rule in ("line_capacity", "site_capacity")}

    def options(self, lost: tuple[str, ...]) -> list[list[str]]:
        stays = [r for r in self.rows if r[2] not in lost]
        verdict = self.evaluator.facts.eligibility.verdict
        running = {(p, s) for _, s, p, _ in stays if p not in ("", OWN)}
        forced = [
            (e, s, q if p in lost and q not in lost else ("" if p in lost else p), "") for e, s, p, q in self.rows
        ]
        crowded = self.fits(forced)
        out = []
        for e, s, p, q in self.rows:
            if p not in lost:
                out.append([p])
            elif q and q not in lost and q not in crowded:
                out.append([q, ""])
            else:
                may = [w.id for w in self.case.providers if w.id not in lost and (w.id, s) in running]
                out.append([w for w in may if not verdict(self.case.demand[e, s], w).refusals] + [""])
        return out

    def best(self, lost: tuple[str, ...]) -> tuple[Fraction, Fraction, float]:
        """Least unserved critical effort, then unserved effort, then cost."""
        found = None
        for choice in product(*self.options(lost)):
            rows = [(e, s, p, "") for (e, s, _, _), p in zip(self.rows, choice, strict=True)]
            key = self.undone(rows, lost)
            if (found is not None and key > found[:2]) or self.fits(rows):
                continue
            whole = (*key, self.cost(rows))
            found = whole if found is None else min(found, whole)
        assert found is not None
        return found

    def undone(self, rows: list[Row], lost: tuple[str, ...]) -> tuple[Fraction, Fraction]:
        facts = self.evaluator.facts
        per_fte = Fraction(str(self.case.policy.minutes_per_fte_year)) * 10**12
        left = [(e, s) for (e, s, p, _), old in zip(rows, self.rows, strict=True) if not p and old[2] in lost]
        hard = [key for key in left if self.case.service[key[1]].critical]
        return tuple(sum((facts.demands[k].minutes for k in keys), Fraction(0)) / per_fte for keys in (hard, left))  # type: ignore[return-value]


def drawn(seed: int) -> tuple[Case, tuple[Row, ...]] | None:
    """A case and one of its plans; half of the cases have backups."""
    always = ("backup",) if seed % 2 else ()
    case = random_case(seed, always=always, without=("own",) if seed % 2 else (), feasible=True)
    plans = [p for p in enumerate_plans(case) if not p.unserved]
    return (case, random.Random(seed).choice(plans[:50]).rows) if plans else None


def wrong(seed: int, pool: ChildPool) -> list[str]:
    found = drawn(seed)
    if found is None:
        return []
    case, rows = found
    session, oracle = Session(case, pool=pool), Oracle(case, rows)
    plan = session.state(session.problem.encode(list(rows)), None)
    answer = dg.study("continuity", session, plan, weeks=6.5, pairs=True, cover=False, time_limit=120)
    out, losses = [], []
    for row in answer.tables["losses"]:
        lost = tuple(row["lost"].split(" + "))
        losses.append(lost)
        critical, undone, cost = oracle.best(lost)
        told = (row["critical_fte"], row["unserved_fte"], row["upper"])
        wanted = (float(critical), float(undone), (cost - oracle.running) * 6.5 / 52)
        if row["status"] != "proven" or any(
            abs(a - b) > t for a, b, t in zip(told, wanted, (1e-9, 1e-9, CENT), strict=True)
        ):
            out.append(f"{seed}: {lost} {row['status']} {told} against {wanted}")
        spread = row["backups_fte"] + row["others_fte"] + row["unserved_fte"]
        if abs(spread - row["effort_fte"]) > 1e-9:
            out.append(f"{seed}: {lost} efforts do not add up")
    used = sorted({p for _, _, p, _ in rows if p not in ("", OWN)})
    if losses != [(p,) for p in used] + list(combinations(used, 2)):
        out.append(f"{seed}: {losses}")
    return out


@pytest.mark.parametrize("seed", few(QUICK, 4))
def test_losses_are_what_trying_everything_finds(seed: int, pool: ChildPool) -> None:
    assert not wrong(seed, pool)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(MANY.start, MANY.stop, 50))
def test_losses_on_many(first: int, pool: ChildPool) -> None:
    assert not [w for seed in range(first, first + 50) for w in wrong(seed, pool)]


@pytest.mark.parametrize("seed", few(range(40, 52), 3))
def test_the_plan_with_a_backup_for_every_demand_is_the_cheapest(seed: int, pool: ChildPool) -> None:
    case = random_case(seed, feasible=True)
    plans = [p for p in enumerate_plans(case) if not p.unserved]
    services = [{"id": s.id, "critical": True} for s in case.services]
    strict = dg.replace(case, services={"change": services}, policy={"backup": True})
    best = next((float(p.cost) for p in enumerate_plans(strict) if not p.unserved), None)
    session = Session(case, pool=pool)
    plan = session.state(session.problem.encode(list(plans[0].rows)), None)
    row = dg.study("continuity", session, plan, time_limit=120).tables["every_demand_backed_up"][0]
    if best is None:
        assert row["status"] == "impossible"
        assert row["upper"] is None
    else:
        assert row["status"] == "proven"
        assert row["upper"] == pytest.approx(best, abs=CENT)
        assert row["most_extra"] == pytest.approx(best - float(plans[0].cost), abs=CENT)


def test_concentration_by_hand() -> None:
    case = dg.example("tiny")
    plan = dg.solve(case, time_limit=60)
    rows = dg.study("continuity", case, plan, cover=False, time_limit=60).tables["concentration"]
    effort: dict[str, float] = {}
    for a in plan.assignments:
        assert a.provider is not None
        effort[a.provider] = effort.get(a.provider, 0.0) + a.effort_fte
    own = effort.pop(OWN, 0.0)
    whole = sum(effort.values())
    assert rows[0]["hhi"] == pytest.approx(sum((v / whole) ** 2 for v in effort.values()))
    assert rows[0]["largest_share"] == pytest.approx(max(effort.values()) / whole)
    assert (rows[0]["effort_fte"], rows[0]["own_fte"]) == (pytest.approx(whole), pytest.approx(own))
    assert {r["of"] for r in rows} == {"sites", "countries", "sites of a service"}


def test_time_that_is_over_is_no_loss_without_harm() -> None:
    case = dg.example("tiny")
    plan = dg.solve(case, time_limit=60)
    answer = dg.study("continuity", case, plan, time_limit=0.0)
    assert {p.status for p in answer.points} == {"not_answered"}
    assert all(r["unserved_fte"] is None and r["upper"] is None for r in answer.tables["losses"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"weeks": 0.0}, "weeks is a number above 0"),
        ({"sites": ("MOON", "MARS")}, "no work at MOON, MARS: name sites with work"),
        ({"weeks": -1.0, "sites": ("MOON",)}, "weeks is a number above 0"),
        ({"weeks": 1e308}, "weeks is a number above 0, at most 5200"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], told: str) -> None:
    case = dg.example("tiny")
    with pytest.raises(dg.UsageError, match=told):
        dg.study("continuity", case, dg.solve(case, time_limit=60), **given)


def told_loss(case: Case, **figures: Any) -> list[str]:
    """What is said of one loss, in English and in French."""
    row = {
        "lost": "NBO",
        "status": "proven",
        "effort_fte": 3.0,
        "unserved_fte": 0.0,
        "critical_fte": 0.0,
        "known": {"least_unserved": True},
    } | figures
    nothing = {"largest": None, "largest_share": None}
    said = sentences(case, 4.0, {"losses": (row,), "concentration": (nothing,)})
    return [in_language(said[-1], language) for language in LANGUAGES]


def test_a_fall_of_the_cost_and_nothing_are_said_in_words() -> None:
    case = dg.example("tiny")
    english, french = told_loss(case, unserved_fte=2.0, lower=-500.0, upper=-500.0)
    assert "2 FTE cannot be served, none of it critical; the cost falls by USD 500.00, work that" in english
    assert "dont rien de critique ; baisse du coût : 500,00" in french
    assert told_loss(case, lower=10.0, upper=10.0)[0].endswith("is taken over; the cost rises by USD 10.00.")
    assert told_loss(case, lower=0.0, upper=0.0)[0].endswith("is taken over; the cost stays the same.")


def test_a_loss_that_is_not_answered_is_named() -> None:
    case = dg.example("tiny")
    row = {"lost": "NBO", "status": "not answered"}
    nothing = {"largest": None, "largest_share": None}
    said = sentences(case, 4.0, {"losses": (row,), "concentration": (nothing,)})
    assert f"{case.provider['NBO'].name} (NBO)" in said[1]


def test_a_bound_below_the_plan_in_hand_is_not_said() -> None:
    """That a plan with backups costs at least less than this one tells nobody anything."""
    cover = {"status": "not answered", "upper": None, "least_extra": -3_500_000.0, "most_extra": None}
    nothing = {"largest": None, "largest_share": None}
    tables = {"losses": (), "every_demand_backed_up": (cover,), "concentration": (nothing,)}
    said = sentences(dg.example("tiny"), 4.0, tables)
    assert not any("3,5" in s for s in said)
    assert any("give more time" in s for s in said)


def test_where_all_are_in_one_country_no_plan_has_a_backup_for_every_demand() -> None:
    case = changed(two_by_two(), "providers", "P2", place=VIENNA)
    answer = dg.study("continuity", case, dg.solve(case, time_limit=60), time_limit=60)
    (covered,) = answer.tables["every_demand_backed_up"]
    assert (covered["status"], covered["lower"], covered["least_extra"]) == ("impossible", None, None)
    assert "No plan has a backup for every demand (proven)." in [str(s) for s in answer.sentences]
