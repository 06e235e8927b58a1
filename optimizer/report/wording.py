"""Words for codes: cost terms, states of a plan, reasons why a solver stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.report.numbers import count, many, percent, short, some, tell

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KINDS_OF_LOSS",
    "STATUS_TITLES",
    "TERM_TITLES",
    "by_hand",
    "cash",
    "compared",
    "gap_words",
    "given_title",
    "humanise",
    "moved",
    "no_comparison",
    "no_price",
    "status_sentence",
    "status_title",
    "stop_words",
    "unpriced",
    "unserved",
]

TERM_TITLES = {
    "service": "Services bought",
    "own": "Own capacity",
    "site": "Sites kept open",
    "interface": "Interfaces",
    "handover": "Hand-overs in bundles",
    "distance": "Distance",
    "overlap": "Missing overlap of hours",
    "language": "Missing languages",
    "dispersion": "Dispersion of a service",
    "transition_annualised": "Moves, annualised",
    "setup_annualised": "Set-up of sites, annualised",
    "running": "Running cost",
    "total": "Total with one-off, annualised",
}

STATUS_TITLES = {
    "optimal": "Optimal plan",
    "feasible": "Valid plan",
    "infeasible": "No plan keeps every rule",
    "no_solution": "No plan found within the limits",
}

KINDS_OF_LOSS = {
    "overlap": ("Working-hours overlap", "h a day"),
    "distance": ("Mean distance", "km"),
    "language": ("Missing languages", ""),
    "price": ("Price index", ""),
}

_STOPS = {
    "finished": "it looked at everything",
    "gap": "it came as near to the best plan as was asked",
    "time": "the time limit was reached",
    "work": "the work limit was reached",
    "memory": "the memory limit was reached",
    "user": "someone stopped it",
    "error": "it failed on the way",
}


_SHORT = {"fte": "FTE", "hhi": "HHI", "km": "km"}
"""Words that are written in their own way."""


def humanise(code: str) -> str:
    """Turn a code such as ``line_capacity`` into words: ``Line capacity``."""
    words = code.replace("one_off", "one-off").replace("_", " ").strip().capitalize().split(" ")
    return " ".join(_SHORT.get(w.lower(), w) for w in words)


def stop_words(reason: str) -> str:
    """Why the search ended, as a clause."""
    return tell(_STOPS.get(reason, humanise(reason).lower()))


def gap_words(bounds: Mapping[str, Any], currency: str) -> str:
    """How far the plan can be from the best one: ``within 0.8 % (USD 2.1 M a year)``."""
    if bounds.get("gap_abs") is None:
        return tell("distance to the best plan not known")
    part, amount = percent(bounds["gap_rel"]), cash(bounds["gap_abs"], currency)
    return tell("within {part} ({amount} a year)", part=part, amount=amount)


def cash(amount: float | None, currency: str) -> str:
    """Money for headlines with its currency: ``USD 1.2 M``."""
    return tell("{currency} {figure}", currency=currency, figure=short(amount))


def given_title(solution: str) -> str:
    """What a plan that people made is called: the same in a report, on the terminal and beside another plan."""
    return tell("Plan given, breaks rules" if solution == "infeasible" else "Plan given, priced and checked")


def by_hand(plan: Mapping[str, Any]) -> bool:
    """Whether people made the plan and it was only priced and checked."""
    return bool(plan["run"]["solver"].get("reason") == "no solve")


def unserved(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Assignments without a provider."""
    return [a for a in plan["assignments"] if a["provider"] is None]


def compared(plan: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Today's arrangement, where the plan serves what it serves and some of it has a price; ``None`` otherwise."""
    savings = plan["savings"]
    return plan["baseline"] if savings is not None and savings["annual"] is not None and savings["by_entity"] else None


def no_comparison(plan: Mapping[str, Any]) -> str:
    """Why the plan is not set beside today's arrangement."""
    if plan["baseline"] is None:
        return tell("No arrangement of today to compare with")
    if unserved(plan):
        return tell("Not compared with today: not every demand is served")
    return tell("Not compared with today, whose providers have no price")


def no_price(plan: Mapping[str, Any]) -> str:
    """Why a hand-made list has no cost in all."""
    rows = plan["assignments"]
    blank = [a for a in rows if a["provider"] is not None and a["price"] is None]
    missing = len(unserved(plan))
    why = [f"the list leaves {some(missing, 'demand')} without a provider"] if missing else []
    if blank:
        names = ", ".join("|".join((a["entity"], a["service"], a["provider"])) for a in blank[:5])
        why.append(f"the case has no price for {names}{' …' if len(blank) > 5 else ''}")
    return f"The list has no cost in all, because {' and '.join(why) or 'nothing is assigned'}."


def moved(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Assignments that move; one whose provider of today has no price counts as new, not as a move."""
    new = unpriced(plan)
    return [a for a in plan["assignments"] if a["moved_from"] is not None and (a["entity"], a["service"]) not in new]


def unpriced(plan: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Demands (entity, service) whose provider of today has no price, so that they stand outside the saving."""
    rows = (i.get("value", "").split("|") for i in plan["issues"] if i["code"] == "current_unpriceable")
    return {(row[0], row[1]) for row in rows if len(row) == 3}


def status_title(plan: Mapping[str, Any]) -> str:
    """Name of what the plan is."""
    solution = plan["status"]["solution"]
    if by_hand(plan):
        return given_title(solution)
    title = tell(STATUS_TITLES.get(solution, humanise(solution)))
    missing = len(unserved(plan)) if solution in ("optimal", "feasible") else 0
    one, other = "{title}, {missing} of {n} demand unserved", "{title}, {missing} of {n} demands unserved"
    return many(one, other, len(plan["assignments"]), title=title, missing=count(missing)) if missing else title


def status_sentence(plan: Mapping[str, Any]) -> str:
    """What is proven about the plan, in one sentence."""
    solution, bounds = plan["status"]["solution"], plan["bounds"]
    if by_hand(plan) and solution == "infeasible":
        broken = sum(len(r["violations"]) for r in (plan.get("verification") or {}).get("rules", []))
        given = tell("Priced as given" if plan["cost"] is not None else "Checked as given, not priced")
        one = "{given}; rules are broken {n} time. Whether another plan keeps them was not asked."
        other = "{given}; rules are broken {n} times. Whether another plan keeps them was not asked."
        return many(one, other, broken, given=given)
    if solution in ("optimal", "feasible") and unserved(plan):
        return _least_unserved(plan)
    if solution == "optimal":
        return tell("Proven optimal: no plan that keeps the rules is cheaper.")
    if solution == "feasible" and bounds.get("gap_abs") is not None:
        near = gap_words(bounds, plan["run"]["currency"])
        return tell("Proven {near}: no plan is cheaper by more than that.", near=near)
    if solution == "feasible":
        return tell("Keeps every rule; how far it is from the cheapest plan is not known.")
    if solution == "infeasible":
        return tell("Proven: the rules and capacities of this case contradict each other.")
    return tell("Nothing is proven: a plan may exist, but none was found within the limits.")


def _least_unserved(plan: Mapping[str, Any]) -> str:
    """What is proven about a plan that may leave demands unserved: first the work left, then the cost."""
    bounds = plan["bounds"]
    if plan["status"]["solution"] == "optimal":
        return tell("Proven: no plan that keeps the rules leaves less work unserved, and of those none is cheaper.")
    if bounds.get("gap_abs") is not None:
        template = "Proven: no plan that keeps the rules leaves less work unserved; the cost is {near}."
        return tell(template, near=gap_words(bounds, plan["run"]["currency"]))
    return tell("Keeps every rule; whether another plan leaves less work unserved is not known.")
