"""A dynamic plan as a typed, frozen value, with the way from its document and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from optimizer.domain.issues import Issue
from optimizer.plan.codec import as_document, as_html, read_blocks
from optimizer.plan.time.document import SCHEMA_2
from optimizer.plan.time.values import (
    AssignmentOverTime,
    BaselineOverTime,
    CashFlow,
    CostOverTime,
    HorizonShown,
    LineInPeriod,
    Posts,
    SavingsOverTime,
    SiteInPeriod,
    UnallocatedInPeriod,
    Wave,
)
from optimizer.plan.values import Bounds, Entity, Run, RunnerUp, Status, Verification

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from optimizer.domain.case import Case

__all__ = ["PlanOverTime"]


@dataclass(frozen=True, slots=True, repr=False)
class PlanOverTime:
    """Who serves whom when, what each period costs, when it pays back, and what the check found.

    Made by ``solve`` for a case with a horizon, or from a document by ``from_document``. Its fields are the blocks of
    ``designate.plan/2``. Equal plans have equal documents.

    Parameters
    ----------
    case : Case, optional
        The case it answers.
    """

    schema: Literal["designate.plan/2"]
    run: Run
    status: Status
    horizon: HorizonShown
    bounds: Bounds
    cost: CostOverTime | None
    baseline: BaselineOverTime | None
    savings: SavingsOverTime | None
    cash_flow: tuple[CashFlow, ...]
    waves: tuple[Wave, ...]
    staffing: tuple[Posts, ...]
    assignments: tuple[AssignmentOverTime, ...]
    unallocated: tuple[UnallocatedInPeriod, ...]
    lines: tuple[LineInPeriod, ...]
    sites: tuple[SiteInPeriod, ...]
    entities: tuple[Entity, ...]
    verification: Verification
    issues: tuple[Issue, ...]
    case: Case | None = field(default=None, compare=False)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], case: Case | None = None) -> PlanOverTime:
        """The plan that a document holds.

        Raises
        ------
        InputError
            ``plan_not_readable``: a key is missing, unknown or of the wrong kind; the place is told.
        """
        return cls(**read_blocks(cls, SCHEMA_2, document), case=case)

    def document(self) -> dict[str, Any]:
        """``designate.plan/2`` as plain values, made anew at each call."""
        return as_document(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return PlanOverTime.from_document, (self.document(), self.case)

    def __hash__(self) -> int:
        return hash(self.run.id)

    @property
    def ok(self) -> bool:
        """There is a plan, and the independent check agrees with all of it."""
        return self.cost is not None and self.verification.ok

    @property
    def moves(self) -> tuple[AssignmentOverTime, ...]:
        """Stretches that begin with a switch."""
        return tuple(a for a in self.assignments if a.moved_from is not None)

    def frame(self, name: str = "assignments") -> pd.DataFrame:
        """One table of the plan; nested figures as columns.

        Parameters
        ----------
        name : {"assignments", "moves", "cash_flow", "waves", "staffing", "lines", "sites"}

        Raises
        ------
        KeyError
            There is no such table.
        """
        import pandas as pd

        if name not in _TABLES:
            raise KeyError(f"a plan over time has no table {name!r}; it has {', '.join(_TABLES)}")
        return pd.DataFrame([dict(_cells(row)) for row in getattr(self, name)])

    def __repr__(self) -> str:
        return f"<PlanOverTime {self.run.name or self.run.id}: {'; '.join(f'{k} {v}' for k, v in self._shown())}>"

    def _repr_html_(self) -> str:
        return as_html(f"Plan over time of {self.run.name or self.run.case_hash[:12]}", self._shown())

    def _shown(self) -> list[tuple[str, str]]:
        """What a reader looks for first, in words."""
        unit = self.run.currency
        out = [
            ("status", f"{self.status.solution}, {self.status.stopped_by}"),
            ("periods", f"{self.horizon.count} of a {self.horizon.unit} from {self.horizon.start}"),
        ]
        if self.cost is not None:
            out.append(("cost", f"{unit} {self.cost.total:,.0f}, worth {self.cost.discounted:,.0f} at the start"))
        if self.bounds.gap_rel is not None:
            out.append(("gap", f"{self.bounds.gap_rel:.2%}"))
        if self.savings is not None:
            out.append(("net present value of the saving", f"{unit} {self.savings.npv:,.0f}"))
        out.append(("switches", f"{sum(w.switches for w in self.waves):,}"))
        return [*out, ("verified", "yes" if self.verification.ok else "no")]


_TABLES: Final = ("assignments", "moves", "cash_flow", "waves", "staffing", "lines", "sites")


def _cells(row: Any) -> Iterator[tuple[str, Any]]:
    for f in fields(row):
        value = getattr(row, f.name)
        if is_dataclass(value):
            yield from ((f"{f.name}_{part}", cell) for part, cell in _cells(value))
        elif f.name == "runner_up":
            yield from ((f"{f.name}_{part.name}", None) for part in fields(RunnerUp))
        else:
            yield f.name, value
