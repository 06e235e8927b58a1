"""Rules of today's providers and of what people decided."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from optimizer.domain.names import OWN
from optimizer.tables.checks.findings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.checks.parsed import ParsedTable, ParsedTables

__all__ = ["check_current", "check_decisions"]

Key = tuple[str, str]


def check_current(tables: ParsedTables, active: Set[Key], findings: Findings) -> None:
    """Warn of today's rows without a demand, and of those the model cannot price."""
    table, demands = tables["current"], tables["demands"]
    if not demands.given or not _is_known(tables):
        return
    priced = demands.is_whole("own_unit_cost") and tables["offers"].is_whole("provider", "service")
    offered = set(zip(tables["offers"]["provider"], tables["offers"]["service"], strict=True))
    keys = zip(demands["entity"], demands["service"], strict=True)
    own = {key for key, cost in zip(keys, demands["own_unit_cost"], strict=True) if cost is not None}
    present, stopped = {entity for entity, _ in active}, defaultdict[str, list[int]](list)
    for at in table.good("entity", "service", "provider"):
        key, who = (table["entity"][at], table["service"][at]), table["provider"][at]
        if key[0] not in present:
            stopped[key[0]].append(at)
        elif key not in active:
            shown = " | ".join(key)
            table.report(
                findings, "current_without_demand", f"{shown} is no demand of the case", at, "service", value=shown
            )
        elif priced and ((key not in own) if who == OWN else ((who, key[1]) not in offered)):
            told, named = f"{who} has no price for {key[1]} of {key[0]}", "|".join((*key, who))
            table.report(findings, "current_unpriceable", told, at, "provider", value=named)
    for entity, rows in stopped.items():
        told = f"{entity} has no demand in the case: {len(rows)} of its services stop"
        table.report(findings, "current_without_demand", told, rows[0], "entity", value=entity)


def _is_known(tables: ParsedTables) -> bool:
    """Whether it is known which demands there are: nothing that tells was refused."""
    entities, demands = tables["entities"], tables["demands"]
    return entities.is_whole("id", "kind", "start", "end", "headcount") and demands.is_whole(
        "entity", "service", "volume"
    )


class _Days(NamedTuple):
    """Days of a decision, the last one not among them."""

    begin: date
    end: date

    def meets(self, other: _Days) -> bool:
        return self.begin < other.end and other.begin < self.end


class _Lock(NamedTuple):
    """A lock of a demand: provider, days, row of the decision."""

    provider: str
    days: _Days
    row: int


@dataclass(slots=True)
class _Locks:
    """Locked demands. Without a horizon decisions have no days: all hold always."""

    dated: bool
    known: defaultdict[Key, list[_Lock]] = field(default_factory=lambda: defaultdict(list))

    def days(self, table: ParsedTable, at: int) -> _Days:
        begin, end = (table["from"][at], table["until"][at]) if self.dated else (None, None)
        return _Days(begin or date.min, end or date.max)

    def meeting(self, key: Key, days: _Days) -> list[_Lock]:
        """Locks of a demand that hold on some of these days."""
        return [lock for lock in self.known.get(key, ()) if lock.days.meets(days)]


def check_decisions(tables: ParsedTables, active: Set[Key], findings: Findings, *, dated: bool = False) -> None:
    """No demand locked twice, none both locked and forbidden at one time, no decision about nothing.

    Parameters
    ----------
    tables : ParsedTables
    active : set of (entity, service)
        Demands of the case.
    findings : Findings
    dated : bool
        Whether ``from`` and ``until`` count, as in a case with a horizon.
    """
    table = tables["decisions"]
    if not all(tables[n].given for n in ("decisions", "demands", "entities")) or tables["current"].damaged:
        return
    current = tables["current"]
    today = dict(zip(zip(current["entity"], current["service"], strict=True), current["provider"], strict=True))
    scope = _Scope(tables, active)
    locks = _Locks(dated)
    good = list(table.good("action", "entity", "service", "provider", *(("from", "until") if dated else ())))
    for at in good:
        if _about_nothing(table, at, scope, findings):
            continue
        if table["action"][at] == "lock":
            _lock(table, at, scope, today, locks, findings)
    for at in good:
        if table["action"][at] == "forbid":
            _forbid(table, at, scope, locks, findings)


class _Scope:
    """Demands that a decision speaks of."""

    def __init__(self, tables: ParsedTables, active: Set[Key]) -> None:
        entities = tables["entities"]
        self.active = active
        self.known = _is_known(tables)
        self.kind: dict[str, str] = dict(zip(entities["id"], entities["kind"], strict=True))
        self.by_entity: dict[str, list[Key]] = defaultdict(list)
        for key in sorted(active):
            self.by_entity[key[0]].append(key)

    def demands(self, entity: str, service: str) -> list[Key]:
        """Keys named by an entity scope and a service (blank = all)."""
        if entity == "*":
            found = [k for keys in self.by_entity.values() for k in keys]
        elif entity.startswith("kind:"):
            kind = entity.removeprefix("kind:")
            found = [k for e, keys in self.by_entity.items() if self.kind.get(e) == kind for k in keys]
        else:
            found = self.by_entity.get(entity, [])
        return [k for k in found if k[1] == service] if service else found


def _about_nothing(table: ParsedTable, at: int, scope: _Scope, findings: Findings) -> bool:
    entity, service = table["entity"][at], table["service"][at]
    if not scope.known:
        return not scope.demands(entity, service)
    kinds = set(scope.kind.values()) - {""}
    if entity.startswith("kind:") and entity.removeprefix("kind:") not in kinds:
        guess = did_you_mean(entity.removeprefix("kind:"), kinds)
        table.report(findings, "decision_names_nothing", f"no entity is of {entity}", at, "entity", guess=guess)
        return True
    if not scope.demands(entity, service):
        named = f"{entity} with {service or 'any service'}"
        table.report(findings, "decision_without_demand", f"{named} is no demand of the case", at, "entity")
        return True
    return False


def _lock(
    table: ParsedTable, at: int, scope: _Scope, today: Mapping[Key, str], locks: _Locks, findings: Findings
) -> None:
    entity, service, named = table["entity"][at], table["service"][at], table["provider"][at]
    explicit = bool(service) and entity != "*" and not entity.startswith("kind:")
    skipped, days = 0, locks.days(table, at)
    for key in scope.demands(entity, service):
        who = named or today.get(key, "")
        if not who and explicit:
            table.report(findings, "lock_without_current", f"{' | '.join(key)} has no current row", at, "provider")
        elif not who:
            skipped += 1
        elif other := next((lock for lock in locks.meeting(key, days) if lock.provider != who), None):
            told = f"{' | '.join(key)} is locked to {other.provider} already"
            table.report(findings, "two_locks", told, at, "provider", value=who, first=other.row)
        else:
            locks.known[key].append(_Lock(who, days, table.rows[at]))
    if skipped:
        table.report(findings, "lock_skips_new", f"{skipped} demands have no current row", at, "provider")


def _forbid(table: ParsedTable, at: int, scope: _Scope, locks: _Locks, findings: Findings) -> None:
    who = table["provider"][at]
    if not who:
        table.report(findings, "forbid_without_provider", "the forbid names no provider", at, "provider")
        return
    days = locks.days(table, at)
    for key in scope.demands(table["entity"][at], table["service"][at]):
        for lock in [lock for lock in locks.meeting(key, days) if lock.provider == who][:1]:
            told = f"{' | '.join(key)} is locked to {who}"
            table.report(findings, "lock_and_forbid", told, at, "provider", first=lock.row)
