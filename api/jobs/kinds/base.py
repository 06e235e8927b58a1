"""What a kind of job says of itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sqlalchemy import select
from sqlalchemy.orm import undefer

from api.store.models import Case, Revision
from optimizer.domain.params import SolveParams

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.jobs.queue import JobQueue
    from api.store.engine import Store
    from api.store.models import Job

__all__ = ["Kind", "case_task", "digested", "params_in", "written"]

_PARAMS: Final = frozenset(f.name for f in fields(SolveParams))


class Kind:
    """One kind of job: the task of its process, what becomes of what that makes, who is told.

    All methods are called in the transaction that claims, reports or ends the job, with the job's row locked.
    """

    name: ClassVar[str]
    topic: ClassVar[str]
    """First word of its topics and of its entries in the record: ``plan``."""

    def task(self, session: Session, job: Job) -> dict[str, Any]:
        """The task of its process (``api.jobs.child``), with ``params`` for its limits."""
        raise NotImplementedError

    def note(self, session: Session, job: Job, message: dict[str, Any], at: datetime) -> None:
        """Keep what its process tells on the way, beside progress and better plans."""

    def settle(
        self,
        session: Session,  # noqa: ARG002 (here nothing is kept)
        job: Job,  # noqa: ARG002
        task: dict[str, Any],  # noqa: ARG002
        how: dict[str, Any],  # noqa: ARG002
    ) -> dict[str, Any] | None:
        """The task that makes a result of what was kept, where the work was cut short; ``None``: nothing was kept.

        Parameters
        ----------
        how : dict
            ``stopped_by``, ``detail``, ``bound`` (the best that was heard of, not yet kept), and ``error``: whether
            the job failed.
        """
        return None

    def store(self, session: Session, job: Job, made: dict[str, Any], at: datetime) -> tuple[str, str] | None:
        """Store what the process made; code and detail where that counts as a failure."""
        raise NotImplementedError

    def reopen(self, session: Session, job: Job) -> None:
        """Make a failed job ready to be tried again.

        Raises
        ------
        Fault
            It cannot be.
        """

    def facts(self, session: Session, job: Job) -> dict[str, Any]:  # noqa: ARG002
        """Figures of what the job made, for the record and for traces."""
        return {}

    def ended(self, session: Session, store: Store, queue: JobQueue, job: Job) -> None:
        """What follows from the end of the job, messages included; one that raises undoes the end."""
        raise NotImplementedError


def params_in(options: dict[str, Any]) -> dict[str, Any]:
    """Those of the options that are the solver's."""
    return {k: v for k, v in options.items() if k in _PARAMS and v is not None}


def case_task(session: Session, job: Job) -> dict[str, Any]:
    """What the tasks of all kinds have: the case as it was asked about, and the solver's parameters."""
    query = select(Revision).where(Revision.case_id == job.case_id, Revision.number == job.revision)
    revision = session.scalars(query.options(undefer(Revision.tables))).one()
    return {
        "tables": revision.tables,
        "case_name": session.get_one(Case, job.case_id).name,
        "issues": [i for i in revision.issues if i["severity"] != "error"],
        "params": params_in(job.options),
    }


def written(document: Any) -> bytes:
    """A document as it is stored."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def digested(content: bytes) -> str:
    """Hash of a stored document."""
    return hashlib.sha256(content).hexdigest()
