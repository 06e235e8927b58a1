"""The scenarios that a study is asked about: a packaged set by its name, or a file."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from optimizer.domain.answer import Sentence
from optimizer.domain.errors import UsageError
from optimizer.studies.scenarios.file import parse_scenarios, read_scenarios
from optimizer.studies.scenarios.packaged import packaged

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.studies.scenarios.file import Run, Scenarios

__all__ = ["check_given", "chosen_scenarios"]


def check_given(name: str, text: str) -> None:
    """Refuse both of a packaged set and a file, and neither.

    Raises
    ------
    UsageError
    """
    if bool(name) == bool(text):
        raise UsageError("scenarios are a packaged set or a file: give one of the two")


def chosen_scenarios(name: str, text: str, case: Case, limit: int) -> Scenarios:
    """Scenarios by the name of a packaged set, or by the text of a file.

    Parameters
    ----------
    name, text : str
        One of the two, the other empty.
    case : Case
        Some packaged sets are made of it.
    limit : int
        Most runs.

    Raises
    ------
    UsageError
        Both are given, or neither; there is no such set.
    InputError
        With every problem of the content.
    """
    check_given(name, text)
    content = text or packaged(name, case)
    found = read_scenarios(content, limit) if isinstance(content, str) else parse_scenarios(content, limit)
    return found if text else dataclasses.replace(found, runs=tuple(_ours(run) for run in found.runs))


def _ours(run: Run) -> Run:
    """A run of a packaged set, whose name has other languages too."""
    return run if isinstance(run.name, Sentence) else dataclasses.replace(run, name=Sentence(run.name))
