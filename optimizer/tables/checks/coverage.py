"""What a case says that may not be meant: things nobody uses, rules that cannot bind."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from optimizer.domain.time.figures import key_parts, number_part
from optimizer.domain.types import ends_within_a_year
from optimizer.tables.checks.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from optimizer.domain.policy import Policy
    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.checks.parsed import ParsedTable, ParsedTables

__all__ = ["check_assumptions", "check_coverage"]


def check_coverage(tables: ParsedTables, policy: Policy, active: Set[tuple[str, str]], findings: Findings) -> None:
    """Warn of rows that nothing uses and of rules that pass for lack of data."""
    entities, demands, offers = tables["entities"], tables["demands"], tables["offers"]
    _absent(entities, policy, findings)
    if demands.given and demands.is_whole("entity", "service"):
        _unused(entities, "entity_without_demand", set(demands["entity"]), findings)
        if demands.is_whole("volume") and entities.is_whole("id", "start", "end", "headcount"):
            _unused(tables["services"], "service_without_demand", {service for _, service in active}, findings)
    if offers.given and offers.is_whole("provider", "service"):
        _unused(tables["providers"], "provider_without_offer", set(offers["provider"]), findings)
    _hardship(tables["providers"], policy, findings)
    _languages(tables, active, findings)
    _client_kinds(tables, findings)
    _scale(tables, policy, findings)


def _absent(table: ParsedTable, policy: Policy, findings: Findings) -> None:
    if policy.horizon is not None:
        return  # presence follows from the periods
    for at in table.good("id", "start", "end"):
        start, end = table["start"][at], table["end"][at]
        if (start is not None and start > policy.as_of) or (end is not None and end <= policy.as_of):
            table.report(findings, "entity_absent", f"{table['id'][at]} is not there on {policy.as_of}", at, "id")
        elif end is not None and ends_within_a_year(end, policy.as_of):
            table.report(findings, "ends_soon", f"{table['id'][at]} ends on {end}", at, "id")


def _unused(table: ParsedTable, code: str, used: Set[str], findings: Findings) -> None:
    for at in table.good("id"):
        if table["id"][at] not in used:
            table.report(findings, code, f"{table['id'][at]} is used nowhere", at, "id")


def _hardship(table: ParsedTable, policy: Policy, findings: Findings) -> None:
    if policy.max_hardship_class is None:
        return
    for at in table.good("hardship_class"):
        if not table["hardship_class"][at] and table["status"][at] != "closed":
            table.report(findings, "hardship_blank", f"{table['id'][at]} has no hardship class", at, "hardship_class")


def _languages(tables: ParsedTables, active: Set[tuple[str, str]], findings: Findings) -> None:
    """Entities that name no language although a service they need has a language rule."""
    services, entities = tables["services"], tables["entities"]
    ruled = {s for s, rule in zip(services["id"], services["language_rule"], strict=True) if rule in ("all", "any")}
    if not ruled:
        return
    needing = {entity for entity, service in active if service in ruled}
    for at in entities.good("languages"):
        if not entities["languages"][at] and entities["id"][at] in needing:
            entities.report(findings, "languages_blank", f"{entities['id'][at]} names no language", at, "languages")


def _client_kinds(tables: ParsedTables, findings: Findings) -> None:
    """Kinds that no entity has, when they look misspelt or leave the offer without clients."""
    table = tables["offers"]
    if not tables["entities"].is_whole("kind"):
        return
    kinds = set(tables["entities"]["kind"]) - {""}
    for at, named in enumerate(table["client_kinds"]):
        for kind in sorted(named - kinds):
            guess = did_you_mean(kind, kinds - named)
            if guess or not named & kinds:
                table.report(
                    findings,
                    "unknown_kind",
                    f"no entity is of kind {kind!r}",
                    at,
                    "client_kinds",
                    value=kind,
                    guess=guess,
                )


def _scale(tables: ParsedTables, policy: Policy, findings: Findings) -> None:
    if not any(policy.dispersion_loss):
        return
    offers, tiers = tables["offers"], tables["tiers"]
    fixed = sum(1 for _ in compress(offers.rows, offers["fixed_cost"]))
    later = sum(1 for start in tiers["from_volume"] if start)
    if fixed or later:
        findings.add(
            "scale_counted_twice",
            f"dispersion_loss with {fixed} fixed costs and {later} further tiers",
            table="policy",
            column="dispersion_loss",
            value=";".join(f"{x:g}" for x in policy.dispersion_loss),
        )


def check_assumptions(
    tables: ParsedTables,
    schema: Mapping[str, tuple[tuple[str, ...], frozenset[str]]],
    policy_keys: Set[str],
    findings: Findings,
) -> None:
    """Report assumptions about tables, columns or rows that do not exist.

    Parameters
    ----------
    tables : ParsedTables
    schema : mapping of str to (key columns, columns)
    policy_keys : set of str
    findings : Findings
    """
    table = tables["assumptions"]
    known_keys: dict[str, list[set[str]]] = {}
    for at in table.good("table", "key", "column"):
        name, column = table["table"][at], table["column"][at]
        parts = key_parts(table["key"][at], 1)
        if name == "policy":
            if parts[0].split(".")[0] not in policy_keys | {"*"}:
                _nowhere(table, at, "key", parts[0], policy_keys, findings)
        elif name not in schema:
            _nowhere(table, at, "table", name, {*schema, "policy"}, findings)
        elif column != "*" and column not in schema[name][1]:
            _nowhere(table, at, "column", column, schema[name][1], findings)
        else:
            keys = schema[name][0]
            if not tables[name].is_whole(*keys):
                continue
            if name not in known_keys:
                known_keys[name] = [{*map(_part, tables[name][k]), "*"} for k in keys]
            for part, known in zip(parts, known_keys[name], strict=False):
                if part not in known:
                    _nowhere(table, at, "key", part, known, findings)


def _part(value: object) -> str:
    return number_part(value) if isinstance(value, float) else str(value)


def _nowhere(table: ParsedTable, at: int, column: str, word: str, known: Set[str], findings: Findings) -> None:
    table.report(
        findings,
        "assumption_nowhere",
        f"{word!r} is no {column} here",
        at,
        column,
        value=word,
        guess=did_you_mean(word, known),
    )
