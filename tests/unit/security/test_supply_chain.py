"""What we ship and what it runs on: hashes in the lock, nothing that runs at install, known licenses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from answerable.app.bill import Part, bill, parts

ROOT = Path(__file__).parents[3]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
# Copyleft of the library alone, each used unchanged: docs/decisions/0240-supply-chain.md.
WEAK = {"certifi", "orjson", "psycopg", "psycopg-binary", "psycopg-pool", "tqdm"}


def test_every_line_of_the_lock_has_its_hashes_and_no_address():
    entries = [one for one in re.split(r"\n(?=[A-Za-z0-9])", LOCK) if "==" in one.partition("\n")[0]]
    assert len(entries) > 50
    assert [one.partition("\n")[0] for one in entries if "--hash=sha256:" not in one] == []
    assert re.findall(r"https?://|git\+|--(?:extra-)?index-url|--find-links|--trusted-host", LOCK) == []


def test_the_lock_is_installed_with_its_hashes_and_without_resolving():
    line = next(
        one for one in (ROOT / "Makefile").read_text("utf-8").splitlines() if "-r requirements.lock" in one
    )
    assert "--require-hashes" in line
    assert "--no-deps" in line


def test_nothing_of_the_tree_runs_at_install_or_at_start():
    names = [path.name for path in (ROOT / "src").rglob("*")]
    assert not [
        one
        for one in names
        if one.endswith((".pth", ".so", ".pyd")) or one in ("sitecustomize.py", "usercustomize.py")
    ]
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert "hatch.build.hooks" not in text
    assert 'build-backend = "hatchling.build"' in text
    assert not (ROOT / "setup.py").exists()


def test_the_kept_comparison_of_wheel_and_tree_left_nothing_unexplained():
    wheel = json.loads((ROOT / "benchmarks" / "results" / "supply_chain.json").read_text("utf-8"))["wheel"]
    assert [wheel[key] for key in ("unexplained", "differ", "missing", "pth_or_binary")] == [[], [], [], []]
    assert wheel["same_as_the_tree"] + len(wheel["dist_info"]) == wheel["files"]


def test_what_we_run_on_is_permissive_but_for_a_known_few():
    found = parts()
    assert len(found) > 40
    assert {one.name for one in found if one.kind == "weak"} <= WEAK
    assert [f"{one.name}: {one.license}" for one in found if one.kind == "other"] == []


@pytest.mark.parametrize(
    ("license", "kind"),
    [
        ("MIT", "permissive"),
        ("BSD 3-clause", "permissive"),
        ("LGPL-3.0-only", "weak"),
        ("MPL-2.0 AND MIT", "weak"),
        ("GPL-3.0-only", "other"),
        ("AGPL-3.0-or-later", "other"),
        ("SSPL-1.0", "other"),
        ("", "other"),
        ("Proprietary", "other"),
    ],
)
def test_licenses_are_told_apart(license, kind):  # noqa: A002
    assert Part(name="x", version="1", license=license).kind == kind


def test_the_bill_of_materials_is_the_same_twice_and_names_what_it_needs():
    made = bill()
    assert made == bill()
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", made["serialNumber"]
    )
    names = {one["name"] for one in made["components"]}
    assert {"fastapi", "psycopg", "psycopg-pool", "pydantic", "jinja2"} <= names
    assert "pytest" not in names
    assert all(one["purl"].startswith("pkg:pypi/") and one["version"] for one in made["components"])
