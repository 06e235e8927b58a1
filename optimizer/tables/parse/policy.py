"""Policy entries to a ``Policy``; every key is checked against ``POLICY_KEYS``."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.policy import DISPERSION_PRESETS, POLICY_KEYS, Policy, PolicyKey, SiteCount, Transition
from optimizer.tables.checks.findings import did_you_mean
from optimizer.tables.parse.cells import FLAGS, CellError, list_items, parse_date, parse_decimal
from optimizer.tables.parse.horizon import HORIZON_PARTS, horizon_key, settle_horizon
from optimizer.tables.schema import MONEY_MAX, VOLUME_MAX

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.tables.checks.findings import Findings
    from optimizer.tables.raw import RawPolicy

__all__ = ["parse_policy"]

_KEYS: Final = {k.name: k for k in POLICY_KEYS}
_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "site_count": tuple(f.name for f in fields(SiteCount)),
    "transition": tuple(f.name for f in fields(Transition)),
    "horizon": HORIZON_PARTS,
}
"""Parts of keys that are tables."""

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)

_ALSO: Final = {"transition.handover_months": "handover_months"}
"""Keys that are understood under the table to which a reader may count them."""

Value = str | list[str]


def parse_policy(raw: RawPolicy | None, file: str, findings: Findings) -> Policy:
    """The policy; keys not given keep their defaults, those refused are reported.

    ``as_of`` defaults to 1 January of ``calendar_year``.
    """
    if raw is None:
        if not findings.has_errors() and not any(i.table == "policy" for i in findings.issues()):
            findings.add("policy_missing", "no policy is given", table="policy", file=file)
        return Policy()
    given: dict[str, Any] = {}
    for name, value, row in raw.entries:
        try:
            _accept(name, value, given)
        except CellError as error:
            shown = ";".join(value) if isinstance(value, list) else value
            findings.add(
                error.code, str(error), table="policy", file=raw.file, row=row, column=name, value=shown, **error.facts
            )
    _site_count(given, raw, findings)
    settle_horizon(given, raw, findings)
    if "transition" in given:
        given["transition"] = Transition(**given["transition"])
    if "calendar_year" in given:
        given.setdefault("as_of", date(given["calendar_year"], 1, 1))
    policy = Policy(**given)
    _effect(policy, given, raw, findings)
    return policy


def _accept(name: str, value: Value, given: dict[str, Any]) -> None:
    head, _, part = _ALSO.get(name, name).partition(".")
    key = _KEYS.get(head)
    if key is None or (part and part not in _PARTS.get(head, ())):
        known = [*_KEYS, *(f"{k}.{p}" for k, parts in _PARTS.items() for p in parts)]
        raise CellError("policy_unknown_key", f"policy has no key {name!r}", guess=did_you_mean(name, known))
    if part:
        table = given.setdefault(head, {})
        table[part] = _part(part, value, key)
    else:
        given[head] = _READERS[key.type](value, key)


def _part(part: str, value: Value, key: PolicyKey) -> Any:
    """One part of a key that is a table."""
    if key.name == "horizon":
        return _READERS[horizon_key(part).type](value, horizon_key(part))
    return _integer(value, key) if key.type == "range" else _number(value, key)


def _wrong(key: PolicyKey, value: Value, expected: str) -> CellError:
    return CellError("policy_type", f"{key.name} is {value!r}", expected=expected)


def _single(value: Value, key: PolicyKey, expected: str) -> str:
    if isinstance(value, list) or not value.strip():
        raise _wrong(key, value, expected)
    return value.strip()


def _number(value: Value, key: PolicyKey) -> float:
    text = _single(value, key, "a number")
    try:
        number = float(parse_decimal(text))
    except CellError as error:
        if error.code == "bad_number":
            raise _wrong(key, value, "a number") from error
        raise
    low = 0.0 if key.minimum is None else key.minimum
    high = key.maximum
    if high is None:
        high = MONEY_MAX if "money" in key.unit else VOLUME_MAX
    if not low <= number <= high:
        raise CellError("policy_range", f"{key.name} is {text}", minimum=f"{low:g}", maximum=f"{high:g}")
    return number or 0.0


def _integer(value: Value, key: PolicyKey) -> int:
    try:
        number = _number(value, key)
    except CellError as error:
        if error.code in ("policy_type", "too_many_decimals"):
            raise _wrong(key, value, "a whole number") from error
        raise
    if not number.is_integer():
        raise _wrong(key, value, "a whole number")
    return int(number)


def _text(value: Value, key: PolicyKey) -> str:
    text = _single(value, key, "three letters in quotes").upper()
    if not _CURRENCY.fullmatch(text):
        raise CellError("policy_currency", f"{key.name} is {value!r}")
    return text


def _flag(value: Value, key: PolicyKey) -> bool:
    flag = FLAGS.get(_single(value, key, "true or false").lower())
    if flag is None:
        raise _wrong(key, value, "true or false")
    return flag


def _choice(value: Value, key: PolicyKey) -> str:
    text = _single(value, key, f"one of {', '.join(key.choices)}")
    choice = {c.casefold(): c for c in key.choices}.get(text.casefold())
    if choice is None:
        raise CellError(
            "unknown_choice",
            f"{key.name} is {text!r}",
            choices=", ".join(key.choices),
            guess=did_you_mean(text, key.choices),
        )
    return choice


def _date(value: Value, key: PolicyKey) -> date:
    return parse_date(_single(value, key, "a date"), key.name)


def _numbers(value: Value, key: PolicyKey) -> tuple[float, ...]:
    if isinstance(value, str) and value.strip().lower() in DISPERSION_PRESETS:
        return DISPERSION_PRESETS[value.strip().lower()]
    texts = value if isinstance(value, list) else list_items(value.strip().strip("[]").replace(",", ";"))
    try:
        return tuple(_number(text, key) for text in texts)
    except CellError as error:
        if error.code == "too_many_decimals":
            raise
        presets = ", ".join(DISPERSION_PRESETS)
        raise CellError("policy_dispersion", f"{key.name} is {value!r}", choices=presets) from error


def _range(value: Value, key: PolicyKey) -> dict[str, int]:
    expected = "a least and a greatest number such as {min = 1, max = 3}"
    texts = value if isinstance(value, list) else list_items(value.strip().strip("[]").replace(",", ";"))
    if len(texts) != 2:
        raise _wrong(key, value, expected)
    return {part: _integer(text, key) for part, text in zip(_PARTS["site_count"], texts, strict=True)}


def _table(value: Value, key: PolicyKey) -> Any:
    raise _wrong(key, value, f"a table with {', '.join(_PARTS[key.name])}")


_READERS: Final[dict[str, Callable[[Value, PolicyKey], Any]]] = {
    "str": _text,
    "int": _integer,
    "number": _number,
    "bool": _flag,
    "date": _date,
    "choice": _choice,
    "numbers": _numbers,
    "range": _range,
    "table": _table,
}


def _site_count(given: dict[str, Any], raw: RawPolicy, findings: Findings) -> None:
    parts = given.pop("site_count", None)
    if parts is None:
        return
    count = SiteCount(**parts)
    if count.min is not None and count.max is not None and count.min > count.max:
        row = next((r for name, _, r in raw.entries if name.startswith("site_count")), None)
        findings.add(
            "policy_site_count",
            f"site_count from {count.min} to {count.max}",
            table="policy",
            file=raw.file,
            row=row,
            column="site_count",
            value=f"{count.min};{count.max}",
        )
        return
    given["site_count"] = count


def _is_dynamic(policy: Policy) -> bool:
    return policy.horizon is not None


def _is_big_bang(policy: Policy) -> bool:
    return policy.horizon is not None and policy.transition_mode == "big_bang"


_NEEDS: Final[tuple[tuple[str, Callable[[Policy], bool], str], ...]] = (
    ("language_cost_rate", lambda p: p.language_mode == "price", "language_mode to price"),
    ("handover_cost", lambda p: p.bundle_mode == "price", "bundle_mode to price"),
    ("npo_share_max", _is_dynamic, "[horizon]"),
    ("max_switches", _is_dynamic, "[horizon]"),
    ("wave_by", _is_dynamic, "[horizon]"),
    ("max_moves_per_period", _is_dynamic, "[horizon]"),
    ("handover_months", _is_dynamic, "[horizon]"),
    ("transition_mode", _is_dynamic, "[horizon]"),
    ("big_bang_period", _is_big_bang, "transition_mode to big_bang"),
    ("big_bang_cost_factor", _is_big_bang, "transition_mode to big_bang"),
    ("big_bang_probability", _is_big_bang, "transition_mode to big_bang"),
    ("big_bang_failure_cost", _is_big_bang, "transition_mode to big_bang"),
)
"""Keys that count only while another has a certain value."""


def _effect(policy: Policy, given: dict[str, Any], raw: RawPolicy, findings: Findings) -> None:
    rows = {name: row for name, _, row in raw.entries}
    for name, counts, other in _NEEDS:
        if given.get(name) and not counts(policy):
            findings.add(
                "policy_without_effect",
                f"{name} has no effect",
                table="policy",
                file=raw.file,
                row=rows.get(name),
                column=name,
                value=f"{given[name]:g}",
                other=other,
            )
