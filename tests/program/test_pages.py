"""Pages and lists that must not drift apart from the words of the model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import optimizer.model.formulate as build
from optimizer.domain.names import COST_TERMS, RULES
from optimizer.domain.policy_page import PAGE, policy_page
from optimizer.model import costs, rules

README = Path(build.__file__).with_name("README.md").read_text(encoding="utf-8")


def rows(title: str) -> list[str]:
    """Names in the first cells of the table under a heading."""
    section = README.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)


@pytest.mark.parametrize(("title", "names"), [("Rules", tuple(RULES)), ("Costs", COST_TERMS)])
def test_readme_has_every_name_and_no_other(title, names):
    assert tuple(rows(title)) == names


def test_functions_carry_their_formula():
    functions = [*(rule.rows for rule in rules.RULES), *(term.columns for term in costs.TERMS)]
    assert all(f.__doc__ and len(f.__doc__) > 40 for f in functions)


def test_policy_page_is_current():
    """Write it anew with ``python -m optimizer.domain.policy_page``."""
    assert PAGE.read_text(encoding="utf-8") == policy_page()
