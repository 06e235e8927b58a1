"""Operations of the service: schedules. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Schedules"]


class Schedules(Caller):
    """Operations with the tag ``schedules``."""

    def get_digest(self, *, since: str | None = None, limit: int = 200) -> Answer:
        """What schedules brought since a time: what came back without a plan first, then what moves.

        Parameters
        ----------
        since : str, optional
            24 hours ago when left out.

        Returns
        -------
        Answer
            ``DigestOut``.
        """
        query = {"since": since, "limit": limit}
        return answer(self._wire.get("/v1/digest", query=query))

    def list_schedules(self, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Schedules, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``ScheduleOut``.
        """
        return pages(self._wire, "/v1/schedules", page_size)

    def create_schedule(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Re-optimise by cron what became stale, from the applied plan, moving little.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``SchedulePost``: ``name``; if wanted ``cron``, ``enabled``, ``move_budget``, ``options``, ``time_zone``.

        Returns
        -------
        Answer
            ``ScheduleOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``conflict``, ``unsupported_media_type``, ``invalid_options``,
            ``idempotency_key_reused``.
        """
        return answer(self._wire.post("/v1/schedules", body=body, key=idempotency_key))

    def get_schedule(self, schedule_id: str) -> Answer:
        """A schedule, its last and its next run.

        Returns
        -------
        Answer
            ``ScheduleOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/schedules/{id_in_path(schedule_id)}"))

    def change_schedule(
        self,
        schedule_id: str,
        body: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Change the times of a schedule, stop it, or let it go on.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``ScheduleChange``: if wanted ``cron``, ``enabled``, ``time_zone``.

        Returns
        -------
        Answer
            ``ScheduleOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``unsupported_media_type``, ``invalid_options``,
            ``idempotency_key_reused``.
        """
        path = f"/v1/schedules/{id_in_path(schedule_id)}/change"
        return answer(self._wire.post(path, body=body, key=idempotency_key))

    def delete_schedule(self, schedule_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Take a schedule away; what it did stays.

        Returns
        -------
        Answer
            ``ScheduleOut``.

        Raises
        ------
        Refused
            ``not_found``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/schedules/{id_in_path(schedule_id)}/delete", key=idempotency_key))

    def run_schedule(self, schedule_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Let a worker run it now, out of turn.

        Returns
        -------
        Answer
            ``ScheduleOut``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/schedules/{id_in_path(schedule_id)}/run", key=idempotency_key))

    def list_schedule_runs(self, schedule_id: str, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """When a schedule ran and what it began, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``RunOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return pages(self._wire, f"/v1/schedules/{id_in_path(schedule_id)}/runs", page_size)
