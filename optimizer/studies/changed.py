"""Why two plans cost different amounts: what the data did, what the rules did, and what the search left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from optimizer.domain.answer import Answer, Point, told
from optimizer.domain.errors import InputError, UsageError
from optimizer.plan.given import choice_from_plan
from optimizer.plan.plan import Plan
from optimizer.report.compare import diff
from optimizer.session import Session
from optimizer.studies.search import CLOSED, Ends, least
from optimizer.studies.unanswered import reason
from optimizer.studies.words import between, phrase, say, up_to
from optimizer.tables.patch import open_case
from optimizer.tables.schema import POLICY_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.domain.answer import PointStatus, Sentence
    from optimizer.domain.case import Case
    from optimizer.studies.base import Setting

__all__ = ["RULE_KEYS", "Changed", "with_rules_of"]

RULE_KEYS: Final = (
    "language_mode",
    "agency_min_saving",
    "agency_share_max",
    "max_providers_per_entity",
    "bundle_mode",
    "max_hardship_class",
    "own_min_headcount",
    "keep_current",
    "max_moves",
    "one_off_budget",
    "site_count",
    "zones",
    "backup",
    "allow_unserved",
    "mean_overlap_min",
    "mean_distance_max",
    "worse_off_max",
    "exposure_max_fte",
    "site_share_max",
)
"""Keys of the policy that say what is allowed; all others, and all tables but ``decisions``, are data."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Why another plan costs more or less than this one: data, rules, options, solver, in this order, adding up.

    Data: the least cost as the tables and prices of the other case replace those of this one. Rules: as its limits,
    filters and decisions do. Solver: what each plan costs above the least cost of its own case.
    """

    kind: ClassVar[str] = "changed"
    needs_plan: ClassVar[bool] = True

    other: Mapping[str, Any] = field(metadata={"help": "the other plan (plan.json)", "json": True})
    other_case: Mapping[str, Any] | None = field(
        default=None, metadata={"help": "its case, if it is another one", "case": True}
    )

    def run(self, setting: Setting) -> Answer:
        """Search the case of each plan and the one between them."""
        session, mine = setting.session, setting.plan
        assert mine is not None
        after = session.case if self.other_case is None else open_case(self.other_case)
        theirs = Plan.from_document(dict(self.other), after)
        if theirs.run.case_hash != after.case_hash:
            raise UsageError("the other plan answers another case: give its case with it")
        for plan in (mine, theirs):
            if plan.cost is None:
                raise UsageError(f"the plan {plan.run.name!r} holds no assignment, so there is no cost to explain")
        last = session if after.case_hash == session.case.case_hash else Session(after, pool=session.pool)
        between_, why = (session, "") if last is session else _middle(session, last)
        ends = _ends_of(setting, (session, between_, last), (mine, theirs))
        rows = tuple(_rows(mine, theirs, ends, why))
        points = tuple(Point({"part": r["part"]}, _status(r), r["lower"], r["upper"], None, r["detail"]) for r in rows)
        tables = {"parts": rows, "differences": tuple(_differences(session.case, after, mine, theirs))}
        said = tuple(_sentences(mine, theirs, rows, session.case.policy.currency))
        asked = {"other": theirs.run.id, "other_case": None if self.other_case is None else after.case_hash}
        return Answer(self.kind, asked, session.case.case_hash, points, tables, said)


def with_rules_of(data: Case, rules: Case) -> dict[str, Any]:
    """Tables of a case with the rules and decisions of another.

    Decisions that speak of what the case does not have are left out: they can bind nothing there.
    """
    own, given = dict(data.tables[POLICY_TABLE]), rules.tables[POLICY_TABLE]
    policy = {k: v for k, v in own.items() if k not in RULE_KEYS} | {k: v for k, v in given.items() if k in RULE_KEYS}
    known = {"", "OWN", "*", *data.entity, *data.service, *(p.id for p in data.providers)}
    rows = [
        row
        for row in rules.tables.get("decisions", [])
        if {row.get("service", ""), row.get("provider", "")} <= known
        and (row["entity"].startswith("kind:") or row["entity"] in known)
    ]
    tables = {name: value for name, value in data.tables.items() if name != "decisions"}
    return tables | {POLICY_TABLE: policy} | ({"decisions": rows} if rows else {})


def _middle(first: Session, last: Session) -> tuple[Session | None, str]:
    """The case with the data of the last and the rules of the first; why there is none."""
    try:
        case = open_case(with_rules_of(last.case, first.case))
    except InputError as error:
        return None, f"the data of the one under the rules of the other are refused: {error.issues[0].message}"
    for same in (first, last):
        if case.case_hash == same.case.case_hash:
            return same, ""
    return Session(case, pool=first.pool), ""


def _ends_of(
    setting: Setting, cases: tuple[Session, Session | None, Session], plans: tuple[Plan, Plan]
) -> list[Ends | None]:
    """The least cost of the first case, the one between and the last; a case that is the same is searched once."""
    first, _, last = cases
    if first is last:  # what the plans cost is known, and nothing else is asked
        return [Ends("not_answered")] * 3
    bounds: dict[int, list[float]] = {}
    for session, plan in ((first, plans[0]), (last, plans[1])):
        session.keep_choice(choice_from_plan(session.problem, plan.document()))
        if plan.bounds.best_bound is not None:
            bounds.setdefault(id(session), []).append(plan.bounds.best_bound)
    wanted = {id(s): s for s in cases if s is not None}
    found = {
        key: least(setting, s, s.problem, lower=max(bounds.get(key, ()), default=None), left=len(wanted) - n)
        for n, (key, s) in enumerate(wanted.items())
    }
    return [None if s is None else found[id(s)] for s in cases]


def _rows(mine: Plan, theirs: Plan, ends: list[Ends | None], why: str) -> Iterator[dict[str, Any]]:
    """Each part: what it adds by the best plans known, and between which ends it must be."""
    assert mine.cost is not None
    assert theirs.cost is not None
    first, middle, last = ends
    assert first is not None
    assert last is not None
    yield _part("data", first, middle, why)
    yield _part("rules", middle, last, why)
    yield {"part": "options", "amount": 0.0, "lower": 0.0, "upper": 0.0, "detail": _options(mine, theirs)}
    if first is last:  # one case: what the plans cost is all there is to it
        by = theirs.cost.total - mine.cost.total
        yield {"part": "solver", "amount": by, "lower": by, "upper": by, "detail": _SOLVER}
        return
    above = [_above(mine.cost.total, first), _above(theirs.cost.total, last)]
    known = None not in above[0] and None not in above[1]
    yield {
        "part": "solver",
        "amount": above[1][1] - above[0][1] if known else None,
        "lower": above[1][1] - above[0][2] if known else None,
        "upper": above[1][2] - above[0][1] if known else None,
        "detail": _SOLVER,
    }


_SOLVER: Final = "what each plan costs above the least cost of its own case"


def _above(cost: float, ends: Ends) -> tuple[Any, Any, Any]:
    """The plan's cost; how far it is above the least cost at least, and at most."""
    if ends.upper is None or ends.lower is None:
        return cost, None, None
    return cost, max(0.0, cost - ends.upper), max(0.0, cost - ends.lower)


def _part(name: str, before: Ends | None, after: Ends | None, why: str) -> dict[str, Any]:
    empty = {"part": name, "amount": None, "lower": None, "upper": None}
    if before is None or after is None:
        return empty | {"detail": why}
    if before is after:
        return empty | {"amount": 0.0, "lower": 0.0, "upper": 0.0, "detail": "nothing changed"}
    if before.upper is None or after.upper is None:
        lacking = before if before.upper is None else after
        told = "no plan keeps every rule" if lacking.status == "impossible" else lacking.detail
        return empty | {"detail": f"{'before' if lacking is before else 'after'} the change: {told}"}
    return {
        "part": name,
        "amount": after.upper - before.upper,
        "lower": None if after.lower is None else after.lower - before.upper,
        "upper": None if before.lower is None else after.upper - before.lower,
        "detail": "",
    }


def _status(row: Mapping[str, Any]) -> PointStatus:
    if row["amount"] is None:
        return "not_answered"
    whole = row["lower"] is not None and row["upper"] is not None
    return "proven" if whole and row["upper"] - row["lower"] <= CLOSED else "bounded"


def _options(mine: Plan, theirs: Plan) -> str:
    """Options of the two runs that differ."""
    pairs = [(n, getattr(mine.run.limits, n), getattr(theirs.run.limits, n)) for n in mine.run.limits.__slots__]
    pairs += [("seed", mine.run.seed, theirs.run.seed), ("backend", mine.run.solver.backend, theirs.run.solver.backend)]
    told = [f"{name} {a} to {b}" for name, a, b in pairs if a != b]
    return "; ".join(told) or "the same"


def _differences(before: Case, after: Case, mine: Plan, theirs: Plan) -> Iterator[dict[str, Any]]:
    """Tables and keys that differ, and what the plans do differently."""
    for name in sorted({*before.tables, *after.tables} - {POLICY_TABLE}):
        a, b = (list(map(str, c.tables.get(name, []))) for c in (before, after))
        if a != b:
            new, gone = len(set(b) - set(a)), len(set(a) - set(b))
            change = told("rows new or changed: {new}; gone or changed: {gone}", new=new, gone=gone)
            yield {"part": "rules" if name == "decisions" else "data", "what": name, "change": change}
    old, values = before.tables[POLICY_TABLE], after.tables[POLICY_TABLE]
    for key in sorted({*old, *values}):
        if old.get(key) != values.get(key):
            part = "rules" if key in RULE_KEYS else "data"
            yield {
                "part": part,
                "what": f"policy {key}",
                "change": told("{low} to {high}", low=_cell(old.get(key)), high=_cell(values.get(key))),
            }
    moved = diff(mine.document(), theirs.document())["moved"]
    change = told("demands served by another provider: {n}", n=len(moved))
    yield {"part": "plan", "what": "assignments", "change": change}


def _cell(value: Any) -> str:
    """A value of the policy as its file has it."""
    return told("blank") if value is None or value == "" else str(value)


def _sentences(mine: Plan, theirs: Plan, rows: tuple[dict[str, Any], ...], currency: str) -> Iterator[Sentence]:
    assert mine.cost is not None
    assert theirs.cost is not None
    by = theirs.cost.total - mine.cost.total
    template = "The other plan costs {amount} a year more." if by >= 0 else "The other plan costs {amount} a year less."
    if abs(by) <= CLOSED:
        yield say("Both plans cost the same.")
    else:
        yield say(template, {}, amount=between(abs(by), abs(by), currency))
    for row in (r for r in rows if r["part"] in _NAMES):
        what = phrase(_NAMES[row["part"]])
        if row["amount"] is None:
            yield say("What comes from {what} is not answered ({why}).", {}, what=what, why=reason(row["detail"]))
        elif (
            abs(row["amount"]) <= CLOSED
            and row["lower"] is not None
            and row["upper"] is not None
            and (row["upper"] - row["lower"] <= CLOSED)
        ):
            if abs(by) > CLOSED:
                yield say("Nothing of it comes from {what}.", {}, what=what)
        else:
            yield _of_part(what, row["lower"], row["upper"], currency)


_NAMES: Final = {
    "data": "the data",
    "rules": "the rules",
    "solver": "the plans themselves, each beside the least cost of its own case",
}


def _of_part(what: Any, low: float | None, high: float | None, currency: str) -> Sentence:
    """What one part makes dearer or cheaper, as far as it is known."""
    if low is None or high is None:
        span = between(low, high, currency)
        return say("Of this, from {what}: {span} a year (below 0: less).", {}, what=what, span=span)
    if low >= -CLOSED:
        amount = between(max(low, 0.0), high, currency)
        return say("Of this, from {what}: {amount} a year more.", {}, what=what, amount=amount)
    if high <= CLOSED:
        amount = between(max(-high, 0.0), -low, currency)
        return say("Of this, from {what}: {amount} a year less.", {}, what=what, amount=amount)
    less, more = up_to(-low, high - low, currency), up_to(high, high - low, currency)
    text = "Of this, from {what}: between {less} a year less and {more} a year more."
    return say(text, {}, what=what, less=less, more=more)
