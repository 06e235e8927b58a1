"""Turns of those for whom something is made in a process of its own while they wait."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from api.faults import Fault
from api.limits import IN_LINE, TURN_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.access import Caller
    from api.context import Services

__all__ = ["place"]


@contextlib.contextmanager
def place(services: Services, caller: Caller) -> Iterator[None]:
    """A place among those for whom something is made while they wait.

    Raises
    ------
    Fault
        ``too_many_requests``: the workspace has its share.
    """
    with services.making.place(caller.workspace_id, TURN_S) as mine:
        if not mine:
            told = "the workspace has enough reports, workbooks, prices and answers in the making"
            raise Fault("too_many_requests", told, limit=IN_LINE, retry_after_s=5)
        yield
