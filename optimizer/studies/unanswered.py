"""Why a point is not answered, in words for a reader who knows no solver, with what to do."""

from __future__ import annotations

import re
from typing import Any, Final

from optimizer.studies.base import STOPPED
from optimizer.studies.words import phrase

__all__ = ["reason"]

_OVER: Final = "the time of the study was over"
_SOLVER: Final = re.compile(r"^(engine: |backend |CP-SAT|HiGHS|CBC|SCIP|in hand)", re.IGNORECASE)
"""How what a search said of itself begins; all else is written for readers."""


def reason(detail: str) -> Any:
    """The reason as a part of a sentence.

    Parameters
    ----------
    detail : str
        Of the point.
    """
    if detail.startswith(STOPPED):
        return phrase("the study was stopped")
    if not detail or detail.startswith(_OVER) or _SOLVER.match(detail):
        return phrase("the time was over before a plan was found; give more time")
    return phrase(detail)
