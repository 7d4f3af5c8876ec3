"""What [guard] may say: a reason for what is off, tenants that differ by their keys, and no half settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.app.guarding import guard_settings, make_guards, scope_book
from answerable.app.project import Project
from answerable.config.load import load
from answerable.core.errors import ConfigError
from answerable.guards.chain import GuardSettings
from answerable.guards.watched import Watched

TENANTS = """
[guard.input]
pii = "flag"
[guard.tenants.acme.input]
scope = "off"
[guard.tenants.acme.output]
verbatim_words = 50
[guard.tenants.acme.reasons]
"input.scope" = "acme writes poems with it"
"""


def project(tmp_path: Path, text: str, **files: str) -> Project:
    (tmp_path / "answerable.toml").write_text(text, encoding="utf-8")
    for name, content in files.items():
        place = tmp_path / name.replace("__", "/").replace("_", ".")
        place.parent.mkdir(exist_ok=True)
        place.write_text(content, encoding="utf-8")
    return Project.open(tmp_path / "answerable.toml")


def told(made: Project, tenant: str = "") -> GuardSettings:
    return guard_settings(made, made.settings.guard.of(tenant), scope_book(made))


def test_a_tenant_differs_by_the_keys_that_it_names(tmp_path: Path) -> None:
    made = project(tmp_path, TENANTS)
    everybody, acme = told(made), told(made, "acme")
    assert (everybody.scope, everybody.pii_question, everybody.verbatim_words) == ("block", "flag", 200)
    assert (acme.scope, acme.pii_question, acme.verbatim_words) == ("off", "flag", 50)
    guards = make_guards(made)
    assert "scope" not in [one.name for one in guards.of("acme")]
    assert [one.name for one in guards.of("else")] == [one.name for one in guards.members]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('[guard.output]\nverbatim = "off"', r"guard\.output\.verbatim is off: say why in \[guard\.reasons\]"),
        ('[guard.tenants.a.output]\nleak = "off"', r"guard\.tenants\.a\.output\.leak is off: say why in"),
        ('[guard.input]\nmoderation = "block"', "moderation is on without an endpoint"),
        ('[guard.tenants.a.output]\nmoderation = "flag"', "moderation is on without an endpoint"),
        ('[guard.input]\njudge = "block"', r'judge is on without a model: add a \[\[route\]\] with use = "guard"'),
        (
            '[guard.output]\nleak = "mask"',
            r"guard\.output\.leak: Input should be 'block', 'flag', 'allow' or",
        ),
        ('[guard.input]\nscop = "block"', r"guard\.input\.scop: there is no such key; did you mean 'scope'"),
    ],
)
def test_what_cannot_be_names_the_key_and_the_fix(tmp_path: Path, text: str, cause: str) -> None:
    file = tmp_path / "answerable.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=cause):
        load(file, environment={})


def test_a_guard_that_asks_is_off_without_a_reason(tmp_path: Path) -> None:
    made = project(tmp_path, '[guard.input]\nmoderation = "off"\njudge = "off"')
    assert {"moderation", "judge"}.isdisjoint(one.name for one in make_guards(made).members)


def test_allow_is_the_guard_that_only_looks(tmp_path: Path) -> None:
    made = project(tmp_path, '[guard.input]\ninjection = "allow"')
    fused = next(one for one in make_guards(made).members if one.name == "injection")
    assert isinstance(fused.guard, Watched)  # type: ignore[attr-defined]


def test_files_are_found_and_what_is_wrong_in_them_names_its_place(tmp_path: Path) -> None:
    brand = "patterns:\n - id: a\n   phrase: xx yy\n   reason: why\n"
    made = project(tmp_path, "", guards__brand_yaml=brand, scope_md="# It is not for\n- chess: opening gambit\n")
    settings = told(made)
    assert [one.id for one in settings.brand] == ["a"]
    assert [one.id for one in settings.scope_book.topics] == ["topic.chess"]
    (tmp_path / "guards" / "other.yaml").write_text(brand, encoding="utf-8")
    with pytest.raises(ConfigError, match="two patterns are called 'a'"):
        told(made)
    (tmp_path / "scope.md").write_text("# Not for\n- chess:\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"scope\.md:2: chess: no phrase"):
        told(made)
