"""What ``import optimizer`` offers: cases and plans in, plans and answers out. Typed values, nothing to unpack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import data
from optimizer.domain.errors import UsageError
from optimizer.domain.params import SolveParams
from optimizer.domain.steady import is_over_time
from optimizer.pipeline import solve_any
from optimizer.plan.plan import Plan
from optimizer.plan.time.plan import PlanOverTime
from optimizer.report.compare import diff
from optimizer.report.html import write_report as render_to
from optimizer.report.language import LANGUAGES
from optimizer.stating import price_case
from optimizer.tables.read import read_case

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from optimizer.domain.answer import Answer
    from optimizer.domain.case import Case
    from optimizer.plan.ranges import RangeOfPlan
    from optimizer.solvers.accept.solve import Watch
    from optimizer.studies.replanning.run import Replanned

__all__ = ["Comparison", "compare", "example", "price", "range_of", "read", "solve", "write_report"]


def read(path: str | Path, *, allow_online: bool = False, encoding: str = "") -> Case:
    """Read and check a case; what there is to say about it stands in ``issues``.

    Parameters
    ----------
    path : str or Path
        Folder of CSV files with ``policy.toml``, zip of one, XLSX workbook, JSON document, or the name of a
        packaged case.
    allow_online : bool, default False
        Look up cities that the gazetteer lacks in an online service.
    encoding : str, optional
        Code page of files that are not UTF-8, e.g. ``cp1252``; it is never guessed.

    Raises
    ------
    InputError
        With every finding when any is an error.
    UsageError
        ``encoding`` is no code page.
    """
    return read_case(path, allow_online=allow_online, encoding=encoding)[0]


def example(name: str) -> Case:
    """A packaged case.

    Raises
    ------
    UsageError
        There is no case of that name; the message lists those there are.
    """
    if name not in data.names():
        raise UsageError(f"there is no packaged case {name!r}; choose one of {', '.join(data.names())}")
    return read_case(data.case_path(name))[0]


def solve(
    case: Case,
    params: SolveParams | None = None,
    *,
    start: Plan | PlanOverTime | None = None,
    watch: Watch | None = None,
    **limits: Any,
) -> Plan | PlanOverTime:
    """The plan of least cost that the search finds, with the proof of how good it is, verified.

    Parameters
    ----------
    case : Case
        With a horizon in its policy it is solved over time.
    params : SolveParams, optional
        Backend and limits. Left out, the solver stops after 300 seconds, as the command does.
    start : Plan or PlanOverTime, optional
        A plan to start from, of this case or of one like it; the answer is never dearer when it keeps every rule.
    watch : Watch, optional
        Progress, cancellation, children to reuse.
    **limits
        Single fields of ``SolveParams`` instead of ``params``; ``time_limit`` in seconds, ``None`` for none.

    Returns
    -------
    Plan or PlanOverTime
        The latter for a case with a horizon. An infeasible case is an answer too: findings, rules in conflict, and
        the plan with the least unserved effort (over time: the status alone); its ``cost`` is ``None``.

    Raises
    ------
    HorizonNotTaken
        One of the case and ``start`` has a horizon, and the other has none.
    BackendError
        No backend could do the work.
    UsageError
        A limit that does not exist or makes no sense.
    """
    chosen = _params(params, limits)
    given = None if start is None else start.document()
    document = solve_any(case, chosen, start=given, issues=case.issues, watch=watch)
    return PlanOverTime.from_document(document, case) if is_over_time(case) else Plan.from_document(document, case)


def _params(params: SolveParams | None, limits: dict[str, Any]) -> SolveParams:
    if params is not None and limits:
        raise UsageError(f"give either params or {', '.join(sorted(limits))}, not both")
    if "time_limit" in limits and "time_limit_s" in limits:
        raise UsageError("time_limit and time_limit_s are one limit: give one of them")
    if "time_limit" in limits:
        limits = {**limits, "time_limit_s": limits["time_limit"]}
        del limits["time_limit"]
    try:
        return params or SolveParams(**limits)
    except TypeError as error:
        known = ", ".join(["time_limit", *SolveParams.__dataclass_fields__])
        raise UsageError(f"unknown limit ({error}); there are {known}") from None


def price(case: Case, assignments: Iterable[Any]) -> Plan:
    """Price a hand-made list of assignments and check every rule; nothing is searched for.

    Parameters
    ----------
    case : Case
    assignments : iterable of (entity, service, provider[, backup]), or DataFrame with these columns
        Providers by id, ``OWN`` for own capacity.

    Returns
    -------
    Plan
        What it breaks stands among its ``issues``, each with place, amount and remedy.

    Raises
    ------
    InputError
        A row names an entity, service, demand or provider that the case does not have.
    """
    rows: Iterable[Any] = assignments
    if hasattr(assignments, "itertuples"):
        names = [c for c in ("entity", "service", "provider", "backup") if c in assignments.columns]  # type: ignore[attr-defined]
        cells = assignments[names]  # type: ignore[index]
        rows = cells.where(cells.notna(), "").itertuples(index=False, name=None)
    return Plan.from_document(price_case(case, [tuple(r) for r in rows], case.issues), case)


def compare(a: Plan | PlanOverTime, b: Plan | PlanOverTime) -> Comparison:
    """What changes from plan ``a`` to plan ``b``, and what makes the comparison more or less fair.

    Parameters
    ----------
    a, b : Plan, or both PlanOverTime
        Of one case or of two.

    Raises
    ------
    HorizonNotTaken
        One of them is a plan over time, the other is not.
    """
    return Comparison(diff(a.document(), b.document()))


class _Kind(NamedTuple):
    """Of a schema of comparisons: columns of ``moved``, the term of cost that counts, what that is of in words."""

    columns: tuple[str, ...]
    term: str
    per: str


_KINDS: Final = {
    "designate.diff/1": _Kind(("from", "to", "cost_a", "cost_b", "change"), "total", "a year"),
    "designate.diff/2": _Kind(("begin", "end", "from", "to", "kind"), "discounted", "over the horizon, discounted"),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two plans side by side.

    Parameters
    ----------
    document : dict
        ``designate.diff/1``, of plans over time ``designate.diff/2``, as ``designate diff --json`` writes it.
    """

    document: dict[str, Any]

    @property
    def _kind(self) -> _Kind:
        return _KINDS[self.document["schema"]]

    @property
    def moved(self) -> pd.DataFrame:
        """Demands whose provider differs: entity, service, from, to, cost_a, cost_b, change; largest change first.

        Of plans over time, by day: entity, service, begin, end, from, to, kind (``dates`` or ``sources``).
        """
        import pandas as pd

        return pd.DataFrame(self.document["moved"], columns=["entity", "service", *self._kind.columns])

    @property
    def cost(self) -> pd.DataFrame:
        """Money by term, a year or over time of the whole horizon, of both plans, and the change."""
        import pandas as pd

        return pd.DataFrame(self.document["cost"]).set_index("term")

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before the two are compared."""
        return tuple(self.document["notes"])

    def __repr__(self) -> str:
        total = next(row for row in self.document["cost"] if row["term"] == self._kind.term)
        change = "unknown" if total["change"] is None else f"{total['change']:+,.0f} {self._kind.per}"
        elsewhere = len({(m["entity"], m["service"]) for m in self.document["moved"]})
        return f"<Comparison: {elsewhere:,} demands at other providers; total cost {change}>"


def range_of(
    case: Case,
    plan: Plan | PlanOverTime,
    *,
    samples: int = 1000,
    seed: int = 0,
    reoptimise: int = 0,
    params: SolveParams | None = None,
    watch: Watch | None = None,
    **limits: Any,
) -> RangeOfPlan:
    """What a plan that is held comes to when the figures behind it are uncertain.

    Every row of ``assumptions`` and ``paths`` with ``low`` and ``high`` is drawn in each sample; its figures take that
    quantile of the triangular distribution between the two ends with the figure itself as its peak.

    Parameters
    ----------
    case : Case
    plan : Plan or PlanOverTime
        Of this case, verified.
    samples : int, default 1000
    seed : int, default 0
        The same seed draws the same samples.
    reoptimise : int, default 0
        So many of the samples are solved again: which decisions stay, what it costs to hold the plan.
    params, watch, **limits
        Of these solves, as in ``solve``.

    Returns
    -------
    RangeOfPlan
        P10, P50 and P90, the cash curve, each row at its ends, thresholds; with tables as data frames.

    Raises
    ------
    InputError
        ``no_ranges``, ``range_outside``, ``range_not_a_figure``, ``plan_of_another_case``, ``plan_not_ok``.
    UsageError
        A number of samples, or the seed, makes no sense; a limit that does not exist.
    """
    from optimizer.studies.ranges.study import Drawing
    from optimizer.studies.ranges.study import range_of as drawn

    chosen = _params(params, limits)
    return drawn(case, plan.document(), Drawing(samples, seed, reoptimise), params=chosen, watch=watch)


def replan(
    case: Case,
    plan: PlanOverTime,
    *,
    until: int = 0,
    slip: int = 0,
    by: int = 1,
    entity: str = "",
    service: str = "",
    to: Case | None = None,
    params: SolveParams | None = None,
    watch: Watch | None = None,
    **limits: Any,
) -> Replanned:
    """Plan again from a plan over time that is under way: what is committed stays, and what changes has its reason.

    Parameters
    ----------
    case : Case
        The one that the plan answers.
    plan : PlanOverTime
    until : int, default 0
        Number of the last period that is under way: its switches and beginnings, and all before, are committed.
    slip : int, default 0
        Number of a period whose switches come later; 0: none does.
    by : int, default 1
        Periods by which they slip.
    entity, service : str, optional
        Only those of one client, of one service, slip.
    to : Case, optional
        A changed case to be solved instead: other figures, dates or limits, a longer horizon.
    params, watch, **limits
        As in ``solve``; the time limit is of the whole step.

    Returns
    -------
    Replanned
        ``case``, ``plan`` and ``changes``.

    Raises
    ------
    InputError
        The plan is of another case, or not verified; or what was asked makes no case.
    UsageError
        There is no such period or wave, or a case has no horizon.
    BackendError
        No backend could do the work.
    """
    from optimizer.studies.replanning.run import Asked
    from optimizer.studies.replanning.run import replan as planned_again
    from optimizer.studies.replanning.slip import Slip

    wave = Slip(slip, by, entity, service) if slip else None
    return planned_again(case, plan, Asked(until, wave, to), _params(params, limits), watch)


def write_report(
    plan: Plan | PlanOverTime,
    path: str | os.PathLike[str],
    case: Case | None = None,
    *,
    studies: Iterable[Answer] = (),
    ranges: RangeOfPlan | None = None,
    language: str = "en",
) -> Path:
    """Write the HTML report of a plan.

    Parameters
    ----------
    plan : Plan or PlanOverTime
    path : path-like
        File to write; one that exists is replaced only when the new one is complete.
    case : Case, optional
        Its case, where the plan does not know it.
    studies : iterable of Answer
        What was asked about it, shown after its own sections: which decisions are safe, what a rule costs …
    ranges : RangeOfPlan, optional
        What it comes to under uncertain assumptions, shown after its own sections too.
    language : str, default "en"
        ``en`` or ``fr``; messages about the input, and reports of plans over time, stay English.

    Raises
    ------
    UsageError
        There is no such language; or the plan does not know its case and none is given; or it, a study or the range
        answers another.
    """
    if language not in LANGUAGES:
        raise UsageError(f"the languages are {', '.join(LANGUAGES)}, not {language!r}")
    about = case or plan.case
    if about is None or about.case_hash != plan.run.case_hash:
        raise UsageError("the report needs the case that the plan answers: give it as case=")
    answers = list(studies)
    if any(a.case_hash != about.case_hash for a in answers):
        raise UsageError("a study answers another case than the plan")
    if ranges is not None and (ranges.case_hash, ranges.plan) != (about.case_hash, plan.run.id):
        raise UsageError("the range is told of another plan")
    told = None if ranges is None else ranges.as_dict()
    shown = [a.as_dict() for a in answers]
    return render_to(plan.document(), about, path, studies=shown, ranges=told, language=language)
