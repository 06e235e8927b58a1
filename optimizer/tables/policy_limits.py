"""Limits of the policy changed without reading a case anew: nothing else of the case follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.case import Case
from optimizer.domain.issues import sort_issues
from optimizer.tables.canonical import canonical_policy
from optimizer.tables.checks.findings import Findings
from optimizer.tables.parse.policy import parse_policy
from optimizer.tables.raw import DEFAULT_LIMITS
from optimizer.tables.schema import POLICY_TABLE
from optimizer.tables.sources.document_source import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LIMITS", "with_limits"]

LIMITS: Final = frozenset(
    {
        "max_providers_per_entity",
        "bundle_mode",
        "agency_share_max",
        "max_moves",
        "one_off_budget",
        "site_count",
        "zones",
        "allow_unserved",
        "mean_overlap_min",
        "mean_distance_max",
        "worse_off_max",
        "exposure_max_fte",
        "site_share_max",
    }
)
"""Keys of the policy that no check of another table looks at, and that no array of the model is made of."""


def with_limits(case: Case, policy: Mapping[str, Any]) -> Case:
    """The case under another policy that differs in keys of ``LIMITS`` alone.

    Parameters
    ----------
    case : Case
    policy : mapping
        The whole policy, as in ``Case.tables``.

    Raises
    ------
    InputError
        With every problem of the policy.
    """
    findings = Findings()
    raw = read_document({POLICY_TABLE: policy}, "", DEFAULT_LIMITS, findings)
    made = parse_policy(raw.policy, raw.file, findings)
    findings.raise_errors()
    others = tuple(i for i in case.issues if i.table != POLICY_TABLE)
    return Case(
        **{name: vars(case)[name] for name in Case.__annotations__}
        | {
            "policy": made,
            "tables": {**case.tables, POLICY_TABLE: canonical_policy(made)},
            "issues": tuple(sort_issues([*others, *findings.issues()])),
        }
    )
