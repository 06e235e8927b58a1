"""The body of every error answer."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["MEDIA_TYPE", "IssueOut", "Problem"]

MEDIA_TYPE: Final = "application/problem+json"


class IssueOut(BaseModel):
    """One finding about an input or an answer, placed and with a way out."""

    model_config = ConfigDict(extra="forbid")

    code: str
    severity: str
    message: str
    remedy: str | None = None
    table: str | None = None
    file: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None


class Problem(BaseModel):
    """Problem details (RFC 9457) with a stable ``code``."""

    type: str = Field(description="urn:designate:problem:<code>")
    title: str
    status: int
    detail: str
    code: str = Field(description="stable; see the error catalogue")
    remedy: str
    instance: str = Field(description="path of the request")
    request_id: str
    issues: list[IssueOut] | None = Field(None, description="everything that is wrong, not only the first")
    limit: float | None = Field(None, description="the limit that was passed")
    retry_after_s: int | None = Field(None, description="seconds to wait, as in the header Retry-After")
    accepted: list[str] | None = Field(None, description="media types accepted here")
    required_scope: str | None = None
