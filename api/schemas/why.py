"""Body of the answer to "why"."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.schemas.common import Out

__all__ = ["WhyOut"]


class ChangeOut(Out):
    """The cell of the input that would lift a refusal."""

    table: str
    key: str = Field(description="parts of the row's key joined with `|`; empty for the policy")
    column: str
    value: float | str | None = Field(description="what to write there; null where a person must say")


class RefusalOut(Out):
    """One reason why a provider may not serve the demand."""

    code: str
    message: str
    figure: float | str | None = Field(description="what was found, in the unit of the rule")
    limit: float | str | None = Field(description="what the rule allows")
    action: str = Field(description="what would lift it, with the amount")
    change: ChangeOut


class OptionOut(Out):
    """One provider, or own capacity."""

    provider: str
    verdict: Literal["possible", "breaks", "refused"]
    chosen: bool
    refusals: list[RefusalOut]
    by_decision: str = Field(description="how a decision could override the refusals; empty where none could")
    exempted: list[str] = Field(description="refusals set aside by keep_current or by a lock")
    cost: dict[str, float] | None = Field(
        description="money a year by term and in `total`: the increment when only this demand goes there"
    )
    extra_cost: float | None = Field(description="change of the plan's total if only this demand moved there")
    backup: str | None
    breaks: list[dict[str, Any]] = Field(description="rules that would newly be broken, with amounts")


class WhyOut(Out):
    """Every provider of one demand: possible ones by cost, then those that break a rule, then the refused."""

    schema_: Literal["designate.why/1"] = Field(alias="schema")
    entity: str
    service: str
    volume: float = Field(description="units a year")
    effort_fte: float
    currency: str
    case_hash: str
    plan: str | None = Field(description="`run.id` of the plan document")
    chosen: str | None = Field(description="who serves it in the plan; null for nobody")
    options: list[OptionOut]
