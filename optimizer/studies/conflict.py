"""Which rules of an infeasible case cannot be kept together, and which of them people may change."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from optimizer.domain.answer import Answer, Point, Sentence
from optimizer.solvers.diagnose.finding import find_conflict
from optimizer.solvers.diagnose.instances import instances_of, prepare
from optimizer.solvers.diagnose.irreducible import Conflict as Found
from optimizer.solvers.diagnose.irreducible import Search
from optimizer.studies.base import fields_of
from optimizer.studies.hardness import CHOICES_HELP, FACTS_HELP, Hardness, unit_of, where
from optimizer.studies.reference import entity_named, service_named, with_names
from optimizer.studies.search import least, seconds_of
from optimizer.studies.unanswered import reason
from optimizer.studies.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.solvers.diagnose.instances import Ground, Instance
    from optimizer.studies.base import Setting

__all__ = ["Conflict", "no_conflict", "searching"]

LONG_S = 1e6
"""Seconds of a search without a limit."""
ANY_PLAN = 1e300
"""A gap that every plan with a bound is within: one plan is all that is asked for."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules of an infeasible case that cannot all be kept, none of them idle, each a hard fact or a policy choice.

    The set is irreducible: no plan keeps all of it, and without any one of its rules a plan keeps the others (not the
    whole case: another conflict may stand behind). A policy choice is in it only where it is needed although every
    hard fact of the case is kept. It is not always the smallest such set.
    """

    kind: ClassVar[str] = "conflict"
    needs_plan: ClassVar[bool] = False

    facts: tuple[str, ...] = field(default=(), metadata={"help": FACTS_HELP})
    choices: tuple[str, ...] = field(default=(), metadata={"help": CHOICES_HELP})

    def run(self, setting: Setting) -> Answer:
        """Arithmetic first, then deletion by halves until each rule is shown to be needed, or time is over."""
        session = setting.session
        ground = prepare(session.case, session.problem)
        hardness = Hardness(ground, self.facts, self.choices)
        answer = Answer(self.kind, fields_of(self), session.case.case_hash)
        at = {"case": session.case.name}
        if ground.hopeless.any():
            return _hopeless(answer, ground, at)
        if session.held() is None:
            search = searching(setting, ground)
            pool = instances_of(ground)
            found = None if search.over else find_conflict(search, pool, {i for i in pool if hardness.is_fact(i)})
            if found is not None:
                return _answered(answer, setting, hardness, found, at)
        return no_conflict(answer, setting, at)


def searching(setting: Setting, ground: Ground) -> Search:
    """A search for conflicts within the study's time, on the session's children."""
    session, limit = setting.session, seconds_of(setting)
    watch = dataclasses.replace(
        setting.watch, on_incumbent=None, on_progress=None, pool=setting.watch.pool or session.pool
    )
    return Search(ground, session.ground.evaluator, setting.params, watch, LONG_S if limit is None else limit)


def _answered(answer: Answer, setting: Setting, hardness: Hardness, found: Found, at: dict[str, Any]) -> Answer:
    """A conflict that was found, confirmed by a second solver or else by the whole case having no plan."""
    confirmed, how = found.confirmed, "two solvers agree"
    if not confirmed:
        ends = least(setting, setting.session, setting.session.problem)
        confirmed = ends.status == "impossible"
        how = f"the case: {ends.detail}" if confirmed else "one solver says so, no second one confirmed it in time"
        if ends.choice is not None:
            return no_conflict(answer, setting, at)
    rows = tuple(_row(hardness, found, i) for i in found.instances)
    facts = sum(r["class"] == "hard fact" for r in rows)
    summary = {
        "rules": len(rows),
        "hard_facts": facts,
        "policy_choices": len(rows) - facts,
        "infeasible_together": "proven" if confirmed else "not confirmed",
        "proven_minimal": confirmed and found.irreducible,
    }
    point = Point(at, "impossible" if confirmed else "not_answered", detail=how)
    tables = {"conflict": (summary,), "rules": rows}
    return dataclasses.replace(
        answer, points=(point,), tables=tables, sentences=tuple(_sentences(summary, rows, found, confirmed))
    )


def _row(hardness: Hardness, found: Found, instance: Instance) -> dict[str, Any]:
    told, ground = hardness.told(instance), hardness.ground
    case = ground.case
    way, fact = found.amounts.get(instance), hardness.is_fact(instance)
    remedy = hardness.told(instance, found.amounts).remedy
    return {
        "rule": instance.rule,
        "where": where(ground, instance) or None,
        "class": hardness.of(instance),
        "needed": True if instance in found.needed else None,
        "least": None if way is None else float(way.amount),
        "unit": None if way is None else unit_of(ground, instance),
        "least_proven": None if way is None else way.least,
        "told": {
            "what": with_names(case, told.message),
            "ends_this_conflict": None if fact else with_names(case, remedy),
        },
        "input": {"table": told.table, "key": told.value, "column": told.column},
    }


def _sentences(
    summary: dict[str, Any], rows: Sequence[dict[str, Any]], found: Found, confirmed: bool
) -> list[Sentence]:
    n, known = summary["rules"], len(found.needed)
    if n == 1:
        out = [say("One rule cannot be kept, whatever happens to the others.")]
    elif found.irreducible:
        out = [say("No plan keeps these {n} rules together; without any one of them a plan keeps the others.", n=n)]
    else:
        text = "No plan keeps these {n} rules together; {known} of them are shown to be needed, the time was over."
        out = [say(text, n=n, known=known)]
    if not confirmed:
        out.append(say("That no plan keeps them is what one solver says; no second one confirmed it in time."))
    for row in rows:
        what, remedy = row["told"]["what"], row["told"]["ends_this_conflict"]
        ids = {**what.ids, "rule": row["rule"]} if isinstance(what, Sentence) else {"rule": row["rule"]}
        if remedy is None:
            out.append(say("Hard fact: {what}.", ids, what=what))
        else:
            out.append(say("Policy choice: {what}. What ends this conflict: {remedy}.", ids, what=what, remedy=remedy))
    if not summary["policy_choices"]:
        out.append(say("All of them are hard facts: no change of policy ends this conflict."))
    else:
        text = "Policy choices: {choices}, hard facts: {facts}. Other conflicts may stand behind this one."
        out.append(say(text, choices=summary["policy_choices"], facts=summary["hard_facts"]))
    return out


def _hopeless(answer: Answer, ground: Ground, at: dict[str, Any]) -> Answer:
    """Demands that nobody offers to serve: one of them is a conflict of hard facts by itself."""
    problem, rows, named = ground.problem, list[dict[str, Any]](), list[tuple[str, str]]()
    for d in np.flatnonzero(ground.hopeless).tolist():
        entity = problem.entity_ids[problem.demand_entity[d]]
        service = problem.service_ids[problem.demand_service[d]]
        named.append((entity, service))
        rows.append(
            {
                "rule": "assign_once",
                "where": f"{entity}|{service}",
                "class": "hard fact",
                "needed": True,
                "least": None,
                "unit": None,
                "least_proven": None,
                "told": {
                    "what": f"nobody offers {service}, and {entity} has no own capacity for it",
                    "ends_this_conflict": None,
                },
                "input": {"table": "demands", "key": f"{entity}|{service}", "column": ""},
            }
        )
    summary = {
        "rules": 1,
        "hard_facts": 1,
        "policy_choices": 0,
        "infeasible_together": "proven",
        "proven_minimal": True,
    }
    entity, service = named[0]
    text = "Nobody offers {service}, and {entity} has no own capacity for it: no change of policy ends this."
    ids, case = {"entity": entity, "service": service}, ground.case
    said = [say(text, ids, service=service_named(case, service), entity=entity_named(case, entity))]
    if len(rows) > 1:
        said.append(say("So it is with {n} demands.", n=len(rows)))
    point = Point(at, "impossible", detail="told from the tables")
    tables = {"conflict": (summary,), "rules": (rows[0],), "others": tuple(rows[1:])}
    if len(rows) == 1:
        del tables["others"]
    return dataclasses.replace(answer, points=(point,), tables=tables, sentences=tuple(said))


def no_conflict(answer: Answer, setting: Setting, at: dict[str, Any]) -> Answer:
    """No conflict was found: a plan says that there is none, and without one nothing is known."""
    session = setting.session
    ends = least(setting, session, session.problem, enough=ANY_PLAN)
    if ends.choice is not None:
        plan = session.state(ends.choice, ends.lower, name=session.case.name)
        said = (say("The rules do not conflict: a plan keeps them all."),)
        return dataclasses.replace(answer, points=(ends.point(at, 0),), sentences=said, plans=(plan.document(),))
    why = ends.detail
    said = (say("Whether all rules can be kept was not answered ({why}).", why=reason(why)),)
    if ends.status == "impossible":
        why = "no plan keeps every rule, and which of them conflict was not found in time; give more time"
        said = (
            say("No plan keeps every rule (proven); which of them conflict was not found in time: give more time."),
        )
    point = Point(at, "impossible" if ends.status == "impossible" else "not_answered", detail=why)
    return dataclasses.replace(answer, points=(point,), sentences=said)
