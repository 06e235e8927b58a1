"""What one limit more or less is worth: the least cost as a limit moves, with both ends at every point."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from optimizer.domain.answer import Answer, Point
from optimizer.domain.errors import UsageError
from optimizer.solvers.accept.fewest_moves import fewest_moves
from optimizer.studies.base import fields_of
from optimizer.studies.words import span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.answer import PointStatus
    from optimizer.plan.plan import Plan
    from optimizer.session import Session
    from optimizer.studies.base import Setting

__all__ = ["Curve"]

MOST_POINTS: Final = 50
CLOSED: Final = 0.01
"""Both ends this near, money a year: proven."""
BEYOND_LEAST: Final = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Moves beyond the fewest at which a curve of moves is taken."""

Over = Literal["sites", "moves", "budget", "agency_share", "providers"]

_NAMES: Final[dict[str, str]] = {
    "sites": "open Secretariat sites",
    "moves": "moves",
    "budget": "one-off cost",
    "agency_share": "share of agencies in the effort",
    "providers": "providers of an entity",
}

_KEYS: Final[dict[str, str]] = {
    "moves": "max_moves",
    "budget": "one_off_budget",
    "agency_share": "agency_share_max",
    "providers": "max_providers_per_entity",
}


@dataclass(frozen=True, slots=True)
class Curve:
    """Least cost as one limit moves: open sites, moves, one-off budget, share of agencies, providers an entity.

    Every limit is *at most*, so a plan of a tighter point holds at every looser one, and a bound of a looser point
    at every tighter one; both are passed on.
    """

    kind: ClassVar[str] = "curve"
    needs_plan: ClassVar[bool] = False

    over: Over = field(metadata={"help": "sites, moves, budget, agency_share or providers"})
    values: tuple[float, ...] = field(
        default=(),
        metadata={"help": "limits to try, e.g. 1,2,3 [default for sites: 1 to all; for moves: from the fewest on]"},
    )
    exactly: bool = field(default=False, metadata={"help": "sites: exactly so many, not at most"})

    def run(self, setting: Setting) -> Answer:
        """Solve from the tightest limit to the loosest, each from the cheapest plan in hand."""
        session = setting.session
        values = self._values(setting)
        points: list[Point] = []
        plans: list[Plan] = []
        for i, value in enumerate(values):
            if setting.watch.stopped or setting.budget.over:
                points.append(Point(self._at(value), "not_answered", detail="the study's time was over"))
                continue
            varied = session.vary(policy=self._policy(session, value))
            params = dataclasses.replace(setting.params, time_limit_s=self._seconds(setting, len(values) - i))
            plan = varied.solve(params, watch=setting.watch, name=f"{session.case.name}, {self.over} {value:g}")
            points.append(_point(self._at(value), plan, len(plans)))
            if plan.cost is not None:
                plans.append(plan)
        if not self.exactly:
            points = _bounds_passed_on(points)
        rows = tuple(_row(self.over, p, plans) for p in points)
        return Answer(
            self.kind,
            fields_of(self),
            session.case.case_hash,
            tuple(points),
            {"points": rows},
            tuple(_sentences(self, points, session.case.policy.currency)),
            tuple(p.document() for p in plans),
        )

    def _seconds(self, setting: Setting, left: int) -> float | None:
        """What the next of so many solves may take."""
        limits = [s for s in (setting.budget.share(left), setting.params.time_limit_s) if s is not None]
        return min(limits, default=None)

    def _at(self, value: float) -> dict[str, Any]:
        return {self.over: int(value) if float(value).is_integer() and self.over != "budget" else value}

    def _policy(self, session: Session, value: float) -> dict[str, Any]:
        if self.over == "sites":
            least = session.case.policy.site_count.min if session.case.policy.site_count else None
            low = int(value) if self.exactly else (None if least is None else min(least, int(value)))
            return {"site_count": {k: v for k, v in (("min", low), ("max", int(value))) if v is not None}}
        whole = self.over in ("moves", "providers")
        return {_KEYS[self.over]: int(value) if whole else value}

    def _values(self, setting: Setting) -> list[float]:
        """Limits from the tightest on.

        Raises
        ------
        UsageError
            None, too many, or some that make no sense.
        """
        if self.over not in _NAMES:
            raise UsageError(f"a curve is over {', '.join(_NAMES)}, not {self.over!r}")
        if self.exactly and self.over != "sites":
            raise UsageError("--exactly goes with --over sites")
        found = sorted(set(self.values)) or self._usual(setting)
        if not found:
            raise UsageError(
                f"a curve over {self.over} needs --values, e.g. {'0,0.1,0.2' if 'share' in self.over else '1,2,3'}"
            )
        if len(found) > MOST_POINTS:
            raise UsageError(f"a curve has at most {MOST_POINTS} points, not {len(found)}")
        whole = self.over in ("sites", "moves", "providers")
        if found[0] < 0 or any(math.isnan(v) or math.isinf(v) or (whole and not float(v).is_integer()) for v in found):
            raise UsageError(f"limits of {self.over} are {'whole numbers' if whole else 'numbers'}, 0 or more")
        return found

    def _usual(self, setting: Setting) -> list[float]:
        session = setting.session
        if self.over == "sites":
            sites = session.problem.sites
            return [float(k) for k in range(1, int((sites.is_secretariat & ~sites.is_closed).sum()) + 1)]
        if self.over != "moves":
            return []
        free = session.vary(policy={"max_moves": None})
        params = dataclasses.replace(
            setting.params, time_limit_s=setting.budget.share(4) or setting.params.time_limit_s
        )
        least = fewest_moves(
            free.case, free.problem, params, watch=dataclasses.replace(setting.watch, pool=session.pool)
        )
        if least.upper is None:
            return [float(least.lower)]
        most = int((session.problem.current >= 0).sum())
        return sorted({float(min(least.upper + more, most)) for more in BEYOND_LEAST})


def _point(at: dict[str, Any], plan: Plan, position: int) -> Point:
    bound, detail = plan.bounds.best_bound, plan.status.detail
    if plan.cost is None:
        proven = plan.status.solution == "infeasible"
        return Point(at, "impossible" if proven else "not_answered", bound, detail=detail)
    cost = plan.bounds.objective
    assert cost is not None  # a whole plan has its cost
    status: PointStatus = "proven" if bound is not None and cost - bound <= CLOSED else "bounded"
    return Point(at, status, bound, cost, position, detail)


def _bounds_passed_on(points: Sequence[Point]) -> list[Point]:
    """Lower ends of looser points hold at tighter ones; what is impossible there is impossible at all tighter ones."""
    out: list[Point] = []
    lower, impossible = None, False
    for point in reversed(points):
        impossible = impossible or point.status == "impossible"
        if impossible:
            out.append(Point(point.at, "impossible", detail=point.detail))
            continue
        known = [v for v in (lower, point.lower) if v is not None]
        lower = max(known, default=None)
        if point.upper is not None and lower is not None:
            lower = min(lower, point.upper)  # both are right; the bound is no nearer than its own rounding
        closed = point.upper is not None and lower is not None and point.upper - lower <= CLOSED
        out.append(dataclasses.replace(point, lower=lower, status="proven" if closed else point.status))
    return out[::-1]


def _row(over: str, point: Point, plans: Sequence[Plan]) -> dict[str, Any]:
    plan = None if point.plan is None else plans[point.plan]
    saving = None if plan is None or plan.savings is None else plan.savings.annual
    return {
        "limit": point.at[over],
        "status": point.status,
        "lower": point.lower,
        "upper": point.upper,
        "saving": saving,
        "moves": None if plan is None else len(plan.moves),
        "sites_open": None if plan is None else sum(s.open for s in plan.sites),
        "worse_off": None if plan is None else sum(bool(e.worse_than_today) for e in plan.entities),
    }


def _sentences(curve: Curve, points: Sequence[Point], currency: str) -> list[str]:
    """What the curve says, in words."""
    how, name, out = "exactly" if curve.exactly else "at most", _NAMES[curve.over], []
    for point in points:
        value = point.at[curve.over]
        shown = f"{value:.0%}" if curve.over == "agency_share" else f"{value:,}"
        said = {
            "impossible": "no plan keeps every rule (proven)",
            "not_answered": f"not answered: {point.detail}",
        }.get(point.status, f"the least cost a year is {span(point.lower, point.upper, currency)}")
        out.append(f"{name[0].upper()}{name[1:]} {how} {shown}: {said}.")
    found = knee([p.at[curve.over] for p in points], [p.lower for p in points], [p.upper for p in points])
    if found is not None:
        out.append(f"The curve bends most at {found:,}: beyond it each step buys less.")
    return out


def knee(at: Sequence[float], lower: Sequence[float | None], upper: Sequence[float | None]) -> float | None:
    """Where a curve bends most: farthest from its chord, axes scaled to [0, 1]; ``None`` unless both ends agree."""
    ends = [[v for v in end if v is not None] for end in (lower, upper)]
    if any(len(end) < len(at) for end in ends):
        return None
    places = {_farthest(at, end) for end in ends}
    place = places.pop()
    return None if places or place is None else at[place]


def _farthest(at: Sequence[float], cost: Sequence[float]) -> int | None:
    if len(at) < 3 or at[-1] == at[0] or max(cost) == min(cost):
        return None
    wide, high = at[-1] - at[0], max(cost) - min(cost)
    first, last = cost[0] / high, cost[-1] / high
    below = [first + (last - first) * (x - at[0]) / wide - c / high for x, c in zip(at, cost, strict=True)]
    best = max(below)
    return below.index(best) if best > 1e-9 else None
