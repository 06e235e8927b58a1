"""``curve`` of a case with a horizon: the least discounted cost as a limit moves, with both ends at every point."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.answer import Answer, Point
from optimizer.domain.errors import UsageError
from optimizer.pipeline import GroundOverTime
from optimizer.plan.time.given import path_from_rows
from optimizer.plan.time.plan import PlanOverTime
from optimizer.solvers.accept.over_time import path_rows
from optimizer.stating import state_over_time
from optimizer.studies.base import fields_of
from optimizer.studies.curve import BEYOND_LEAST, MOST_POINTS, passed_on
from optimizer.studies.curve_words import sentences
from optimizer.studies.over_time.ends import PathEnds, least_over_time, reference_path
from optimizer.tables.replace import replace

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.model.time.program import Path
    from optimizer.solvers.accept.over_time import Row
    from optimizer.studies.curve import Curve
    from optimizer.studies.over_time.ends import SettingOverTime

__all__ = ["OVER", "curve_over_time"]

OVER: Final[dict[str, str]] = {
    "sites": "site_count",
    "moves": "max_moves",
    "budget": "one_off_budget",
    "providers": "max_providers_per_entity",
}
"""Limits that are taken over time, with their keys of the policy."""


def curve_over_time(question: Curve, setting: SettingOverTime) -> Answer:
    """Solve from the tightest limit to the loosest, each from the cheapest plan in hand that keeps it.

    ``moves`` are demands that switch over the whole horizon, ``sites`` those open in a period from ``target_from`` on,
    ``budget`` the one-off cost of the horizon. The fewest moves are not looked for: a curve of moves begins at 0, and
    points with fewer than the least are told as impossible.

    Raises
    ------
    UsageError
        Another limit is asked for.
    """
    question.check()
    if question.over not in OVER:
        told = f"a curve of a case with a horizon is over {', '.join(OVER)}, not {question.over}"
        raise UsageError(f"{told}: give a case without [horizon] for the others")
    return _Asked(question, setting).answer()


class _Asked:
    """The question in the making."""

    def __init__(self, question: Curve, setting: SettingOverTime) -> None:
        self.question, self.setting = question, setting
        self.found: list[list[Row]] = []
        self.plans: list[dict[str, Any]] = []
        if setting.plan is not None:
            ground = GroundOverTime.of(setting.case)
            self.found.append(path_rows(ground.joint, reference_path(setting, ground).path))

    def answer(self) -> Answer:
        """All points, both ends passed on between limits that are nested."""
        over, values = self.question.over, self._values()
        cases = [self._varied(value) for value in values]  # what makes no sense is refused before any solve
        points = [self._point(v, c, len(values) - i) for i, (v, c) in enumerate(zip(values, cases, strict=True))]
        if not self.question.exactly:
            points = passed_on(points, [self._unserved(p) or 0 for p in points])
        rows = tuple(self._row(p) for p in points)
        case = self.setting.case
        said = tuple(sentences(over, self.question.exactly, points, rows, case.policy.currency, over_time=True))
        tables = {"points": rows}
        asked = fields_of(self.question)
        return Answer("curve", asked, case.case_hash, tuple(points), tables, said, tuple(self.plans))

    def _values(self) -> list[float]:
        """Limits from the tightest on."""
        given = sorted({float(v) for v in self.question.values})
        if given:
            return given
        case = self.setting.case
        if self.question.over == "sites":
            number = max(sum(p.kind == "secretariat" and p.status != "closed" for p in case.providers), 1)
            step = -(-number // MOST_POINTS)
            return [float(k) for k in sorted({*range(1, number + 1, step), number})][:MOST_POINTS]
        return sorted({float(min(more, len(case.current))) for more in BEYOND_LEAST})

    def _varied(self, value: float) -> Case | None:
        """The case under one limit; ``None`` where the policy itself asks for more open sites."""
        over, case = self.question.over, self.setting.case
        if over != "sites":
            return replace(case, policy={OVER[over]: value if over == "budget" else int(value)})
        count, most = case.policy.site_count, int(value)
        fewest = None if count is None else count.min
        if fewest is not None and fewest > most:
            return None
        low = most if self.question.exactly else fewest
        return replace(case, policy={"site_count": {"max": most} | ({} if low is None else {"min": low})})

    def _point(self, value: float, case: Case | None, left: int) -> Point:
        """One point; its plan is added to those of the answer."""
        over = self.question.over
        at: dict[str, Any] = {over: int(value) if over != "budget" and value.is_integer() else value}
        if case is None:
            return Point(at, "impossible", detail="the policy asks for more open sites than that")
        ground = GroundOverTime.of(case)
        start = self._start(ground)
        ends = self.setting.answered(
            f"{over} {value!r}", ground, lambda: least_over_time(self.setting, ground, start=start, left=left)
        )
        ends = _or_in_hand(ends, ground, start)
        if ends.path is None:
            return ends.point(at)
        self.found.append(path_rows(ground.joint, ends.path))
        name = f"{self.setting.case.name}, {over} {value:g}"
        self.plans.append(state_over_time(ground, ends.path, ends.lower, name=name))
        return ends.point(at, len(self.plans) - 1)

    def _start(self, ground: GroundOverTime) -> Path | None:
        """The cheapest plan in hand that keeps every rule under this limit; else the last one, to begin from."""
        kept: list[tuple[float, int, list[Row]]] = []
        for rows in self.found:
            mine = path_rows(ground.joint, path_from_rows(ground.joint, rows))
            if not ground.evaluator.violations(mine):
                kept.append((float(ground.evaluator.cost(mine).objective), len(kept), mine))
        best = min(kept)[2] if kept else self.found[-1] if self.found else None
        return None if best is None else path_from_rows(ground.joint, best)

    def _plan(self, point: Point) -> PlanOverTime | None:
        return None if point.plan is None else PlanOverTime.from_document(self.plans[point.plan])

    def _unserved(self, point: Point) -> int | None:
        plan = self._plan(point)
        return None if plan is None else sum(a.provider is None for a in plan.assignments)

    def _row(self, point: Point) -> dict[str, Any]:
        plan = self._plan(point)
        mine = {p.id for p in self.setting.case.providers if p.kind == "secretariat"}
        last = 0 if plan is None else plan.horizon.count
        saved = None if plan is None else plan.savings
        return {
            "limit": point.at[self.question.over],
            "status": point.status.replace("_", " "),
            "lower": point.lower,
            "upper": point.upper,
            "npv": None if saved is None else saved.npv,
            "run_rate": None if saved is None else saved.run_rate,
            "one_off": None if plan is None or plan.cost is None else plan.cost.one_off,
            "unserved": self._unserved(point),
            "moves": None if plan is None else len(plan.moves),
            "sites": None
            if plan is None
            else sum(s.open and s.period == last and s.provider in mine for s in plan.sites),
        }


def _or_in_hand(ends: PathEnds, ground: GroundOverTime, start: Path | None) -> PathEnds:
    """A point that is not answered has the plan in hand that keeps its limit, where there is one."""
    if ends.status != "not_answered" or start is None:
        return ends
    rows = path_rows(ground.joint, start)
    if ground.evaluator.violations(rows):
        return ends
    cost = float(ground.evaluator.cost(rows).objective)
    return dataclasses.replace(ends, status="bounded", upper=cost, path=start)
