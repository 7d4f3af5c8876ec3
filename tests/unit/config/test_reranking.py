"""A [reranker.NAME] table: what each kind needs, what it does not have, and what may be named."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.config import load
from answerable.core.errors import ConfigError

HUB = 'model = "a/b"\nrevision = "' + "0" * 40 + '"\n'
HASH = "0" * 64


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ('kind = "http"', "needs shape"),
        ('kind = "http"\nshape = "tei"', "set base_url"),
        ('kind = "http"\nshape = "voyage"', "needs model"),
        ('kind = "http"\nshape = "cohere"\nmodel = "m"\nprompt = "p.md"', "has no prompt"),
        ('kind = "http"\nshape = "cohere"\nmodel = "m"\napi_key = "secret"', "env:NAME"),
        ('kind = "learned"', "needs path"),
        ('kind = "function"', "needs target"),
        ('kind = "cross-encoder"', "needs path or model"),
        (f'kind = "cross-encoder"\n{HUB}', "needs revision, and sha256"),
        (f'kind = "cross-encoder"\n{HUB}sha256 = {{ "model.onnx" = "{HASH}" }}', "tokenizer.json"),
        ('kind = "cross-encoder"\npath = "m"\ndeepth = 3', "deepth: there is no such key"),
    ],
)
def test_what_does_not_fit_its_kind_is_named(tmp_path: Path, table: str, named: str) -> None:
    (tmp_path / "answerable.toml").write_text(f"[reranker.mine]\n{table}\n")
    with pytest.raises(ConfigError, match=named):
        load(tmp_path / "answerable.toml")


@pytest.mark.parametrize(
    "table",
    [
        'kind = "http"\nshape = "tei"\nbase_url = "http://127.0.0.1:1"',
        'kind = "http"\nshape = "jina"\nmodel = "m"\napi_key = "env:KEY"\ntimeout = "700ms"\ndepth = 50',
        f'kind = "cross-encoder"\n{HUB}sha256 = {{ "onnx/model.onnx" = "{HASH}", "tokenizer.json" = "{HASH}" }}',
        'kind = "llm"',
    ],
)
def test_what_fits_is_taken(tmp_path: Path, table: str) -> None:
    (tmp_path / "answerable.toml").write_text(f'[retrieval]\nreranker = "mine"\n[reranker.mine]\n{table}\n')
    assert load(tmp_path / "answerable.toml").reranker["mine"].kind in table


def test_a_name_that_nobody_has_and_one_that_a_shipped_one_has_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "answerable.toml"
    path.write_text('[retrieval]\nreranker = "mien"\n[reranker.mine]\nkind = "llm"\n')
    with pytest.raises(ConfigError, match="'mien' is none of late, proximity, none, mine"):
        load(path)
    path.write_text('[reranker.none]\nkind = "llm"\n')
    with pytest.raises(ConfigError, match="a shipped reranker is called so"):
        load(path)


def test_a_route_for_rerank_may_not_end_in_quoting(tmp_path: Path) -> None:
    (tmp_path / "answerable.toml").write_text('[[route]]\nuse = "rerank"\nchain = ["extractive"]\n')
    with pytest.raises(ConfigError, match="only quotes passages"):
        load(tmp_path / "answerable.toml")
