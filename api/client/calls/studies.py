"""Operations of the service: studies. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.stream import Event, follow
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Studies"]


class Studies(Caller):
    """Operations with the tag ``studies``."""

    def list_studies(
        self,
        *,
        case: str | None = None,
        plan: str | None = None,
        kind: str | None = None,
        job_status: Literal["queued", "running", "succeeded", "failed", "cancelled"] | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Studies, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``StudyOut``.
        """
        query = {"case": case, "plan": plan, "kind": kind, "job_status": job_status}
        return pages(self._wire, "/v1/studies", page_size, query)

    def create_study(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Ask a question about a case, or about a plan of it. The answer comes at once; follow ``links.self``.

        Returns
        -------
        Answer
            ``StudyOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``plan_of_another_case``, ``no_result``,
            ``no_plan_found``, ``document_removed``, ``reading_too_large``, ``unsupported_media_type``,
            ``horizon_not_taken``, ``horizon_needed``, ``invalid_options``, ``study_too_large``,
            ``idempotency_key_reused``, ``reading_too_long``, ``too_many_plans``.
        """
        return answer(self._wire.post("/v1/studies", body=body, key=idempotency_key))

    def get_study(self, study_id: str) -> Answer:
        """A study without its answer: the question, job status, how many points are answered.

        Returns
        -------
        Answer
            ``StudyOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/studies/{id_in_path(study_id)}"))

    def get_study_answer(self, study_id: str, *, plans: bool = False) -> Answer:
        """The answer: points with both ends, tables, sentences; of its plans, hash and cost unless they are asked
        for. ``range``, ``replan``, ``shares`` and ``bos`` have the document of their own as ``document``.

        Parameters
        ----------
        plans : bool, optional
            With the plans themselves, not only their hashes.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_answer``, ``document_removed``.
        """
        query = {"plans": plans}
        return answer(self._wire.get(f"/v1/studies/{id_in_path(study_id)}/answer", query=query))

    def cancel_study(self, study_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Ask for the end of the study; what is answered is kept. Asking twice changes nothing.

        Returns
        -------
        Answer
            ``StudyOut``.

        Raises
        ------
        Refused
            ``not_found``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/studies/{id_in_path(study_id)}/cancel", key=idempotency_key))

    def get_study_map(self, study_id: str) -> bytes:
        """The countries of ``bos_countries`` on one map; other kinds have none.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_answer``, ``conflict``, ``document_removed``.
        """
        return self._wire.get(f"/v1/studies/{id_in_path(study_id)}/map").content

    def get_study_plan(self, study_id: str, number: int) -> Answer:
        """A plan behind the answer; it answers the case under the change of its point.

        Parameters
        ----------
        number : int
            Position among the answer's plans, as ``plan`` of a point.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_answer``, ``document_removed``.
        """
        return answer(self._wire.get(f"/v1/studies/{id_in_path(study_id)}/plans/{id_in_path(number)}"))

    def keep_study_plan(self, study_id: str, number: int, *, idempotency_key: str | None = None) -> Answer:
        """Make it a plan of the case, a draft; where the case was changed for it, priced and checked without that.

        Parameters
        ----------
        number : int
            Position among the answer's plans, as ``plan`` of a point.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_answer``, ``plan_not_sound``, ``conflict``, ``document_removed``,
            ``idempotency_key_reused``.
        """
        path = f"/v1/studies/{id_in_path(study_id)}/plans/{id_in_path(number)}/keep"
        return answer(self._wire.post(path, key=idempotency_key))

    def stream_study_progress(self, study_id: str, *, last_event_id: str = "") -> Iterator[Event]:
        """Events ``progress`` (elapsed_s, phase: points answered and the one in hand), ``status`` and ``end``.

        Parameters
        ----------
        last_event_id : str, optional
            Begin after this event.

        Raises
        ------
        Refused
            ``not_found``, ``too_many_streams``.
        """
        return follow(self._wire, f"/v1/studies/{id_in_path(study_id)}/progress", last_event_id)

    def get_study_report(self, study_id: str) -> bytes:
        """Sentences and tables of the answer as one HTML page that needs no network.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_answer``, ``document_removed``.
        """
        return self._wire.get(f"/v1/studies/{id_in_path(study_id)}/report").content

    def retry_study(self, study_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Go on with a failed study at the first point that is not answered.

        Returns
        -------
        Answer
            ``StudyOut``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``document_removed``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/studies/{id_in_path(study_id)}/retry", key=idempotency_key))

    def list_study_rows(self, study_id: str, table: str, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Rows of a table of the answer; ``tables`` of the study names them.

        Parameters
        ----------
        table : str
            As ``tables`` of the study names it.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_answer``, ``document_removed``.
        """
        return pages(self._wire, f"/v1/studies/{id_in_path(study_id)}/rows/{id_in_path(table)}", page_size, by="offset")

    def get_study_table(self, study_id: str, table: str) -> bytes:
        """A table of the answer as CSV; no cell can execute.

        Parameters
        ----------
        table : str
            As ``tables`` of the study names it.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_answer``, ``document_removed``.
        """
        return self._wire.get(f"/v1/studies/{id_in_path(study_id)}/tables/{id_in_path(table)}").content

    def get_study_workbook(self, study_id: str) -> bytes:
        """All tables of the answer as one workbook; no cell can execute.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_answer``, ``document_removed``.
        """
        return self._wire.get(f"/v1/studies/{id_in_path(study_id)}/workbook").content
