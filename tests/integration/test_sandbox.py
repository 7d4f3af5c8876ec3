"""The sandbox: hostile files cost one error each, and the next file is read."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from answerable.adapters.parsers.sandbox import Sandbox, SandboxLimits
from answerable.core.document import Document
from answerable.core.errors import ConfigError, ParseError
from answerable.core.ports import Raw
from answerable.testing import files

MARKDOWN = b"# Returns\n\nWithin 30 days."
# Time enough for a slow machine to reach the wall that is meant; SHORT is for a parser that never ends.
LIMITS = SandboxLimits(memory_bytes=400 << 20, cpu_s=20, wall_s=60, output_bytes=4 << 20)
SHORT = SandboxLimits(memory_bytes=400 << 20, cpu_s=1, wall_s=60, output_bytes=4 << 20)

# A parser that does what its file says. The workers import it, so it stands in a file of its own.
PUPPET = """
import os, socket, subprocess, sys, time
from answerable.core.document import Block, Document
from answerable.core.errors import ConfigError, ParseError


class Puppet:
    def __init__(self):
        self.kept = []

    def parse(self, raw):
        word, _, argument = raw.data.decode().partition(" ")
        done = getattr(self, word)(argument) or "done"
        text, blocks = (done, ()) if isinstance(done, str) else ("x", tuple(done))
        whose = {"source": "other", "uri": "other", "tenant": "other", "acl": ("public",), "trust": "internal"}
        return Document(title=word, text=text, blocks=blocks, **whose)

    def hang(self, _):
        time.sleep(3600)

    def spin(self, _):
        while True:
            pass

    def eat(self, _):
        self.kept = [bytearray(1 << 20) for _ in range(100_000)]

    def die(self, _):
        os.abort()

    def leave(self, _):
        os._exit(3)

    def strew(self, count):
        return [Block(kind="paragraph", start=0, end=1)] * int(count)

    def swell(self, size):
        return "x" * int(size)

    def chatter(self, _):
        print("hello")
        os.write(1, b"garbage on standard output")

    def pid(self, _):
        return str(os.getpid())

    def connect(self, port):
        return tried(lambda: socket.create_connection(("127.0.0.1", int(port)), 2))

    def run(self, _):
        return tried(lambda: subprocess.run(["id"]))

    def write(self, path):
        return tried(lambda: open(path, "w").write("x"))

    def read(self, path):
        return tried(lambda: open(path).read())

    def environment(self, name):
        return os.environ.get(name, "none")


def tried(what):
    try:
        return "could: " + repr(what())
    except OSError as exc:
        return "refused: " + type(exc).__name__
"""


def a_raw(data: bytes, uri: str = "policies/returns.md") -> Raw:
    return Raw(uri=uri, data=data, source="docs", tenant="acme", acl=("staff",), trust="partner")


@dataclass(frozen=True, slots=True)
class Strings:
    """Pulls a puppet's strings."""

    sandbox: Sandbox

    async def __call__(self, word: str, argument: str = "") -> Document:
        return await self.sandbox.parse(a_raw(f"{word} {argument}".encode()))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(limits=LIMITS, workers=1) as sandbox:
        yield sandbox


@pytest.fixture
async def puppet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Strings]:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "puppet_parser.py").write_text(PUPPET)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("MODEL_API_KEY", "sk-secret")
    async with Sandbox(limits=SHORT, workers=1, factory="puppet_parser:Puppet") as sandbox:
        yield Strings(sandbox)


async def refusal_of(sandbox: Sandbox, data: bytes, uri: str) -> ParseError:
    """The error for a hostile file, after which the sandbox reads a good one."""
    with pytest.raises(ParseError) as caught:
        await sandbox.parse(a_raw(data, uri))
    assert (await sandbox.parse(a_raw(MARKDOWN))).title == "Returns"
    assert uri in str(caught.value)
    return caught.value


async def test_a_document_comes_back_as_the_parser_made_it(sandbox: Sandbox) -> None:
    from answerable.adapters.parsers.markdown import MarkdownParser

    data = b"---\nstatus: draft\nreview_by: 2027-01-01\n---\n# A\n\n- one\n\n| a | b |\n|---|---|\n| c | d |\n"
    raw = Raw(
        uri="a.md",
        data=data,
        source="docs",
        tenant="acme",
        modified_at=datetime(2026, 3, 4, tzinfo=UTC),
        meta={"tags": "x"},
    )
    assert await sandbox.parse(raw) == MarkdownParser().parse(raw)


async def test_a_refusal_comes_back_with_its_reason_and_its_hint(sandbox: Sandbox) -> None:
    error = await refusal_of(sandbox, b"\x89PNG\r\n\x1a\n", "logo.png")
    assert error.reason == "unsupported"
    assert "Markdown" in error.hint


@pytest.mark.parametrize(
    ("name", "data", "reasons"),
    [
        ("bomb.docx", lambda: files.zip_bomb_docx(100 << 20), {"too_large"}),
        ("laughs.docx", files.entity_bomb_docx, {"malformed", "no_text"}),
        ("deep.html", lambda: b"<div>" * 100_000 + b"deep" + b"</div>" * 100_000, {"malformed"}),
        ("deep.json", lambda: b"[" * 200_000 + b"]" * 200_000, {"malformed"}),
        ("deep.md", lambda: b">" * 200_000 + b" deep", {"no_text", "malformed", "timeout"}),
        ("pages.pdf", lambda: files.many_pages_pdf(60_000), {"too_large", "no_text", "malformed"}),
        (
            "flate.pdf",
            lambda: files.flate_bomb_pdf(500 << 20),
            {"memory", "crash", "no_text", "malformed", "timeout"},
        ),
        ("secret.pdf", files.encrypted_pdf, {"encrypted"}),
        ("cut.pdf", lambda: files.pdf([[("Words", 12, 72, 700)]])[:200], {"malformed"}),
        ("cut.docx", lambda: files.docx("<w:p/>")[:300], {"malformed"}),
        ("line.txt", lambda: b"x" * (50 << 20), {"too_large", "memory"}),
        ("rows.csv", lambda: b"a,b\n" * 200_000, {"too_large"}),
        ("scan.pdf", lambda: files.pdf([[]]), {"no_text"}),
        ("empty.md", lambda: b"", {"no_text"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_hostile_file_is_one_error_and_the_next_file_is_read(
    sandbox: Sandbox, name: str, data: object, reasons: set[str]
) -> None:
    assert callable(data)
    error = await refusal_of(sandbox, data(), name)
    assert error.reason in reasons
    assert error.hint


async def test_a_file_beyond_the_input_limit_starts_no_worker() -> None:
    async with Sandbox(limits=SandboxLimits(input_bytes=10), factory="no.such:thing") as sandbox:
        with pytest.raises(ParseError, match="11 bytes") as caught:
            await sandbox.parse(a_raw(b"x" * 11))
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize(
    ("word", "reason"), [("spin", "timeout"), ("eat", "memory"), ("die", "crash"), ("leave", "crash")]
)
async def test_a_parser_that_misbehaves_is_replaced(puppet: Strings, word: str, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        await puppet(word)
    assert caught.value.reason == reason
    assert (await puppet("pid")).text.isdigit()


async def test_a_parser_that_hangs_is_ended(puppet: Strings) -> None:
    sandbox = Sandbox(limits=SandboxLimits(wall_s=1.5), workers=1, factory=puppet.sandbox.factory)
    async with sandbox:
        with pytest.raises(ParseError) as caught:
            await Strings(sandbox)("hang")
        assert caught.value.reason == "timeout"
        assert (await Strings(sandbox)("pid")).text.isdigit()


async def test_a_crash_after_another_file_is_tried_again_in_a_new_process(puppet: Strings) -> None:
    before = (await puppet("pid")).text
    os.kill(int(before), 9)
    assert (await puppet("pid")).text != before


async def test_a_text_beyond_the_output_limit_is_refused(puppet: Strings) -> None:
    with pytest.raises(ParseError) as caught:
        await puppet("swell", str(5 << 20))
    assert caught.value.reason == "too_large"
    assert len((await puppet("swell", str(3 << 20))).text) == 3 << 20


async def test_a_document_of_too_many_blocks_is_refused_before_it_leaves_its_worker(puppet: Strings) -> None:
    with pytest.raises(ParseError, match="200,001 blocks, more than 200,000") as caught:
        await puppet("strew", "200001")
    assert caught.value.reason == "too_large"
    assert len((await puppet("strew", "2")).blocks) == 2


async def test_what_a_library_prints_does_not_reach_the_wire(puppet: Strings) -> None:
    assert (await puppet("chatter")).text == "done"


async def test_whose_document_it_is_does_not_depend_on_the_parser(puppet: Strings) -> None:
    document = await puppet("pid")
    assert (document.source, document.uri, document.tenant) == ("docs", "policies/returns.md", "acme")
    assert (document.acl, document.trust) == (("staff",), "partner")


async def test_a_parser_reaches_no_network(puppet: Strings) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert (await puppet("connect", str(port))).text == "refused: PermissionError"


async def test_a_parser_runs_no_program_and_writes_no_file(puppet: Strings, tmp_path: Path) -> None:
    assert (await puppet("run")).text == "refused: PermissionError"
    assert (await puppet("write", str(tmp_path / "x"))).text.startswith("refused")
    assert list(tmp_path.glob("x")) in ([], [tmp_path / "x"])
    assert not (tmp_path / "x").exists() or (tmp_path / "x").stat().st_size == 0


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is a part of Linux")
async def test_a_parser_reads_no_file_but_pythons(puppet: Strings, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    said = (await puppet("read", str(tmp_path / "secret"))).text
    assert ("refused" in said) is ("files" in puppet.sandbox.walls)


@pytest.mark.skipif(sys.platform != "linux", reason="name spaces are a part of Linux")
async def test_a_worker_stands_in_a_network_of_its_own(puppet: Strings) -> None:
    pid = (await puppet("pid")).text
    apart = Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    assert apart is ("network" in puppet.sandbox.walls)


async def test_the_walls_that_stand_are_known(puppet: Strings) -> None:
    assert puppet.sandbox.walls == ()
    await puppet("pid")
    assert {"resources", "sockets"} <= set(puppet.sandbox.walls)


async def test_workers_that_do_not_start_are_no_files_fault() -> None:
    async with Sandbox(factory="no_such_module:Parser") as sandbox:
        with pytest.raises(ConfigError, match="does not start"):
            await sandbox.parse(a_raw(MARKDOWN))


async def test_a_parser_sees_no_secret_of_the_environment(puppet: Strings) -> None:
    assert (await puppet("environment", "MODEL_API_KEY")).text == "none"


async def test_a_worker_stays_and_is_replaced_after_its_files(puppet: Strings) -> None:
    limits = SandboxLimits(files_per_worker=3)
    async with Sandbox(limits=limits, workers=1, factory=puppet.sandbox.factory) as sandbox:
        pids = [(await Strings(sandbox)("pid")).text for _ in range(6)]
    assert pids[0] == pids[1] == pids[2] != pids[3] == pids[4] == pids[5]


async def test_files_are_read_at_once_in_as_many_workers(puppet: Strings) -> None:
    async with Sandbox(workers=2, factory=puppet.sandbox.factory) as sandbox:
        documents = await asyncio.gather(*(Strings(sandbox)("pid") for _ in range(8)))
    assert len({document.text for document in documents}) == 2


async def test_cancelling_ends_the_worker_and_frees_its_place(puppet: Strings) -> None:
    pid = int((await puppet("pid")).text)
    task = asyncio.create_task(puppet("hang"))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not Path(f"/proc/{pid}").exists()
    assert (await puppet("pid")).text != str(pid)


async def test_workers_die_with_their_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, os, sys\n"
        "from answerable.adapters.parsers.sandbox import Sandbox\n"
        "from answerable.core.ports import Raw\n"
        "async def main():\n"
        "    sandbox = Sandbox(workers=1)\n"
        "    await sandbox.parse(Raw(uri='a.md', data=b'# A', source='s', tenant='t'))\n"
        "    print(sandbox._idle[0].process.pid, flush=True)\n"
        "    await asyncio.sleep(3600)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, str(script), stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    worker = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    for _ in range(200):
        if not _alive(worker):
            break
        await asyncio.sleep(0.05)
    assert not _alive(worker)


def _alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"[]",
        b"{}",
        b'{"document": {}}',
        json.dumps({"document": {"title": 1}}).encode(),
        json.dumps({"error": {}}).encode(),
        json.dumps({"error": 7}).encode(),
    ],
)
def test_a_reply_that_makes_no_sense_is_a_crash(reply: bytes) -> None:
    from answerable.adapters.parsers.wire import document_from

    with pytest.raises(ParseError) as caught:
        document_from(reply, a_raw(MARKDOWN))
    assert caught.value.reason == "crash"
