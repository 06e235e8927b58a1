"""A deliberate refusal, with a code of the catalogue; knows nothing of HTTP."""

from __future__ import annotations

from typing import Any

from api.catalogue import PROBLEMS

__all__ = ["Fault"]


class Fault(Exception):
    """The request cannot be served.

    Parameters
    ----------
    code : str
        Of ``catalogue.PROBLEMS``.
    detail : str
        What is wrong with this request, in words.
    **more
        Further members of the answer: ``issues``, ``limit``, ``required_scope`` …
    """

    def __init__(self, code: str, detail: str = "", **more: Any) -> None:
        self.kind = PROBLEMS[code]
        self.detail = detail or self.kind.title
        self.more = more
        super().__init__(f"{code}: {self.detail}")

    @property
    def code(self) -> str:
        """Stable code."""
        return self.kind.code
