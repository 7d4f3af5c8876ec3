"""Criteria: what makes a file fit to judge by, and who wins when two have the same name."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.core.errors import ConfigError
from answerable.core.outcome import Outcome
from answerable.evals.judges.criteria import lint_criteria, load_criteria, select
from answerable.evals.judges.criterion_file import lint, parse

GOOD = """---
id: polite
version: 1.0.0
question: Is the answer polite?
applies_to: [answered, abstained]
shows: [answer]
languages: [en]
unsure_when: The tone depends on what was said before.
---
# Definitions

- *Polite* is what nobody would be offended by.

# YES

## Plain

Answer: Returns are possible for 1 to 5 days.

Why: Nothing offends.

## Thanks

Answer: Thank you for asking.

Why: Friendly.

# NO

## Rude

Answer: Read the page yourself.

Why: It sends the person away.

## Mocking

Answer: Everybody knows that.

Why: It belittles.
"""


def test_a_good_file_is_a_criterion() -> None:
    found = parse(GOOD, where="criteria/polite.md")
    assert (found.id, found.version, found.shows) == ("polite", "1.0.0", ("answer",))
    assert found.applies_to == (Outcome.ANSWERED, Outcome.ABSTAINED)
    assert found.text.startswith("Question: Is the answer polite?\n\nSay UNSURE when: The tone")
    assert "Why: It belittles." in found.text
    assert parse(GOOD.replace("\n", "\r\n"), where="x").sha256 == found.sha256
    assert parse(GOOD.replace("belittles", "hurts"), where="x").sha256 != found.sha256


@pytest.mark.parametrize(
    ("old", "new", "line", "rule"),
    [
        ("Is the answer polite?", "How polite is the answer?", 4, "closed-question"),
        ("Is the answer polite?", "Wie höflich ist die Antwort?", 4, "closed-question"),
        ("Is the answer polite?", "The answer is polite.", 4, "closed-question"),
        ("Is the answer polite?", "Is the answer polite and is it short?", 4, "one-question"),
        ("Is the answer polite?", "Is it polite? Is it short?", 4, "one-question"),
        ("Is the answer polite?", "Ist sie höflich und ist sie kurz?", 4, "one-question"),
        ("Is the answer polite?", "Does it score 1 to 5 for politeness?", 4, "no-scale"),
        ("- *Polite* is what", "- Rate from 1-5 how polite it is, where", 12, "no-scale"),
        ("- *Polite* is what", "- Bewerte auf einer Skala von 1 bis 10, was", 12, "no-scale"),
        ("unsure_when: The tone depends on what was said before.\n", "", 1, "unsure"),
        ("unsure_when: The tone depends on what was said before.", "unsure_when: ''", 8, "unsure"),
        ("## Mocking\n\nAnswer: Everybody knows that.\n\nWhy: It belittles.\n", "", 28, "examples"),
        ("Why: Friendly.", "", 22, "examples"),
        ("# NO\n", "# Bad\n", 40, "sections"),
        ("# Definitions\n\n- *Polite* is what nobody would be offended by.\n", "", 37, "sections"),
        ("version: 1.0.0", "version: 1", 3, "front-matter"),
        ("languages: [en]", "langauges: [en]", 7, "front-matter"),
        ("applies_to: [answered, abstained]", "applies_to: [good]", 5, "front-matter"),
        ("shows: [answer]", "shows: [answer", 7, "front-matter"),
    ],
)
def test_a_finding_names_its_line_and_rule(old: str, new: str, line: int, rule: str) -> None:
    assert old in GOOD
    found = lint(GOOD.replace(old, new), where="criteria/polite.md")
    assert (line, rule) in [(one.line, one.rule) for one in found]
    with pytest.raises(ConfigError, match=r"criteria/polite\.md:\d+: "):
        parse(GOOD.replace(old, new), where="criteria/polite.md")


def test_a_file_without_front_matter_is_a_finding() -> None:
    assert [one.rule for one in lint("Is it polite?", where="x")] == ["front-matter"]
    assert lint(GOOD, where="x") == []


def test_the_shipped_criteria_are_sound_and_serve_beside_the_own_ones(tmp_path: Path) -> None:
    assert lint_criteria() == []
    shipped = load_criteria()
    assert {"complete", "grounded", "relevant", "safe"} <= shipped.keys()
    (tmp_path / "polite.md").write_text(GOOD)
    (tmp_path / "safe.md").write_text(GOOD.replace("id: polite", "id: safe"))
    (tmp_path / "README.md").write_text("Not a criterion.")
    found = load_criteria(tmp_path)
    assert list(found) == sorted([*shipped, "polite"])
    assert found["safe"].question == "Is the answer polite?"
    assert [one.id for one in select(found, ["safe", "polite"])] == ["safe", "polite"]
    with pytest.raises(ConfigError, match="no criterion 'kind'"):
        select(found, ["kind"])


def test_a_file_is_called_what_its_criterion_is_called(tmp_path: Path) -> None:
    (tmp_path / "kind.md").write_text(GOOD)
    with pytest.raises(ConfigError, match="its id is 'polite'"):
        load_criteria(tmp_path)
