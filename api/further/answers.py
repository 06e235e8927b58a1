"""How questions that are functions of their own in Python are answered; in the process of the job."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from data.builder.teams import country_codes
from optimizer.country.ask import answer_of, require_country
from optimizer.country.batch import COUNTRIES_SCHEMA, NOT_REACHED, countries, totals_of
from optimizer.domain.answer import Answer, Point, Sentence
from optimizer.domain.errors import UsageError
from optimizer.front import range_of, replan
from optimizer.pipeline import solve_any
from optimizer.plan.plan import Plan
from optimizer.plan.ranges import MEASURES
from optimizer.plan.tidy import cells
from optimizer.plan.time.plan import PlanOverTime
from optimizer.report.country_words import countries_words, country_words
from optimizer.report.ranges_words import range_words
from optimizer.report.shares_words import core_words, shapley_words
from optimizer.report.time.words import replanned_words
from optimizer.shares.ask import fair_shares
from optimizer.studies.base import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from optimizer.domain.answer import PointStatus
    from optimizer.domain.case import Case
    from optimizer.domain.params import SolveParams
    from optimizer.solvers.accept.solve import Watch
    from optimizer.studies.base import Book

__all__ = ["Given", "answer_further"]

Rows = tuple[dict[str, Any], ...]

_LEAST_S: Final = 0.001
"""A limit is above 0; with so little nothing is begun."""
_STATUS: Final[dict[str, PointStatus]] = {"optimal": "proven", "feasible": "bounded", "infeasible": "impossible"}


@dataclass(frozen=True, slots=True)
class Given:
    """What such a question is asked of.

    Parameters
    ----------
    case : Case, optional
        ``None`` where the question is about none.
    plan : mapping, optional
        The document of a plan of it.
    onto : Case, optional
        Another revision, to plan in its place.
    params : SolveParams
        Of one solve.
    time_limit : float, optional
        Seconds for all of it.
    watch : Watch
    book : Book
        What was answered before, and where what is answered now is kept.
    """

    case: Case | None
    plan: Mapping[str, Any] | None
    onto: Case | None
    params: SolveParams
    time_limit: float | None
    watch: Watch
    book: Book

    @property
    def known_case(self) -> Case:
        """The case, of a question that is about one."""
        assert self.case is not None
        return self.case

    def over_time(self) -> PlanOverTime:
        """Its plan, of a case with a horizon."""
        assert self.plan is not None
        return PlanOverTime.from_document(self.plan, self.known_case)

    def steady(self) -> Plan:
        """Its plan, of a case without one."""
        assert self.plan is not None
        return Plan.from_document(self.plan, self.known_case)


def answer_further(kind: str, fields: Mapping[str, Any], given: Given) -> dict[str, Any]:
    """The answer, ``designate.study/1``; where the function has a document of its own, as its ``document``.

    Raises
    ------
    DesignateError
        What the function itself raises.
    """
    answer, document = _ANSWERS[kind](dict(fields), given)
    return {**answer.as_dict(), "document": document}


def _range(fields: dict[str, Any], given: Given) -> tuple[Answer, dict[str, Any]]:
    plan: Any = given.over_time() if given.known_case.policy.horizon is not None else given.steady()
    found = range_of(
        given.known_case,
        plan,
        samples=fields["samples"],
        seed=given.params.seed,
        reoptimise=fields["reoptimise"],
        params=_limited(given, max(fields["reoptimise"], 1)),
        watch=given.watch,
    )
    told = found.as_dict()
    tables = {
        "spread": tuple({"measure": m, **told[m]} for m in MEASURES),
        **{name: _rows(getattr(found, name)) for name in ("rows", "cash", "tornado", "thresholds")},
        "decisions": () if found.reoptimised is None else _rows(found.reoptimised.decisions),
    }
    return _answer("range", fields, given, tables, [range_words(told)]), told


def _shares(fields: dict[str, Any], given: Given) -> tuple[Answer, dict[str, Any]]:
    found = fair_shares(
        given.known_case,
        given.steady(),
        kind=fields["price_list"],
        **{n: fields[n] for n in ("price_step", "idle_by", "max_price_change_rel", "players", "samples")},
        seed=given.params.seed,
        params=given.params,
        time_limit=given.time_limit,
        watch=given.watch,
    )
    told = found.document()
    tables = {name: _rows(getattr(found, name)) for name in found.TABLES}
    tables["core"] = (dict(told["core"]),)
    return _answer("shares", fields, given, tables, [*core_words(told), shapley_words(told)]), told


def _replan(fields: dict[str, Any], given: Given) -> tuple[Answer, dict[str, Any]]:
    found = replan(
        given.known_case,
        given.over_time(),
        **{n: fields[n] for n in ("until", "slip", "by", "entity", "service")},
        to=given.onto,
        params=_limited(given),
        watch=given.watch,
    )
    document, changes = found.plan.document(), found.changes
    tables: dict[str, Rows] = {"moved": tuple(map(_moved, changes["moved"])), "waves": tuple(document["waves"])}
    added = {t: _new_rows(given.onto or given.known_case, found.case, t) for t in ("commitments", "freezes")}
    made = _answer("replan", fields, given, {**tables, **added}, replanned_words(fields["until"], changes), document)
    return made, changes


def _moved(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of what moved, its reason in columns."""
    why = row.get("why") or {"kind": None, "rules": [], "amount": None}
    return {**row, "why": why["kind"], "rules": ";".join(why["rules"]), "amount": why["amount"]}


def _new_rows(before: Case, after: Case, table: str) -> Rows:
    """Rows of a table that one case has and the other had not."""
    held = [dict(r) for r in before.tables.get(table, ())]
    return tuple(r for r in map(dict, after.tables.get(table, ())) if r not in held)


def _bos(fields: dict[str, Any], given: Given) -> tuple[Answer, dict[str, Any]]:
    require_country(given.known_case)
    if given.plan is None:
        document = solve_any(given.known_case, _limited(given), issues=given.known_case.issues, watch=given.watch)
        plan = PlanOverTime.from_document(document, given.known_case)
    else:
        plan = given.over_time()
        if plan.cost is not None and not plan.ok:
            raise UsageError("the check of the plan found something: give a plan that is verified")
    found = answer_of(given.known_case, plan)
    told = found.document()
    tables = {name: _rows(getattr(found, name)) for name in found.TABLES}
    return _answer("bos", fields, given, tables, country_words(told), plan.document()), told


def _bos_countries(fields: dict[str, Any], given: Given) -> tuple[Answer, dict[str, Any]]:
    """Country by country: what is solved is kept, and a worker that is lost costs the country in hand."""
    budget, points, rows = Budget(given.time_limit), [], []
    codes = sorted(set(fields["countries"])) or country_codes()
    backend = "engine" if given.params.backend == "auto" else given.params.backend
    currency = ""
    for code in codes:
        held = given.book.known(code)
        if held is None:
            left = budget.share(1)
            limit = None if left is None else max(left, _LEAST_S)
            told = countries([code], time_limit=limit, each=fields["each_s"], backend=backend, watch=given.watch)
            row, currency = told["countries"][0], told["currency"]
            how = _STATUS.get(row["solution"], "not_answered")
            point = Point({"country": code}, how, detail=row["detail"] or row["solution"].replace("_", " "))
            if row["solution"] != NOT_REACHED:
                given.book.answered(code, point, {"row": row, "currency": currency})
        else:
            point, kept = held
            assert kept is not None
            row, currency = kept["row"], kept["currency"]
        points.append(point)
        rows.append(row)
    document = {"schema": COUNTRIES_SCHEMA, "currency": currency, "countries": rows, "totals": totals_of(rows)}
    tables: dict[str, Rows] = {"countries": tuple(rows), "totals": (dict(totals_of(rows)),)}
    made = _answer("bos_countries", fields, given, tables, countries_words(document))
    return dataclasses.replace(made, points=tuple(points)), document


def _limited(given: Given, solves: int = 1) -> SolveParams:
    """Limits of each of the solves that the whole question is."""
    whole = None if given.time_limit is None else given.time_limit / solves
    limits = [s for s in (whole, given.params.time_limit_s) if s is not None]
    return dataclasses.replace(given.params, time_limit_s=min(limits, default=None))


def _rows(rows: Iterable[Any]) -> Rows:
    """Frozen values as rows of one table; what is nested as columns, lists as they are."""
    return tuple({k: list(v) if isinstance(v, tuple) else v for k, v in cells(row)} for row in rows)


def _answer(
    kind: str,
    fields: Mapping[str, Any],
    given: Given,
    tables: Mapping[str, Rows],
    said: Sequence[str],
    plan: Mapping[str, Any] | None = None,
) -> Answer:
    """The answer; with a plan it has one point, its ends those of the plan."""
    points: tuple[Point, ...] = ()
    plans: tuple[Mapping[str, Any], ...] = ()
    if plan is not None:
        status, bounds = plan["status"], plan["bounds"]
        held = plan["cost"] is not None
        how = _STATUS.get(status["solution"], "not_answered")
        upper = bounds["objective"] if held else None
        points = (Point({}, how, bounds["best_bound"], upper, 0 if held else None, status.get("detail", "")),)
        plans = (plan,) if held else ()
    return Answer(
        kind,
        fields,
        "" if given.case is None else given.case.case_hash,
        points=points,
        tables=tables,
        sentences=tuple(s if isinstance(s, Sentence) else Sentence(s) for s in said),
        plans=plans,
    )


_ANSWERS: Final[dict[str, Callable[[dict[str, Any], Given], tuple[Answer, dict[str, Any]]]]] = {
    "range": _range,
    "replan": _replan,
    "shares": _shares,
    "bos": _bos,
    "bos_countries": _bos_countries,
}
