"""The page of the model has every rule, term and refusal, once and in their order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer.domain.names import COST_TERMS, REFUSALS, RULES
from optimizer.model import costs, rules

PAGE = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")


def chapter(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize(("title", "names"), [("Rules", tuple(RULES)), ("Costs", COST_TERMS)])
def test_it_has_every_name_and_no_other(title: str, names: tuple[str, ...]) -> None:
    assert tuple(re.findall(r"^### `(\w+)`$", chapter(title), flags=re.MULTILINE)) == names


def test_it_has_every_refusal() -> None:
    assert re.findall(r"^\| `(\w+)` \|", chapter("Who may serve"), flags=re.MULTILINE) == list(REFUSALS)


def test_functions_carry_their_formula() -> None:
    functions = [*(rule.rows for rule in rules.RULES), *(term.columns for term in costs.TERMS)]
    assert all(f.__doc__ and re.search("[Σ≤≥]", f.__doc__) for f in functions)
