"""A deliberate refusal, with a code of the catalogue; knows nothing of HTTP."""

from __future__ import annotations

from typing import Any

from api.catalogue import PROBLEMS
from optimizer.domain.errors import OptionsRefused, UsageError

__all__ = ["Fault", "from_usage"]


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


def from_usage(error: UsageError) -> Fault:
    """The answer to options that make no sense: all of them, where they were looked at together."""
    if isinstance(error, OptionsRefused):
        return Fault("invalid_options", str(error), issues=[i.as_dict() for i in error.issues])
    return Fault("invalid_options", str(error))
