"""``POLICY.md``: every policy key with its limits and default."""

from __future__ import annotations

from typing import Any

from docs.made.markdown import table
from optimizer.domain.policy import DISPERSION_PRESETS, POLICY_KEYS, Policy, PolicyKey, SiteCount, Transition

__all__ = ["policy_page"]

_HEAD = """# Policy

Made by `python -m docs.build` from `POLICY_KEYS` in `optimizer/domain/policy.py`; do not edit.

Every key of `policy.toml`. All keys are optional.
"Off" is the value that switches a key off (`absent`: leave it out; `-`: cannot be off). Money is
per year in the policy's currency unless the unit says otherwise.

"""


def _limits(key: PolicyKey) -> str:
    """Values a key may take."""
    if key.choices:
        return ", ".join(f"`{c}`" for c in key.choices)
    if key.type not in ("int", "number", "numbers", "range", "table"):
        return ""
    low = "" if key.minimum is None else f"≥ {key.minimum:.9g}"
    high = "" if key.maximum is None else f"≤ {key.maximum:g}"
    return ", ".join(part for part in (low, high) if part)


def _default(value: Any) -> str:
    """Default as it would stand in the file."""
    if value is None or isinstance(value, SiteCount):
        return "absent"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Transition):
        return "all 0"
    if isinstance(value, tuple):
        return f"`{list(value)}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def policy_page() -> str:
    """The whole page."""
    rows = table(("Key", "Type", "Unit", "Limits", "Default", "Off", "Meaning"), map(_row, POLICY_KEYS))
    presets = "".join(
        f"- `{name}`: {', '.join(f'{v:g}' for v in loss)} …\n" for name, loss in sorted(DISPERSION_PRESETS.items())
    )
    tail = "Presets of `dispersion_loss`, by number of providers that run a service (the last value holds beyond):"
    return f"{_HEAD}{rows}\n{tail}\n\n{presets}"


def _row(key: PolicyKey) -> tuple[str, ...]:
    default = _default(getattr(Policy(), key.name))
    return f"`{key.name}`", key.type, key.unit, _limits(key), default, key.off, key.meaning
