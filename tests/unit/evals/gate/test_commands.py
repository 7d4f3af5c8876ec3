"""The gate's commands refuse what is wrong before anything is opened."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from answerable.cli.main import app
from answerable.core.errors import ConfigError

PERSON = ["--name", "A. Person", "--reason", "mended soon"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "main"], "is not BASE..HEAD"),
        (["compare", "main.."], "is not BASE..HEAD"),
        (["gate", "latest", "--accept-inconclusive", "--name", "A. Person"], "needs a person and a reason"),
        (["waive", "must-pass", *PERSON, "--until", "2999-01-01"], "name the case"),
        (["waive", "everything", *PERSON, "--until", "2999-01-01"], "there is no gate"),
        (["waive", "overall", *PERSON, "--until", "2020-01-01"], "is over"),
        (
            ["waive", "overall", "--name", "A. Person", "--reason", " ", "--until", "2999-01-01"],
            "reason: is empty",
        ),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_written(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["eval", *arguments])
    assert isinstance(done.exception, ConfigError)
    assert words in str(done.exception)
    assert done.exception.exit_code == 2
    assert list(tmp_path.iterdir()) == []
