"""Operations of the service: cases. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import JSON, id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Cases"]


class Cases(Caller):
    """Operations with the tag ``cases``."""

    def list_cases(self, *, archived: bool = False, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Cases, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``CaseOut``.
        """
        query = {"archived": archived}
        return pages(self._wire, "/v1/cases", page_size, query)

    def create_case(
        self,
        body: Mapping[str, Any] | bytes,
        *,
        media_type: str = JSON,
        name: str = "",
        description: str = "",
        encoding: str = "",
        idempotency_key: str | None = None,
    ) -> Answer:
        """Upload a case. With errors nothing is stored, and the answer names all of them.

        Parameters
        ----------
        body : Mapping[str, Any] | bytes
            ``CaseDocument``: ``entities``, ``services``, ``demands``, ``providers``; if wanted ``agreements``,
            ``assumptions``, ``budgets``, ``commitments``, ``current``, ``decisions``, ``freezes``, ``indicators``,
            ``measurements``, ``offers``, ``paths``, ``policy``, ``precedence``, ``profiles``, ``staffing``,
            ``surveys``, ``tiers``.
        media_type : str, optional
            Of a body of bytes: ``application/json``,
            ``application/vnd.openxmlformats-officedocument.spreadsheetml.sheet``, ``application/zip``,
            ``multipart/form-data``.
        name : str, optional
            Name of the case; the file's by default.
        encoding : str, optional
            Code page of texts that are not UTF-8, e.g. cp1252.

        Returns
        -------
        Answer
            ``CaseOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``too_many_rows``, ``archive_too_large``, ``reading_too_large``,
            ``unsupported_media_type``, ``idempotency_key_reused``, ``reading_too_long``.
        """
        query = {"name": name, "description": description, "encoding": encoding}
        return answer(self._wire.post("/v1/cases", query=query, body=body, media_type=media_type, key=idempotency_key))

    def get_case(self, case_id: str) -> Answer:
        """A case with its latest revision.

        Returns
        -------
        Answer
            ``CaseOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/cases/{id_in_path(case_id)}"))

    def archive_case(self, case_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Take a case out of lists; nothing is deleted.

        Returns
        -------
        Answer
            ``CaseOut``.

        Raises
        ------
        Refused
            ``not_found``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/cases/{id_in_path(case_id)}/archive", key=idempotency_key))

    def patch_case(self, case_id: str, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Make a new revision from the latest one by changing rows.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``Patch``: ``operations``; if wanted ``base_revision``, ``comment``.

        Returns
        -------
        Answer
            ``RevisionOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``revision_conflict``, ``reading_too_large``,
            ``unsupported_media_type``, ``idempotency_key_reused``, ``reading_too_long``.
        """
        return answer(self._wire.post(f"/v1/cases/{id_in_path(case_id)}/patches", body=body, key=idempotency_key))

    def restore_case(self, case_id: str, *, idempotency_key: str | None = None) -> Answer:
        """Bring an archived case back.

        Returns
        -------
        Answer
            ``CaseOut``.

        Raises
        ------
        Refused
            ``not_found``, ``idempotency_key_reused``.
        """
        return answer(self._wire.post(f"/v1/cases/{id_in_path(case_id)}/restore", key=idempotency_key))

    def list_revisions(self, case_id: str, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Revisions of a case without their findings, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``RevisionOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return pages(self._wire, f"/v1/cases/{id_in_path(case_id)}/revisions", page_size)

    def create_revision(
        self,
        case_id: str,
        body: Mapping[str, Any] | bytes,
        *,
        media_type: str = JSON,
        base_revision: int | None = None,
        comment: str = "",
        encoding: str = "",
        idempotency_key: str | None = None,
    ) -> Answer:
        """Upload new content for a case. Equal content makes no new revision.

        Parameters
        ----------
        body : Mapping[str, Any] | bytes
            ``CaseDocument``: ``entities``, ``services``, ``demands``, ``providers``; if wanted ``agreements``,
            ``assumptions``, ``budgets``, ``commitments``, ``current``, ``decisions``, ``freezes``, ``indicators``,
            ``measurements``, ``offers``, ``paths``, ``policy``, ``precedence``, ``profiles``, ``staffing``,
            ``surveys``, ``tiers``.
        media_type : str, optional
            Of a body of bytes: ``application/json``,
            ``application/vnd.openxmlformats-officedocument.spreadsheetml.sheet``, ``application/zip``,
            ``multipart/form-data``.
        base_revision : int, optional
            Refused when it is not the latest any more.
        encoding : str, optional
            Code page of texts that are not UTF-8, e.g. cp1252.

        Returns
        -------
        Answer
            ``RevisionOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``revision_conflict``, ``too_many_rows``,
            ``archive_too_large``, ``reading_too_large``, ``unsupported_media_type``, ``idempotency_key_reused``,
            ``reading_too_long``.
        """
        query = {"base_revision": base_revision, "comment": comment, "encoding": encoding}
        path = f"/v1/cases/{id_in_path(case_id)}/revisions"
        return answer(self._wire.post(path, query=query, body=body, media_type=media_type, key=idempotency_key))

    def get_revision(self, case_id: str, number: int) -> Answer:
        """A revision of a case.

        Returns
        -------
        Answer
            ``RevisionOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/cases/{id_in_path(case_id)}/revisions/{id_in_path(number)}"))

    def get_revision_document(self, case_id: str, number: int) -> Answer:
        """The canonical case: tables sorted, blanks left out; ready to post.

        Returns
        -------
        Answer
            ``CaseDocument``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/cases/{id_in_path(case_id)}/revisions/{id_in_path(number)}/document"))

    def download_revision(
        self,
        case_id: str,
        number: int,
        *,
        as_: Literal["original", "json", "xlsx", "csv"] = "original",
    ) -> bytes:
        """The case as it was uploaded, or in another form. A revision made by a patch has no original: JSON.

        Raises
        ------
        Refused
            ``not_found``, ``reading_too_large``, ``reading_too_long``.
        """
        query = {"as": as_}
        path = f"/v1/cases/{id_in_path(case_id)}/revisions/{id_in_path(number)}/download"
        return self._wire.get(path, query=query).content

    def commit_plan(self, plan_id: str, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Commit what a plan over time does up to and in a period: a new revision, whose plans keep all of it.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``CommitPost``: ``until``; if wanted ``comment``.

        Returns
        -------
        Answer
            ``RevisionOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``revision_conflict``, ``no_result``, ``no_plan_found``,
            ``plan_not_sound``, ``document_removed``, ``reading_too_large``, ``unsupported_media_type``,
            ``horizon_needed``, ``invalid_options``, ``idempotency_key_reused``, ``reading_too_long``.
        """
        return answer(self._wire.post(f"/v1/plans/{id_in_path(plan_id)}/commitments", body=body, key=idempotency_key))
