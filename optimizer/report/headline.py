"""The first thing a planner reads: the answer, its proof, five figures, what to be careful about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from optimizer.domain.held import is_empty_plan
from optimizer.domain.names import OWN
from optimizer.report.numbers import count, many, percent, tell
from optimizer.report.tiles import Tile, net_saving, tiles_case, tiles_plain, tiles_saving, tiles_unsolved
from optimizer.report.wording import (
    by_hand,
    cash,
    compared,
    moved,
    status_sentence,
    status_title,
    stop_words,
    unserved,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.report.blocks import Block

__all__ = ["Headline", "answer_of", "headline", "proof", "proof_words", "sentence_of", "verified"]


@dataclass(frozen=True, slots=True)
class Headline:
    """Head of the report; ``points`` are sentences of their own under the first one.

    ``answer`` is the heading; without one the heading is the name of the case, and ``title`` begins the first sentence.
    ``blocks`` stand under the tiles.
    """

    title: str
    sentence: str
    proven: str
    proof: Literal["ok", "open", "no"]
    verified: str
    verified_ok: bool
    tiles: list[Tile]
    cautions: list[str]
    points: list[str] = field(default_factory=list)
    answer: str = ""
    page_title: str = ""
    blocks: list[Block] = field(default_factory=list)


def headline(plan: dict[str, Any], case: Case, ranges: Mapping[str, Any] | None = None) -> Headline:
    """Say in one screen what the plan is worth and how far to trust it.

    Parameters
    ----------
    plan : dict
        ``designate.plan/1``.
    case : Case
    ranges : mapping, optional
        ``designate.range/1`` of the plan.
    """
    solution = plan["status"]["solution"]
    if plan["cost"] is None or (solution in ("infeasible", "no_solution") and not by_hand(plan)):
        tiles = tiles_unsolved(plan) if _some(plan) else tiles_case(plan, case)
    elif compared(plan) is None:
        tiles = tiles_plain(plan, case.policy.horizon_years)
    else:
        tiles = tiles_saving(plan, case.policy.discount_rate, ranges)
    words, ok = verified(plan)
    return Headline(
        title=status_title(plan),
        sentence=sentence_of(plan),
        proven=_proven(plan),
        proof=proof(plan),
        verified=words,
        verified_ok=ok,
        tiles=tiles,
        cautions=_cautions(plan),
        answer=answer_of(plan),
        page_title=_page_title(plan, case),
    )


def proof(plan: dict[str, Any]) -> Literal["ok", "open", "no"]:
    """Whether the quality of the plan is proven, open, or there is no plan that keeps the rules."""
    if plan["status"]["solution"] not in ("optimal", "feasible"):
        return "no"
    return "ok" if plan["bounds"]["gap_abs"] is not None else "open"


def proof_words(plan: Mapping[str, Any]) -> str:
    """How near the plan is to the best one, without the words of those who search."""
    bounds, currency = plan["bounds"], plan["run"]["currency"]
    if by_hand(plan) or unserved(plan) or plan["status"]["solution"] not in ("optimal", "feasible"):
        return status_sentence(plan)
    if bounds["gap_abs"] is None:
        return tell("Keeps every rule; how far it is from the cheapest plan is not known.")
    if plan["status"]["solution"] == "optimal":
        return tell("Proven: no plan that keeps the rules costs less.")
    near = {"amount": cash(bounds["gap_abs"], currency), "part": percent(bounds["gap_rel"])}
    return tell("Proven: at most {amount} a year ({part} of its cost) from the best plan that keeps the rules.", **near)


def _proven(plan: Mapping[str, Any]) -> str:
    said = proof_words(plan)
    if by_hand(plan):
        return said
    why = stop_words(plan["status"]["stopped_by"])
    return tell("{proof} The search ended because {why}.", proof=said, why=why)


def _some(plan: Mapping[str, Any]) -> bool:
    """Whether anything is assigned at all, or nothing had to be."""
    return any(a["provider"] is not None for a in plan["assignments"]) or is_empty_plan(plan)


def _whole(plan: Mapping[str, Any]) -> bool:
    """Whether the plan was found, keeps the rules and serves everything, so that one sentence holds the answer."""
    solved = plan["status"]["solution"] in ("optimal", "feasible") and plan["cost"] is not None
    return solved and _some(plan) and not is_empty_plan(plan) and not by_hand(plan) and not unserved(plan)


def answer_of(plan: Mapping[str, Any]) -> str:
    """The heading: who would serve whom, and what that comes to; empty where no plan does all of that."""
    if not _whole(plan):
        return ""
    used = len({a["provider"] for a in plan["assignments"]} - {None, OWN})
    known = {"entities": count(len({a["entity"] for a in plan["assignments"]}))}
    currency = plan["run"]["currency"]
    if compared(plan) is None:
        one = "{n} centre could serve all {entities} entities for {amount} a year"
        other = "{n} centres could serve all {entities} entities for {amount} a year"
        return many(one, other, used, amount=cash(plan["cost"]["running"], currency), **known)
    net = net_saving(plan)
    one = "{n} centre could serve all {entities} entities for {amount} a year less, after one-off costs"
    other = "{n} centres could serve all {entities} entities for {amount} a year less, after one-off costs"
    if net < 0:
        one = "{n} centre would serve all {entities} entities for {amount} a year more, with one-off costs"
        other = "{n} centres would serve all {entities} entities for {amount} a year more, with one-off costs"
    return many(one, other, used, amount=cash(abs(net), currency), **known)


def _page_title(plan: Mapping[str, Any], case: Case) -> str:
    name = plan["run"]["name"] or case.name or tell("Unnamed case")
    if not _whole(plan) or compared(plan) is None:
        return tell("{name} – {what}", name=name, what=status_title(plan))
    net = net_saving(plan)
    amount = cash(abs(net), plan["run"]["currency"])
    return tell(
        "{name}: net saving {amount} a year" if net >= 0 else "{name}: extra cost {amount} a year",
        name=name,
        amount=amount,
    )


def sentence_of(plan: Mapping[str, Any]) -> str:
    """What stands under the heading: who would be worse off and what moves, or how large the task is."""
    if not _some(plan):
        return tell("There is no assignment to show; the findings below say why.")
    if is_empty_plan(plan):
        return tell("Nothing is to be served: no entity that is here on the day of the case asks for a service.")
    rows, missing = plan["assignments"], len(unserved(plan))
    entities = count(len(plan["entities"]))
    losers = sum(1 for e in plan["entities"] if e["worse_than_today"])
    moves = {"moves": count(len(moved(plan))), "all": count(len(rows))}
    if plan["baseline"] and not missing:
        return tell(
            "{losers} of {entities} entities would be worse off in some respect; "
            "{moves} of {all} demands would change provider.",
            losers=count(losers),
            entities=entities,
            **moves,
        )
    used = count(len({a["provider"] for a in rows} - {None, OWN}))
    if missing:
        template = "{all} demands of {entities} entities, {centres} centres at work; {missing} demands not served."
        return tell(template, all=count(len(rows)), entities=entities, centres=used, missing=count(missing))
    template = "{all} demands of {entities} entities, {centres} centres at work."
    return tell(template, all=count(len(rows)), entities=entities, centres=used)


def verified(plan: Mapping[str, Any]) -> tuple[str, bool]:
    """What the independent check says, and whether it agrees with all of the plan."""
    check = plan.get("verification") or {}
    rules = check.get("rules", [])
    broken = [r for r in rules if r["violations"]]
    if check.get("ok"):
        one = "Verified: {n} rule and every cost recomputed independently, no objection."
        other = "Verified: {n} rules and every cost recomputed independently, no objection."
        return many(one, other, len(rules)), True
    apart = len(check.get("mismatches", []))
    if broken or apart:
        found = []
        if broken:
            found.append(tell("{broken} of {all} rules are broken", broken=count(len(broken)), all=count(len(rules))))
        if apart:
            found.append(many("{n} figure could not be confirmed", "{n} figures could not be confirmed", apart))
        both = found[0] if len(found) == 1 else tell("{first}, {second}", first=found[0], second=found[1])
        return tell("Not verified: {found} (see Rules checked).", found=both), False
    return tell("Not verified: no independent check has confirmed this document."), False


def _cautions(plan: dict[str, Any]) -> list[str]:
    out: list[str] = []
    s, rows = plan["savings"] or {}, plan["assignments"]
    currency = plan["run"]["currency"]
    effort = sum(a["effort_fte"] for a in rows) if _some(plan) else 0.0
    guess = sum(a["effort_fte"] for a in rows if a["volume_basis"] == "estimated")
    if guess and effort:
        out.append(tell("Volumes of {part} of the work are estimated from headcount.", part=percent(guess / effort, 0)))
    if s.get("new_demand_cost"):
        amount = cash(s["new_demand_cost"], currency)
        out.append(tell("{amount} a year serves new demands and stands outside the saving.", amount=amount))
    warnings = sum(1 for i in plan["issues"] if i["severity"] == "warning")
    if warnings:
        out.append(many("{n} warning about data and plan.", "{n} warnings about data and plan.", warnings))
    return out
