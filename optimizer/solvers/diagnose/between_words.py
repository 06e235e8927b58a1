"""Rules in conflict over time, in words a planner can act on: the row behind each, its reason, and by how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.domain.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.time.joint import JointProblem
    from optimizer.solvers.diagnose.between import Part, Shrunk

__all__ = ["conflict_over_time_issues"]

_WORDS: Final = {
    "one_switch": ("policy", "a demand may switch only so often (max_switches)", "let demands switch more often"),
    "notice": ("current", "nobody leaves today's source before notice is over (notice_until)", "shorten the notice"),
    "freeze": ("freezes", "nothing moves while a freeze lasts", "shorten the freeze, or leave some clients out of it"),
    "precedence": ("precedence", "services move in their order", "take the row out, or shorten its gap"),
    "wave": ("policy", "what belongs together moves together (wave_by)", "set wave_by to demand"),
    "growth_limit": ("providers", "a site takes in only so much in twelve months (absorb_fte)", "raise absorb_fte"),
    "yearly_budget": ("budgets", "one-off money of a planning year stays within its budget", "raise the budget"),
    "one_off_budget": ("policy", "one-off money stays within one_off_budget", "raise one_off_budget"),
    "max_moves": ("policy", "only so many demands may switch (max_moves)", "raise max_moves"),
    "max_moves_per_period": ("policy", "only so many may switch in one period", "raise max_moves_per_period"),
    "committed": ("commitments", "what is committed happens as it is committed", "take the commitment back"),
    "big_bang": ("policy", "all moves happen on one day (transition_mode)", "let moves happen on several days"),
    "lock": ("decisions", "a decision locks the demand", "lift the decision"),
    "site_capacity": ("providers", "a site has only so much room (capacity_fte)", "raise capacity_fte"),
    "line_capacity": ("offers", "a line has only so much room (capacity)", "raise the capacity"),
    "minimum_volume": ("offers", "what is open carries its least", "lower the least amount"),
}
"""Table behind a rule, what it says, what a planner may do."""

_UNITS: Final = {
    "growth_limit": "FTE",
    "max_moves": "demands",
    "max_moves_per_period": "demands",
    "one_switch": "switches",
}


def conflict_over_time_issues(joint: JointProblem, found: Shrunk) -> Iterator[Issue]:
    """A head, then one finding for each part."""
    names = ", ".join(dict.fromkeys(part.rule for part in found.parts)) or "assign_once"
    sure = "" if found.confirmed else "; not confirmed by a second solver"
    yield Issue(
        "rule_conflict",
        "error",
        f"no path keeps these rules together: {names}{sure}",
        "change one of the rows below; each is needed for the conflict unless it says otherwise",
        value=names,
    )
    for part in found.parts:
        yield _told(joint, found, part)


def _told(joint: JointProblem, found: Shrunk, part: Part) -> Issue:
    table, says, remedy = _WORDS.get(part.rule, ("policy", f"the rule {part.rule}", "soften the rule"))
    where = _where(joint, part)
    amount = found.amounts.get(part)
    unit = _UNITS.get(part.rule, joint.policy.currency if "budget" in part.rule else "")
    more = f"; it would have to give way by {amount:,.2f} {unit}".rstrip() if amount else ""
    idle = "" if part in found.needed else "; whether it is needed was not found out in the time"
    text = f"{part.rule}{where}: {says}{more}{idle}"
    return Issue("rule_conflict", "error", text, remedy, table=table, value=f"{part.rule}|{part.label}".rstrip("|"))


def _where(joint: JointProblem, part: Part) -> str:
    """The row of the program in words: its period with the first day, then whom it is about."""
    if not part.label:
        return ""
    head, _, rest = part.label.partition(",")
    if part.rule == "yearly_budget":
        return f", planning year {head}"
    if not head.isdigit() or not 1 <= int(head) <= joint.n_periods:
        return f", {part.label.replace(',', ' ')}"
    period = joint.stages[int(head) - 1].period
    return f", period {head} ({period.begin:%d %B %Y})" + (f", {rest.replace(',', ' ')}" if rest else "")
