"""Figures at the head of a report: tiles, and the interval that a saving stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizer.domain.names import ONE_OFF_TERMS
from optimizer.report.numbers import count, decimal, payback, percent, short, tell
from optimizer.report.wording import cash, no_comparison, unserved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.report.blocks import Tone

__all__ = [
    "NOT_ASKED",
    "Interval",
    "Tile",
    "net_saving",
    "tiles_case",
    "tiles_plain",
    "tiles_saving",
    "tiles_unsolved",
]


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


def net_saving(plan: Mapping[str, Any]) -> float:
    """Yearly saving less the yearly share of one-off costs, money."""
    return float(plan["savings"]["annual"] - sum(plan["cost"][t] for t in ONE_OFF_TERMS))


def _against(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Findings that forbid a plan; what stays unserved for their sake is shown apart."""
    return [i for i in plan["issues"] if i["severity"] == "error" and i["code"] != "unserved"]


NOT_ASKED = tell("What it comes to when the assumptions vary was not asked (“designate range”).")


def tiles_saving(
    plan: dict[str, Any], discount_rate: float, ranges: Mapping[str, Any] | None, not_asked: str = NOT_ASKED
) -> list[Tile]:
    """Of a plan that is set beside today: net and gross saving, cost paid once, payback, distance from the best.

    Parameters
    ----------
    plan : dict
        ``designate.plan/1`` with savings.
    discount_rate : float
        Of the policy, a year.
    ranges : mapping, optional
        ``designate.range/1`` of the plan.
    not_asked : str
        What is said where there is no range.
    """
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
        rate=percent(discount_rate),
    )
    return [
        _net_tile(plan, ranges, not_asked),
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


def _net_tile(plan: dict[str, Any], ranges: Mapping[str, Any] | None, not_asked: str) -> Tile:
    """Net saving with its range, and how much of it is assumed."""
    s, net = plan["savings"], net_saving(plan)
    band = None
    said: list[str] = (
        []
        if s["upper_limit"] is None
        else [tell("Dotted: no plan on these data saves more than {limit}.", limit=short(s["upper_limit"]))]
    )
    if ranges is not None and ranges["saving"]["p10"] is not None:
        apart = s["annual"] - net
        band = (ranges["saving"]["p10"] - apart, ranges["saving"]["p90"] - apart)
        template = "Range {low} to {high} in 8 of 10 draws of the assumptions, one-off costs as planned."
        said.insert(0, tell(template, low=short(band[0]), high=short(band[1])))
    elif not_asked:
        said.append(not_asked)
    sub = (said or [""])[0] if len(said) < 2 else tell("{first} {second}", first=said[0], second=said[1])
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


def tiles_plain(plan: dict[str, Any], horizon_years: float) -> list[Tile]:
    """Of a plan by itself: what it costs and how much work it is; one-off costs are spread over the horizon."""
    currency, one_off = plan["run"]["currency"], plan["savings"]["one_off"]
    effort = sum(a["effort_fte"] for a in plan["assignments"] if a["provider"] is not None)
    running = plan["cost"]["running"]
    opened = sum(1 for s in plan["sites"] if s["open"])
    spread = tell("spread over {years} years", years=count(horizon_years))
    return [
        Tile("Running cost a year", short(running), no_comparison(plan), currency),
        Tile("Work assigned", decimal(effort), tell("full-time equivalents"), "FTE"),
        Tile("Cost per FTE", short(running / effort) if effort else "–", tell("running cost over work"), currency),
        Tile("One-off cost", short(sum(one_off.values())), spread, currency),
        Tile("Centres open", count(opened), tell("of {all} in the case", all=count(len(plan["sites"])))),
    ]


def tiles_unsolved(plan: dict[str, Any]) -> list[Tile]:
    """Of what could be assigned where no plan keeps every rule."""
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


def tiles_case(plan: dict[str, Any], case: Case) -> list[Tile]:
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
