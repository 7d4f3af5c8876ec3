"""Keys are set and taken back without touching anything else in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.config.edit import Edit, edit_config, edit_lines, preview, toml_value, undo_of
from answerable.config.load import load
from answerable.core.errors import ConfigError

BEFORE = """# ours
[project]
name = "x"   # the name

[[source]]
id = "a"
uri = "docs/a"  # here

[[source]]
id = "b"
uri = "docs/b"

[retrieval]
keep = 5                    # passages
"""
EDITS = (
    Edit(section="", key="chunking", value=toml_value({"strategy": "fixed", "max_tokens": 400}), source="b"),
    Edit(section="retrieval", key="keep", value="3"),
    Edit(section="retrieval", key="dense_weight", value="0.7"),
    Edit(section="embedding", key="model", value='"local:int8"'),
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "answerable.toml"
    path.write_text(BEFORE)
    return path


def test_only_the_keys_change_and_all_else_stays(config):
    undo = undo_of(config, EDITS)
    seen = preview(config, EDITS)
    assert config.read_text() == BEFORE, "looking ahead writes nothing"
    edit_config(config, EDITS)
    settings = load(config)
    assert settings == seen
    assert (settings.source[0].chunking, settings.source[1].chunking.max_tokens) == (None, 400)
    assert (settings.retrieval.keep, settings.retrieval.dense_weight) == (3, 0.7)
    assert settings.embedding.model == "local:int8"
    left = config.read_text().splitlines()
    assert all(line in left for line in BEFORE.splitlines() if not line.startswith("keep"))
    edit_config(config, undo)
    assert load(config) == load_text(config, BEFORE)
    again = config.read_text()
    edit_config(config, undo)
    assert config.read_text() == again, "twice is once"


def load_text(config, text):
    other = config.with_name("other.toml")
    other.write_text(text)
    return load(other)


@pytest.mark.parametrize(
    "edit",
    [
        Edit(section="retrieval", key="keep", value="0"),
        Edit(section="retrieval", key="nothing", value="1"),
        Edit(section="", key="chunking", value="{ strategy = 'fixed' }", source="c"),
    ],
)
def test_what_would_not_load_leaves_the_file_and_says_the_line(config, edit):
    with pytest.raises(ConfigError) as refused:
        edit_config(config, [edit])
    assert config.read_text() == BEFORE
    assert edit.line in refused.value.hint


def test_lines_for_people_stand_under_their_table():
    assert edit_lines(EDITS)[:4] == (
        '# in the [[source]] with id = "b"',
        'chunking = { strategy = "fixed", max_tokens = 400 }',
        "[retrieval]",
        "keep = 3",
    )


@pytest.mark.parametrize(
    ("edit", "cause"),
    [
        (Edit(section="", key="chunking", value='{ strategy = "fixed" }', source="nosuch"), "no source 'nosuch'"),
        (Edit(section="retrieval", key="keep", value="-1"), "retrieval.keep"),
    ],
)
def test_what_cannot_be_set_is_named_and_nothing_is_written(config, edit, cause):
    with pytest.raises(ConfigError, match=cause) as caught:
        preview(config, (edit,))
    assert "by hand" not in str(caught.value.hint), "what is wrong by itself is wrong by hand, too"
    assert "answerable.toml was not" not in str(caught.value), "the copy that was tried has a name of its own"
    with pytest.raises(ConfigError, match=cause):
        edit_config(config, (edit,))
    assert config.read_text() == BEFORE
