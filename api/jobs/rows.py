"""Rows of the queue are JSON. Nothing that is read from the database is ever run.

The queue's library writes pickles by default, and reads one wherever a row says that it holds one: whoever may write
to the database could run code in every worker. So jobs are written as JSON here, and reading a pickle is switched
off for the whole process. A job that an older version has left as a pickle ends with an error in the queue, and its
plan or delivery is queued anew by who looks for lost ones (``api.jobs.reaper``, ``api.jobs.webhook_sender``).
"""

from __future__ import annotations

from typing import Any, Final, NoReturn

from dbos import DBOSPortableJSONSerializer
from dbos._serialization import DefaultSerializer

__all__ = ["ROWS", "PickleRefused"]

ROWS: Final = DBOSPortableJSONSerializer()
"""How arguments and results of jobs are written."""


class PickleRefused(Exception):
    """A row of the queue holds a pickle, which could do anything."""


def _refuse(_: object, __: Any) -> NoReturn:
    raise PickleRefused("a row of the queue holds a pickle; only JSON is read")


DefaultSerializer.deserialize = _refuse  # type: ignore[method-assign, assignment]
