"""What the service does with cases without a horizon only, and the one refusal of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.faults import Fault
from api.store.models import Case
from optimizer.domain.steady import NOT_TAKEN

if TYPE_CHECKING:
    from api.store.models import Plan, Revision
    from api.store.scope import Scope

__all__ = ["only_steady", "only_steady_plans"]


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
