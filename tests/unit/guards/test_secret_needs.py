"""What a text must have before a credential's pattern is tried on it."""

from __future__ import annotations

import re

import pytest

from answerable.guards.secrets import _rules
from answerable.testing.redos import _sample, parser


@pytest.mark.parametrize(("rule", "pattern", "needs"), [pytest.param(*one, id=one[0]) for one in _rules()])
def test_whatever_a_pattern_takes_has_one_of_what_its_rule_needs(rule, pattern, needs):
    tree = list(parser.parse(pattern.pattern, 0))
    assert all(
        any(need in text for need in needs) for text in (_sample(tree, most=True), _sample(tree, most=False))
    )
    assert needs == ("",) or not pattern.flags & re.IGNORECASE, f"{rule}: letters of any case"
