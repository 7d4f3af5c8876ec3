"""Cases from the command line: written, checked against the index, confirmed, exchanged, suggested, removed."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml

from answerable.testing.projects import ProjectFolder, open_folder

QUESTION = "How long can most items be returned?"
QUOTE = "Most items can be returned within 30 days of delivery."


@pytest.fixture
def project(ingested_project):
    """The ingested project's database with cases of this test's own."""
    folder = open_folder()
    (folder / ".answerable").symlink_to(ingested_project.folder / ".answerable", target_is_directory=True)
    shutil.copy(ingested_project.config, folder)
    (folder / "evals" / "cases").mkdir(parents=True)
    yield ProjectFolder(folder=folder)
    shutil.rmtree(folder, ignore_errors=True)


def add(project, *options):
    span = ("--span", f"policies/returns.md::{QUOTE}")
    why = ("--outcome", "answered", "--must", "30 days", "--why", "asked often")
    return project.run("case", "add", QUESTION, *why, *span, "--by", "ann@example.com", *options)


def test_a_case_is_written_and_stands_until_its_source_changes(project):
    added = add(project, "--tag", "must-pass")
    assert (added.code, added.out) == (0, "evals/cases/obvious/obvious-how-long-can-most-items-be-returned.yaml\n")
    path = project.folder / added.out.strip()
    written = yaml.safe_load(path.read_text())
    assert written["tags"] == ["obvious", "must-pass"]
    assert written["origin"]["author"] == "ann@example.com"
    assert list(written["gold_version"]) == ["policies/returns.md"]

    assert project.run("case", "check").code == 0
    path.write_text(
        path.read_text().replace("sha256:", "sha256:0")[:-2].replace("within 30 days", "within 17 days")
    )
    (project.folder / "evals" / "cases" / "bad.yaml").write_text("id: bad\nquestion: x\nexpect: {outcome: yes}\n")
    checked = project.run("case", "check", "--format", "json")
    assert checked.code == 2
    assert checked.json["problems"][0]["file"] == "evals/cases/bad.yaml"
    assert checked.json["problems"][0]["line"] == 3
    (project.folder / "evals" / "cases" / "bad.yaml").unlink()
    checked = project.run("case", "check")
    assert checked.code == 12
    assert "does not say" in checked.out
    assert "changed since it was confirmed" in checked.out
    assert project.run("case", "check", "--files-only").code == 0

    confirmed = project.run("case", "confirm", "obvious-*", "--by", "bob@example.com")
    assert confirmed.code == 0
    assert "still to mend" in confirmed.err
    assert yaml.safe_load(path.read_text())["origin"]["reviewer"] == "bob@example.com"

    removed = project.run("case", "remove", path.stem, "--reason", "No longer true.")
    assert removed.code == 0
    assert not path.exists()
    kept = json.loads((project.folder / "evals" / "removed.jsonl").read_text())
    assert kept["reason"] == "No longer true."


def test_cases_come_from_other_tools_and_from_documents_and_a_person_decides(project):
    config = {
        "prompts": ["{{question}}"],
        "tests": [
            {"vars": {"question": "Who pays return shipping?"}, "assert": [{"type": "python", "value": "1"}]}
        ],
    }
    project.write("theirs.yaml", yaml.safe_dump(config))
    imported = project.run("case", "import", "theirs.yaml")
    assert imported.code == 0, imported.err
    assert "assertion python: not checked here, kept in origin.promptfoo" in imported.err
    assert project.run("case", "import", "theirs.yaml").out == "0 imported, 1 there already\n"

    exported = project.run("case", "export", "ours.csv", "--to", "csv")
    assert exported.out == "1 cases in ours.csv\n"

    proposed = project.run("case", "suggest", "--format", "json")
    assert proposed.code == 0, proposed.err
    of_document = next(one for one in proposed.json if one["kind"] == "document")
    typo = next(one for one in proposed.json if one["kind"] == "typo")
    accepted = project.run("case", "suggest", "--accept", of_document["id"], "--by", "ann@example.com")
    path = project.folder / accepted.out.strip()
    assert yaml.safe_load(path.read_text())["origin"]["document"] == of_document["document"]
    assert project.run("case", "suggest", "--reject", typo["id"], "--reason", "no").code == 0
    left = {one["id"] for one in project.run("case", "suggest", "--list", "--format", "json").json}
    assert not left & {of_document["id"], typo["id"]}

    counted = project.run("case", "stats", "--format", "json").json
    assert counted["cases"] == 2
    assert counted["synthetic"] == 1


def test_the_schema_is_one_that_editors_can_read(project):
    schema = project.run("case", "schema").json
    assert schema["additionalProperties"] is False
    assert "question" in schema["required"]
    assert "answered" in schema["$defs"]["Outcome"]["enum"]
