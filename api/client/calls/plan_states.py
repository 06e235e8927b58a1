"""Operations of the service: plan states. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.client.answers import Answer, Caller, answer, answers
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PlanStates"]


class PlanStates(Caller):
    """Operations with the tag ``plan states``."""

    def apply_plan(
        self,
        plan_id: str,
        body: Mapping[str, Any] | None = None,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Say that an approved plan is carried out. The plan applied before is superseded; events start from this
        one.

        Parameters
        ----------
        body : Mapping[str, Any], optional
            ``Transition``: if wanted ``accept_stale``, ``comment``.
        if_match : str, optional
            Go on only while this is the current ``etag``.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``plan_not_sound``, ``plan_stale``,
            ``document_removed``, ``precondition_failed``, ``unsupported_media_type``, ``idempotency_key_reused``.
        """
        path = f"/v1/plans/{id_in_path(plan_id)}/apply"
        return answer(self._wire.post(path, body=body, if_match=if_match, key=idempotency_key))

    def approve_plan(
        self,
        plan_id: str,
        body: Mapping[str, Any] | None = None,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Approve a submitted plan; not with the key that submitted it, unless the service allows that.

        Parameters
        ----------
        body : Mapping[str, Any], optional
            ``Transition``: if wanted ``accept_stale``, ``comment``.
        if_match : str, optional
            Go on only while this is the current ``etag``.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``own_submission``, ``not_found``, ``conflict``, ``plan_not_sound``, ``plan_stale``,
            ``document_removed``, ``precondition_failed``, ``unsupported_media_type``, ``idempotency_key_reused``.
        """
        path = f"/v1/plans/{id_in_path(plan_id)}/approve"
        return answer(self._wire.post(path, body=body, if_match=if_match, key=idempotency_key))

    def reject_plan(
        self,
        plan_id: str,
        body: Mapping[str, Any] | None = None,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Reject a submitted plan; the comment says why.

        Parameters
        ----------
        body : Mapping[str, Any], optional
            ``Transition``: if wanted ``accept_stale``, ``comment``.
        if_match : str, optional
            Go on only while this is the current ``etag``.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``plan_not_sound``, ``plan_stale``,
            ``document_removed``, ``precondition_failed``, ``unsupported_media_type``, ``idempotency_key_reused``.
        """
        path = f"/v1/plans/{id_in_path(plan_id)}/reject"
        return answer(self._wire.post(path, body=body, if_match=if_match, key=idempotency_key))

    def list_plan_states(self, plan_id: str) -> list[dict[str, Any]]:
        """Every state the plan came into, oldest first.

        Returns
        -------
        list[dict[str, Any]]
            ``StateOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answers(self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/states"))

    def submit_plan(
        self,
        plan_id: str,
        body: Mapping[str, Any] | None = None,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Submit a verified draft for approval.

        Parameters
        ----------
        body : Mapping[str, Any], optional
            ``Transition``: if wanted ``accept_stale``, ``comment``.
        if_match : str, optional
            Go on only while this is the current ``etag``.

        Returns
        -------
        Answer
            ``PlanOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``plan_not_sound``, ``plan_stale``,
            ``document_removed``, ``precondition_failed``, ``unsupported_media_type``, ``idempotency_key_reused``.
        """
        path = f"/v1/plans/{id_in_path(plan_id)}/submit"
        return answer(self._wire.post(path, body=body, if_match=if_match, key=idempotency_key))
