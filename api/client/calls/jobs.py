"""Operations of the service: jobs. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Jobs"]


class Jobs(Caller):
    """Operations with the tag ``jobs``."""

    def list_jobs(
        self,
        *,
        case: str | None = None,
        kind: Literal["solve", "reoptimise", "evaluate", "study"] | None = None,
        job_status: Literal["queued", "running", "succeeded", "failed", "cancelled"] | None = None,
        dead: bool | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Jobs of plans, studies and evaluations, newest first.

        Parameters
        ----------
        dead : bool, optional
            Jobs whose every try failed.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``JobOut``.
        """
        query = {"case": case, "kind": kind, "job_status": job_status, "dead": dead}
        return pages(self._wire, "/v1/jobs", page_size, query)

    def get_job(self, job_id: str) -> Answer:
        """A job: status, tries, times.

        Returns
        -------
        Answer
            ``JobOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/jobs/{id_in_path(job_id)}"))

    def cancel_job(self, job_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Ask for the end of a job; what it has is kept. Asking twice changes nothing.

        Returns
        -------
        Answer
            ``JobOut``.

        Raises
        ------
        Refused
            ``not_found``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/jobs/{id_in_path(job_id)}/cancel", key=idempotency_key))

    def retry_job(self, job_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Try a failed job again, from what was kept.

        Returns
        -------
        Answer
            ``JobOut``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``document_removed``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/jobs/{id_in_path(job_id)}/retry", key=idempotency_key))
