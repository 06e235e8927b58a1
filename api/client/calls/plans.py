"""Operations of the service: plans. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.stream import Event, follow
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Plans"]


class Plans(Caller):
    """Operations with the tag ``plans``."""

    def list_plans(
        self,
        *,
        case: str | None = None,
        job_status: Literal["queued", "running", "succeeded", "failed", "cancelled"] | None = None,
        solution: Literal["optimal", "feasible", "infeasible", "no_solution"] | None = None,
        dead: bool | None = None,
        archived: bool = False,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Plans, newest first; without those that are archived, or of archived cases.

        Parameters
        ----------
        dead : bool, optional
            Jobs whose every try failed.
        archived : bool, optional
            Those that are out of lists, instead of the others.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``PlanOut``.
        """
        query = {"case": case, "job_status": job_status, "solution": solution, "dead": dead, "archived": archived}
        return pages(self._wire, "/v1/plans", page_size, query)

    def create_plan(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Submit a run. The answer comes at once; follow ``links.self`` or ``links.progress``. A case with a horizon
        is planned over time; a plan to start from must then be over time too.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``PlanSubmit``: ``case``; if wanted ``name``, ``options``, ``priority``, ``revision``, ``start_plan``,
            ``tags``.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``no_result``, ``no_plan_found``, ``document_removed``,
            ``unsupported_media_type``, ``horizon_not_taken``, ``invalid_options``, ``idempotency_key_reused``,
            ``too_many_plans``.
        """
        return answer(self._wire.post("/v1/plans", body=body, key=idempotency_key))

    def get_plan(self, plan_id: str) -> Answer:
        """A plan without its content: job status, solution status, figures.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/plans/{id_in_path(plan_id)}"))

    def archive_plan(self, plan_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Take a plan out of lists. It stays readable by its id, and cannot be run, approved or applied.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/plans/{id_in_path(plan_id)}/archive", key=idempotency_key))

    def cancel_plan(self, plan_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Ask for the end of the job; the best plan so far is kept. Asking twice changes nothing.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/plans/{id_in_path(plan_id)}/cancel", key=idempotency_key))

    def stream_progress(self, plan_id: str, *, last_event_id: str = "") -> Iterator[Event]:
        """Events ``progress`` (elapsed_s, incumbent, bound, gap_abs, phase), ``status`` and ``end``, from the first
        on.

        Parameters
        ----------
        last_event_id : str, optional
            Begin after this event.

        Raises
        ------
        Refused
            ``not_found``, ``too_many_streams``.
        """
        return follow(self._wire, f"/v1/plans/{id_in_path(plan_id)}/progress", last_event_id)

    def restore_plan(self, plan_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Bring an archived plan back.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``not_found``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/plans/{id_in_path(plan_id)}/restore", key=idempotency_key))

    def retry_plan(self, plan_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Try a failed plan again, from the best plan that was kept.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``document_removed``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/plans/{id_in_path(plan_id)}/retry", key=idempotency_key))
