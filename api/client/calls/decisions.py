"""Operations of the service: decisions. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Decisions"]


class Decisions(Caller):
    """Operations with the tag ``decisions``."""

    def list_decisions(
        self,
        case_id: str,
        *,
        withdrawn: bool | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Decisions about a case, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``DecisionOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        query = {"withdrawn": withdrawn}
        return pages(self._wire, f"/v1/cases/{id_in_path(case_id)}/decisions", page_size, query)

    def create_decision(self, case_id: str, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Lock, forbid or override. Every revision made from now on has it, until it is withdrawn.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``DecisionPost``: ``action``, ``entity``, ``reason``; if wanted ``decided_by``, ``plan``, ``provider``,
            ``service``.

        Returns
        -------
        Answer
            ``DecisionOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``reading_too_large``, ``unsupported_media_type``,
            ``idempotency_key_reused``, ``reading_too_long``.
        """
        return answer(self._wire.post(f"/v1/cases/{id_in_path(case_id)}/decisions", body=body, key=idempotency_key))

    def carry_decisions(self, case_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Make the next revision now, from the latest one and the decisions; none when it has them already.

        Returns
        -------
        Answer
            ``RevisionOut``.

        Raises
        ------
        InputError
        Refused
            ``not_found``, ``conflict``, ``revision_conflict``, ``reading_too_large``, ``idempotency_key_reused``,
            ``reading_too_long``.
        """
        return answer(self._wire.post(f"/v1/cases/{id_in_path(case_id)}/decisions/carry", key=idempotency_key))

    def get_decision(self, decision_id: str) -> Answer:
        """A decision.

        Returns
        -------
        Answer
            ``DecisionOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/decisions/{id_in_path(decision_id)}"))

    def withdraw_decision(self, decision_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Take a decision back: the next revision is made without it.

        Returns
        -------
        Answer
            ``DecisionOut``.

        Raises
        ------
        Refused
            ``not_found``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/decisions/{id_in_path(decision_id)}/withdraw", key=idempotency_key))
