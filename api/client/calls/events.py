"""Operations of the service: events. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Events"]


class Events(Caller):
    """Operations with the tag ``events``."""

    def list_events(
        self,
        *,
        case: str | None = None,
        batch: str | None = None,
        status: Literal["received", "applied", "solving", "done", "failed"] | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Events, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``EventOut``.
        """
        query = {"case": case, "batch": batch, "status": status}
        return pages(self._wire, "/v1/events", page_size, query)

    def create_events(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Missions start, change, close: a new revision as of their date, re-optimised from the applied plan.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``EventsPost``: ``case``, ``events``; if wanted ``move_budget``, ``name``, ``options``.

        Returns
        -------
        Answer
            ``BatchOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``revision_conflict``, ``no_applied_plan``,
            ``no_result``, ``reading_too_large``, ``unsupported_media_type``, ``horizon_not_taken``,
            ``invalid_options``, ``idempotency_key_reused``, ``reading_too_long``, ``too_many_plans``.
        """
        return answer(self._wire.post("/v1/events", body=body, key=idempotency_key))

    def get_event(self, event_id: str) -> Answer:
        """An event: its revision, its plan, the curve, the comparison.

        Returns
        -------
        Answer
            ``EventOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/events/{id_in_path(event_id)}"))
