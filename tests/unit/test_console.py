"""What is printed is what was said."""

from __future__ import annotations

from answerable.cli.console import note, say, table


def test_colons_make_no_emoji(capsys):
    say("demo:x: no function")
    table(["name"], [["a:100:b"]])
    note("12:x:30")
    printed = capsys.readouterr()
    assert "demo:x: no function" in printed.out
    assert "a:100:b" in printed.out
    assert "12:x:30" in printed.err
