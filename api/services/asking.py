"""Questions as the service takes them: checked before anything is stored, and within its limits."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from api.faults import Fault
from api.further.questions import question_of as further_question_of
from optimizer.domain.errors import StudyTooLarge
from optimizer.studies.ask import question_of
from optimizer.studies.regret import Regret
from optimizer.studies.scenarios.study import ScenarioStudy

if TYPE_CHECKING:
    from collections.abc import Collection

    from api.settings import Settings
    from optimizer.studies.base import Question

__all__ = ["ask"]


def ask(kind: str, fields: dict[str, Any], given: Collection[str], settings: Settings) -> Question:
    """The question, checked as far as it can be without a case, and against the service's limits.

    Parameters
    ----------
    kind : str
    fields : dict
    given : collection of str
        Fields that the caller gave; the others have their defaults.
    settings : Settings

    Raises
    ------
    Fault
        ``study_too_large``, ``invalid_options``.
    """
    try:
        asked = further_question_of(kind, fields) or question_of(kind, fields)
        return _within(asked, given, settings.max_scenarios)
    except StudyTooLarge as error:
        issue = {
            "code": error.code,
            "severity": "error",
            "message": str(error),
            "column": f"body.{kind}.question.{error.place}",
            "remedy": error.remedy,
        }
        more = {"limit": settings.max_scenarios} if error.place == "limit" else {}
        raise Fault("study_too_large", str(error), issues=[issue], **more) from error


def _within(asked: Question, given: Collection[str], most: int) -> Question:
    """The question with a number of runs that the service takes; one that the caller gave is not lowered unasked."""
    if not isinstance(asked, ScenarioStudy | Regret) or asked.limit <= most:
        return asked
    if "limit" not in given:
        return dataclasses.replace(asked, limit=most)
    text = f"limit is {asked.limit}, and may be at most {most} here"
    raise StudyTooLarge(text, place="limit", remedy=f"ask for at most {most} runs, or for parts of the file one by one")
