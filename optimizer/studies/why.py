"""Why one demand is served as it is: every provider, refused or priced. No solve is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from optimizer.domain.answer import Answer
from optimizer.plan.why import why
from optimizer.studies.base import fields_of

if TYPE_CHECKING:
    from optimizer.studies.base import Setting

__all__ = ["Why"]


@dataclass(frozen=True, slots=True)
class Why:
    """Every provider of one demand: why it is refused and what would lift that, or what it would cost."""

    kind: ClassVar[str] = "why"
    needs_plan: ClassVar[bool] = False

    entity: str = field(metadata={"help": "id of the entity"})
    service: str = field(metadata={"help": "id of the service"})

    def run(self, setting: Setting) -> Answer:
        """Ask the arrays; see ``optimizer.why``."""
        found = why(setting.session.case, self.entity, self.service, setting.plan).as_dict()
        rows = tuple(found.pop("providers", found.pop("options", ())))
        return Answer(self.kind, fields_of(self), setting.session.case.case_hash, tables={"providers": rows})
