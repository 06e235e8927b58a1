"""Which cases and documents plan over time, and the one refusal of them where only steady ones are taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.errors import HorizonNotTaken

if TYPE_CHECKING:
    from optimizer.domain.case import Case

__all__ = ["NOT_TAKEN", "SCHEMA_OVER_TIME", "is_over_time", "only_steady"]

SCHEMA_OVER_TIME: Final = "designate.plan/2"
"""Schema of the document of a plan over time."""

NOT_TAKEN: Final = (
    "this is planning over time: {what}. So far only solve, verify, diff, commit, replan, range, prices, statement, "
    "the studies why, why_not, rule_price, curve (sites, moves, budget, providers) and scenarios, and the report take "
    "that; for everything else give a case without [horizon] in "
    "its policy, or a plan of one"
)
"""What is said wherever a case with a horizon, or a plan of one, is given and not taken."""


def is_over_time(given: Case | Mapping[str, Any] | object) -> bool:
    """Whether a case has a horizon, or a document is the plan of such a case.

    Parameters
    ----------
    given : Case or mapping
        Anything else is neither.
    """
    if isinstance(given, Mapping):
        return bool(given.get("schema") == SCHEMA_OVER_TIME)
    policy = getattr(given, "policy", None)
    return getattr(policy, "horizon", None) is not None


def only_steady(*given: Case | Mapping[str, Any] | object, name: str = "the document") -> None:
    """Refuse cases with a horizon, and plans of such cases.

    Parameters
    ----------
    *given : Case or mapping
        Cases and plan documents; whatever is neither is left to others.
    name : str
        What a document is called where it comes from: its file.

    Raises
    ------
    HorizonNotTaken
    """
    for one in given:
        if is_over_time(one):
            what = f"{name} is a {SCHEMA_OVER_TIME}" if isinstance(one, Mapping) else "the case has a horizon"
            raise HorizonNotTaken(NOT_TAKEN.format(what=what))
