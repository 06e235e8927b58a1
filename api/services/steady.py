"""What the service does with cases without a horizon only, or with one only, and the refusals of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.faults import Fault
from api.store.models import Case
from optimizer.domain.steady import NOT_TAKEN

if TYPE_CHECKING:
    from api.further.questions import Horizon
    from api.store.models import Plan, Revision
    from api.store.scope import Scope

__all__ = ["fits_horizon", "only_steady", "only_steady_plans"]


def only_steady(*revisions: Revision) -> None:
    """Refuse revisions that have a horizon.

    Raises
    ------
    Fault
        ``horizon_not_taken``.
    """
    for found in revisions:
        if found.over_time:
            what = f"revision {found.number} of case {found.case_id} has a horizon"
            raise Fault("horizon_not_taken", NOT_TAKEN.format(what=what))


def only_steady_plans(scope: Scope, *plans: Plan) -> None:
    """Refuse plans of such revisions; as ``only_steady``."""
    only_steady(*(scope.revision(scope.get(Case, p.case_id), p.revision) for p in plans))


def fits_horizon(wanted: Horizon, *revisions: Revision) -> None:
    """Refuse revisions that have, or have not, what is wanted.

    Raises
    ------
    Fault
        ``horizon_not_taken``, ``horizon_needed``.
    """
    if wanted == "without":
        only_steady(*revisions)
    for found in revisions:
        if wanted == "with" and not found.over_time:
            raise Fault("horizon_needed", f"revision {found.number} of case {found.case_id} has no horizon")
