"""Every finding about options of commands and functions, which are looked at together."""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.kinds import Kind

__all__ = ["OPTION_KINDS"]

OPTION_KINDS: Final[tuple[Kind, ...]] = (
    Kind("option_not_offered", "error", "the option is none of what can be chosen", "Give one of those named."),
    Kind("option_out_of_range", "error", "the number lies outside its limits", "Give one within the limits named."),
    Kind("option_malformed", "error", "the option is not of the form or kind that is read", "Write it as is shown."),
    Kind("option_missing", "error", "an option that the others need is left out", "Give it too."),
    Kind("options_at_odds", "error", "options cannot be given together, or not here", "Leave one of them out."),
)
