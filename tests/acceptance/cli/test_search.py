"""What a person sees of a search: how the question was read, filters, and where a chunk was lost."""

from __future__ import annotations

from answerable.testing.projects import ProjectFolder


def test_a_misspelled_question_is_read_and_a_filter_is_any_metadata(ingested_project: ProjectFolder) -> None:
    found = ingested_project.run(
        "search", "how long can refubished items be retruned", "--explain", "--format", "json"
    )
    assert found.code == 0, found.err
    assert {"written": "refubished", "read_as": "refurbished"} in found.json["corrections"]
    assert found.json["passages"][0]["uri"] == "policies/returns.md"
    none = ingested_project.run("search", "returned items", "--filter", "product=hub", "--format", "json")
    assert (none.code, none.json) == (0, [])


def test_the_step_that_lost_a_chunk_is_named(ingested_project: ProjectFolder) -> None:
    question = "how long can refubished items be retruned"
    kept = ingested_project.run(
        "chunk", "why", question, "--quote", "Refurbished items can be returned within 14 days", "--format", "json"
    )
    assert kept.code == 0, kept.err
    assert (kept.json["lost"], kept.json["uri"]) == ("", "policies/returns.md")
    assert [one["held"] for one in kept.json["steps"]] == [True] * 8
    hidden = ingested_project.run("chunk", "why", question, "--gold", "policies/goodwill.md#75 euros")
    assert hidden.out.startswith("lost at: filter")
    assert "acl staff" in hidden.out
