"""Readers at hand: who has a case read waits for a place, and a reading beyond its limits ends alone."""

from __future__ import annotations

import logging
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar, Final

from api.faults import Fault
from api.jobs.process import TaskFailed, TaskProcess, outcome_of
from api.limits import TURN_S, Places
from api.readers.reading import Pending, Reading
from api.uploads import Bounds
from optimizer.child.process_limits import cpu_allowance_s
from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.settings import Settings
    from api.uploads import Upload

__all__ = ["IN_LINE", "IN_LINE_ALL", "NotReadable", "ReaderProcess", "Readers", "plain", "reading_in"]

logger = logging.getLogger(__name__)

IN_LINE: Final = 24
"""Requests of one workspace that may wait for a reader; each holds a thread."""
IN_LINE_ALL: Final = 32
"""Requests of all workspaces that may."""
RETIRE_MB: Final = 300.0
"""A reader that has kept more than this after a task is let go: memory that Python has once it seldom gives back."""
TRIES: Final = 2
"""How often a case is given to a reader where one is lost, which may be no fault of the case."""


class NotReadable(InputError):
    """The input is not what its media type says: no JSON object, no workbook, no archive."""


class ReaderProcess(TaskProcess):
    """A process that reads one case after the other."""

    COMMAND: ClassVar[tuple[str, ...]] = ("-P", "-m", "api.readers.child")


class Readers:
    """Processes that read cases. Safe to share between threads.

    Parameters
    ----------
    settings : Settings
        How many, and the limits of each reading.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.bounds = Bounds.of(settings)
        each = max(1, settings.readers - 1)  # so that one workspace never has them all, where there are several
        self.places = Places(settings.readers, each, IN_LINE, IN_LINE_ALL)
        self._lock = threading.Lock()
        self._idle: list[ReaderProcess] = []
        self._closed = False

    def warm(self) -> None:
        """Have one reader get ready beside; the others are started when they are needed, and kept."""
        self._give_back(ReaderProcess())

    def close(self) -> None:
        """End the readers that wait; those at work end with their task."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for process in idle:
            process.kill()

    def upload(self, owner: str, upload: Upload, name: str, pending: Sequence[Pending] = ()) -> Reading:
        """Read what a user has sent as a case.

        Parameters
        ----------
        owner : str
            Workspace that waits.
        upload : Upload
        name : str
            Of the case; the file's by default.
        pending : sequence of Pending
            Decisions that the case must have, or must have no more.

        Raises
        ------
        InputError
            With every finding; ``NotReadable`` when it is no case at all.
        Fault
            ``archive_too_large``, or one of ``ask``.
        """
        task = {
            "task": "upload",
            "name": name,
            "file": upload.name,
            "media_type": upload.media_type,
            "encoding": upload.encoding,
            "bounds": asdict(self.bounds),
            "pending": plain(pending),
        }
        return reading_in(self.ask(owner, task, upload.data))

    def tables(
        self,
        owner: str,
        tables: bytes,
        name: str,
        *,
        operations: Sequence[Mapping[str, Any]] = (),
        pending: Sequence[Pending] = (),
        tried: Sequence[Mapping[str, Any]] = (),
    ) -> Reading:
        """Read a stored case with changes.

        Parameters
        ----------
        owner, name, pending
            As of ``upload``.
        tables : bytes
            The canonical case as JSON.
        operations : sequence of mapping
            Of a patch.
        tried : sequence of mapping
            Rows of decisions that must fit, and no more: the tables are not given back.

        Raises
        ------
        InputError
            With every finding.
        Fault
            ``bad_input``: an operation cannot be done; or one of ``ask``.
        """
        task = {
            "task": "tables",
            "name": name,
            "rows": self.bounds.rows,
            "operations": list(operations),
            "pending": plain(pending),
            "tried": list(tried),
        }
        return reading_in(self.ask(owner, task, tables))

    def events(
        self,
        owner: str,
        tables: bytes,
        plan: bytes,
        name: str,
        events: Sequence[Mapping[str, Any]],
        pending: Sequence[Pending] = (),
    ) -> Reading | None:
        """Read a stored case as an applied plan serves it, after events; ``None`` when they change nothing.

        Raises
        ------
        InputError
            With every finding about the events, or the case that they make.
        Fault
            One of ``ask``.
        """
        task = {"task": "events", "name": name, "events": list(events), "pending": plain(pending)}
        told = self.ask(owner, task, tables, plan)
        return None if told["outcome"] == "unchanged" else reading_in(told)

    def ask(self, owner: str, task: dict[str, Any], *attached: bytes) -> dict[str, Any]:
        """What a reader says of a task.

        Raises
        ------
        Fault
            ``too_many_requests``, ``reading_too_long``, ``reading_too_large``, ``reader_lost``.
        TaskFailed
            The reader itself broke: a failure of the service.
        """
        with self.places.place(owner, TURN_S) as mine:
            if not mine:
                told = "enough cases are being read for this workspace"
                raise Fault("too_many_requests", told, limit=IN_LINE, retry_after_s=5)
            for left in reversed(range(TRIES)):
                try:
                    return self._once(task, attached)
                except TaskFailed as error:
                    if error.code != "task_lost" or not left:
                        raise self._fault(error) from error
                    logger.warning("a reader was lost: %s", error.detail)
        raise AssertionError("the loop answers or raises")

    def _once(self, task: dict[str, Any], attached: Sequence[bytes]) -> dict[str, Any]:
        time_s, memory_mb = self._settings.reading_time_s, self._settings.reading_memory_mb
        limits = {"memory_mb": memory_mb, "cpu_s": cpu_allowance_s(time_s, threads=0)}
        process = self._take()
        try:
            process.give({**task, "limits": limits}, *attached)
            told = outcome_of(process, timeout_s=time_s, memory_mb=memory_mb)
        except BaseException:
            process.kill()
            self._replace()
            raise
        self._give_back(process)
        return told

    def _take(self) -> ReaderProcess:
        """A reader that waits, or a new one."""
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    return process
                process.kill()
        return ReaderProcess()

    def _give_back(self, process: ReaderProcess) -> None:
        """Keep it for the next case, unless it is gone or has grown fat."""
        fat = process.resident_mb() > RETIRE_MB
        with self._lock:
            if not self._closed and process.alive and not fat:
                self._idle.append(process)
                return
        process.kill()
        if fat:
            self._replace()

    def _replace(self) -> None:
        """Have another one get ready in the place of one that went."""
        if not self._closed:
            self._give_back(ReaderProcess())

    def _fault(self, error: TaskFailed) -> Exception:
        """The answer to a reading that was ended."""
        settings = self._settings
        if error.code == "timed_out":
            return Fault(
                "reading_too_long", f"not read within {settings.reading_time_s:g} s", limit=settings.reading_time_s
            )
        if error.code == "out_of_memory":
            return Fault(
                "reading_too_large",
                f"reading it takes more than {settings.reading_memory_mb:,} MB of memory",
                limit=settings.reading_memory_mb,
            )
        return Fault("reader_lost") if error.code == "task_lost" else error


def plain(pending: Sequence[Pending]) -> list[dict[str, Any]]:
    """Decisions as a task names them."""
    return [asdict(p) for p in pending]


def reading_in(told: dict[str, Any]) -> Reading:
    """A reading from the message of a reader; what it refused is raised here."""
    if told["outcome"] == "fault":
        raise Fault(told["code"], told["detail"], **told["more"])
    if told["outcome"] == "refused":
        kind = InputError if told.get("readable", True) else NotReadable
        raise kind([Issue(**i) for i in told["issues"]])
    tables, decisions = told["attached"]
    return Reading(tables=tables, decisions=decisions, **told["reading"])
