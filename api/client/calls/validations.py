"""Operations of the service: validations. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import JSON, id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Validations"]


class Validations(Caller):
    """Operations with the tag ``validations``."""

    def list_validations(self, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Validations without their findings, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``ValidationOut``.
        """
        return pages(self._wire, "/v1/validations", page_size)

    def create_validation(
        self,
        body: Mapping[str, Any] | bytes,
        *,
        media_type: str = JSON,
        encoding: str = "",
        idempotency_key: str | None = None,
    ) -> Answer:
        """Check a case without storing or solving it. A case with errors is an answer: ``ok`` is false. What is no
        JSON object, workbook or archive at all is refused.

        Parameters
        ----------
        media_type : str, optional
            Of a body of bytes: ``application/json``,
            ``application/vnd.openxmlformats-officedocument.spreadsheetml.sheet``, ``application/zip``,
            ``multipart/form-data``.
        encoding : str, optional
            Code page of texts that are not UTF-8, e.g. cp1252.

        Returns
        -------
        Answer
            ``ValidationOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``archive_too_large``, ``reading_too_large``, ``unsupported_media_type``,
            ``idempotency_key_reused``, ``reading_too_long``.
        """
        query = {"encoding": encoding}
        path = "/v1/validations"
        return answer(self._wire.post(path, query=query, body=body, media_type=media_type, key=idempotency_key))

    def get_validation(self, validation_id: str) -> Answer:
        """What a check found.

        Returns
        -------
        Answer
            ``ValidationOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/validations/{id_in_path(validation_id)}"))
