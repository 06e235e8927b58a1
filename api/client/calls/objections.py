"""Operations of the service: objections. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Objections"]


class Objections(Caller):
    """Operations with the tag ``objections``."""

    def get_objection(self, objection_id: str) -> Answer:
        """An objection.

        Returns
        -------
        Answer
            ``ObjectionOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/objections/{id_in_path(objection_id)}"))

    def accept_objection(
        self,
        objection_id: str,
        body: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Make it a decision: every revision of the case that is made from now on has it.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``AcceptPost``: ``reason``; if wanted ``action``, ``provider``.

        Returns
        -------
        Answer
            ``ObjectionOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``reading_too_large``, ``unsupported_media_type``,
            ``invalid_options``, ``idempotency_key_reused``, ``reading_too_long``.
        """
        path = f"/v1/objections/{id_in_path(objection_id)}/accept"
        return answer(self._wire.post(path, body=body, key=idempotency_key))

    def price_objection(self, objection_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Ask what it would cost: a study ``why_not``, which is its ``study`` from now on.

        Returns
        -------
        Answer
            ``ObjectionOut``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``no_result``, ``no_plan_found``, ``document_removed``,
            ``reading_too_large``, ``invalid_options``, ``idempotency_key_reused``, ``horizon_not_taken``,
            ``reading_too_long``, ``too_many_plans``.
        """
        return answer(self._wire.post(f"/v1/objections/{id_in_path(objection_id)}/price", key=idempotency_key))

    def reject_objection(
        self,
        objection_id: str,
        body: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Do not follow it, and say why.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``RejectPost``: ``reason``.

        Returns
        -------
        Answer
            ``ObjectionOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``unsupported_media_type``, ``idempotency_key_reused``.
        """
        path = f"/v1/objections/{id_in_path(objection_id)}/reject"
        return answer(self._wire.post(path, body=body, key=idempotency_key))

    def list_objections(self, plan_id: str, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Objections to a plan, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``ObjectionOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return pages(self._wire, f"/v1/plans/{id_in_path(plan_id)}/objections", page_size)

    def create_objection(self, plan_id: str, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Object to a plan: what would be better for an entity, and why. Any role may.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``ObjectionPost``: ``entity``, ``reason``; if wanted ``provider``, ``service``.

        Returns
        -------
        Answer
            ``ObjectionOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``unsupported_media_type``, ``invalid_options``,
            ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/plans/{id_in_path(plan_id)}/objections", body=body, key=idempotency_key))
