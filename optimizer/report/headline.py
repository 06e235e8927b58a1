"""The first thing a planner reads: five figures, what is proven, what to be careful about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from optimizer.domain.held import is_empty_plan
from optimizer.domain.names import OWN
from optimizer.report.figures import count, decimal, payback, percent, short, some
from optimizer.report.wording import (
    by_hand,
    compared,
    moved,
    no_comparison,
    status_sentence,
    status_title,
    stop_words,
    unserved,
)

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.report.blocks import Tone

__all__ = ["Headline", "Tile", "headline", "proof", "verified"]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure with its label and a line of context."""

    label: str
    value: str
    sub: str = ""
    unit: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """Head of the report; ``points`` are sentences of their own under the first one."""

    title: str
    sentence: str
    proven: str
    proof: Literal["ok", "open", "no"]
    verified: str
    verified_ok: bool
    tiles: list[Tile]
    cautions: list[str]
    points: list[str] = field(default_factory=list)


def headline(plan: dict[str, Any], case: Case) -> Headline:
    """Say in one screen what the plan is worth and how far to trust it."""
    solution = plan["status"]["solution"]
    if plan["cost"] is None or (solution in ("infeasible", "no_solution") and not by_hand(plan)):
        tiles = _tiles_unsolved(plan) if _some(plan) else _tiles_case(plan, case)
    elif compared(plan) is None:
        tiles = _tiles_plain(plan, case)
    else:
        tiles = _tiles_saving(plan, case)
    words, ok = verified(plan)
    why = plan["status"]["stopped_by"]
    return Headline(
        title=status_title(plan),
        sentence=_sentence(plan),
        proven=status_sentence(plan) + ("" if by_hand(plan) else f" The search ended because {stop_words(why)}."),
        proof=proof(plan),
        verified=words,
        verified_ok=ok,
        tiles=tiles,
        cautions=_cautions(plan),
    )


def proof(plan: dict[str, Any]) -> Literal["ok", "open", "no"]:
    """Whether the quality of the plan is proven, open, or there is no plan that keeps the rules."""
    if plan["status"]["solution"] not in ("optimal", "feasible"):
        return "no"
    return "ok" if plan["bounds"]["gap_abs"] is not None else "open"


def _some(plan: dict[str, Any]) -> bool:
    """Whether anything is assigned at all, or nothing had to be."""
    return any(a["provider"] is not None for a in plan["assignments"]) or is_empty_plan(plan)


def _against(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Findings that forbid a plan; what stays unserved for their sake is shown apart."""
    return [i for i in plan["issues"] if i["severity"] == "error" and i["code"] != "unserved"]


def _sentence(plan: dict[str, Any]) -> str:
    if not _some(plan):
        return "There is no assignment to show; the findings below say why."
    if is_empty_plan(plan):
        return "Nothing is to be served: no entity that is here on the day of the case asks for a service."
    missing = len(unserved(plan))
    moves = len(moved(plan))
    used = {a["provider"] for a in plan["assignments"]} - {None, OWN}
    clients = len({a["entity"] for a in plan["assignments"]})
    text = (
        f"{some(len(plan['assignments']), 'demand')} of {count(clients)} {'entity' if clients == 1 else 'entities'}, "
        f"served by {some(len(used), 'centre')}"
    )
    text += f"; {some(moves, 'move')} against today" if plan["baseline"] else ""
    return text + (f"; {count(missing)} not served." if missing else ".")


def verified(plan: dict[str, Any]) -> tuple[str, bool]:
    """What the independent check says, and whether it agrees with all of the plan."""
    check = plan.get("verification") or {}
    rules = check.get("rules", [])
    broken = [r for r in rules if r["violations"]]
    if check.get("ok"):
        return f"Verified: {len(rules)} rules and every cost recomputed independently, no objection.", True
    apart = len(check.get("mismatches", []))
    if broken or apart:
        found = [f"{len(broken)} of {len(rules)} rules are broken"] if broken else []
        found += [f"{some(apart, 'figure')} could not be confirmed"] if apart else []
        return f"Not verified: {', '.join(found)} (see Rules checked).", False
    return "Not verified: no independent check has confirmed this document.", False


def _tiles_saving(plan: dict[str, Any], case: Case) -> list[Tile]:
    s, currency, base = plan["savings"], plan["run"]["currency"], plan["baseline"]
    one_off = s["one_off"]
    loss = s["annual"] < 0
    rate = percent(case.policy.discount_rate)
    return [
        Tile(
            "Extra cost a year" if loss else "Saving a year",
            short(abs(s["annual"])),
            f"{percent(s['annual_rel'])} of today’s running cost",
            currency,
            "bad" if loss else "good",
        ),
        Tile(
            "One-off cost",
            short(sum(one_off.values())),
            f"moves {short(one_off['transition'])}, set-up {short(one_off['setup'])}",
            currency,
        ),
        Tile("Payback", payback(s), "one-off cost over yearly saving"),
        Tile(
            "Net present value",
            short(s["npv"]),
            f"over {s['horizon_years']} years at {rate}",
            currency,
            "bad" if (s["npv"] or 0) < 0 else "",
        ),
        Tile("Running cost", short(plan["cost"]["running"]), f"today {short(base['running'])}, same prices", currency),
    ]


def _tiles_plain(plan: dict[str, Any], case: Case) -> list[Tile]:
    currency, one_off = plan["run"]["currency"], plan["savings"]["one_off"]
    effort = sum(a["effort_fte"] for a in plan["assignments"] if a["provider"] is not None)
    running = plan["cost"]["running"]
    opened = sum(1 for s in plan["sites"] if s["open"])
    return [
        Tile("Running cost a year", short(running), no_comparison(plan).lower(), currency),
        Tile("Work assigned", f"{decimal(effort)}", "full-time equivalents", "FTE"),
        Tile("Cost per FTE", short(running / effort) if effort else "–", "running cost over work", currency),
        Tile("One-off cost", short(sum(one_off.values())), f"spread over {case.policy.horizon_years} years", currency),
        Tile("Centres open", str(opened), f"of {len(plan['sites'])} in the case"),
    ]


def _tiles_unsolved(plan: dict[str, Any]) -> list[Tile]:
    rows, missing = plan["assignments"], unserved(plan)
    lost, effort = sum(a["effort_fte"] for a in missing), sum(a["effort_fte"] for a in rows)
    findings = _against(plan)
    share = percent(lost / effort) if effort else "–"
    return [
        Tile("Findings", count(len(findings)), "what stands against a plan", tone="bad" if findings else ""),
        Tile("Work not served", decimal(lost), f"{share} of all work, at the least", "FTE", "bad" if lost else ""),
        Tile("Demands not served", count(len(missing)), f"of {count(len(rows))}"),
    ]


def _tiles_case(plan: dict[str, Any], case: Case) -> list[Tile]:
    """Without any assignment, the size of the task is all there is to tell."""
    findings = _against(plan)
    effort = sum(case.effort_fte(d) for d in case.demands)
    return [
        *([Tile("Findings", count(len(findings)), "what stands against a plan", tone="bad")] if findings else []),
        Tile("Demands", count(len(case.demands)), "none of them assigned"),
        Tile("Entities", count(len(case.entities))),
        Tile("Work", decimal(effort), "full-time equivalents", "FTE"),
        Tile("Centres", count(len(case.providers)), "candidates included"),
    ]


def _cautions(plan: dict[str, Any]) -> list[str]:
    out: list[str] = []
    s, rows = plan["savings"] or {}, plan["assignments"]
    currency = plan["run"]["currency"]
    if s.get("on_assumptions_rel"):
        out.append(f"{percent(s['on_assumptions_rel'], 0)} of the saving rests on assumed or estimated figures.")
    effort = sum(a["effort_fte"] for a in rows) if _some(plan) else 0.0
    guess = sum(a["effort_fte"] for a in rows if a["volume_basis"] == "estimated")
    if guess and effort:
        out.append(f"Volumes of {percent(guess / effort, 0)} of the work are estimated from headcount.")
    worse = sum(1 for e in plan["entities"] if e["worse_than_today"])
    if worse:
        out.append(f"{count(worse)} of {count(len(plan['entities']))} entities are worse off in some respect.")
    if s.get("new_demand_cost"):
        out.append(f"{currency} {short(s['new_demand_cost'])} a year serves new demands and stands outside the saving.")
    warnings = sum(1 for i in plan["issues"] if i["severity"] == "warning")
    if warnings:
        out.append(f"{some(warnings, 'warning')} about data and plan.")
    return out
