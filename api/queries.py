"""What a query names must be known, and be named once: a filter with a slip in its name would filter nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from api.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastapi.dependencies.models import Dependant
    from starlette.datastructures import QueryParams

__all__ = ["check_query", "known_names"]

_SHOWN = 60


def known_names(dependant: Dependant) -> frozenset[str]:
    """Names that a route, and what it depends on, reads of a query."""
    own = {field.alias for field in dependant.query_params}
    return frozenset(own.union(*(known_names(part) for part in dependant.dependencies)))


def check_query(query: QueryParams, known: Collection[str]) -> None:
    """Refuse parameters that the route does not have, and those that are given twice.

    Raises
    ------
    Fault
        ``invalid_request``, with an issue for each.
    """
    given = Counter(name for name, _ in query.multi_items())
    there = f"one of {', '.join(sorted(known))}" if known else "none: there is no parameter here"
    issues = [_issue("unknown_parameter", name, "is no parameter here", there) for name in given if name not in known]
    issues += [
        _issue("repeated_parameter", name, "is given twice", "give it once")
        for name, times in given.items()
        if name in known and times > 1
    ]
    if issues:
        raise Fault("invalid_request", f"{len(issues)} problem(s) in the query", issues=issues)


def _issue(code: str, name: str, what: str, remedy: str) -> dict[str, str]:
    shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
    return {
        "code": code,
        "severity": "error",
        "message": f"{shown} {what}",
        "column": f"query.{shown}",
        "remedy": remedy,
    }
