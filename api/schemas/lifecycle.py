"""Bodies of retention and deletion."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Label, Out, Sent

__all__ = ["RetentionOut", "RetentionPut", "WorkspaceDelete"]


class RetentionPut(Sent):
    """How long documents of plans are kept that nobody approved or applied."""

    days: int | None = Field(ge=0, le=36500, description="0: for ever; null: as the service does")


class RetentionOut(Out):
    """How long documents of plans are kept that nobody approved or applied."""

    days: int = Field(description="what holds now; 0: for ever")
    own: int | None = Field(description="the workspace's own; null: it follows the service")


class WorkspaceDelete(Sent):
    """A deletion; it cannot be undone."""

    name: Label = Field(min_length=1, description="the name of the workspace, as a sign that the right one is meant")
