"""Bodies of studies. What each kind is asked is made from the question's own fields (``optimizer.studies.ask``)."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import operator
import types
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

from fastapi import Body
from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, create_model, field_validator

from api.further.questions import FURTHER
from api.schemas.common import Id, Label, Links, Out, Plain, Sent, Tag, printable
from api.schemas.jobs import JobError, JobStatus, Timestamps
from api.schemas.plans import Removed
from optimizer.domain.params import BackendName
from optimizer.studies.ask import STUDIES

if TYPE_CHECKING:
    from api.store.models import Study
    from optimizer.studies.base import Question

__all__ = ["StudyKindName", "StudyOptions", "StudyOut", "StudyPost", "StudyProgress", "StudySubmit", "question_body"]

LONGEST: Final = 1000
"""Values of a list in a question; how many solves they may come to is for its kind to say (``study_too_large``)."""
LARGEST: Final = 2**53
LONGEST_TEXT: Final = 200_000
"""Characters of a field that is a file's content (metadata ``file``)."""


_Content = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(printable)]


class StudyOptions(Sent):
    """Limits and choices of the solves of a study; what is left out takes the service's default."""

    backend: BackendName = "auto"
    time_limit_s: float | None = Field(
        None, gt=0, le=1e7, description="seconds for the whole study, for each try anew, shared out over its solves"
    )
    solve_limit_s: float | None = Field(None, gt=0, le=1e7, description="seconds for one solve")
    work_limit: int | None = Field(None, ge=0, le=10**15, description="deterministic work units for one solve")
    gap_rel: float = Field(0.0, ge=0, lt=1, description="a solve may stop at this relative gap")
    threads: int | None = Field(None, ge=1, le=1024, description="left out: the service's own, 1 for other backends")
    memory_limit_mb: int | None = Field(None, ge=64, le=10**7)
    seed: int = Field(0, ge=0, le=2**31 - 1)


class StudyPost(Plain):
    """A question to answer."""

    kind: str
    question: Any
    case: Id = Field(examples=["cas_019328e1f2a3c0ffee0123456789"])
    revision: int | None = Field(None, ge=1, le=2**31 - 1, description="the latest, or the plan's, when left out")
    plan: Id | None = Field(None, description="the plan that it is about, or starts from")
    options: StudyOptions = StudyOptions()
    name: Label = ""
    tags: list[Tag] = Field(default=[], max_length=20)
    priority: int = Field(5, ge=1, le=9, description="1 goes first")

    @field_validator("question", "case", "revision", "plan", "options", "name", "tags", "priority", mode="before")
    @classmethod
    def _kinds(cls, value: Any, info: ValidationInfo) -> Any:
        """As ``Sent`` does for every field; the one that tells the kinds apart must have no validator."""
        return cls.no_stand_in(value, info)


def _json_of(hint: Any) -> Any:
    """The type of a question's field as a body has it."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple:
        return Annotated[list[_json_of(args[0])], Field(max_length=LONGEST)]  # type: ignore[misc]
    if origin in (Union, types.UnionType):
        return functools.reduce(operator.or_, (_json_of(a) for a in args))
    if hint is float:
        return Annotated[float, Field(allow_inf_nan=False)]
    if hint is int:
        return Annotated[int, Field(ge=-LARGEST, le=LARGEST)]
    return Label if hint is str else hint


def question_body(question: type[Question]) -> type[StudyPost]:
    """The body by which a kind of question is asked.

    A field with ``path`` in its metadata names a file of the machine that answers, and is not offered: it keeps its
    default. One with ``file`` holds the content of a file.
    """
    name = "".join(part.capitalize() for part in question.kind.replace("-", "_").split("_"))
    hints, fields = get_type_hints(question), dict[str, Any]()
    for field in dataclasses.fields(question):  # type: ignore[arg-type]
        if field.metadata.get("path"):
            continue
        default: Any = ... if field.default is dataclasses.MISSING else field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        about = Field(list(default) if isinstance(default, tuple) else default, description=field.metadata.get("help"))
        kind = _Content if field.metadata.get("file") else _json_of(hints[field.name])
        fields[field.name] = (kind, about)
    asked: Any = create_model(
        f"{name}Question", __base__=Sent, __module__=__name__, __doc__=inspect.getdoc(question), **fields
    )
    blank = all(not f.is_required() for f in asked.model_fields.values())
    more: dict[str, Any] = {
        "kind": (Literal[question.kind.replace("-", "_")], ...),
        "question": (asked, Field(default_factory=asked) if blank else ...),
    }
    if not getattr(question, "needs_case", True):
        more |= {n: (None, Field(None, description="it is about no case")) for n in ("case", "revision", "plan")}
    if question.needs_plan:
        more["plan"] = (Id, Field(description="the plan that it is about"))
    title = (inspect.getdoc(question) or name).partition("\n")[0]
    return cast(
        "type[StudyPost]",
        create_model(f"{name}Study", __base__=StudyPost, __module__=__name__, __doc__=title, **more),
    )


_KINDS: Final = (*STUDIES, *FURTHER)
_BODIES: Final = tuple(question_body(q) for q in _KINDS)
if TYPE_CHECKING:
    StudySubmit = StudyPost
    StudyKindName = str
else:
    StudySubmit = Annotated[functools.reduce(operator.or_, _BODIES), Body(discriminator="kind")]
    StudyKindName = Literal[tuple(q.kind.replace("-", "_") for q in _KINDS)]


class StudyProgress(Out):
    """How far a study has come."""

    elapsed_s: float = Field(description="since its process began, of the present try")
    phase: str = Field(description="points answered, and the one in hand")


class StudyOut(Out):
    """A study without its answer: light enough to poll."""

    id: str
    name: str
    tags: list[str]
    kind: str
    case: str | None = Field(description="null: it is about none of the workspace")
    revision: int | None
    stale: bool = Field(description="the case has a newer revision than the one that was asked about")
    plan: str | None
    question: dict[str, Any]
    options: dict[str, Any]
    job_status: JobStatus
    answered: int = Field(description="points that are answered so far")
    points: dict[str, int] | None = Field(
        description="of the answer: how many are `proven`, `bounded`, `impossible`, `not_answered`"
    )
    tables: dict[str, int] | None = Field(description="of the answer: rows of each table")
    removed: Removed | None = Field(description="its answer is gone, having been kept as long as agreed")
    progress: StudyProgress | None = Field(description="while the job runs, once it has reported")
    priority: int
    attempts: int
    max_attempts: int
    dead: bool = Field(description="every try failed; an operator may try again")
    error: JobError | None
    times: Timestamps
    created_by: str
    links: Links

    @classmethod
    def of(cls, s: Study, latest: int | None, answered: int, progress: dict[str, Any] | None = None) -> StudyOut:
        """From the store; ``latest`` is the case's newest revision, ``answered`` how many points are stored."""
        own = f"/v1/studies/{s.id}"
        done = {k: int(n) for k, n in (s.points or {}).items()}
        links = {"self": own, "job": f"/v1/jobs/{s.job_id}"}
        if s.case_id is not None:
            links["case"] = f"/v1/cases/{s.case_id}"
        if s.plan_id is not None:
            links["plan"] = f"/v1/plans/{s.plan_id}"
        return cls(
            id=s.id,
            name=s.name,
            tags=s.tags,
            kind=s.kind,
            case=s.case_id,
            revision=s.revision,
            stale=latest is not None and s.revision is not None and latest > s.revision,
            plan=s.plan_id,
            question=s.question,
            options=s.options,
            job_status=cast(JobStatus, s.job.status),
            answered=answered if s.points is None else sum(done.values()) - done.get("not_answered", 0),
            points=None if s.points is None else done,
            tables=s.tables,
            removed=None if s.removed is None else Removed(at=s.removed, document_hash=s.removed_hash),
            progress=None if progress is None else StudyProgress(**{k: progress[k] for k in ("elapsed_s", "phase")}),
            priority=s.job.priority,
            attempts=s.job.attempts,
            max_attempts=s.job.max_attempts,
            dead=s.job.dead,
            error=JobError.of(s.job),
            times=Timestamps.of(s.job),
            created_by=s.created_by,
            links={**links, **{n: f"{own}/{n}" for n in ("answer", "report", "workbook", "progress", "cancel")}},
        )
