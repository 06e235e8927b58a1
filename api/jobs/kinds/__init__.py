"""Every kind of job. The queue, claims, retries and the reaper ask here, and know none by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.jobs.kinds.evaluate import Evaluate
from api.jobs.kinds.reoptimise import Reoptimise
from api.jobs.kinds.solve import Solve
from api.jobs.kinds.study import StudyKind

if TYPE_CHECKING:
    from api.jobs.kinds.base import Kind
    from api.store.models import Job

__all__ = ["KINDS", "kind_of"]

KINDS: Final[dict[str, Kind]] = {k.name: k for k in (Solve(), Reoptimise(), Evaluate(), StudyKind())}
"""By name, as ``Job.kind`` has it. A new kind is a module here and a word in this tuple."""


def kind_of(job: Job) -> Kind:
    """What a worker does with a job."""
    return KINDS[job.kind]
