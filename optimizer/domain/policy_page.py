"""The page ``POLICY.md``: every policy key, generated from ``POLICY_KEYS``.

Write it anew with ``python -m optimizer.domain.policy_page``; a test fails when it is stale.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from optimizer.domain.policy import DISPERSION_PRESETS, POLICY_KEYS, Policy, PolicyKey, SiteCount, Transition

__all__ = ["PAGE", "policy_page"]

PAGE = Path(__file__).with_name("POLICY.md")

_HEAD = """# Policy

Every key of `policy.toml`, generated from `POLICY_KEYS` in `policy.py`. All keys are optional.
"Off" is the value that switches a key off (`absent`: leave it out; `-`: cannot be off). Money is
per year in the policy's currency unless the unit says otherwise.

| Key | Type | Unit | Limits | Default | Off | Meaning |
|---|---|---|---|---|---|---|
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
    """The whole page as Markdown."""
    policy = Policy()
    rows = []
    for k in POLICY_KEYS:
        default = _default(getattr(policy, k.name))
        rows.append(f"| `{k.name}` | {k.type} | {k.unit} | {_limits(k)} | {default} | {k.off} | {k.meaning} |")
    presets = [
        f"- `{name}`: {', '.join(f'{v:g}' for v in loss)} …" for name, loss in sorted(DISPERSION_PRESETS.items())
    ]
    tail = "Presets of `dispersion_loss`, by number of providers that run a service (the last value holds beyond):"
    return _HEAD + "\n".join(rows) + f"\n\n{tail}\n\n" + "\n".join(presets) + "\n"


if __name__ == "__main__":
    PAGE.write_text(policy_page(), encoding="utf-8")
