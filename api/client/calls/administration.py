"""Operations of the service: administration. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.client.answers import PAGE, Answer, Caller, answer, answers, pages
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Administration"]


class Administration(Caller):
    """Operations with the tag ``administration``."""

    def list_audit(
        self,
        *,
        action: str | None = None,
        subject: str | None = None,
        workspace: str | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """What was done in the workspace, newest first.

        Parameters
        ----------
        workspace : str, optional
            Another, or a deleted one; for keys of the system.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``AuditOut``.
        """
        query = {"action": action, "subject": subject, "workspace": workspace}
        return pages(self._wire, "/v1/audit", page_size, query)

    def get_audit_head(self) -> Answer:
        """The end of the record. Keep it elsewhere: ``designate audit verify --head`` compares with it.

        Returns
        -------
        Answer
            ``AuditHead``.
        """
        return answer(self._wire.get("/v1/audit/head"))

    def list_keys(self, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Keys of the workspace, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``KeyOut``.
        """
        return pages(self._wire, "/v1/keys", page_size)

    def create_key(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Make a key. Its secret is in this answer and nowhere else.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``KeyCreate``: ``name``, ``role``; if wanted ``expires``, ``replaces``, ``scopes``.

        Returns
        -------
        Answer
            ``KeyMade``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``unsupported_media_type``, ``invalid_options``,
            ``idempotency_key_reused``.
        """
        return answer(self._wire.post("/v1/keys", body=body, key=idempotency_key))

    def get_key(self, key_id: str) -> Answer:
        """A key.

        Returns
        -------
        Answer
            ``KeyOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/keys/{id_in_path(key_id)}"))

    def revoke_key(
        self,
        key_id: str,
        *,
        left: Literal["keep", "stop"] | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """End a key at once, its streams within seconds; ending it twice changes nothing. Where schedules and
        webhooks made with it still work, say whether they go on.

        Parameters
        ----------
        left : Literal["keep", "stop"], optional
            What becomes of schedules and webhooks made with the key that still work.

        Returns
        -------
        Answer
            ``KeyOut``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``key_has_successors``, ``idempotency_key_reused``.
        """
        query = {"left": left}
        return answer(self._wire.post(f"/v1/keys/{id_in_path(key_id)}/revoke", query=query, key=idempotency_key))

    def get_retention(self) -> Answer:
        """How long the workspace keeps documents of plans that nobody approved or applied.

        Returns
        -------
        Answer
            ``RetentionOut``.
        """
        return answer(self._wire.get("/v1/retention"))

    def set_retention(self, body: Mapping[str, Any]) -> Answer:
        """Set how long. Documents that are older go within minutes, and do not come back: their hashes stay.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``RetentionPut``: ``days``.

        Returns
        -------
        Answer
            ``RetentionOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``unsupported_media_type``.
        """
        return answer(self._wire.put("/v1/retention", body=body))

    def list_workers(self, *, all: bool = False) -> list[dict[str, Any]]:
        """Workers that have plans of the workspace in hand; a key of the system sees all that live, with ``all``
        those that were, too.

        Returns
        -------
        list[dict[str, Any]]
            ``WorkerOut``.
        """
        query = {"all": all}
        return answers(self._wire.get("/v1/workers", query=query))

    def list_workspaces(self) -> list[dict[str, Any]]:
        """All workspaces.

        Returns
        -------
        list[dict[str, Any]]
            ``WorkspaceOut``.
        """
        return answers(self._wire.get("/v1/workspaces"))

    def create_workspace(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Make a workspace and its first administrator.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``WorkspaceCreate``: ``id``, ``name``.

        Returns
        -------
        Answer
            ``WorkspaceMade``.

        Raises
        ------
        Refused
            ``malformed_body``, ``conflict``, ``unsupported_media_type``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post("/v1/workspaces", body=body, key=idempotency_key))

    def get_workspace(self, workspace_id: str) -> Answer:
        """A workspace; of a deleted one, its id and when.

        Returns
        -------
        Answer
            ``WorkspaceOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/workspaces/{id_in_path(workspace_id)}"))

    def delete_workspace(
        self,
        workspace_id: str,
        body: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Delete a workspace and all that is in it. Its keys end and its jobs are cancelled at once; a worker
        deletes the rest: see ``deleted``. What was done in it stays on record, without names. It cannot be undone.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``WorkspaceDelete``: ``name``.

        Returns
        -------
        Answer
            ``WorkspaceOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``unsupported_media_type``, ``not_confirmed``,
            ``idempotency_key_reused``.
        """
        path = f"/v1/workspaces/{id_in_path(workspace_id)}/delete"
        return answer(self._wire.post(path, body=body, key=idempotency_key))
