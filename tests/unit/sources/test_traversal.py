"""A name that comes from outside is a label: no entrance reads or writes outside its own folder for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from answerable.adapters.git import write_files
from answerable.adapters.parsers.registry import all_parsers
from answerable.adapters.sources.fetch import Page
from answerable.adapters.sources.folder import Folder
from answerable.adapters.sources.shelf import Shelf
from answerable.adapters.sources.visited import Visit, Visited
from answerable.adapters.sources.web_url import parse_url
from answerable.config.sources import SourceSection
from answerable.core.errors import AnswerableError, ParseError
from answerable.core.ports import Raw
from answerable.prompts.archive import Archive
from answerable.prompts.collection import Prompts
from answerable.prompts.include import reader
from answerable.testing import files

SECRET = "the secret outside"
_SLOW = {"mail attachment", "archive member"}  # each costs milliseconds
STEPS = (
    "..",
    "../",
    "....//",
    "..;/",
    "%2e%2e/",
    "..%2f",
    "..%252f",
    "..\\",
    "%c0%ae%c0%ae/",
    ".../",
    "\uff0e\uff0e/",
    "..\u2215",
)
TARGETS = ("secret", "secret.md", "secret.txt", "secret.md\0.txt", "secret.md ", "secret.md.", "secret.md::$DATA")
NAMES = [
    f"{prefix}{step}{'' if step.endswith(('/', chr(92))) else '/'}{target}"
    for prefix in ("", "sub/", "./", "sub/../")
    for step in STEPS
    for target in TARGETS
]
NAMES += [step * 8 + "etc/passwd" for step in STEPS]
NAMES += [
    "/etc/passwd",
    "//etc/passwd",
    "C:\\secret",
    "C:secret.md",
    "\\\\host\\share",
    "file:///etc/passwd",
    "~/secret.md",
]
NAMES += [
    "CON",
    "NUL",
    "AUX.md",
    "COM1.txt",
    "LPT1",
    ".",
    "",
    " ",
    "/",
    "\0",
    "a" * 5_000,
    "sub/link/secret.md",
    "link.md",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a link that leads out of it, beside a secret."""
    inner = tmp_path / "root"
    (inner / "sub").mkdir(parents=True)
    for name in ("secret", "secret.md", "secret.txt"):
        (tmp_path / name).write_text(SECRET)
    (inner / "a.md").write_text("inside")
    (inner / "sub" / "link").symlink_to(tmp_path)
    (inner / "link.md").symlink_to(tmp_path / "secret.md")
    return inner


def _outside(root: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(root.parent.iterdir()) if path.is_file()}


def _entrances(root: Path) -> Iterator[tuple[str, Callable[[str], object]]]:
    """(name, what takes a foreign name and gives what it read)."""
    folder = Folder(id="docs", root=root, tenant="acme")
    archive, prompts, part = Archive(folder=root), Prompts(folder=root), reader(root)

    def kept(name: str) -> object:
        path = prompts.path(name)
        return path.read_text() if path else ""

    def shelved(name: str) -> object:
        shelf = Shelf()
        shelf.put(name, Page(url=parse_url("https://a.example/"), status=200, body=b"x"))
        return shelf.get(name)

    def visited(name: str) -> object:
        one = Visited(root / "visited" / "web.json")
        one.put(name, Visit(etag="e", last_modified="", size=1, mark=1))
        one.keep({name})
        return one.get(name)

    yield "folder source", lambda name: folder.read(name).data
    yield "prompt", kept
    yield "kept prompt", archive.get
    yield "part of a prompt", part
    yield "fetched page", shelved
    yield "memory of pages", visited
    yield "written files", lambda name: write_files(root, {name: "ours"})
    yield "source id", lambda name: SourceSection(id=name, uri="docs")
    yield "mail attachment", lambda name: _parsed(f"a.eml{name}", _mail(name))
    yield "archive member", lambda name: _parsed("a.docx", _word(name))


def _mail(name: str) -> bytes:
    shown = name.encode("utf-8", "replace").replace(b'"', b"").replace(b"\0", b"")
    head = b"From: a@b\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    body = b"--b\nContent-Type: text/plain\n\nHello.\n--b\nContent-Type: text/plain\n"
    return head + body + b'Content-Disposition: attachment; filename="' + shown + b'"\n\n' + b"evil\n--b--\n"


def _word(name: str) -> bytes:
    return files.docx("<w:p><w:r><w:t>Hello.</w:t></w:r></w:p>", more={name.rstrip("\0") or "x": b"evil"})


def _parsed(uri: str, data: bytes) -> str:
    media_type = "message/rfc822" if uri.startswith("a.eml") else ""
    document = all_parsers().parse(Raw(uri=uri, data=data, source="s", tenant="t", media_type=media_type))
    return document.text


def test_no_name_from_outside_leads_outside(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    before = _outside(root)
    tries, out = 0, []
    for entrance, take in _entrances(root):
        for name in NAMES[:: 1 if entrance not in _SLOW else 4]:
            tries += 1
            found: object = None
            with suppress(AnswerableError, ValueError, OSError):
                found = take(name)
            if SECRET in str(found) or "root:x:0" in str(found):
                out.append((entrance, name))
    assert out == []
    assert _outside(root) == before
    assert tries >= 3_000


def test_a_link_that_was_put_there_between_listing_and_reading_is_not_followed(root: Path) -> None:
    folder = Folder(id="docs", root=root, tenant="acme")
    listed = {candidate.uri: candidate.error for candidate in folder.list()}
    assert listed["a.md"] == ""
    assert "outside" in listed["link.md"]
    (root / "a.md").unlink()
    (root / "a.md").symlink_to(root.parent / "secret.md")
    with pytest.raises(ParseError, match="outside"):
        folder.read("a.md")


def test_a_pipe_is_no_file_and_does_not_wait_for_its_writer(root: Path) -> None:
    os.mkfifo(root / "pipe.md")
    with pytest.raises(ParseError, match="no plain file"):
        Folder(id="docs", root=root, tenant="acme").read("pipe.md")


def test_a_file_of_a_gigabyte_is_refused_unread(root: Path) -> None:
    with (root / "large.txt").open("wb") as file:
        file.truncate(1 << 30)
    folder = Folder(id="docs", root=root, tenant="acme")
    assert "bytes, more than" in {one.uri: one.error for one in folder.list()}["large.txt"]
    with pytest.raises(ParseError) as caught:
        folder.read("large.txt")
    assert caught.value.reason == "too_large"
