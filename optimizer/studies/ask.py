"""Every study by its kind, and how one is asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import partial
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints

from optimizer.domain.errors import OptionsRefused, UsageError
from optimizer.domain.options import Code, Options, refused
from optimizer.domain.params import DEFAULT_TIME_LIMIT_S, SolveParams
from optimizer.domain.steady import is_over_time
from optimizer.plan.time.plan import PlanOverTime
from optimizer.session import Session
from optimizer.solvers.accept.solve import Watch
from optimizer.studies.base import Budget, Setting
from optimizer.studies.changed import Changed
from optimizer.studies.conflict import Conflict
from optimizer.studies.continuity import Continuity
from optimizer.studies.curve import Curve
from optimizer.studies.flip import Flip
from optimizer.studies.location import Location
from optimizer.studies.over_time.ask import study_over_time
from optimizer.studies.pareto import Pareto
from optimizer.studies.regret import Regret
from optimizer.studies.repair import Repair
from optimizer.studies.rule_price import RulePrice
from optimizer.studies.safe import Safe
from optimizer.studies.scenarios.study import ScenarioStudy
from optimizer.studies.why import Why
from optimizer.studies.why_not import WhyNot
from optimizer.studies.why_worse import WhyWorse

if TYPE_CHECKING:
    from optimizer.domain.answer import Answer
    from optimizer.domain.case import Case
    from optimizer.plan.plan import Plan
    from optimizer.studies.base import Book, Question

__all__ = ["STUDIES", "question_of", "study"]

STUDIES: Final[tuple[type[Question], ...]] = (
    Why,
    WhyNot,
    WhyWorse,
    Flip,
    Safe,
    RulePrice,
    Conflict,
    Repair,
    Continuity,
    Location,
    Curve,
    Pareto,
    ScenarioStudy,
    Regret,
    Changed,
)
"""Every kind of question; command, documentation and service follow from it."""


def question_of(kind: str, fields: dict[str, Any]) -> Question:
    """The question of a kind; ``-`` and ``_`` in its name are the same.

    Raises
    ------
    UsageError
        There is no such kind, or a field is missing or unknown, or the question makes no sense whatever the case is.
    """
    known = {q.kind.replace("-", "_"): q for q in STUDIES}
    asked = known.get(str(kind).replace("-", "_"))
    if asked is None:
        raise UsageError(f"there is no study {kind!r}; there are {', '.join(sorted(q.kind for q in STUDIES))}")
    wanted = {f.name: f for f in dataclasses.fields(asked)}  # type: ignore[arg-type]
    unknown = sorted(set(fields) - set(wanted))
    missing = [n for n, f in wanted.items() if n not in fields and f.default is dataclasses.MISSING]
    wrong, named = Options(), f"study {asked.kind}"
    if unknown or missing:
        told = [f"it needs {', '.join(missing)}"] * bool(missing) + [f"it has no {', '.join(unknown)}"] * bool(unknown)
        code: Code = "option_missing" if missing else "option_not_offered"
        place = ", ".join((*missing, *unknown))
        wrong.refuse(code, place, f"{named}: {'; '.join(told)}", f"its fields are {', '.join(wanted) or 'none'}")
    hints, values = get_type_hints(asked), dict[str, Any]()
    for name in [n for n in fields if n in wanted]:
        made = wrong.take(partial(_checked, asked.kind, name, hints[name], fields[name]))
        values[name] = made
    wrong.done()
    question = asked(**values)
    check = getattr(question, "check", None)  # what a kind can refuse without a case
    if check is not None:
        check()
    return question


def _checked(kind: str, name: str, wanted: Any, value: Any) -> Any:
    """The value of a field in the form that the question has it.

    Raises
    ------
    UsageError
        It is of another kind.
    """
    if get_origin(wanted) is tuple:
        return _listed(kind, name, get_args(wanted)[0], value)
    kinds = (wanted,) if get_origin(wanted) is Mapping else get_args(wanted) or (wanted,)
    if any(get_origin(k) is Mapping for k in kinds):
        if isinstance(value, Mapping) or (value is None and type(None) in kinds):
            return value
        raise _malformed(name, f"study {kind}: {name} is {type(value).__name__}", "it is a document (an object)")
    plain = str if get_args(wanted) else wanted
    if plain is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, plain) or (isinstance(value, bool) and plain is not bool):
        raise _malformed(name, f"study {kind}: {name} is {value!r}", f"it is {plain.__name__}")
    return value


def _malformed(name: str, told: str, remedy: str) -> OptionsRefused:
    return OptionsRefused([refused("option_malformed", name, told, remedy)])


def _listed(kind: str, name: str, wanted: Any, value: Any) -> tuple[Any, ...]:
    """A list of numbers or of words as a tuple."""
    words = wanted is str
    good = not isinstance(value, str | Mapping) and isinstance(value, Iterable)
    out = tuple(value) if good else ()
    for v in out:
        fits = isinstance(v, str) if words else isinstance(v, Real) and not isinstance(v, bool)
        good = good and fits
    if not good:
        told = f"study {kind}: {name} is {value!r}"
        raise _malformed(name, told, f"it is a list of {'words' if words else 'numbers'}")
    return out if words else tuple(float(v) for v in out)


def study(
    kind: str,
    case: Case | Session,
    plan: Plan | PlanOverTime | None = None,
    *,
    params: SolveParams | None = None,
    time_limit: float | None = DEFAULT_TIME_LIMIT_S,
    watch: Watch | None = None,
    book: Book | None = None,
    **question: Any,
) -> Answer:
    """Ask a question about a case, or about a plan of it.

    Parameters
    ----------
    kind : str
        One of ``STUDIES``: ``why``, ``curve``, ``conflict`` …
    case : Case or Session
        With a session, its arrays, children and plans are used and the plans found stay there. A case with a horizon is
        taken by ``why``, ``why_not``, ``rule_price``, ``curve`` and ``scenarios``, without a session.
    plan : Plan or PlanOverTime, optional
        The reference; its plan is one to start from.
    params : SolveParams, optional
        Backend and limits of one solve.
    time_limit : float or None, default 300.0
        Seconds for the whole study, shared out over its solves; ``None``: no limit.
    watch : Watch, optional
    book : Book, optional
        Where answered points are kept, and found again when the same question is asked once more.
    **question
        The fields of the question.

    Returns
    -------
    Answer

    Raises
    ------
    UsageError
        The question makes no sense; the plan answers another case.
    HorizonNotTaken
        The case has a horizon, and the kind takes steady cases only.
    """
    wrong, chosen = Options(), params or SolveParams(time_limit_s=None)
    asked = wrong.take(lambda: question_of(kind, question))
    wrong.number("time_limit", time_limit, 0)
    wrong.done()
    assert asked is not None  # else it is refused
    if not isinstance(case, Session) and is_over_time(case):
        return study_over_time(asked, case, plan, chosen, time_limit, watch or Watch(), book)
    if isinstance(plan, PlanOverTime):
        raise UsageError("the plan answers another case")
    session = case if isinstance(case, Session) else Session(case)
    try:
        if plan is not None and plan.run.case_hash != session.case.case_hash:
            raise UsageError("the plan answers another case")
        if plan is None and asked.needs_plan:
            raise UsageError(f"study {asked.kind} is about a plan: give it")
        if plan is not None:
            session.keep(plan)
        return asked.run(Setting(session, plan, chosen, Budget(time_limit), watch or Watch(), book))
    finally:
        if session is not case:
            session.close()
