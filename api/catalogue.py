"""Every problem the service answers with, once: stable code, HTTP status, what it means, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["PROBLEMS", "ProblemKind"]


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem (RFC 9457); ``code`` never changes its meaning."""

    code: str
    status: int
    title: str
    remedy: str


PROBLEMS: Final[dict[str, ProblemKind]] = {
    kind.code: kind
    for kind in (
        ProblemKind("malformed_body", 400, "The body cannot be read", "send well-formed content"),
        ProblemKind("unauthenticated", 401, "No valid credentials", "send 'Authorization: Bearer <key or token>'"),
        ProblemKind("forbidden", 403, "The key does not allow this", "use a key with the scope named in the answer"),
        ProblemKind(
            "no_access",
            403,
            "The token gives no access here",
            "have a role and a workspace of this service put into your tokens",
        ),
        ProblemKind(
            "own_submission",
            403,
            "Who submits a plan does not approve it",
            "let another person approve, with a key of their own",
        ),
        ProblemKind(
            "form_refused",
            403,
            "The form did not come from a page of this service, or its page is too old",
            "open the page again and send the form from there",
        ),
        ProblemKind(
            "insecure_address",
            403,
            "Pages need https, or an address of this machine",
            "use the https address of the service",
        ),
        ProblemKind("too_many_sign_ins", 429, "Too many sign-ins were tried from this address", "wait, then try again"),
        ProblemKind("not_found", 404, "There is no such thing in this workspace", "check the id"),
        ProblemKind("method_not_allowed", 405, "The method is not known here", "see the Allow header"),
        ProblemKind("not_acceptable", 406, "No such representation", "see the media types in the description"),
        ProblemKind("request_timeout", 408, "The body came too slowly", "send the same request again"),
        ProblemKind("conflict", 409, "The state does not allow this", "read the current state and decide again"),
        ProblemKind(
            "key_has_successors",
            409,
            "Schedules or webhooks made with the key still work",
            "repeat with left=keep or left=stop",
        ),
        ProblemKind("revision_conflict", 409, "The case has a newer revision", "base the change on the latest one"),
        ProblemKind("no_result", 409, "There is no result yet", "wait until job_status is final"),
        ProblemKind("no_plan_found", 409, "The job ended without a plan", "see error and findings of the plan"),
        ProblemKind("no_answer", 409, "The study ended without an answer", "see its error; ask for another try"),
        ProblemKind(
            "plan_of_another_case",
            409,
            "The plan answers another case, or another revision of it",
            "ask about the case and revision named in detail, or about another plan",
        ),
        ProblemKind("plan_not_sound", 409, "The plan is not a verified plan", "take one that is feasible and verified"),
        ProblemKind(
            "plan_stale",
            409,
            "The case has a newer revision than the plan's",
            "solve the latest revision, or send accept_stale",
        ),
        ProblemKind(
            "ledger_broken",
            409,
            "The chain of the ledger does not hold",
            "nothing is told from it or added to it; `GET …/check` names the places; restore from a backup",
        ),
        ProblemKind("no_applied_plan", 409, "No plan of the case is applied", "apply a plan first"),
        ProblemKind(
            "document_removed",
            410,
            "The document was removed, having been kept as long as agreed",
            "solve the revision again; a copy can be told by its hash",
        ),
        ProblemKind("precondition_failed", 412, "The resource has changed", "fetch it again and repeat"),
        ProblemKind("body_too_large", 413, "The body is too large", "send less; the limit is in the answer"),
        ProblemKind("nested_too_deep", 413, "The body is nested too deep", "send less; the limit is in the answer"),
        ProblemKind("too_many_rows", 413, "A table has too many rows", "send less; the limit is in the answer"),
        ProblemKind("archive_too_large", 413, "The archive unpacks to too much", "send less, or less compressed"),
        ProblemKind(
            "reading_too_large",
            413,
            "Reading the case takes too much memory",
            "send a smaller case, or ask the operator for more (`READING_MEMORY_MB`)",
        ),
        ProblemKind("unsupported_media_type", 415, "The media type is not accepted", "see accepted in the answer"),
        ProblemKind("invalid_request", 422, "The request does not fit its description", "mend what issues name"),
        ProblemKind("bad_input", 422, "The case has errors", "mend what issues name; nothing was stored or solved"),
        ProblemKind(
            "entry_refused", 422, "The entry of the ledger is refused", "mend what issues name; nothing was recorded"
        ),
        ProblemKind(
            "reading_too_long",
            422,
            "Reading the case takes too long",
            "send a smaller case, or ask the operator for more time (`READING_TIME_S`)",
        ),
        ProblemKind(
            "not_confirmed", 422, "The name does not confirm the deletion", "send the very name of the workspace"
        ),
        ProblemKind(
            "horizon_not_taken",
            422,
            "This is not done over time",
            "ask it of a case without [horizon] in its policy, or of a plan of one",
        ),
        ProblemKind(
            "horizon_needed",
            422,
            "This is done over time only",
            "ask it of a case with [horizon] in its policy, and of a plan of one",
        ),
        ProblemKind("invalid_options", 422, "The options make no sense", "mend what detail names"),
        ProblemKind(
            "study_too_large", 422, "The question would take too many solves", "ask for less, as issues say: in parts"
        ),
        ProblemKind(
            "webhook_target_refused",
            422,
            "The address of the webhook is not allowed",
            "name a public https address, or ask the operator to allow private ones",
        ),
        ProblemKind(
            "idempotency_key_reused",
            422,
            "The Idempotency-Key was used for another request",
            "use a new key, or send the same request again",
        ),
        ProblemKind("too_many_plans", 429, "The workspace has too many open jobs", "wait for some to finish"),
        ProblemKind("too_many_drafts", 409, "The workspace has too many drafts", "make cases of some, or delete some"),
        ProblemKind("too_many_requests", 429, "Too many requests", "wait as long as Retry-After says"),
        ProblemKind("too_many_streams", 429, "Too many progress streams are open", "poll the plan instead"),
        ProblemKind("pricing_failed", 500, "The list could not be priced", "report it with the request id"),
        ProblemKind("internal_error", 500, "Internal failure", "report it with the request id"),
        ProblemKind(
            "issuer_unavailable", 503, "The issuer of tokens cannot be reached", "try again, or use an API key"
        ),
        ProblemKind("reader_lost", 503, "The process that read the case was lost", "try again"),
        ProblemKind("store_unavailable", 503, "The database cannot be reached or is busy", "try again"),
        ProblemKind(
            "storage_full",
            507,
            "There is no room to store this",
            "nothing was stored; send the same request again when the operator has made room",
        ),
    )
}
"""By code. ``ERRORS.md`` is made from this table (``python -m docs.build``)."""
