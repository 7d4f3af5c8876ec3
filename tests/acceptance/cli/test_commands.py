"""The command line as people and scripts use it: output, exit codes, and what it says when something is wrong."""

from __future__ import annotations

import re

import pytest

COMMANDS = [
    (),
    ("demo",),
    ("init",),
    ("up",),
    ("serve",),
    ("ask",),
    ("search",),
    ("ingest",),
    ("source", "add"),
    ("source", "list"),
    ("source", "sync"),
    ("doc", "list"),
    ("doc", "show"),
    ("chunk", "show"),
    ("index", "status"),
    ("trace", "list"),
    ("trace", "show"),
    ("doctor",),
    ("db", "status"),
    ("db", "migrate"),
    ("db", "backup"),
    ("db", "restore"),
    ("token", "create"),
    ("token", "list"),
    ("token", "revoke"),
    ("config", "explain"),
    ("config", "check"),
    ("config", "schema"),
    ("model", "pull"),
    ("model", "show"),
    ("dev", "model-server"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "answerable")
def test_every_command_explains_itself(empty_project, command):
    done = empty_project.run(*command, "--help")
    assert done.code == 0, done.err
    assert "Usage:" in done.out
    assert "\x1b[" not in done.out


def test_an_answer_is_cited_and_says_how_it_was_made(ingested_project):
    done = ingested_project.run("ask", "Within how many days of delivery can most items be returned?")
    assert done.code == 0, done.err
    assert "within 30 days of delivery [1]" in done.out
    assert re.search(r"\[1\] Returns policy > Time limits\s+updated 2026-05-02\s+policies/returns\.md", done.out)
    assert re.search(r"outcome answered \| confidence high: .* \| \d+\.\d\d s \| extractive \| tr_\w+", done.out)
    assert "\x1b[" not in done.out


def test_an_answer_as_json_is_alone_on_standard_output(ingested_project):
    done = ingested_project.run("ask", "How are purchases with SUMMER20 refunded?", "--format", "json")
    answer = done.json
    assert answer["outcome"] == "answered"
    source = answer["sources"][0]
    assert source["quote"] == "Purchases made with SUMMER20 are refunded as store credit."
    page = ingested_project.run("doc", "show", source["document"][:16], "--format", "json").json
    start, end = source["offsets"]
    assert page["text"][start:end] == source["quote"]


def test_what_is_not_there_is_not_answered(ingested_project):
    done = ingested_project.run("ask", "Who was the first person on the moon?", "--format", "json")
    assert done.json["outcome"] in ("abstained", "out_of_scope")
    assert done.json["sources"] == []
    assert len(done.json["next_steps"]) >= 2


@pytest.mark.parametrize(
    ("question", "secret"),
    [
        ("Within how many days of delivery can items be returned next year?", "100"),
        ("How large is the goodwill credit that agents may give?", "75"),
    ],
)
def test_drafts_and_closed_pages_stay_closed(ingested_project, question, secret):
    answer = ingested_project.run("ask", question, "--format", "json").json
    assert secret not in answer["text"]
    assert all(
        source["uri"] not in ("policies/returns-next-year.md", "policies/goodwill.md")
        for source in answer["sources"]
    )
    found = ingested_project.run("search", question, "--format", "json").json
    assert not {row["uri"] for row in found} & {"policies/returns-next-year.md", "policies/goodwill.md"}


def test_a_group_opens_its_pages(ingested_project):
    question = "How large is the goodwill credit that agents may give?"
    answer = ingested_project.run("ask", question, "--group", "staff", "--format", "json").json
    assert "75 euros" in answer["text"]


def test_every_question_leaves_a_trace(ingested_project):
    answer = ingested_project.run(
        "ask", "How long does express shipping to Germany take?", "--format", "json"
    ).json
    trace = ingested_project.run("trace", "show", answer["trace"], "--format", "json").json
    assert trace["question"] == "How long does express shipping to Germany take?"
    assert {"guard_question", "embed", "dense", "lexical", "fuse", "rerank", "generate"} <= {
        s["name"] for s in trace["steps"]
    }
    rerank = next(step for step in trace["steps"] if step["name"] == "rerank")
    assert all({"scores", "kept", "why"} <= row.keys() for row in rerank["detail"]["candidates"])
    assert trace["prompt"]["id"] == "answer"
    assert "<source n=" in trace["prompt"]["user"]
    assert {"citation_precision", "claim_support", "language", "patterns"} <= {s["name"] for s in trace["scores"]}
    assert trace["id"] in ingested_project.run("trace", "list").out
    assert "generate" in ingested_project.run("trace", "show", "latest").out


def test_chunks_are_drawn_over_their_text(ingested_project):
    drawn = ingested_project.run("chunk", "show", "policies/returns.md")
    assert "Most items can be returned within 30 days" in drawn.out
    chunks = ingested_project.run("chunk", "show", "policies/returns.md", "--format", "json").json
    text = ingested_project.run("doc", "show", "policies/returns.md", "--format", "json").json["text"]
    assert chunks
    assert all(text[chunk["start"] : chunk["end"]] == chunk["text"] for chunk in chunks)
    page = ingested_project.folder / "returns.html"
    again = ["--strategy", "semantic", "--max-tokens", "80", "--html", str(page), "--format", "json"]
    semantic = ingested_project.run("chunk", "show", "policies/returns.md", *again).json
    assert {one["tokens"] <= 80 for one in semantic} == {True}
    assert all(one["why"] and one["similarity"] for one in semantic[1:])
    assert "<polyline" in page.read_text(encoding="utf-8")


def test_doctor_finds_nothing_wrong(ingested_project):
    done = ingested_project.run("doctor", "--format", "json")
    assert done.code == 0, done.out
    states = {row["what"]: row["state"] for row in done.json}
    assert states.pop("red team") == "warn"  # nobody has attacked this project yet
    assert states == dict.fromkeys(states, "ok")
    assert {"database", "index", "embed", "guards"} <= states.keys()


def test_tokens_are_made_shown_once_and_revoked(ingested_project):
    made = ingested_project.run("token", "create", "--label", "ci", "--ttl", "90d", "--format", "json").json
    listed = ingested_project.run("token", "list", "--format", "json")
    assert made["id"] in {row["id"] for row in listed.json}
    assert made["secret"] not in listed.out
    assert ingested_project.run("token", "revoke", made["id"]).code == 0
    row = next(
        row for row in ingested_project.run("token", "list", "--format", "json").json if row["id"] == made["id"]
    )
    assert row["revoked"]


# --- what is wrong is said, with its fix and its exit code --------------------------------------------------


def test_a_misspelled_key_is_named_with_the_right_one(empty_project):
    empty_project.write("answerable.toml", "[retrieval]\ntopk = 5\n")
    done = empty_project.run("config", "check")
    assert done.code == 2
    assert "retrieval.topk" in done.err
    assert "top_k" in done.err


def test_a_guard_cannot_be_switched_off_in_silence(empty_project):
    empty_project.write("answerable.toml", '[guard.input]\ninjection = "off"\n')
    done = empty_project.run("config", "check")
    assert done.code == 2
    assert "guard.reasons" in done.err
    empty_project.write(
        "answerable.toml", '[guard.input]\ninjection = "off"\n[guard.reasons]\n"input.injection" = "lab"\n'
    )
    assert empty_project.run("config", "check").code == 0


def test_a_secret_in_the_file_is_refused(empty_project):
    empty_project.write(
        "answerable.toml", '[provider.main]\nkind = "anthropic"\nmodel = "m"\napi_key = "sk-live-123"\n'
    )
    done = empty_project.run("config", "check")
    assert (done.code, "sk-live-123" in done.err + done.out) == (2, False)


def test_an_unreachable_database_is_exit_4(empty_project):
    empty_project.write("answerable.toml", '[database]\nurl = "postgresql://nobody@127.0.0.1:1/none"\n')
    done = empty_project.run("ask", "Anything?")
    assert done.code == 4, done.err
    assert done.out == ""
    assert "error:" in done.err
    assert "Traceback" not in done.err


def test_an_unknown_command_and_a_missing_argument_are_exit_2(empty_project):
    assert empty_project.run("askk", "x").code == 2
    assert empty_project.run("ask").code == 2
    assert empty_project.run("ask", "x", "--formt", "json").code == 2


def test_what_is_not_there_is_named(ingested_project):
    done = ingested_project.run("doc", "show", "no/such/page.md")
    assert done.code == 1
    assert "no/such/page.md" in done.err


def test_broken_files_are_exit_5_and_the_rest_is_in(empty_project):
    empty_project.write("knowledge/broken.docx", "this is no Word file")
    (empty_project.folder / "knowledge" / "blob.pdf").write_bytes(b"%PDF-1.7\n\x00garbage")
    done = empty_project.run("source", "sync", "--format", "json")
    assert done.code == 5, done.err
    (report,) = done.json
    assert set(report["errors"]) == {"broken.docx", "blob.pdf"}
    assert report["added"] == 5
    assert "failed: broken.docx: " in done.err
    assert empty_project.run("ask", "How are purchases with SUMMER20 refunded?", "--format", "json").json[
        "sources"
    ]


def test_a_sync_follows_changes_and_deletions(empty_project):
    assert empty_project.run("source", "sync").code == 0
    empty_project.write(
        "knowledge/shipping/times.md", "# Shipping times\n\nExpress shipping to Germany takes 9 working days.\n"
    )
    (empty_project.folder / "knowledge" / "policies" / "coupons.md").unlink()
    (report,) = empty_project.run("source", "sync", "--format", "json").json
    assert (report["changed"], report["removed"], report["unchanged"]) == (1, 1, 3)
    question = "How long does express shipping to Germany take?"
    assert "9 working days" in empty_project.run("ask", question).out
    gone = empty_project.run("search", "SUMMER20 store credit", "--format", "json").json
    assert "policies/coupons.md" not in {row["uri"] for row in gone}


def test_a_backup_comes_back(empty_project):
    assert empty_project.run("source", "sync").code == 0
    before = empty_project.run("index", "status", "--format", "json").json
    assert empty_project.run("db", "backup", "backup.dump").code == 0
    (empty_project.folder / "knowledge" / "policies" / "coupons.md").unlink()
    assert empty_project.run("source", "sync").code == 0
    assert empty_project.run("db", "restore", "backup.dump").code == 2  # not over what is there
    assert empty_project.run("db", "restore", "backup.dump", "--replace").code == 0
    assert empty_project.run("index", "status", "--format", "json").json == before


def test_a_new_project_is_whole(empty_project):
    made = empty_project.run("init", "fresh")
    assert made.code == 0, made.err
    folder = empty_project.folder / "fresh"
    for name in ("answerable.toml", "scope.md", "prompts/answer.md", ".gitignore", ".env.example", "README.md"):
        assert (folder / name).is_file(), name
    config = str(folder / "answerable.toml")
    assert empty_project.run("source", "sync", "-c", config).code == 0
    answer = empty_project.run("ask", "Which page is never answered from?", "-c", config, "--format", "json").json
    assert "draft" in answer["text"]
    assert empty_project.run("init", "fresh").code == 2


def test_a_source_is_added_to_the_file_without_disturbing_it(empty_project):
    before = empty_project.config.read_text()
    empty_project.write("more/page.md", "# More\n\nThe moon base opens in 2031.\n")
    assert empty_project.run("source", "add", "more", "--trust", "public").code == 0
    assert empty_project.config.read_text().startswith(before.rstrip())
    assert empty_project.run("source", "sync", "more").code == 0
    rows = empty_project.run("source", "list", "--format", "json").json
    assert {row["id"]: row["files"] for row in rows} == {"knowledge": 0, "more": 1}
    assert empty_project.run("source", "add", "more", "--trust", "nobody").code == 2
