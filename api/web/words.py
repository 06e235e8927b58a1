"""Words of the pages for codes of the service. Translated where they are shown; ``text`` marks them for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.issues import place_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DECISIONS",
    "JOBS",
    "LOSSES",
    "ROLES",
    "SEVERITIES",
    "SOLUTIONS",
    "STATES",
    "TERMS",
    "TROUBLES",
    "place_of",
    "text",
]


def text(words: str) -> str:
    """The words themselves; what collects texts for translation knows this name."""
    return words


ROLES: Final = {
    "viewer": text("Viewer"),
    "planner": text("Planner"),
    "approver": text("Approver"),
    "operator": text("Operator"),
    "admin": text("Administrator"),
}
STATES: Final = {
    "draft": text("draft"),
    "submitted": text("submitted"),
    "approved": text("approved"),
    "rejected": text("rejected"),
    "applied": text("applied"),
    "superseded": text("superseded"),
}
JOBS: Final = {
    "queued": text("waiting for its turn"),
    "running": text("being solved"),
    "succeeded": text("done"),
    "failed": text("failed"),
    "cancelled": text("stopped"),
}
SEVERITIES: Final = {"error": text("error"), "warning": text("warning"), "info": text("remark")}
DECISIONS: Final = {"lock": text("Lock"), "forbid": text("Forbid"), "override": text("Override")}
SOLUTIONS: Final = {
    "optimal": text("no plan costs less"),
    "feasible": text("a plan was found"),
    "infeasible": text("no plan keeps every rule"),
    "no_solution": text("no plan was found in the time"),
}
TERMS: Final = {
    "service": text("Price"),
    "own": text("Own capacity"),
    "site": text("Site"),
    "interface": text("Interfaces"),
    "handover": text("Hand-overs"),
    "distance": text("Distance"),
    "overlap": text("Hours"),
    "language": text("Languages"),
    "dispersion": text("Dispersion"),
    "transition_annualised": text("Moves, a year"),
    "setup_annualised": text("Set-up, a year"),
}
LOSSES: Final = {
    "overlap": text("Shared hours a day"),
    "distance": text("Distance, km"),
    "language": text("Languages missing"),
    "price": text("Price index"),
}
TROUBLES: Final = {
    "not_found": (
        text("There is nothing at this address"),
        text("It may have been deleted since the page before was shown, or the address was cut short."),
    ),
    "forbidden": (
        text("Your role does not allow this"),
        text("Ask the administrator of your workspace for a key of another role."),
    ),
    "own_submission": (
        text("Whoever submitted a plan cannot approve it"),
        text("Another person approves it, with a key of their own."),
    ),
    "form_refused": (
        text("This form was not accepted"),
        text("It was sent from another address, or from a page that is too old. Open the page again and send it."),
    ),
    "insecure_address": (
        text("Signing in is not possible at this address"),
        text("Over plain http anybody on the way could read the key. Use the https address of the service."),
    ),
    "too_many_sign_ins": (
        text("Too many sign-ins were tried"),
        text("Wait half a minute, then try once more."),
    ),
    "document_removed": (
        text("The document is gone"),
        text("It was kept as long as agreed, and has been removed since."),
    ),
    "no_result": (text("There is no result yet"), text("The search has not ended. Look again a little later.")),
    "no_plan_found": (
        text("The search ended without a plan"),
        text("Its page says why; give it more time, or change the case."),
    ),
    "conflict": (
        text("Things have changed meanwhile"),
        text("Somebody was faster, or the state does not allow this any more. Look at the page again and decide anew."),
    ),
    "revision_conflict": (
        text("The case has a newer revision"),
        text("Look at the newest revision, and make your change from there."),
    ),
    "plan_stale": (
        text("The case has changed since this plan was made"),
        text("Solve again, or say that the plan is wanted all the same."),
    ),
    "plan_not_sound": (
        text("This plan cannot be taken further"),
        text("Only a plan that keeps every rule, and was checked, can be submitted, approved and applied."),
    ),
    "horizon_not_taken": (
        text("This is not answered yet for cases over time"),
        text("The plan itself, its report and its workbook are there."),
    ),
    "store_unavailable": (text("The service cannot reach its store"), text("Nothing was changed. Try again soon.")),
    "storage_full": (text("The store of the service is full"), text("Nothing was changed. Tell its operator.")),
    "too_many_requests": (text("Too many requests at once"), text("Wait a moment, then try again.")),
    "too_many_plans": (text("Too many searches are waiting"), text("Let some of them end, or stop them.")),
    "body_too_large": (
        text("The file is too large"),
        text("Send a smaller one, or ask the operator for a larger limit."),
    ),
    "bad_input": (text("The case has errors"), text("Each is below, with its place and what to do about it.")),
}
"""Title and help by code; the others are told by the catalogue of problems."""
OTHER_TROUBLE: Final = (text("This did not work"), text("What the service says about it:"))


def place_of(issue: Mapping[str, Any]) -> str:
    """File, table, row and column of a finding, as far as known."""
    return place_in_words(
        str(issue.get("file", "")), str(issue.get("table", "")), issue.get("row"), str(issue.get("column", ""))
    )
