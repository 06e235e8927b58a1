"""Operations of the service: examples. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import Any, Literal

from api.client.answers import Answer, Caller, answer, answers
from api.client.wire import id_in_path

__all__ = ["Examples"]


class Examples(Caller):
    """Operations with the tag ``examples``."""

    def list_examples(self) -> list[dict[str, Any]]:
        """Packaged cases.

        Returns
        -------
        list[dict[str, Any]]
            ``ExampleOut``.
        """
        return answers(self._wire.get("/v1/examples"))

    def get_example(self, name: str) -> Answer:
        """A packaged case as a JSON document, ready to post to ``/v1/cases``.

        Returns
        -------
        Answer
            ``CaseDocument``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/examples/{id_in_path(name)}"))

    def get_template(self, kind: Literal["json", "xlsx", "csv"]) -> bytes:
        """A small case that shows every table and column; ``csv`` is a zip of files."""
        return self._wire.get(f"/v1/templates/{id_in_path(kind)}").content
