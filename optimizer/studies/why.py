"""Why one demand is served as it is: every provider, refused or priced. No solve is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from optimizer.domain.answer import Answer
from optimizer.plan.why import why
from optimizer.studies.base import fields_of
from optimizer.studies.reference import refusals_told
from optimizer.studies.why_words import broken_told, sentences
from optimizer.studies.words import listed, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
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
        case = setting.session.case
        found = why(case, self.entity, self.service, setting.plan).as_dict()
        rows = tuple(_row(case, option) for option in found["options"])
        said = tuple(sentences(case, found))
        return Answer(self.kind, fields_of(self), case.case_hash, tables={"providers": rows}, sentences=said)


def _row(case: Case, option: Mapping[str, Any]) -> dict[str, Any]:
    """One provider, its reasons and remedies in words beside the figures."""
    cost = option["cost"]
    refusals = option["refusals"]
    against = say("{parts}", parts=refusals_told(case, refusals)) if refusals else ""
    lifts = [r["action"] for r in refusals if r["action"]]
    return {
        "provider": option["provider"],
        "verdict": option["verdict"],
        "chosen": option["chosen"],
        "cost": None if cost is None else cost["total"],
        "extra_cost": option["extra_cost"],
        "why_not": against or broken_told(case, option["breaks"]) or None,
        "what_lifts_it": say("{parts}", parts=listed(lifts)) if lifts else None,
        "refusals": refusals,
        "cost_by_term": cost,
        "breaks": option["breaks"],
    }
