"""Words of the pages for codes of the service. Translated where they are shown; ``marked`` marks them for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.issues import place_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CAUSES",
    "DECISIONS",
    "JOBS",
    "LOSSES",
    "OBJECTIONS",
    "ROLES",
    "SEVERITIES",
    "SOLUTIONS",
    "STATES",
    "STUDIES",
    "TERMS",
    "TROUBLES",
    "WAVES",
    "marked",
    "place_of",
]


def marked(words: str) -> str:
    """The words themselves; what collects texts for translation knows this name."""
    return words


ROLES: Final = {
    "viewer": marked("Viewer"),
    "planner": marked("Planner"),
    "approver": marked("Approver"),
    "operator": marked("Operator"),
    "admin": marked("Administrator"),
}
CAUSES: Final = {
    "data": marked("Data"),
    "rules": marked("Rules"),
    "options": marked("Options of the search"),
    "solver": marked("What the searches left open"),
}
"""Why two plans differ."""
STATES: Final = {
    "draft": marked("draft"),
    "submitted": marked("submitted"),
    "approved": marked("approved"),
    "rejected": marked("rejected"),
    "applied": marked("applied"),
    "superseded": marked("superseded"),
}
JOBS: Final = {
    "queued": marked("waiting for its turn"),
    "running": marked("being solved"),
    "succeeded": marked("done"),
    "failed": marked("failed"),
    "cancelled": marked("stopped"),
}
SEVERITIES: Final = {"error": marked("error"), "warning": marked("warning"), "info": marked("remark")}
DECISIONS: Final = {"lock": marked("Lock"), "forbid": marked("Forbid"), "override": marked("Override")}
SOLUTIONS: Final = {
    "optimal": marked("no plan costs less"),
    "feasible": marked("a plan was found"),
    "infeasible": marked("no plan keeps every rule"),
    "no_solution": marked("no plan was found in the time"),
}
STUDIES: Final = {
    "why": marked("Why this provider"),
    "why_not": marked("What another place would cost"),
    "why_worse": marked("What an office loses, and what making it whole costs"),
    "flip": marked("What would have to change"),
    "safe": marked("Which assignments are safe"),
    "rule_price": marked("What each rule costs"),
    "conflict": marked("Which rules are in conflict"),
    "repair": marked("What mends the case"),
    "continuity": marked("If a site is lost"),
    "location": marked("Where a centre could be"),
    "curve": marked("What one limit more is worth"),
    "pareto": marked("What better service costs"),
    "scenarios": marked("Scenarios"),
    "regret": marked("If the world turns out otherwise"),
    "changed": marked("Why two plans differ"),
    "range": marked("How far the figures can lie apart"),
    "replan": marked("The plan, planned again"),
    "shares": marked("Fair shares"),
    "bos": marked("Common services of one country"),
    "bos_countries": marked("Common services of all countries"),
}
WAVES: Final = {
    "committed": marked("decided"),
    "refined": marked("partly decided"),
    "proposed": marked("proposed"),
}
OBJECTIONS: Final = {
    "open": marked("open"),
    "accepted": marked("accepted"),
    "rejected": marked("rejected"),
}
TERMS: Final = {
    "service": marked("Price"),
    "own": marked("Own capacity"),
    "site": marked("Site"),
    "interface": marked("Interfaces"),
    "handover": marked("Hand-overs"),
    "distance": marked("Distance"),
    "overlap": marked("Hours"),
    "language": marked("Languages"),
    "dispersion": marked("Dispersion"),
    "transition_annualised": marked("Moves, a year"),
    "setup_annualised": marked("Set-up, a year"),
}
LOSSES: Final = {
    "overlap": marked("Shared hours a day"),
    "distance": marked("Distance, km"),
    "language": marked("Languages missing"),
    "price": marked("Price index"),
}
CODE_PAGES: Final = {
    "cp1252": marked("Western European, Windows"),
    "cp1250": marked("Central European, Windows"),
    "cp1251": marked("Cyrillic, Windows"),
    "cp1253": marked("Greek, Windows"),
    "cp1254": marked("Turkish, Windows"),
    "cp1255": marked("Hebrew, Windows"),
    "cp1256": marked("Arabic, Windows"),
    "cp850": marked("Western European, DOS"),
    "mac_roman": marked("Western European, Mac"),
    "gb18030": marked("Chinese"),
    "shift_jis": marked("Japanese"),
}
"""What code pages are for."""
TROUBLES: Final = {
    "not_found": (
        marked("There is nothing at this address"),
        marked("It may have been deleted since the page before was shown, or the address was cut short."),
    ),
    "forbidden": (
        marked("Your role does not allow this"),
        marked("Ask the administrator of your workspace for a key of another role."),
    ),
    "own_submission": (
        marked("Whoever submitted a plan cannot approve it"),
        marked("Another person approves it, with a key of their own."),
    ),
    "form_refused": (
        marked("This form was not accepted"),
        marked("It was sent from another address, or from a page that is too old. Open the page again and send it."),
    ),
    "insecure_address": (
        marked("Signing in is not possible at this address"),
        marked("Over plain http anybody on the way could read the key. Use the https address of the service."),
    ),
    "too_many_sign_ins": (
        marked("Too many sign-ins were tried"),
        marked("Wait half a minute, then try once more."),
    ),
    "document_removed": (
        marked("The document is gone"),
        marked("It was kept as long as agreed, and has been removed since."),
    ),
    "no_result": (marked("There is no result yet"), marked("The search has not ended. Look again a little later.")),
    "no_plan_found": (
        marked("The search ended without a plan"),
        marked("Its page says why; give it more time, or change the case."),
    ),
    "conflict": (
        marked("Things have changed meanwhile"),
        marked("Somebody was faster, or the state does not allow this any more. Look again, and decide anew."),
    ),
    "revision_conflict": (
        marked("The case has a newer revision"),
        marked("Look at the newest revision, and make your change from there."),
    ),
    "plan_stale": (
        marked("The case has changed since this plan was made"),
        marked("Solve again, or say that the plan is wanted all the same."),
    ),
    "plan_not_sound": (
        marked("This plan cannot be taken further"),
        marked("Only a plan that keeps every rule, and was checked, can be submitted, approved and applied."),
    ),
    "horizon_not_taken": (
        marked("This is not answered yet for cases over time"),
        marked("The plan itself, its report and its workbook are there."),
    ),
    "store_unavailable": (marked("The service cannot reach its store"), marked("Nothing was changed. Try again soon.")),
    "storage_full": (marked("The store of the service is full"), marked("Nothing was changed. Tell its operator.")),
    "too_many_requests": (marked("Too many requests at once"), marked("Wait a moment, then try again.")),
    "too_many_plans": (marked("Too many searches are waiting"), marked("Let some of them end, or stop them.")),
    "body_too_large": (
        marked("The file is too large"),
        marked("Send a smaller one, or ask the operator for a larger limit."),
    ),
    "bad_input": (marked("The case has errors"), marked("Each is below, with its place and what to do about it.")),
}
"""Title and help by code; the others are told by the catalogue of problems."""
OTHER_TROUBLE: Final = (marked("This did not work"), marked("What the service says about it:"))


def place_of(issue: Mapping[str, Any]) -> str:
    """File, table, row and column of a finding, as far as known."""
    return place_in_words(
        str(issue.get("file", "")), str(issue.get("table", "")), issue.get("row"), str(issue.get("column", ""))
    )
