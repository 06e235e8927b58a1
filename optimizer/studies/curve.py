"""What one limit more or less is worth: the least cost as a limit moves, with both ends at every point."""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, get_args

from optimizer.domain.answer import Answer, Point
from optimizer.domain.errors import StudyTooLarge
from optimizer.domain.options import Options
from optimizer.model.conditions import staying
from optimizer.solvers.accept.fewest_moves import fewest_moves
from optimizer.studies.base import STOPPED, fields_of
from optimizer.studies.curve_words import SHARES, sentences
from optimizer.studies.in_time import InTime
from optimizer.studies.refuted import REFUTED, refuted_points
from optimizer.studies.search import CLOSED, Ends, least

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.answer import PointStatus
    from optimizer.domain.case import Case
    from optimizer.plan.plan import Plan
    from optimizer.session import Session
    from optimizer.studies.base import Setting

__all__ = ["Curve", "passed_on"]

MOST_POINTS: Final = 50
BEYOND_LEAST: Final = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Moves beyond the fewest at which a curve of moves is taken."""

Over = Literal[
    "sites",
    "moves",
    "smallest_move",
    "budget",
    "agency_share",
    "providers",
    "mean_overlap",
    "mean_distance",
    "worse_off",
    "exposure",
    "site_share",
]

_KEYS: Final[dict[str, str]] = {
    "moves": "max_moves",
    "budget": "one_off_budget",
    "agency_share": "agency_share_max",
    "providers": "max_providers_per_entity",
    "mean_overlap": "mean_overlap_min",
    "mean_distance": "mean_distance_max",
    "worse_off": "worse_off_max",
    "exposure": "exposure_max_fte",
    "site_share": "site_share_max",
}
_WHOLE: Final = ("sites", "moves", "providers", "worse_off")
_AT_LEAST: Final = ("mean_overlap", "smallest_move")
"""Limits that are tighter the greater they are."""
_REFUTED: Final = ("sites", "agency_share", "providers", "exposure")
"""Limits whose rules a proof of the relaxation speaks of."""
_SUCH: Final = {"budget": "0,100000,1000000", "mean_distance": "1000,2000,4000", "smallest_move": "0,0.1,0.5"}


@dataclass(frozen=True, slots=True)
class Curve:
    """Least cost as one limit moves: open sites, moves, the smallest move, budget, shares, means, entities worse off.

    A plan of a tighter point holds at every looser one, and a bound of a looser point at every tighter one; both are
    passed on where all demands are served. A demand that cannot stay where it is may move however small it is.
    """

    kind: ClassVar[str] = "curve"
    needs_plan: ClassVar[bool] = False

    over: Over = field(metadata={"help": f"one of {', '.join(get_args(Over))}"})
    values: tuple[float, ...] = field(
        default=(),
        metadata={"help": "limits to try, e.g. 1,2,3 [default for sites: 1 to all; for moves: from the fewest on]"},
    )
    exactly: bool = field(default=False, metadata={"help": "sites: exactly so many, not at most"})

    def run(self, setting: Setting) -> Answer:
        """Solve from the tightest limit to the loosest, each from the cheapest plan in hand."""
        session, values = setting.session, self._values(setting)
        varied = [self._varied(session, value) for value in values]  # what makes no sense is refused before any solve
        plans: list[Plan] = []
        stated = InTime(setting.budget)
        none = refuted_points(setting, varied) if self.over in _REFUTED else 0
        points = [
            Point(self._at(value), "impossible", detail=REFUTED)
            if i < none and made is not None
            else self._solved(setting, value, made, len(values) - i, plans, stated)
            for i, (value, made) in enumerate(zip(values, varied, strict=True))
        ]
        if not self.exactly:
            points = passed_on(points, [_undone(p, plans) for p in points])
        rows = tuple(_row(self.over, p, plans, session.case) for p in points)
        said = tuple(sentences(self.over, self.exactly, points, rows, session.case.policy.currency))
        documents = tuple(p.document() for p in plans)
        return Answer(
            self.kind, fields_of(self), session.case.case_hash, tuple(points), {"points": rows}, said, documents
        )

    def _varied(self, session: Session, value: float) -> Session | None:
        """The case under one limit; ``None`` where the policy itself asks for more."""
        if self.over == "smallest_move":
            return session
        if self.over != "sites":
            return session.vary(policy={_KEYS[self.over]: int(value) if self.over in _WHOLE else value})
        count, most = session.case.policy.site_count, int(value)
        fewest = None if count is None else count.min
        if fewest is not None and fewest > most:
            return None
        low = most if self.exactly else fewest
        return session.vary(policy={"site_count": {"max": most} | ({} if low is None else {"min": low})})

    def _at(self, value: float) -> dict[str, Any]:
        whole = self.over != "budget" and float(value).is_integer()
        return {self.over: int(value) if whole else value}

    def _solved(
        self, setting: Setting, value: float, varied: Session | None, left: int, plans: list[Plan], stated: InTime
    ) -> Point:
        """One point; its plan is added to ``plans``."""
        at = self._at(value)
        if varied is None:
            return Point(at, "impossible", detail="the policy asks for more open sites than that")
        name = f"{self.over} {value!r}"
        point, plan = setting.answered(name, varied, lambda: self._point(setting, at, varied, left, stated))
        if plan is None:
            return point
        plans.append(plan)
        return dataclasses.replace(point, plan=len(plans) - 1)

    def _point(
        self, setting: Setting, at: dict[str, Any], varied: Session, left: int, stated: InTime
    ) -> tuple[Point, Plan | None]:
        """Solve under one limit, while there is time; what plans take to price and check is kept for those to come."""
        if setting.watch.stopped:
            return Point(at, "not_answered", detail=STOPPED), None
        stated.keep(left)
        name = f"{setting.session.case.name}, {self.over} {at[self.over]:g}"
        if setting.budget.over and self.over != "smallest_move":
            return _in_hand(Point(at, "not_answered", detail="the time of the study was over"), varied, name, stated)
        if self.over == "smallest_move":
            problem = staying(varied.problem, at[self.over])
            ends = least(setting, varied, problem, left=left)
            return ends.point(at), _stated(stated, varied, ends, None, name)  # its bound is not one of the case
        params = dataclasses.replace(setting.params, time_limit_s=self._seconds(setting, left))
        began = time.monotonic()
        plan = varied.solve(params, watch=setting.watch, name=name)
        stated.took(time.monotonic() - began - plan.run.timings.get("solve", 0.0))
        point = _point(at, plan)
        return (point, plan) if point.upper is not None else _in_hand(point, varied, name, stated)

    def _seconds(self, setting: Setting, left: int) -> float | None:
        """What the next of so many solves may take."""
        limits = [s for s in (setting.budget.share(left), setting.params.time_limit_s) if s is not None]
        return min(limits, default=None)

    def check(self) -> None:
        """Refuse what makes no sense whatever the case is.

        Raises
        ------
        UsageError
            Limits that make no sense, or none where they are needed.
        StudyTooLarge
        """
        wrong, known = Options(), self.over in get_args(Over)
        if not known:
            told = f"a curve is over {', '.join(get_args(Over))}, not {self.over!r}"
            wrong.refuse("option_not_offered", "over", told, "give one of them")
        if self.exactly and self.over != "sites":
            wrong.refuse("options_at_odds", "exactly", "--exactly goes with --over sites", "leave one of them out")
        found = {float(v) for v in self.values}
        if known and not found and self.over not in ("sites", "moves"):
            such = "0,0.1,0.2" if self.over in SHARES else _SUCH.get(self.over, "1,2,3")
            told = f"a curve over {self.over} needs --values"
            wrong.refuse("option_missing", "values", told, f"give some, e.g. {such}")
        whole = self.over in _WHOLE
        if any(v < 0 or math.isnan(v) or math.isinf(v) or (whole and not v.is_integer()) for v in found):
            told = f"limits of {self.over} are {'whole numbers' if whole else 'numbers'}, 0 or more"
            wrong.refuse("option_out_of_range", "values", told, "give others")
        wrong.done()
        if len(found) > MOST_POINTS:
            told = f"a curve has at most {MOST_POINTS} points, not {len(found)}"
            raise StudyTooLarge(told, place="values", remedy=f"name at most {MOST_POINTS} limits, or ask twice")

    def _values(self, setting: Setting) -> list[float]:
        """Limits from the tightest on."""
        self.check()
        given = sorted({float(v) for v in self.values}, reverse=self.over in _AT_LEAST)
        return given or self._usual(setting)

    def _usual(self, setting: Setting) -> list[float]:
        session = setting.session
        if self.over == "sites":
            sites = session.problem.sites
            number = int((sites.is_secretariat & ~sites.is_closed).sum())
            step = -(-number // MOST_POINTS) if number else 1
            return [float(k) for k in sorted({*range(1, number + 1, step), max(number, 1)})][:MOST_POINTS]
        if self.over != "moves":
            return []
        fewest, _ = setting.answered("fewest moves", session, lambda: (self._fewest(setting), None))
        first = fewest.lower or 0.0
        if fewest.status == "impossible":
            return [first]
        most = int((session.problem.current >= 0).sum())
        begin = first if fewest.upper is None else fewest.upper  # not found in time: from what is proven on
        return sorted({float(min(begin + more, most)) for more in BEYOND_LEAST})

    def _fewest(self, setting: Setting) -> Point:
        """The fewest moves: where a curve of moves begins; a plan in hand has that many or more."""
        free = setting.session.vary(policy={"max_moves": None})
        watch = dataclasses.replace(setting.watch, pool=setting.session.pool)
        params = dataclasses.replace(setting.params, time_limit_s=self._seconds(setting, 4))
        held = free.held()
        start = None if held is None else held.choice
        found = fewest_moves(free.case, free.problem, params, start=start, watch=watch)
        status: PointStatus = "not_answered" if found.upper is None else "bounded"
        status = "impossible" if found.infeasible else status
        return Point({"moves": "fewest"}, status, found.lower, found.upper)


def _point(at: dict[str, Any], plan: Plan) -> Point:
    """What a solve came to; a plan that its own check objects to is none."""
    bound, detail, cost = plan.bounds.best_bound, plan.status.detail, plan.bounds.objective
    if plan.cost is None or cost is None:
        proven = plan.status.solution == "infeasible"
        return Point(at, "impossible" if proven else "not_answered", None if proven else bound, detail=detail)
    if not plan.verification.ok:
        return Point(at, "not_answered", detail="the plan that was found did not pass the check")
    status: PointStatus = "proven" if bound is not None and cost - bound <= CLOSED else "bounded"
    return Point(at, status, bound, cost, detail=detail)


def _stated(stated: InTime, varied: Session, ends: Ends, lower: float | None, name: str) -> Plan | None:
    """The plan of a point, while there is time to make it whole."""
    choice = ends.choice
    return None if choice is None else stated.make(lambda: varied.state(choice, lower, name=name))


def _in_hand(point: Point, varied: Session, name: str, stated: InTime) -> tuple[Point, Plan | None]:
    """A point without a plan of its own has the cheapest in hand that keeps its limit; nobody has to look for it."""
    held = varied.held() if point.status == "not_answered" else None
    if held is None:
        return point, None
    ends = Ends.of(point.lower, held.cost, held.choice, point.detail)
    return ends.point(point.at), _stated(stated, varied, ends, ends.lower, name)


def _undone(point: Point, plans: Sequence[Plan]) -> int:
    """Demands that the plan of a point leaves unserved."""
    return 0 if point.plan is None else sum(a.provider is None for a in plans[point.plan].assignments)


def passed_on(points: Sequence[Point], undone: Sequence[int]) -> list[Point]:
    """Both ends of points whose limits are nested, tightest first, each as near as the others make it.

    A plan of a tighter point holds at a looser one, a bound of a looser point at a tighter one, and what is impossible
    at a looser one is at a tighter one. Where plans leave demands unserved nothing is passed on: with less room more
    may be left undone, and that costs less.
    """
    if any(undone):
        return list(points)
    out: list[Point] = []
    upper, plan = math.inf, None
    for point in points:
        if point.upper is not None and point.upper <= upper:
            upper, plan = point.upper, point.plan
        elif plan is not None and point.status != "impossible":
            point = dataclasses.replace(point, status="bounded", upper=upper, plan=plan)
        out.append(point)
    lower, never = None, False
    for i in range(len(out) - 1, -1, -1):
        point = out[i]
        never = (never or point.status == "impossible") and point.upper is None
        if never:
            out[i] = Point(point.at, "impossible", detail=point.detail)
            continue
        known = [v for v in (lower, point.lower) if v is not None]
        best = max(known, default=None)
        if best is not None and point.upper is not None and best > point.upper + CLOSED:
            own = point.lower  # a plan refutes the bound: that of another point is not believed here, nor its own
            best = own if own is not None and own <= point.upper + CLOSED else None
        lower = best
        closed = point.upper is not None and best is not None and point.upper - best <= CLOSED
        status: PointStatus = "bounded" if point.upper is not None else point.status
        out[i] = dataclasses.replace(point, lower=best, status="proven" if closed else status)
    return out


def _row(over: str, point: Point, plans: Sequence[Plan], case: Case) -> dict[str, Any]:
    plan = None if point.plan is None else plans[point.plan]
    today = plan is not None and plan.baseline is not None
    mine = {p.id for p in case.providers if p.kind == "secretariat"}
    return {
        "limit": point.at[over],
        "status": point.status.replace("_", " "),
        "lower": point.lower,
        "upper": point.upper,
        "saving": None if plan is None or plan.savings is None else plan.savings.annual,
        "unserved": None if plan is None else sum(a.provider is None for a in plan.assignments),
        "moves": len(plan.moves) if plan is not None and today else None,
        "sites": None if plan is None else sum(s.open and s.provider in mine for s in plan.sites),
        "worse_off": sum(bool(e.worse_than_today) for e in plan.entities) if plan is not None and today else None,
    }
