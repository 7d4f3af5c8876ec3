"""answerable data: findings, contradictions, and what becomes of them."""

from __future__ import annotations

from answerable.testing.projects import ProjectFolder

FAQ = "---\ntitle: Returns FAQ\nupdated: 2024-05-02\nreview_by: 2025-05-02\n---\n# Returns FAQ\n\n"


def test_a_contradiction_is_reported_asked_about_and_closed(empty_project: ProjectFolder) -> None:
    empty_project.write("knowledge/faq.md", FAQ + "Most items can be returned within 60 days of delivery.\n")
    assert empty_project.run("source", "sync").code == 0

    report = empty_project.run("data", "report", "--format", "json", "--html", "data.html")
    assert report.code == 13, report.err
    found = {one["kind"]: one for one in report.json["findings"]}
    assert {"conflict", "stale"} <= found.keys()
    assert found["conflict"]["others"] == ["faq.md"]
    assert "within 60 days" in (empty_project.folder / "data.html").read_text(encoding="utf-8")

    wrong = empty_project.run("data", "conflicts", "nosuch")
    assert (wrong.code, "no source 'nosuch'" in wrong.err) == (2, True)
    page = empty_project.run("data", "report", "--html", "data.html/page.html")  # a file stands in the way
    assert (page.code, "cannot write" in page.err, "Traceback" in page.err) == (2, True, False)

    conflict = found["conflict"]["fix"].partition("data accept ")[2].partition(" ")[0]
    assert empty_project.run("data", "accept", conflict, "--reason", "for stores").code == 0
    stale = found["stale"]["id"]
    assert empty_project.run("data", "accept", stale, "--reason", "kept", "--until", "2999-01-01").code == 0
    again = empty_project.run("data", "report", "--format", "json")
    assert again.code == 0
    assert not {"conflict", "stale"} & {one["kind"] for one in again.json["findings"]}

    empty_project.write("knowledge/faq.md", FAQ + "Most items can be returned within 30 days of delivery.\n")
    assert empty_project.run("source", "sync").code == 0
    assert empty_project.run("data", "conflicts", "--format", "json").json["conflicts"] == []
