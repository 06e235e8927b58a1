"""What the record says of access itself: attempts that were refused, and what was taken out.

A flood must not fill the store. Attempts are counted by who makes them, and written once a minute; only so many who
make them are told apart, the rest is counted together. Whoever takes the same thing out again and again within a
minute has it recorded once.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from api.access import DEFAULT_WORKSPACE, Caller
from api.store.audit import record
from api.store.outage import OUTAGE

if TYPE_CHECKING:
    from datetime import datetime

    from api.store.engine import Store

__all__ = ["DOWNLOADS", "Accesses"]

logger = logging.getLogger(__name__)

EVERY_S: Final = 60.0
TOLD_APART: Final = 20
"""Most who are told apart in one minute of refusals: at worst some 30,000 entries a day, about 10 MB."""
_OPERATIONS: Final = 5
_REMEMBERED: Final = 10_000
_ANYONE: Final = "anonymous"
_REST: Final = "(others)"

DOWNLOADS: Final = {
    "get_plan_document": "plan",
    "get_report": "plan",
    "get_plan_workbook": "plan",
    "get_plan_table": "plan",
    "get_plan_case": "plan",
    "get_revision_document": "case",
    "download_revision": "case",
    "get_baseline_document": "baseline",
    "get_evaluation_document": "evaluation",
    "get_study_answer": "study",
    "get_study_table": "study",
    "get_study_plan": "study",
    "get_study_report": "study",
    "get_study_workbook": "study",
    "get_study_map": "study",
    "get_price_list_document": "price_list",
    "get_price_list_report": "price_list",
    "get_price_list_workbook": "price_list",
    "get_price_list_table": "price_list",
    "get_statements": "price_list",
    "get_statement_report": "price_list",
    "get_statements_workbook": "price_list",
    "get_statements_table": "price_list",
    "get_agreements": "plan",
    "get_draft_workbook": "draft",
    "get_ledger_document": "ledger",
    "get_ledger_report": "ledger",
    "get_ledger_workbook": "ledger",
    "get_ledger_table": "ledger",
    "get_ledger_file": "ledger",
}
"""Operations that hand out a whole document, with the kind of thing whose id is in their path."""


@dataclass
class _Refused:
    """Attempts of one kind by one caller or address."""

    first: datetime
    last: datetime
    count: int = 0
    operations: set[str] = field(default_factory=set)


class Accesses:
    """Notes accesses; one for each server.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._refused: dict[tuple[str, str, str, int], _Refused] = {}
        self._taken: OrderedDict[tuple[str, str, str], datetime] = OrderedDict()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Write what was counted, from now on once a minute."""
        self._thread = threading.Thread(target=self._run, name="designate-accesses", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left and end."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(10.0)
        self.flush()

    def _run(self) -> None:
        while not self._ended.wait(EVERY_S):
            self.flush()

    def refused(self, caller: Caller | None, address: str, operation: str, status: int) -> None:
        """Count an attempt that was answered 401 or 403. Quick: nothing is written here."""
        who = (DEFAULT_WORKSPACE, _ANYONE) if caller is None else (caller.workspace_id, caller.key_id)
        now = self._store.clock()
        with self._lock:
            key = (*who, address[:64], status)
            if key not in self._refused and len(self._refused) >= TOLD_APART:
                key = (DEFAULT_WORKSPACE, _ANYONE, _REST, status)
            held = self._refused.setdefault(key, _Refused(now, now))
            held.last, held.count = now, held.count + 1
            if len(held.operations) < _OPERATIONS:
                held.operations.add(operation)

    def flush(self) -> int:
        """Write what was counted; how many entries. What cannot be written now is kept for the next time."""
        with self._lock:
            counted, self._refused = self._refused, {}
        if not counted:
            return 0
        try:
            with self._store.write() as session:
                for (workspace, actor, address, status), held in counted.items():
                    record(
                        session,
                        Caller(actor, workspace, "", frozenset()),
                        held.last,
                        "access.refused",
                        status=status,
                        count=held.count,
                        operations=sorted(held.operations),
                        address=address,
                        since=held.first.isoformat(),
                    )
        except OUTAGE as error:
            logger.warning("%d kinds of refused attempts not recorded yet: %s", len(counted), error)
            self._take_back(counted)
            return 0
        return len(counted)

    def _take_back(self, counted: dict[tuple[str, str, str, int], _Refused]) -> None:
        with self._lock:
            for key, held in counted.items():
                now = self._refused.setdefault(key, _Refused(held.first, held.last))
                now.first, now.count = held.first, now.count + held.count
                now.operations |= held.operations

    def downloaded(self, caller: Caller, operation: str, subject: str) -> None:
        """Record that a whole document is handed out, before it is; reading goes on where nothing can be written."""
        now = self._store.clock()
        key = (caller.key_id, operation, subject)
        with self._lock:
            since = self._taken.get(key)
            if since is not None and abs(now - since) < timedelta(seconds=EVERY_S):
                return
            self._taken[key] = now
            self._taken.move_to_end(key)
            while len(self._taken) > _REMEMBERED:
                self._taken.popitem(last=False)
        try:
            with self._store.write() as session:
                record(session, caller, now, f"{DOWNLOADS[operation]}.downloaded", subject, operation=operation)
        except OUTAGE as error:
            logger.warning("download of %s by %s not recorded: %s", subject, caller.key_id, error)
