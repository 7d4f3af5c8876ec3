"""A folder offers the files it should, and no others."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from answerable.adapters.sources.folder import Folder
from answerable.core.errors import ConfigError, ParseError


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    root = tmp_path / "docs"
    for uri in (
        "a.md",
        "b.html",
        "sub/c.md",
        "sub/deep/d.md",
        "sub/drafts/e.md",
        ".git/config.md",
        ".hidden.md",
        "node_modules/x/readme.md",
        "sub/__pycache__/y.md",
    ):
        path = root / uri
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {uri}")
    return Folder(id="docs", root=root, tenant="acme")


def uris(folder: Folder) -> list[str]:
    return [candidate.uri for candidate in folder.list()]


def test_hidden_files_and_rubbish_are_left_out(folder: Folder) -> None:
    assert uris(folder) == ["a.md", "b.html", "sub/c.md", "sub/deep/d.md", "sub/drafts/e.md"]


@pytest.mark.parametrize(
    ("include", "exclude", "left"),
    [
        (("*.md",), (), ["a.md", "sub/c.md", "sub/deep/d.md", "sub/drafts/e.md"]),
        (("/*.md",), (), ["a.md"]),
        (("sub/*",), (), ["sub/c.md"]),
        (("sub/**",), ("**/drafts/**",), ["sub/c.md", "sub/deep/d.md"]),
        (("**/?.md",), ("c.md", "sub/deep/*"), ["a.md", "sub/drafts/e.md"]),
        (("**/*.html", "a.*"), (), ["a.md", "b.html"]),
        ((), (), []),
        (("**",), ("**",), []),
        (("a.m",), (), []),
    ],
)
def test_globs_choose(folder: Folder, include: tuple[str, ...], exclude: tuple[str, ...], left: list[str]) -> None:
    assert uris(replace(folder, include=include, exclude=exclude)) == left


def test_a_large_file_is_reported_and_not_read(folder: Folder) -> None:
    small = replace(folder, max_bytes=6, include=("a.md", "b.html"))
    assert [(candidate.uri, "more than" in candidate.error) for candidate in small.list()] == [
        ("a.md", False),
        ("b.html", True),
    ]
    with pytest.raises(ParseError) as caught:
        small.read("b.html")
    assert caught.value.reason == "too_large"
    assert small.read("a.md").data == b"# a.md"


def test_links_out_of_the_folder_are_reported_and_not_read(folder: Folder, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("secret")
    (folder.root / "out.md").symlink_to(secret)
    (folder.root / "elsewhere").symlink_to(tmp_path)
    (folder.root / "in.md").symlink_to(folder.root / "a.md")
    (folder.root / "gone.md").symlink_to(folder.root / "none.md")
    found = {candidate.uri: candidate.error for candidate in folder.list()}
    assert "outside" in found["out.md"]
    assert found["in.md"] == ""
    assert found["gone.md"]
    assert not any(uri.startswith("elsewhere") for uri in found)
    for uri in ("out.md", "elsewhere/secret.md", "gone.md"):
        with pytest.raises(ParseError) as caught:
            folder.read(uri)
        assert caught.value.reason == "unreadable"
    assert folder.read("in.md").data == b"# a.md"


def test_a_folder_that_cannot_be_entered_is_reported(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith("deep"))
    found = {candidate.uri: candidate.error for candidate in folder.list()}
    assert "permission denied" in found["sub/deep"]
    assert found["sub/drafts/e.md"] == ""


def test_a_name_that_is_no_utf8_is_reported(folder: Folder) -> None:
    Path(os.fsdecode(os.fsencode(folder.root) + b"/\xff.md")).write_text("x")
    assert [candidate.error for candidate in folder.list() if "?" in candidate.uri] == [
        "?.md: cannot be read (its name is not UTF-8)"
    ]


def test_a_sidecar_says_what_the_file_cannot(folder: Folder) -> None:
    before = next(iter(folder.list()))
    said = "status: draft\ntags: [x, y]\n"
    (folder.root / "a.md.meta.yaml").write_text(said)
    after = next(iter(folder.list()))
    assert "a.md.meta.yaml" not in uris(folder)
    assert folder.read("a.md").meta == {"status": "draft", "tags": "x, y"}
    assert (after.size, after.mtime_ns >= before.mtime_ns) == (before.size + len(said), True)
    (folder.root / "a.md.meta.yaml").write_text("a: [")
    with pytest.raises(ParseError, match="sidecar"):
        folder.read("a.md")


def test_the_sources_defaults_go_with_every_file(folder: Folder) -> None:
    of = replace(folder, language="de", acl=("staff",), status="draft", owner="a@example.com", trust="public")
    raw = of.read("a.md")
    assert (raw.language, raw.acl, raw.status, raw.owner, raw.trust) == (
        "de",
        ("staff",),
        "draft",
        "a@example.com",
        "public",
    )
    assert (raw.source, raw.tenant) == ("docs", "acme")


def test_a_source_without_its_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no folder"):
        list(Folder(id="docs", root=tmp_path / "none", tenant="t").list())
