"""All tables in one place to import from."""

from __future__ import annotations

from api.store.base import Base
from api.store.models_access import ApiKey, AuditEntry, AuditName, IdempotencyRecord, Identity, SignIn, Workspace
from api.store.models_cases import Case, Decision, Draft, Revision, Validation
from api.store.models_jobs import Incumbent, Job, ProgressPoint, Worker
from api.store.models_money import Ledger, LedgerEntry, PriceList
from api.store.models_operations import Delivery, Event, Schedule, Webhook
from api.store.models_plans import Artifact, Baseline, Comparison, Evaluation, Objection, Plan, PlanResult, PlanState
from api.store.models_studies import Study, StudyAnswer, StudyPlan, StudyPoint

__all__ = [
    "ApiKey",
    "Artifact",
    "AuditEntry",
    "AuditName",
    "Base",
    "Baseline",
    "Case",
    "Comparison",
    "Decision",
    "Delivery",
    "Draft",
    "Evaluation",
    "Event",
    "IdempotencyRecord",
    "Identity",
    "Incumbent",
    "Job",
    "Ledger",
    "LedgerEntry",
    "Objection",
    "Plan",
    "PlanResult",
    "PlanState",
    "PriceList",
    "ProgressPoint",
    "Revision",
    "Schedule",
    "SignIn",
    "Study",
    "StudyAnswer",
    "StudyPlan",
    "StudyPoint",
    "Validation",
    "Webhook",
    "Worker",
    "Workspace",
]
