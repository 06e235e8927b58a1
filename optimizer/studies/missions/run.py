"""Re-optimise after events in two steps: fewest moves, then least cost with a few moves more.

Step 1: m* = the least number of moves of existing demands in any plan that keeps the rules.
Step 2: the least cost with at most m* + budget moves, for each budget; each point starts from the
plan of the one before, so that the curve never rises.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.options import Options
from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.session import Session
from optimizer.solvers.accept.fewest_moves import FewestMoves, fewest_moves
from optimizer.solvers.accept.solve import Watch
from optimizer.studies.missions.comparison import compare
from optimizer.studies.missions.curve import point_of, shared_bounds
from optimizer.studies.missions.events import Happened, apply_events
from optimizer.studies.missions.kinds import REPLAN_CATALOGUE
from optimizer.studies.missions.reasons import reasons_of
from optimizer.studies.missions.staying import staying
from optimizer.tables.checks.problems import Problems
from optimizer.tables.patch import apply_patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue
    from optimizer.model.problem import Problem

__all__ = ["DEFAULT_BUDGETS", "SCHEMA", "reoptimise", "reoptimise_current"]

SCHEMA: Final = "designate.reoptimisation/1"
DEFAULT_BUDGETS: Final = (0,)

Phase = tuple[str, int | None]
"""``("moves", None)`` in step 1, ``("cost", budget)`` in step 2."""


def reoptimise(
    case: Case | Mapping[str, Any],
    plan: Mapping[str, Any],
    events: Any,
    params: SolveParams | None = None,
    *,
    budgets: Iterable[int] = DEFAULT_BUDGETS,
    already: Iterable[str] = (),
    watch: Watch | None = None,
    on_phase: Callable[[str, int | None], None] | None = None,
    name: str = "",
) -> dict[str, Any]:
    """Apply events to a case and find plans that move little.

    Parameters
    ----------
    case : Case or mapping
        The case of the applied plan, or its document.
    plan : mapping
        The applied plan, ``designate.plan/1``; becomes ``current``.
    events : mapping or sequence
        ``designate.events/1`` (see ``EVENTS.md``), or its list.
    params : SolveParams, optional
        The time limit holds for each solve: step 1, and each point of the curve.
    budgets : iterable of int
        Extra moves beyond m*, each a point of the curve.
    already : iterable of str
        Hashes of events applied before; given again they change nothing.
    watch : Watch, optional
        Progress of the single solves, cancellation (what is found so far is kept), pool of children.
    on_phase : callable, optional
        Told ``("moves", None)`` before step 1 and ``("cost", budget)`` before each point.
    name : str
        Label of the new case.

    Returns
    -------
    dict
        ``designate.reoptimisation/1``: ``changed``, ``events`` (type, entity or null, date, hash), ``case`` (the new
        case's document) with ``case_hash``, ``moves`` (lower, upper, proven, infeasible, reason),
        ``points`` (budget, max_moves, cost, saving, one-off, moves, gap …, each with ``patch``, which
        makes the point's case of the new case), ``plans`` (one document a point), ``moved`` (for each point its moves
        with their reasons, see ``reasons_of``), ``comparison`` (the applied plan with the first point's), ``issues``.
        Inputs are never changed.

    Raises
    ------
    InputError
        Events, plan or the case they make are wrong; every problem at once.
    BackendError
        No backend could do the work.
    """
    wanted = _budgets(budgets)
    before = case if not isinstance(case, Mapping) else apply_patch(case, {}, name=name)[0]
    happened = apply_events(before, plan, events, already=already, name=name)
    if not happened.changed:
        return _document(happened, None, [], [], None, happened.issues)
    job = _Reoptimisation(happened, params or SolveParams(), watch or Watch(), on_phase or _nobody, plan)
    moves, points, plans = job.run(wanted)
    told = compare(plan, plans[0], case_a=before, case_b=job.case_of(points[0])) if plans else None
    moved = [job.moved(*both) for both in zip(points, plans, strict=True)]
    return _document(happened, moves, points, plans, told, (*happened.issues, *job.problems.found), moved)


def reoptimise_current(
    case: Case,
    params: SolveParams | None = None,
    *,
    issues: Sequence[Issue] = (),
    budgets: Iterable[int] = DEFAULT_BUDGETS,
    watch: Watch | None = None,
    on_phase: Callable[[str, int | None], None] | None = None,
    applied: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Both steps on a case whose ``current`` is today's arrangement; no events, and no comparison.

    Parameters
    ----------
    case : Case
    issues : sequence of Issue
        The reader's warnings, carried into the plans.
    params, budgets, watch, on_phase
        As in ``reoptimise``.
    applied : mapping, optional
        The plan behind ``current``: its backups are kept where they can be.

    Returns
    -------
    dict
        ``designate.reoptimisation/1`` with ``events`` empty and ``comparison`` null.
    """
    wanted, made = _budgets(budgets), Happened(case, True, (), tuple(issues))
    job = _Reoptimisation(made, params or SolveParams(), watch or Watch(), on_phase or _nobody, applied)
    moves, points, plans = job.run(wanted)
    moved = [job.moved(*both) for both in zip(points, plans, strict=True)]
    return _document(made, moves, points, plans, None, (*issues, *job.problems.found), moved)


def _nobody(*_: Any) -> None:
    """Nobody listens to phases."""


MOST_BUDGETS: Final = 50
"""Points of a curve, as in the study of that name."""


def _budgets(budgets: Iterable[int]) -> list[int]:
    wanted = sorted(set(budgets))
    asked = Options()
    if not wanted or wanted[0] < 0:
        told = "budgets are whole numbers of extra moves, 0 or more, at least one"
        asked.refuse("option_out_of_range", "budgets", told, "give some such as 0,1,2,5,10")
    if len(wanted) > MOST_BUDGETS:
        told = f"{len(wanted):,} budgets are too many"
        asked.refuse("option_out_of_range", "budgets", told, f"each is a solve; name at most {MOST_BUDGETS}")
    asked.done()
    return wanted


class _Reoptimisation:
    """Both steps on one new case."""

    def __init__(
        self,
        happened: Happened,
        params: SolveParams,
        watch: Watch,
        on_phase: Callable[[str, int | None], None],
        applied: Mapping[str, Any] | None,
    ) -> None:
        self.case, self.issues = happened.case, happened.issues
        self.params, self.watch, self.on_phase = params, watch, on_phase
        self.applied, self.problems = applied, Problems(REPLAN_CATALOGUE)
        self.session = Session(happened.case, pool=watch.pool)
        self._problem: Problem | None = None

    def run(self, budgets: Sequence[int]) -> tuple[FewestMoves, list[dict[str, Any]], list[dict[str, Any]]]:
        """Step 1, then a point for each budget until the caller wants no more."""
        self.on_phase("moves", None)
        free = self._limited(None)
        problem = self._problem = free.problem
        moves = fewest_moves(free.case, problem, self.params, start=staying(problem, self.applied), watch=self.watch)
        allowed = self.case.policy.max_moves
        if allowed is not None and allowed < moves.lower and not moves.infeasible:
            self.problems.add(
                "max_moves_below_least",
                f"every plan moves at least {moves.lower} demands and max_moves is {allowed}",
                table="policy",
                column="max_moves",
                least=moves.lower,
            )
        elif moves.upper is not None:
            rows = [] if moves.choice is None else problem.decode(moves.choice)
            return moves, *self._curve(moves, rows, budgets)
        # Nothing to limit: the ordinary answer says why there is no plan, and what comes nearest.
        self.on_phase("cost", None)
        found = solve_case(self.case, self.params, issues=self._reader_issues(), watch=self.watch, name=self.case.name)
        return moves, [point_of(found, None, allowed, {}, self.case.case_hash)], [found]

    def case_of(self, point: Mapping[str, Any]) -> Case:
        """The case that a point's plan answers."""
        return apply_patch(self.case, point["patch"])[0] if point["patch"] else self.case

    def moved(self, point: Mapping[str, Any], plan: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Moves of a point's plan with their reasons; none where it has no plan that keeps the rules."""
        if point["solution"] not in ("optimal", "feasible") or not point["verified"] or not point["moves"]:
            return []
        return reasons_of(self.case, plan, problem=self._problem)

    def _curve(
        self, moves: FewestMoves, rows: list[tuple[str, str, str, str]], budgets: Sequence[int]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        points: list[dict[str, Any]] = []
        plans: list[dict[str, Any]] = []
        start = {"schema": "designate.plan/1", "assignments": [_row(r) for r in rows]}
        for budget in budgets:
            if plans and self.watch.stopped:
                break
            self.on_phase("cost", budget)
            most = self._most(moves, budget)
            patch = {"policy": {"max_moves": most}}
            limited = self._limited(most)
            found = solve_case(
                limited.case,
                self.params,
                start=start,
                issues=self._reader_issues(),
                watch=self.watch,
                name=self.case.name,
                ground=limited.ground,
            )
            points.append(point_of(found, budget, most, patch, limited.case.case_hash))
            plans.append(found)
            if found["status"]["solution"] in ("optimal", "feasible"):
                start = found
        shared_bounds(points)
        return points, plans

    def _most(self, moves: FewestMoves, budget: int) -> int:
        """m* + budget, unless the policy allows fewer."""
        assert moves.upper is not None  # only a plan in hand leads here
        most, allowed = moves.upper + budget, self.case.policy.max_moves
        if allowed is None or allowed >= most:
            return most
        self.problems.add(
            "max_moves_caps_budget",
            f"budget {budget} stands for {most} moves, max_moves is {allowed}",
            table="policy",
            column="max_moves",
            value=str(allowed),
        )
        return allowed

    def _limited(self, most: int | None) -> Session:
        return self.session.vary(policy={"max_moves": most})

    def _reader_issues(self) -> list[Issue]:
        return [i for i in self.issues if i.severity != "error"]


def _row(row: tuple[str, str, str, str]) -> dict[str, str]:
    return dict(zip(("entity", "service", "provider", "backup"), row, strict=True))


def _document(
    happened: Happened,
    moves: FewestMoves | None,
    points: list[dict[str, Any]],
    plans: list[dict[str, Any]],
    comparison: dict[str, Any] | None,
    issues: Sequence[Issue],
    moved: Sequence[list[dict[str, Any]]] = (),
) -> dict[str, Any]:
    known = None
    if moves is not None:
        known = {
            "lower": moves.lower,
            "upper": moves.upper,
            "proven": moves.proven,
            "infeasible": moves.infeasible,
            "reason": moves.reason,
            "backend": moves.backend,
            "seconds": round(moves.seconds, 3),
        }
    return {
        "schema": SCHEMA,
        "changed": happened.changed,
        "events": [
            {"type": e.kind, "entity": e.entity or None, "date": e.on.isoformat(), "hash": e.hash}
            for e in happened.events
        ],
        "case_hash": happened.case.case_hash,
        "case": dict(happened.case.tables),
        "moves": known,
        "points": points,
        "plans": plans,
        "moved": list(moved),
        "comparison": comparison,
        "issues": [i.as_dict() for i in issues],
    }
