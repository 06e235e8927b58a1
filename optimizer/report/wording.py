"""Words for codes: cost terms, states of a plan, reasons why a solver stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.report.figures import percent, short, some

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KINDS_OF_LOSS",
    "STATUS_TITLES",
    "TERM_TITLES",
    "by_hand",
    "gap_words",
    "humanise",
    "status_sentence",
    "status_title",
    "stop_words",
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


def humanise(code: str) -> str:
    """Turn a code such as ``line_capacity`` into words: ``Line capacity``."""
    return code.replace("one_off", "one-off").replace("_", " ").strip().capitalize()


def stop_words(reason: str) -> str:
    """Why the search ended, as a clause."""
    return _STOPS.get(reason, humanise(reason).lower())


def gap_words(bounds: Mapping[str, Any], currency: str) -> str:
    """How far the plan can be from the best one: ``within 0.8 % (USD 2.1 M a year)``."""
    if bounds.get("gap_abs") is None:
        return "distance to the best plan not known"
    return f"within {percent(bounds['gap_rel'])} ({currency} {short(bounds['gap_abs'])} a year)"


def by_hand(plan: Mapping[str, Any]) -> bool:
    """Whether people made the plan and it was only priced and checked."""
    return bool(plan["run"]["solver"].get("reason") == "no solve")


def status_title(plan: Mapping[str, Any]) -> str:
    """Name of what the plan is."""
    solution = plan["status"]["solution"]
    if by_hand(plan):
        return "Plan given, priced and checked" if solution != "infeasible" else "Plan given, breaks rules"
    return STATUS_TITLES.get(solution, humanise(solution))


def status_sentence(plan: Mapping[str, Any]) -> str:
    """What is proven about the plan, in one sentence."""
    solution, bounds = plan["status"]["solution"], plan["bounds"]
    if by_hand(plan) and solution == "infeasible":
        broken = sum(len(r["violations"]) for r in (plan.get("verification") or {}).get("rules", []))
        return (
            f"Priced as given; rules are broken {some(broken, 'time')}. Whether another plan keeps them was not asked."
        )
    if solution == "optimal":
        return "Proven optimal: no plan that keeps the rules is cheaper."
    if solution == "feasible" and bounds.get("gap_abs") is not None:
        return f"Proven {gap_words(bounds, plan['run']['currency'])}: no plan is cheaper by more than that."
    if solution == "feasible":
        return "Keeps every rule; how far it is from the cheapest plan is not known."
    if solution == "infeasible":
        return "Proven: the rules and capacities of this case contradict each other."
    return "Nothing is proven: a plan may exist, but none was found within the limits."
