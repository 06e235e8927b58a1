"""Whether a plan document holds a plan: an empty one, where nothing is to be served, is a plan too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["holds_plan", "is_empty_plan"]


def holds_plan(document: Mapping[str, Any]) -> bool:
    """Whether there is a plan of the whole case, so that cost and savings are figures.

    Parameters
    ----------
    document : mapping
        ``designate.plan/1``.
    """
    return document["cost"] is not None


def is_empty_plan(document: Mapping[str, Any]) -> bool:
    """Whether it is the plan of a case in which nothing is to be served."""
    return holds_plan(document) and not document["assignments"]
