"""A place that cannot be written to is a wrong configuration, not a traceback."""

from __future__ import annotations

import pytest

from answerable.cli.writing import write_file
from answerable.core.errors import ConfigError


def test_folders_on_the_way_are_made(tmp_path):
    write_file(tmp_path / "a" / "b.txt", "ü")
    assert (tmp_path / "a" / "b.txt").read_text(encoding="utf-8") == "ü"


@pytest.mark.parametrize("name", [".", "file/inside.svg"])
def test_what_cannot_be_written_is_named(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot write") as refused:
        write_file(tmp_path / name, "x")
    assert refused.value.exit_code == 2
