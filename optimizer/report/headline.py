"""The first thing a planner reads: the answer, its proof, five figures, what to be careful about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from optimizer.domain.held import is_empty_plan
from optimizer.domain.names import ONE_OFF_TERMS, OWN
from optimizer.report.figures import count, decimal, many, payback, percent, short, tell
from optimizer.report.wording import (
    by_hand,
    cash,
    compared,
    moved,
    no_comparison,
    status_sentence,
    status_title,
    stop_words,
    unserved,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.report.blocks import Tone

__all__ = ["Headline", "Interval", "Tile", "headline", "net_saving", "proof", "proof_words", "verified"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure on its scale, with what is known about it.

    Parameters
    ----------
    point : float
    limit : float, optional
        What no plan exceeds.
    band : (float, float), optional
        Where it lies in four of five draws of the assumptions.
    label : str
        All of it in words.
    """

    point: float
    limit: float | None
    band: tuple[float, float] | None
    label: str

    @property
    def _scale(self) -> tuple[float, float]:
        every = [0.0, self.point, *(self.band or ()), *([] if self.limit is None else [self.limit])]
        low, high = min(every), max(every)
        return low, high if high > low else low + 1.0

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends of the scale."""
        low, high = self._scale
        return short(low), short(high)

    def at(self, figure: float) -> float:
        """Where a figure stands, from 0 to 1000."""
        low, high = self._scale
        return 1000 * (figure - low) / (high - low)


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure with its label and a line of context; ``basis`` warns what it rests on."""

    label: str
    value: str
    sub: str = ""
    unit: str = ""
    tone: Tone = ""
    basis: str = ""
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """Head of the report; ``points`` are sentences of their own under the first one.

    ``answer`` is the heading; without one the heading is the name of the case, and ``title`` begins the first sentence.
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
        tiles = _tiles_unsolved(plan) if _some(plan) else _tiles_case(plan, case)
    elif compared(plan) is None:
        tiles = _tiles_plain(plan, case)
    else:
        tiles = _tiles_saving(plan, case, ranges)
    words, ok = verified(plan)
    return Headline(
        title=status_title(plan),
        sentence=_sentence(plan),
        proven=_proven(plan),
        proof=proof(plan),
        verified=words,
        verified_ok=ok,
        tiles=tiles,
        cautions=_cautions(plan),
        answer=_answer(plan),
        page_title=_page_title(plan, case),
    )


def proof(plan: dict[str, Any]) -> Literal["ok", "open", "no"]:
    """Whether the quality of the plan is proven, open, or there is no plan that keeps the rules."""
    if plan["status"]["solution"] not in ("optimal", "feasible"):
        return "no"
    return "ok" if plan["bounds"]["gap_abs"] is not None else "open"


def net_saving(plan: Mapping[str, Any]) -> float:
    """Yearly saving less the yearly share of one-off costs, money."""
    return float(plan["savings"]["annual"] - sum(plan["cost"][t] for t in ONE_OFF_TERMS))


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


def _against(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Findings that forbid a plan; what stays unserved for their sake is shown apart."""
    return [i for i in plan["issues"] if i["severity"] == "error" and i["code"] != "unserved"]


def _whole(plan: Mapping[str, Any]) -> bool:
    """Whether the plan was found, keeps the rules and serves everything, so that one sentence holds the answer."""
    solved = plan["status"]["solution"] in ("optimal", "feasible") and plan["cost"] is not None
    return solved and _some(plan) and not is_empty_plan(plan) and not by_hand(plan) and not unserved(plan)


def _answer(plan: Mapping[str, Any]) -> str:
    """The heading: who would serve whom, and what that comes to."""
    if not _whole(plan):
        return ""
    used = len({a["provider"] for a in plan["assignments"]} - {None, OWN})
    entities = count(len({a["entity"] for a in plan["assignments"]}))
    currency = plan["run"]["currency"]
    if compared(plan) is None:
        amount = cash(plan["cost"]["running"], currency)
        one = "{n} centre could serve all {entities} entities for {amount} a year"
        return many(one, one.replace(" centre ", " centres "), used, entities=entities, amount=amount)
    net = net_saving(plan)
    amount = cash(abs(net), currency)
    one = "{n} centre could serve all {entities} entities for {amount} a year less, after one-off costs"
    if net < 0:
        one = "{n} centre would serve all {entities} entities for {amount} a year more, with one-off costs"
    return many(one, one.replace(" centre ", " centres "), used, entities=entities, amount=amount)


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


def _sentence(plan: dict[str, Any]) -> str:
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
        template = "Verified: {n} rule and every cost recomputed independently, no objection."
        return many(template, template.replace(" rule ", " rules "), len(rules)), True
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


def _tiles_saving(plan: dict[str, Any], case: Case, ranges: Mapping[str, Any] | None) -> list[Tile]:
    s, currency, base = plan["savings"], plan["run"]["currency"], plan["baseline"]
    one_off, loss = s["one_off"], s["annual"] < 0
    yearly = sum(plan["cost"][t] for t in ONE_OFF_TERMS)
    gross = tell(
        "{part} of today’s {amount} running cost", part=percent(s["annual_rel"]), amount=short(base["running"])
    )
    once = tell(
        "moves {moves}, set-up {setup}; {yearly} a year over {years} years",
        moves=short(one_off["transition"]),
        setup=short(one_off["setup"]),
        yearly=short(yearly),
        years=count(s["horizon_years"]),
    )
    worth = tell(
        "one-off cost over gross saving; net present value {npv} in {years} years at {rate}",
        npv=short(s["npv"]),
        years=count(s["horizon_years"]),
        rate=percent(case.policy.discount_rate),
    )
    return [
        _net_tile(plan, ranges),
        Tile(
            "Gross extra cost a year" if loss else "Gross saving a year",
            short(abs(s["annual"])),
            gross,
            currency,
            "bad" if loss else "",
        ),
        Tile("One-off cost", short(sum(one_off.values())), once, currency),
        Tile("Payback", payback(s), worth),
        _near_tile(plan),
    ]


def _net_tile(plan: dict[str, Any], ranges: Mapping[str, Any] | None) -> Tile:
    """Net saving with its range, and how much of it is assumed."""
    s, net = plan["savings"], net_saving(plan)
    band = None
    said = (
        []
        if s["upper_limit"] is None
        else [tell("Dotted: no plan on these data saves more than {limit}.", limit=short(s["upper_limit"]))]
    )
    if ranges is not None and ranges["saving"]["p10"] is not None:
        apart = s["annual"] - net
        band = (ranges["saving"]["p10"] - apart, ranges["saving"]["p90"] - apart)
        template = "Range {low} to {high} in 8 of 10 draws of the assumptions, one-off costs as planned."
        said.insert(0, tell(template, low=short(band[0]), high=short(band[1])))
    else:
        said.append(tell("What it comes to when the assumptions vary was not asked (“designate range”)."))
    sub = said[0] if len(said) == 1 else tell("{first} {second}", first=said[0], second=said[1])
    figure = cash(net, plan["run"]["currency"])
    label = tell("Net saving {figure} a year. {more}", figure=figure, more=sub)
    rests = s["on_assumptions_rel"]
    return Tile(
        "Net extra cost a year, with one-off costs" if net < 0 else "Net saving a year, after one-off costs",
        short(abs(net)),
        sub,
        plan["run"]["currency"],
        "bad" if net < 0 else "",
        tell("{part} rests on assumptions", part=percent(rests, 0)) if rests else "",
        Interval(net, s["upper_limit"], band, label),
    )


def _near_tile(plan: dict[str, Any]) -> Tile:
    bounds = plan["bounds"]
    if bounds["gap_abs"] is None:
        return Tile("Distance from the best plan", tell("not known"), tell("nothing is proven about cheaper plans"))
    if plan["status"]["solution"] == "optimal":
        return Tile(
            "Distance from the best plan", tell("none"), tell("proven: no plan that keeps the rules costs less")
        )
    most = cash(bounds["gap_abs"], plan["run"]["currency"])
    return Tile("Distance from the best plan", percent(bounds["gap_rel"]), tell("at most {amount} a year", amount=most))


def _tiles_plain(plan: dict[str, Any], case: Case) -> list[Tile]:
    currency, one_off = plan["run"]["currency"], plan["savings"]["one_off"]
    effort = sum(a["effort_fte"] for a in plan["assignments"] if a["provider"] is not None)
    running = plan["cost"]["running"]
    opened = sum(1 for s in plan["sites"] if s["open"])
    spread = tell("spread over {years} years", years=count(case.policy.horizon_years))
    return [
        Tile("Running cost a year", short(running), no_comparison(plan), currency),
        Tile("Work assigned", decimal(effort), tell("full-time equivalents"), "FTE"),
        Tile("Cost per FTE", short(running / effort) if effort else "–", tell("running cost over work"), currency),
        Tile("One-off cost", short(sum(one_off.values())), spread, currency),
        Tile("Centres open", count(opened), tell("of {all} in the case", all=count(len(plan["sites"])))),
    ]


def _tiles_unsolved(plan: dict[str, Any]) -> list[Tile]:
    rows, missing = plan["assignments"], unserved(plan)
    lost, effort = sum(a["effort_fte"] for a in missing), sum(a["effort_fte"] for a in rows)
    findings = _against(plan)
    share = tell("{part} of all work, at the least", part=percent(lost / effort) if effort else "–")
    against = tell("what stands against a plan")
    return [
        Tile("Findings", count(len(findings)), against, tone="bad" if findings else ""),
        Tile("Work not served", decimal(lost), share, "FTE", "bad" if lost else ""),
        Tile("Demands not served", count(len(missing)), tell("of {all}", all=count(len(rows)))),
    ]


def _tiles_case(plan: dict[str, Any], case: Case) -> list[Tile]:
    """Without any assignment, the size of the task is all there is to tell."""
    findings = _against(plan)
    effort = sum(case.effort_fte(d) for d in case.demands)
    against = tell("what stands against a plan")
    return [
        *([Tile("Findings", count(len(findings)), against, tone="bad")] if findings else []),
        Tile("Demands", count(len(case.demands)), tell("none of them assigned")),
        Tile("Entities", count(len(case.entities))),
        Tile("Work", decimal(effort), tell("full-time equivalents"), "FTE"),
        Tile("Centres", count(len(case.providers)), tell("candidates included")),
    ]


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
