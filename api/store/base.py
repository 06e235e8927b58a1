"""Declarative base: every table is prefixed, constraints have names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from api.store.types import UtcTime

__all__ = ["PREFIX", "Base", "Id", "Owned"]

PREFIX = "designate_"
Id = String(40)
_Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    """Base of all models."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime(), dict[str, Any]: _Json, list[Any]: _Json, list[str]: _Json}  # noqa: RUF012


class Owned:
    """Mixed into everything that belongs to a workspace: what ``Scope`` filters on."""

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey(f"{PREFIX}workspaces.id", ondelete="RESTRICT"), index=True)
    created: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(Id)
