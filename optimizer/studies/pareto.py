"""What better service costs: plans that no other betters in every respect, on a grid of limits."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from optimizer.domain.answer import Answer
from optimizer.domain.options import Options
from optimizer.model.tighter import as_tight
from optimizer.studies.base import fields_of
from optimizer.studies.in_time import InTime, unwritten
from optimizer.studies.measures import MEASURES
from optimizer.studies.placing import is_large
from optimizer.studies.search import CLOSED, Ends, least
from optimizer.studies.words import between, listed, phrase, say, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence
    from optimizer.plan.plan import Plan
    from optimizer.session import Session
    from optimizer.studies.base import Setting
    from optimizer.studies.measures import Measure

__all__ = ["Pareto"]

MOST_SOLVES: Final = 200
TIE: Final = 0.005
"""Costs no more than this apart, money a year, are the same."""
MOST_TIES: Final = 3
"""Second solves of a point that look for a better plan at the same cost."""
COST: Final = "cost"


@dataclass(frozen=True, slots=True)
class Pareto:
    """Plans that no other betters in every respect: cost against one or two of overlap, distance, moves, shares.

    The least cost is taken at every point of a grid of limits; at the same cost the better plan is taken.
    """

    kind: ClassVar[str] = "pareto"
    needs_plan: ClassVar[bool] = False

    over: str = field(
        default="cost,mean_distance",
        metadata={"help": "cost and one or two of mean_overlap, mean_distance, moves, agency_share, site_share"},
    )
    points: int = field(default=8, metadata={"help": "limits of each measure"})

    def run(self, setting: Setting) -> Answer:
        """From no limit to the strictest."""
        measures = self._measures()
        session = setting.session
        solves = 2 * self.points ** len(measures)
        free = least(setting, session, session.problem, left=solves)
        grid = [_limits(session, m, free, self.points) for m in measures]
        front = _Front(setting, measures, solves)
        front.time_a_plan(free, math.prod(map(len, grid)))
        for limits in itertools.product(*grid):
            front.look(dict(zip([m.name for m in measures], limits, strict=True)))
        front.pass_on()
        rows = front.rows()
        held = [r for r in rows if r["on_front"]]
        made = {r["point"]: front.plan(r["point"]) for r in held}
        plans = [plan for plan in made.values() if plan is not None]
        at = iter(range(len(plans)))
        where = {point: next(at) for point, plan in made.items() if plan is not None}
        points = tuple(end.point({"limits": of}, where.get(i)) for i, (of, end, _) in enumerate(front.found))
        tables = {"front": tuple(held), "grid": tuple(rows)}
        said = (*_sentences(held, rows, measures, session.case.policy.currency), *unwritten(len(held) - len(plans)))
        documents = tuple(p.document() for p in plans)
        return Answer(self.kind, fields_of(self), session.case.case_hash, points, tables, said, documents)

    def check(self) -> None:
        """Refuse what makes no sense whatever the case is."""
        self._measures()

    def _measures(self) -> list[Measure]:
        """What is limited.

        Raises
        ------
        UsageError
            What stands against cost is not one or two of the measures, or the grid is too large.
        """
        wrong = Options()
        names = [n.strip().replace("-", "_") for n in self.over.split(",") if n.strip()]
        if COST not in names or not 2 <= len(set(names)) == len(names) <= 3 or set(names) - {COST, *MEASURES}:
            told = f"cost and one or two of {', '.join(MEASURES)}"
            told = f"a Pareto set is over {told}, not {self.over!r}"
            wrong.refuse("option_not_offered", "over", told, "give such as cost,moves")
        measures = [MEASURES[n] for n in names if n in MEASURES and n != COST]
        most = int((MOST_SOLVES / 2) ** (1 / max(len(measures), 1)))
        if not 2 <= self.points <= most:
            told = f"limits of each measure are from 2 to {most} here, not {self.points}"
            wrong.refuse("option_out_of_range", "points", told, "give such a number")
        wrong.done()
        return measures


def _limits(session: Session, measure: Measure, free: Ends, points: int) -> list[float | None]:
    """From no limit over what the cheapest plan has to what no plan betters."""
    if free.choice is None:
        return [None]
    start = measure.of(session.problem, free.choice)
    if start is None:
        return [None]
    ideal, first = measure.ideal(session.problem), measure.limit(start)
    steps = [measure.limit(first + (ideal - first) * i / (points - 1)) for i in range(1, points)]
    return [None, *dict.fromkeys(s for s in steps if measure.better(s, first))]


class _Front:
    """Points of the grid as they are found."""

    def __init__(self, setting: Setting, measures: Sequence[Measure], solves: int) -> None:
        self.setting, self.measures, self._left = setting, measures, solves
        self.found: list[tuple[dict[str, float | None], Ends, Session]] = []
        self.stated = InTime(setting.budget)
        self._cheapest: Plan | None = None

    def time_a_plan(self, free: Ends, plans: int) -> None:
        """Learn from the cheapest plan what one takes to price and check, and keep time for so many."""
        choice, session = free.choice, self.setting.session
        if choice is not None and is_large(session.problem):
            self._cheapest = self.stated.make(lambda: session.state(choice, free.lower, name=_NO_LIMIT))
            self.stated.keep(plans)

    def pass_on(self) -> None:
        """A bound of a looser point is one of every point that only restricts it."""
        for i, (limits, ends, session) in enumerate(self.found):
            own = -math.inf if ends.lower is None else ends.lower
            if ends.status in ("proven", "impossible"):
                continue
            higher = ((e.lower, s) for _, e, s in self.found if e.lower is not None and e.lower > own)
            best = max((b for b, s in higher if as_tight(session.problem, s.problem)), default=None)
            if best is not None:
                self.found[i] = (limits, Ends.of(best, ends.upper, ends.choice, ends.detail), session)

    def look(self, limits: dict[str, float | None]) -> None:
        """The least cost under limits, and the best plan at that cost."""
        session, ends = self._least(limits)
        for measure in self.measures:
            for _ in range(MOST_TIES):
                better = self._tied(measure, session, limits, ends)
                if better is None:
                    break
                ends = better
        self.found.append((limits, ends, session))

    def _least(self, limits: Mapping[str, float | None], *, lower: float | None = None) -> tuple[Session, Ends]:
        policy = {MEASURES[n].key: int(v) if MEASURES[n].whole else v for n, v in limits.items() if v is not None}
        session = self.setting.session.vary(policy=policy) if policy else self.setting.session
        self._left = max(1, self._left - 1)
        return session, least(self.setting, session, session.problem, lower=lower, left=self._left)

    def _tied(self, measure: Measure, session: Session, limits: Mapping[str, float | None], ends: Ends) -> Ends | None:
        """A plan better in a measure, no worse in the others, at the same cost; ``None`` where none is found."""
        if ends.choice is None or ends.status != "proven":
            return None
        reached = {m.name: m.of(session.problem, ends.choice) for m in self.measures}
        held = reached[measure.name]
        if held is None:
            return None
        asked = {
            m.name: limits[m.name] if reached[m.name] is None else m.limit(reached[m.name] or 0.0)
            for m in self.measures
        }
        asked[measure.name] = measure.stricter(measure.limit(held))
        if (asked[measure.name] or 0.0) < 0.0:
            return None
        _, found = self._least(asked, lower=ends.lower)
        if found.upper is None or ends.upper is None or found.upper > ends.upper + TIE:
            return None
        return Ends.of(ends.lower, found.upper, found.choice, found.detail)

    def rows(self) -> list[dict[str, Any]]:
        """One row a point of the grid; ``on_front``: no other plan held is as good in all and better in one."""
        out = []
        for i, (limits, ends, session) in enumerate(self.found):
            reached = {
                m.name: None if ends.choice is None else m.of(session.problem, ends.choice) for m in self.measures
            }
            out.append(
                {
                    "point": i,
                    "status": ends.status.replace("_", " "),
                    "lower": ends.lower,
                    "upper": ends.upper,
                    **reached,
                    **{f"limit_{name}": limit for name, limit in limits.items()},
                    "detail": ends.detail,
                }
            )
        for i, row in enumerate(out):
            others = (o for j, o in enumerate(out) if j != i and o["upper"] is not None)
            row["on_front"] = row["upper"] is not None and not any(self._beats(o, row) for o in others)
        return out

    def _beats(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """As good in all and better in one; of equals the first."""
        cheaper: float = other["upper"] - one["upper"]
        if cheaper < -TIE:
            return False
        ahead = cheaper > TIE
        for measure in self.measures:
            mine, theirs = one[measure.name], other[measure.name]
            if mine is None or theirs is None:
                if mine is not theirs:
                    return False
            elif measure.better(theirs, mine):
                return False
            else:
                ahead = ahead or measure.better(mine, theirs)
        return ahead or bool(one["point"] < other["point"])

    def plan(self, at: int) -> Plan | None:
        """The plan of a point, while there is time to make it whole."""
        limits, ends, session = self.found[at]
        assert ends.choice is not None
        name = ", ".join(f"{n} {v:g}" for n, v in limits.items() if v is not None) or _NO_LIMIT
        choice, made = ends.choice, self._cheapest
        if made is not None and session.problem.decode(choice) == _rows_of(made):
            return made
        return self.stated.make(lambda: session.state(choice, ends.lower, name=name))


_NO_LIMIT: Final = "no limit"


def _rows_of(plan: Plan) -> list[tuple[str, str, str, str]]:
    """Assignments of a plan as the arrays are decoded."""
    return [(a.entity, a.service, a.provider or "", a.backup or "") for a in plan.assignments]


def _sentences(
    front: Sequence[Mapping[str, Any]],
    grid: Sequence[Mapping[str, Any]],
    measures: Sequence[Measure],
    currency: str,
) -> Iterator[Sentence]:
    holes = sum(r["status"] == "not answered" for r in grid)
    never = sum(r["status"] == "impossible" for r in grid)
    if front:
        text = "Plans that no other plan found betters in every respect: {front}; limits tried: {grid}."
        yield say(text, {}, front=len(front), grid=len(grid))
    else:
        yield say("No plan was found; limits tried: {grid}.", {}, grid=len(grid))
    if never:
        yield say("Limits under which no plan keeps every rule (proven): {never}.", {}, never=never)
    if holes:
        text = "Limits not answered: {holes}; plans that better some of these may be missing. Give more time."
        yield say(text, {}, holes=holes)
    for row in sorted(front, key=lambda r: r["upper"]):
        what = listed(phrase(_REACHED[m.name], n=_figure(m, row)) for m in measures if row[m.name] is not None)
        yield _of_plan(row, what, currency)


def _of_plan(row: Mapping[str, Any], what: Any, currency: str) -> Sentence:
    """What a plan of the front costs, and how near that is to the least for what it reaches."""
    at, lower, upper = {"point": str(row["point"])}, row["lower"], row["upper"]
    if lower is not None and upper - lower <= CLOSED:
        return say("{what}: the least cost a year is {cost}.", at, what=what, cost=between(upper, upper, currency))
    cost = between(upper, upper, currency)
    if lower is None:
        text = "{what}: a plan costs {cost} a year, how near to the least is not known."
        return say(text, at, what=what, cost=cost)
    text = "{what}: a plan costs {cost} a year; {least} is needed in any case."
    return say(text, at, what=what, cost=cost, least=between(lower, None, currency))


def _figure(measure: Measure, row: Mapping[str, Any]) -> Any:
    """What a plan reaches, to four digits; a share in per cent."""
    value = float(f"{row[measure.name]:.4g}")
    return share(value) if measure.name in ("agency_share", "site_share") else value


_REACHED: Final = {
    "mean_overlap": "mean overlap {n} hours a day",
    "mean_distance": "mean distance {n} km",
    "moves": "moves {n}",
    "agency_share": "share of agencies in the effort {n}",
    "site_share": "largest share of one site in the effort {n}",
}
"""What a plan reaches, by measure."""
