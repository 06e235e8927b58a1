"""Operations of the service: drafts. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.client.answers import PAGE, Answer, Caller, answer, answers, pages
from api.client.wire import JSON, id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Drafts"]


class Drafts(Caller):
    """Operations with the tag ``drafts``."""

    def list_drafts(self, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Drafts without their findings, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``DraftOut``.
        """
        return pages(self._wire, "/v1/drafts", page_size)

    def create_draft(
        self,
        body: Mapping[str, Any] | bytes,
        *,
        media_type: str = JSON,
        name: str = "",
        case: str | None = None,
        encoding: str = "",
        idempotency_key: str | None = None,
    ) -> Answer:
        """Keep the cells of a case as text, mistakes included, to mend them one by one. Files that are no tables at
        all are refused.

        Parameters
        ----------
        media_type : str, optional
            Of a body of bytes: ``application/json``,
            ``application/vnd.openxmlformats-officedocument.spreadsheetml.sheet``, ``application/zip``,
            ``multipart/form-data``.
        name : str, optional
            Name of the case to be; the file's by default.
        case : str, optional
            The case that it is to be a revision of.
        encoding : str, optional
            Code page of texts that are not UTF-8, e.g. cp1252.

        Returns
        -------
        Answer
            ``DraftOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``too_many_drafts``, ``archive_too_large``,
            ``reading_too_large``, ``unsupported_media_type``, ``idempotency_key_reused``, ``reading_too_long``.
        """
        query = {"name": name, "case": case, "encoding": encoding}
        return answer(self._wire.post("/v1/drafts", query=query, body=body, media_type=media_type, key=idempotency_key))

    def start_draft(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Begin a draft with an example, the template, or a stored case.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``DraftStart``: if wanted ``case``, ``example``, ``name``, ``revision``, ``template``.

        Returns
        -------
        Answer
            ``DraftOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``too_many_drafts``, ``reading_too_large``,
            ``unsupported_media_type``, ``idempotency_key_reused``, ``reading_too_long``.
        """
        return answer(self._wire.post("/v1/drafts/start", body=body, key=idempotency_key))

    def get_draft(self, draft_id: str) -> Answer:
        """A draft: its tables and everything that is wrong with them.

        Returns
        -------
        Answer
            ``DraftOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/drafts/{id_in_path(draft_id)}"))

    def change_draft(
        self,
        draft_id: str,
        body: Mapping[str, Any],
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Change cells, rows, columns and tables of a draft, all or none, and read it again. With a stale
        ``If-Match`` nothing is done, and the answer names both values of every cell.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``DraftChanges``: ``changes``.
        if_match : str, optional
            Go on only while this is the current ``etag``.

        Returns
        -------
        Answer
            ``DraftOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``precondition_failed``, ``reading_too_large``,
            ``unsupported_media_type``, ``idempotency_key_reused``, ``reading_too_long``.
        """
        path = f"/v1/drafts/{id_in_path(draft_id)}"
        return answer(self._wire.patch(path, body=body, if_match=if_match, key=idempotency_key))

    def delete_draft(self, draft_id: str) -> None:
        """Delete a draft; cases made of others stay.

        Raises
        ------
        Refused
            ``not_found``.
        """
        self._wire.delete(f"/v1/drafts/{id_in_path(draft_id)}")

    def make_draft_case(
        self,
        draft_id: str,
        body: Mapping[str, Any] | None = None,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Make a case of a clean draft, or a revision of its case; the draft is gone then. With errors nothing is
        made, and the answer names all of them.

        Parameters
        ----------
        body : Mapping[str, Any], optional
            ``DraftCasePost``: if wanted ``accept_newer``, ``comment``, ``description``, ``name``.
        if_match : str, optional
            Go on only while this is the current ``etag``.

        Returns
        -------
        Answer
            ``CaseOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``revision_conflict``, ``precondition_failed``,
            ``reading_too_large``, ``unsupported_media_type``, ``idempotency_key_reused``, ``reading_too_long``.
        """
        path = f"/v1/drafts/{id_in_path(draft_id)}/case"
        return answer(self._wire.post(path, body=body, if_match=if_match, key=idempotency_key))

    def decode_draft(self, draft_id: str, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Name the code page of files that are not UTF-8; they are read by it.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``EncodingPost``: ``encoding``.

        Returns
        -------
        Answer
            ``DraftOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``reading_too_large``, ``unsupported_media_type``,
            ``idempotency_key_reused``, ``reading_too_long``.
        """
        return answer(self._wire.post(f"/v1/drafts/{id_in_path(draft_id)}/encoding", body=body, key=idempotency_key))

    def list_draft_encodings(self, draft_id: str) -> list[dict[str, Any]]:
        """Lines of files that are not UTF-8 as each likely code page has them, likely ones first.

        Returns
        -------
        list[dict[str, Any]]
            ``EncodingOut``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``reading_too_large``, ``reading_too_long``.
        """
        return answers(self._wire.get(f"/v1/drafts/{id_in_path(draft_id)}/encodings"))

    def list_draft_rows(
        self,
        draft_id: str,
        *,
        table: str,
        row: int | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Rows of a table: those with errors first, then those with warnings, then all others.

        Parameters
        ----------
        row : int, optional
            Only the row of this number.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``DraftRow``.

        Raises
        ------
        Refused
            ``not_found``, ``reading_too_large``, ``reading_too_long``.
        """
        query = {"table": table, "row": row}
        return pages(self._wire, f"/v1/drafts/{id_in_path(draft_id)}/rows", page_size, query, by="offset")

    def get_draft_workbook(self, draft_id: str) -> bytes:
        """The draft as a workbook, as far as it is mended.

        Raises
        ------
        Refused
            ``not_found``, ``reading_too_large``, ``reading_too_long``.
        """
        return self._wire.get(f"/v1/drafts/{id_in_path(draft_id)}/workbook").content
