"""A run outlasts the database: what must be written is written as soon as it can be."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeVar

from api.store.outage import OUTAGE, will_pass

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

__all__ = ["persist"]

logger = logging.getLogger(__name__)

PAUSE_S: Final = 0.25
PAUSE_MAX_S: Final = 2.0
"""No longer than a heartbeat by default: the database may have been back for so long before a result is written."""

Result = TypeVar("Result")


def persist(action: Callable[[], Result], stopping: threading.Event) -> Result:
    """Do a transaction until the database lets it through, or the worker stops.

    Nothing is given up after a number of tries: what waits here is a result that took hours. An answer that was
    lost after its commit does no harm: the fence makes the next try raise ``Lost``.
    """
    pause = PAUSE_S
    while True:
        try:
            return action()
        except OUTAGE as error:
            if stopping.is_set() or not will_pass(error):
                raise
            logger.warning("the store does not take it, next try in %g s: %s", pause, error)
        stopping.wait(pause)
        pause = min(2.0 * pause, PAUSE_MAX_S)
