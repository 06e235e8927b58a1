"""Who may do what: roles to scopes, routes to scopes. One table each, checked in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from api.faults import Fault

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["DEFAULT_WORKSPACE", "OPEN", "PAGES", "ROLES", "ROUTES", "SCOPES", "Caller", "permit", "scopes_of"]

_READ = frozenset({"cases:read", "plans:read", "objections:write"})
_PLAN = _READ | {"cases:write", "plans:write"}
_OPERATE = frozenset(
    {"plans:apply", "events:write", "ledgers:write", "schedules:write", "jobs:manage", "webhooks:write"}
)

ROLES: Final[dict[str, frozenset[str]]] = {
    "viewer": _READ,
    "planner": _PLAN,
    "approver": _READ | {"plans:approve"},
    "operator": _PLAN | _OPERATE,
    "admin": _PLAN | _OPERATE | {"plans:approve", "keys:manage", "audit:read", "retention:write", "workspaces:manage"},
}
"""What each role may do. ``workspaces:manage`` needs a key of the system too (see ``Caller.may``)."""

DEFAULT_WORKSPACE: Final = "default"
"""Id and name of the workspace that is there from the start."""

SCOPES: Final = tuple(sorted(ROLES["admin"]))

OPEN: Final = "open"
"""Scope of routes that need no key."""

ROUTES: Final[dict[str, str]] = {
    # operation id → scope
    "live": OPEN,
    "ready": OPEN,
    "list_examples": OPEN,
    "get_example": OPEN,
    "get_template": OPEN,
    "list_problems": OPEN,
    "metrics": "jobs:manage",
    "whoami": "plans:read",
    "create_case": "cases:write",
    "list_cases": "cases:read",
    "get_case": "cases:read",
    "archive_case": "cases:write",
    "restore_case": "cases:write",
    "create_revision": "cases:write",
    "patch_case": "cases:write",
    "commit_plan": "cases:write",
    "list_revisions": "cases:read",
    "get_revision": "cases:read",
    "get_revision_document": "cases:read",
    "download_revision": "cases:read",
    "create_draft": "cases:write",
    "start_draft": "cases:write",
    "list_drafts": "cases:write",
    "get_draft": "cases:write",
    "list_draft_rows": "cases:write",
    "change_draft": "cases:write",
    "list_draft_encodings": "cases:write",
    "decode_draft": "cases:write",
    "get_draft_workbook": "cases:write",
    "make_draft_case": "cases:write",
    "delete_draft": "cases:write",
    "create_validation": "cases:write",
    "list_validations": "cases:read",
    "get_validation": "cases:read",
    "create_plan": "plans:write",
    "list_plans": "plans:read",
    "get_plan": "plans:read",
    "cancel_plan": "plans:write",
    "retry_plan": "jobs:manage",
    "archive_plan": "plans:write",
    "restore_plan": "plans:write",
    "get_plan_document": "plans:read",
    "list_assignments": "plans:read",
    "get_savings": "plans:read",
    "list_lines": "plans:read",
    "list_findings": "plans:read",
    "get_certificate": "plans:read",
    "explain_assignment": "plans:read",
    "get_report": "plans:read",
    "get_plan_workbook": "plans:read",
    "get_plan_table": "plans:read",
    "stream_progress": "plans:read",
    "create_study": "plans:write",
    "list_studies": "plans:read",
    "get_study": "plans:read",
    "cancel_study": "plans:write",
    "retry_study": "jobs:manage",
    "get_study_answer": "plans:read",
    "list_study_rows": "plans:read",
    "get_study_table": "plans:read",
    "get_study_plan": "plans:read",
    "keep_study_plan": "plans:write",
    "get_study_report": "plans:read",
    "stream_study_progress": "plans:read",
    "get_study_workbook": "plans:read",
    "get_study_map": "plans:read",
    "create_price_list": "plans:write",
    "list_price_lists": "plans:read",
    "get_price_list": "plans:read",
    "get_price_list_document": "plans:read",
    "get_price_list_report": "plans:read",
    "get_price_list_workbook": "plans:read",
    "get_price_list_table": "plans:read",
    "get_statements": "plans:read",
    "get_statement_report": "plans:read",
    "get_statements_workbook": "plans:read",
    "get_statements_table": "plans:read",
    "get_agreements": "plans:read",
    "create_ledger": "ledgers:write",
    "list_ledgers": "plans:read",
    "get_ledger": "plans:read",
    "freeze_plan": "ledgers:write",
    "record_actuals": "ledgers:write",
    "record_forecast": "ledgers:write",
    "record_scope": "ledgers:write",
    "list_ledger_entries": "plans:read",
    "get_ledger_entry": "plans:read",
    "check_ledger": "plans:read",
    "get_ledger_file": "plans:read",
    "get_ledger_document": "plans:read",
    "list_ledger_rows": "plans:read",
    "get_ledger_report": "plans:read",
    "get_ledger_workbook": "plans:read",
    "get_ledger_table": "plans:read",
    "list_jobs": "plans:read",
    "get_job": "plans:read",
    "cancel_job": "plans:write",
    "retry_job": "jobs:manage",
    "submit_plan": "plans:write",
    "approve_plan": "plans:approve",
    "reject_plan": "plans:approve",
    "apply_plan": "plans:apply",
    "list_plan_states": "plans:read",
    "get_plan_case": "plans:read",
    "create_objection": "objections:write",
    "list_objections": "plans:read",
    "get_objection": "plans:read",
    "price_objection": "plans:write",
    "accept_objection": "plans:approve",
    "reject_objection": "plans:approve",
    "create_decision": "cases:write",
    "list_decisions": "cases:read",
    "get_decision": "cases:read",
    "withdraw_decision": "cases:write",
    "carry_decisions": "cases:write",
    "create_baseline": "plans:write",
    "list_baselines": "plans:read",
    "get_baseline": "plans:read",
    "get_baseline_document": "plans:read",
    "get_baseline_savings": "plans:read",
    "create_evaluation": "plans:write",
    "list_evaluations": "plans:read",
    "get_evaluation": "plans:read",
    "get_evaluation_document": "plans:read",
    "create_comparison": "plans:write",
    "list_comparisons": "plans:read",
    "get_comparison": "plans:read",
    "create_events": "events:write",
    "list_events": "plans:read",
    "get_event": "plans:read",
    "create_schedule": "schedules:write",
    "list_schedules": "plans:read",
    "get_schedule": "plans:read",
    "list_schedule_runs": "plans:read",
    "get_digest": "plans:read",
    "change_schedule": "schedules:write",
    "run_schedule": "schedules:write",
    "delete_schedule": "schedules:write",
    "list_workers": "jobs:manage",
    "create_webhook": "webhooks:write",
    "list_webhooks": "webhooks:write",
    "get_webhook": "webhooks:write",
    "delete_webhook": "webhooks:write",
    "test_webhook": "webhooks:write",
    "enable_webhook": "webhooks:write",
    "rotate_webhook": "webhooks:write",
    "repeat_delivery": "webhooks:write",
    "list_deliveries": "webhooks:write",
    "create_key": "keys:manage",
    "list_keys": "keys:manage",
    "get_key": "keys:manage",
    "revoke_key": "keys:manage",
    "list_audit": "audit:read",
    "get_audit_head": "audit:read",
    "create_workspace": "workspaces:manage",
    "list_workspaces": "workspaces:manage",
    "get_workspace": "workspaces:manage",
    "delete_workspace": "workspaces:manage",
    "get_retention": "plans:read",
    "set_retention": "retention:write",
}
"""Every route has a line here; a test fails for one that has none."""

PAGES: Final[dict[str, str]] = {
    # page → scope
    "page_static": OPEN,
    "page_language": OPEN,
    "page_sign_in": OPEN,
    "page_sign_in_send": OPEN,
    "page_first": OPEN,
    "page_first_send": OPEN,
    "page_template": OPEN,
    "page_sign_out": "plans:read",
    "page_start": "plans:read",
    "page_cases": "cases:read",
    "page_case": "cases:read",
    "page_case_table": "cases:read",
    "page_case_download": "cases:read",
    "page_case_new": "cases:write",
    "page_case_create": "cases:write",
    "page_case_example": "cases:write",
    "page_case_revise": "cases:write",
    "page_case_carry": "cases:write",
    "page_draft": "cases:write",
    "page_draft_start": "cases:write",
    "page_draft_save": "cases:write",
    "page_draft_encoding": "cases:write",
    "page_draft_workbook": "cases:write",
    "page_draft_make": "cases:write",
    "page_draft_delete": "cases:write",
    "page_decision_withdraw": "cases:write",
    "page_solve": "plans:write",
    "page_solve_send": "plans:write",
    "page_plans": "plans:read",
    "page_plan": "plans:read",
    "page_plan_live": "plans:read",
    "page_plan_moves": "plans:read",
    "page_plan_chart": "plans:read",
    "page_time": "plans:read",
    "page_plan_commit": "cases:write",
    "page_money": "plans:read",
    "page_plan_money": "plans:read",
    "page_prices_make": "plans:write",
    "page_prices": "plans:read",
    "page_prices_report": "plans:read",
    "page_prices_workbook": "plans:read",
    "page_statement": "plans:read",
    "page_agreements": "plans:read",
    "page_ledger_make": "ledgers:write",
    "page_ledger": "plans:read",
    "page_ledger_record": "ledgers:write",
    "page_ledger_scope": "ledgers:write",
    "page_ledger_report": "plans:read",
    "page_ledger_workbook": "plans:read",
    "page_objection_make": "objections:write",
    "page_objection_price": "plans:write",
    "page_objection_answer": "plans:approve",
    "page_plan_stop": "plans:write",
    "page_plan_retry": "jobs:manage",
    "page_plan_workbook": "plans:read",
    "page_plan_report": "plans:read",
    "page_why_find": "plans:read",
    "page_why": "plans:read",
    "page_why_ask": "plans:write",
    "page_why_decide": "cases:write",
    "page_compare": "plans:read",
    "page_compare_ask": "plans:write",
    "page_decide": "plans:read",
    "page_plan_submit": "plans:write",
    "page_plan_approve": "plans:approve",
    "page_plan_reject": "plans:approve",
    "page_plan_apply": "plans:apply",
    "page_studies": "plans:read",
    "page_study": "plans:read",
    "page_study_live": "plans:read",
    "page_study_report": "plans:read",
    "page_study_new": "plans:write",
    "page_study_send": "plans:write",
    "page_study_stop": "plans:write",
    "page_study_keep": "plans:write",
    "page_missions": "plans:read",
    "page_mission_new": "events:write",
    "page_mission_send": "events:write",
    "page_admin": "keys:manage",
    "page_key_create": "keys:manage",
    "page_key_revoke": "keys:manage",
    "page_audit": "audit:read",
    "page_jobs": "plans:read",
    "page_job_stop": "plans:write",
    "page_job_retry": "jobs:manage",
}
"""Every page, and every form that a page sends, has a line here; a test fails for one that has none."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key, its workspace, its scopes.

    ``until``: when what was shown ends by itself. ``owner``: whom the key belongs to, where that is another id.
    """

    key_id: str
    workspace_id: str
    role: str
    scopes: frozenset[str]
    system: bool = False
    request_id: str = ""
    until: datetime | None = None
    owner: str = ""

    @property
    def person(self) -> str:
        """Whom the key belongs to: the same for all keys that replaced one another."""
        return self.owner or self.key_id

    def may(self, scope: str) -> bool:
        """Whether the scope is held; managing workspaces is for system keys only."""
        return scope in self.scopes and (scope != "workspaces:manage" or self.system)


def scopes_of(role: str, narrowed: list[str] | None) -> frozenset[str]:
    """Scopes of a key: its role's, narrowed to those it was made with."""
    all_of_role = ROLES[role]
    return all_of_role if narrowed is None else all_of_role & frozenset(narrowed)


def permit(operation: str, caller: Caller | None) -> None:
    """Raise unless the caller may use the route or the page. One without a rule is closed to everyone."""
    scope = ROUTES.get(operation) or PAGES.get(operation)
    if scope == OPEN:
        return
    if caller is None:
        raise Fault("unauthenticated")
    if scope is None or not caller.may(scope):
        raise Fault("forbidden", f"{operation} needs the scope {scope}", required_scope=scope)
