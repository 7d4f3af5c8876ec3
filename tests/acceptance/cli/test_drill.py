"""The drill on a real project: its index, its guards, its prompts."""

from __future__ import annotations

QUESTION = "Please tell me within how many days of delivery most items can be returned?"


def test_a_project_is_drilled_and_no_trace_is_left(ingested_project, tmp_path):
    page = tmp_path / "drill.html"
    done = ingested_project.run(
        *("drill", "run", "--question", QUESTION, "--deadline", "10", "--fault", "garbage"),
        *("--format", "json", "--html", str(page)),
    )
    assert done.code == 0, done.out + done.err
    assert (done.json["passed"], done.json["failed"]) == (10, 0)
    assert [one["id"] for one in done.json["cells"]][::9] == ["embed-garbage", "telemetry-garbage"]
    assert "nothing is spent" in done.json["notes"][0]
    assert "10 of 10 cells as documented" in page.read_text(encoding="utf-8")
    assert QUESTION not in ingested_project.run("trace", "list", "--format", "json").out
