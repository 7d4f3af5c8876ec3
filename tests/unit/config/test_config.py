"""One file, read strictly."""

import json

import pytest

from answerable.config import find_config, load
from answerable.config.edit import append_source
from answerable.config.explain import explain, keys
from answerable.config.settings import Settings
from answerable.config.values import parse_duration, resolve
from answerable.core.errors import ConfigError


def write(folder, text):
    path = folder / "answerable.toml"
    path.write_text(text)
    return path


def test_without_a_file_everything_has_a_default():
    settings = load(None, environment={})
    assert settings.retrieval.top_k == 10
    assert settings.retrieval.keep == 5
    assert settings.answer.temperature == 0.1
    assert settings.route[0].chain == ("extractive",)


ROUTE = """
[[route]]
use = "answer"
chain = ["{}", "{}"]

[provider.main]
kind = "anthropic"
model = "x"
"""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[retrieval]\ntopk = 3", "top_k"),
        ("[retreival]\ntop_k = 3", "retrieval"),
        ('[answer]\ndeadline = "soon"', "deadline"),
        ("[retrieval]\nkeep = 20", "keep"),
        ('[[route]]\nuse = "answer"\nchain = ["main"]', "main"),
        (ROUTE.format("main", "main"), "twice"),
        (ROUTE.format("extractive", "main"), "put it last"),
        (ROUTE.replace(', "{}"', "").format("main"), 'set chain = ["main", "extractive"]'),
        ('[[route]]\nchain = ["extractive"]\n' + ROUTE.format("main", "extractive"), "two routes"),
        (
            '[provider.main]\nkind = "azure"\nmodel = "x"\nbase_url = "https://a"\nbase_urls = ["https://b"]',
            "one of",
        ),
        ('[provider.main]\nkind = "azure"\nmodel = "x"\nbase_url = "localhost:8000/v1"', "no http(s) address"),
        ('[provider.main]\nkind = "azure"\nmodel = "x"\nbase_urls = ["https:///v1"]', "no http(s) address"),
        ('[answer]\ndeadline = "50ms"', "0.1"),
        ('[provider.main]\nkind = "anthropic"\nmodel = "x"\nweights = [1.0, 2.0]', "2 weights for 1 endpoints"),
        ('[provider.main]\nkind = "telepathy"\nmodel = "x"', "kind"),
        ('[provider.main]\nkind = "anthropic"\nmodel = "x"\napi_key = "sk-1"', "env:"),
        ('[database]\nurl = "postgresql://me:secret@host/db"', "env:"),
        ('[guard.output]\nleak = "off"', "guard.reasons"),
        ('[[source]]\nid = "A B"\nuri = "x"', "source"),
        ('[[source]]\nid = "a"\nuri = "x"\n[[source]]\nid = "a"\nuri = "y"', "two sources"),
        ("not toml", "TOML"),
        ('[project]\ndefault_language = "fr"', "default_language"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, named):
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text), environment={})
    assert named in str(caught.value)
    assert "secret@" not in str(caught.value)
    assert "sk-1" not in str(caught.value)


def test_the_environment_goes_over_the_file(tmp_path):
    path = write(tmp_path, "[retrieval]\ntop_k = 7\nkeep = 3\n")
    environment = {
        "ANSWERABLE_RETRIEVAL__TOP_K": "9",
        "ANSWERABLE_ANSWER__DEADLINE": "6s",
        "ANSWERABLE_DEBUG": "1",
    }
    settings = load(path, environment=environment)
    assert (settings.retrieval.top_k, settings.retrieval.keep, settings.answer.deadline) == (9, 3, 6.0)


def test_settings_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        load(None, environment={}).retrieval.top_k = 3


@pytest.mark.parametrize(
    ("text", "seconds"), [("4s", 4.0), ("200ms", 0.2), ("5m", 300.0), ("90d", 7776000.0), (3, 3.0)]
)
def test_durations(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "4", "-4s", "0s", "soon", True, 0])
def test_no_durations(text):
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_references_stand_for_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_KEY", "from-env")
    (tmp_path / "key").write_text("from-file\n")
    assert resolve("env:MY_KEY", base=tmp_path) == "from-env"
    assert resolve("file:key", base=tmp_path) == "from-file"
    for missing in ("env:NOT_SET", "file:nope"):
        with pytest.raises(ConfigError):
            resolve(missing, base=tmp_path)


def test_the_nearest_file_is_found_upwards(tmp_path):
    path = write(tmp_path, "")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_config(deep) == path


def test_every_key_is_explained():
    assert len(keys()) > 50
    assert all(key.meaning for key in keys())
    assert explain("answer.deadline").default == "4.0"
    with pytest.raises(ConfigError) as caught:
        explain("answer.dedline")
    assert "answer.deadline" in caught.value.hint


def test_the_schema_is_json():
    assert "retrieval" in json.loads(json.dumps(Settings.model_json_schema()))["properties"]


def test_a_source_is_appended_or_nothing_changes(tmp_path):
    path = write(tmp_path, "# mine\n[project]\nname = 'x'\n")
    (tmp_path / "docs").mkdir()
    append_source(
        path, {"id": "docs", "type": "folder", "uri": "docs", "trust": "internal", "owner": "o@e.example"}
    )
    assert path.read_text().startswith("# mine\n")
    assert load(path, environment={}).source[0].uri == "docs"
    before = path.read_text()
    with pytest.raises(ConfigError):
        append_source(path, {"id": "docs", "type": "folder", "uri": "docs", "owner": ""})
    assert path.read_text() == before


def test_the_source_of_canaries_is_nobody_elses(tmp_path):
    file = tmp_path / "answerable.toml"
    file.write_text('[[source]]\nid = "canary"\nuri = "knowledge"\n', "utf-8")
    with pytest.raises(ConfigError, match="canary plant"):
        load(file, environment={})
