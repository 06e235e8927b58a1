"""Words for codes: cost terms, states of a plan, reasons why a solver stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.report.figures import count, percent, short, some

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KINDS_OF_LOSS",
    "STATUS_TITLES",
    "TERM_TITLES",
    "by_hand",
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
    "finished": "the solver finished its search",
    "gap": "the gap asked for was reached",
    "time": "the time limit was reached",
    "work": "the work limit was reached",
    "memory": "the memory limit was reached",
    "user": "someone stopped it",
    "error": "the solver failed on the way",
}


_SHORT = {"fte": "FTE", "hhi": "HHI", "km": "km"}
"""Words that are written in their own way."""


def humanise(code: str) -> str:
    """Turn a code such as ``line_capacity`` into words: ``Line capacity``."""
    words = code.replace("one_off", "one-off").replace("_", " ").strip().capitalize().split(" ")
    return " ".join(_SHORT.get(w.lower(), w) for w in words)


def stop_words(reason: str) -> str:
    """Why the search ended, as a clause."""
    return _STOPS.get(reason, humanise(reason).lower())


def gap_words(bounds: Mapping[str, Any], currency: str) -> str:
    """How far the plan can be from the best one: ``within 0.8 % (USD 2.1 M a year)``."""
    if bounds.get("gap_abs") is None:
        return "distance to the best plan not known"
    return f"within {percent(bounds['gap_rel'])} ({currency} {short(bounds['gap_abs'])} a year)"


def given_title(solution: str) -> str:
    """What a plan that people made is called: the same in a report, on the terminal and beside another plan."""
    return "Plan given, breaks rules" if solution == "infeasible" else "Plan given, priced and checked"


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
        return "No arrangement of today to compare with"
    if unserved(plan):
        return "Not compared with today: not every demand is served"
    return "Not compared with today, whose providers have no price"


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
    title = STATUS_TITLES.get(solution, humanise(solution))
    missing = len(unserved(plan)) if solution in ("optimal", "feasible") else 0
    return f"{title}, {count(missing)} of {some(len(plan['assignments']), 'demand')} unserved" if missing else title


def status_sentence(plan: Mapping[str, Any]) -> str:
    """What is proven about the plan, in one sentence."""
    solution, bounds = plan["status"]["solution"], plan["bounds"]
    if by_hand(plan) and solution == "infeasible":
        broken = sum(len(r["violations"]) for r in (plan.get("verification") or {}).get("rules", []))
        given = "Priced as given" if plan["cost"] is not None else "Checked as given, not priced"
        return f"{given}; rules are broken {some(broken, 'time')}. Whether another plan keeps them was not asked."
    if solution in ("optimal", "feasible") and unserved(plan):
        return _least_unserved(plan)
    if solution == "optimal":
        return "Proven optimal: no plan that keeps the rules is cheaper."
    if solution == "feasible" and bounds.get("gap_abs") is not None:
        return f"Proven {gap_words(bounds, plan['run']['currency'])}: no plan is cheaper by more than that."
    if solution == "feasible":
        return "Keeps every rule; how far it is from the cheapest plan is not known."
    if solution == "infeasible":
        return "Proven: the rules and capacities of this case contradict each other."
    return "Nothing is proven: a plan may exist, but none was found within the limits."


def _least_unserved(plan: Mapping[str, Any]) -> str:
    """What is proven about a plan that may leave demands unserved: first the work left, then the cost."""
    bounds = plan["bounds"]
    if plan["status"]["solution"] == "optimal":
        return "Proven: no plan that keeps the rules leaves less work unserved, and of those none is cheaper."
    if bounds.get("gap_abs") is not None:
        left = "no plan that keeps the rules leaves less work unserved"
        return f"Proven: {left}; the cost is {gap_words(bounds, plan['run']['currency'])}."
    return "Keeps every rule; whether another plan leaves less work unserved is not known."
