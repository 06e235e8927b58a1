"""Words of the pages of money for codes of its documents. Translated where they are shown."""

from __future__ import annotations

from typing import Any, Final

from api.web.words import marked

__all__ = ["CAUSES", "ELEMENTS", "ENTRIES", "IDLE", "LISTS", "MEMO", "PARTS", "SIDES", "STEPS", "WORDS"]

LISTS: Final = {
    "provider": marked("a price for each provider and service"),
    "universal": marked("one price for each service"),
    "own": marked("each client what it causes itself"),
}
IDLE: Final = {
    "unshared": marked("not charged to clients"),
    "effort": marked("by work"),
    "amount": marked("by what clients pay"),
    "equal": marked("in equal parts"),
}
STEPS: Final = {
    "month": marked("month"),
    "quarter": marked("quarter"),
    "half": marked("half year"),
    "year": marked("year"),
}
SIDES: Final = {
    "full_cost": marked("Full cost"),
    "idle": marked("Site without work"),
    "charged": marked("Clients pay for services"),
    "idle_charged": marked("Clients pay for sites without work"),
    "reserve": marked("Reserve gives"),
    "equalisation": marked("Other providers"),
    "carried_over": marked("Left by rounding"),
    "idle_unshared": marked("Not charged"),
}
"""Columns of a provider's account: two of cost, then who bears it."""
CAUSES: Final = {
    "volume": marked("your volume"),
    "provider": marked("another provider"),
    "price": marked("another price at the same provider"),
}
MEMO: Final = {
    "own": marked("Work that your own staff do"),
    "interface": marked("Dealing with providers"),
    "handover": marked("Handing work from one provider to another"),
    "distance": marked("Distance to your providers"),
    "overlap": marked("Working hours that do not meet"),
    "language": marked("Languages that a provider lacks"),
    "dispersion": marked("A service done in many places"),
    "npo_compliance": marked("Limit on national officers"),
    "transition_annualised": marked("Moving your work to its provider, a year’s part"),
    "transition": marked("Moving your work to its provider, paid once"),
    "exit": marked("Closing the site that you leave, paid once"),
    "risk": marked("Risk of moving all at once"),
    "double_running": marked("Old and new provider side by side, paid once"),
}
PARTS: Final = {
    "scope": (marked("Clients in or out"), marked("who came in or went out")),
    "volume": (marked("Volume"), marked("more or fewer units than planned, at the planned price")),
    "timing": (marked("Timing"), marked("a source that is planned too, at another time")),
    "mix": (marked("Source"), marked("another source than planned")),
    "exchange_rate": (marked("Exchange rates"), marked("amounts in other currencies")),
    "pay": (marked("Pay"), marked("staff cost more or less than planned")),
    "staffing": (marked("Staffing"), marked("more or fewer staff than the work needs")),
    "other": (marked("Other prices"), marked("prices that differ for none of these reasons")),
}
ENTRIES: Final = {
    "freeze": marked("a plan is promised"),
    "actuals": marked("what happened"),
    "scope": marked("who came in or went out"),
    "forecast": marked("what is expected"),
}
ELEMENTS: Final = {
    "separation": marked("Separation"),
    "double_running": marked("Old and new side by side"),
    "recruitment": marked("Recruitment"),
    "training": marked("Training"),
    "knowledge_transfer": marked("Handing over of knowledge"),
    "travel": marked("Travel"),
    "project": marked("Project team"),
    "contingency": marked("Contingency"),
    "setup": marked("Set-up of sites"),
}
WORDS: Final[dict[str, Any]] = {
    "element_words": ELEMENTS,
    "list_words": LISTS,
    "idle_words": IDLE,
    "step_words": STEPS,
    "side_words": SIDES,
    "cause_words": CAUSES,
    "memo_words": MEMO,
    "part_words": PARTS,
    "entry_words": ENTRIES,
}
"""By the names that templates have for them."""
