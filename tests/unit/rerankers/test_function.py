"""A function of the project as a reranker: how it is found, and what it may not return."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.adapters.rerankers.function import FunctionReranker
from answerable.core.errors import ConfigError, PermanentModelError
from answerable.testing.reranker import QUERY, candidates

OWN = "def rerank(question, texts):\n    return [1 / (1 + len(text)) for text in texts]\n"


async def test_a_function_of_the_folder_orders(tmp_path: Path) -> None:
    (tmp_path / "rerank.py").write_text(OWN)
    found = await FunctionReranker.load("rerank.py:rerank", folder=tmp_path).rerank(QUERY, candidates(), limit=1)
    assert found[0].chunk.text == ""


async def test_two_folders_may_each_have_a_file_of_one_name(tmp_path: Path) -> None:
    scores = []
    for name, value in (("a", "0.25"), ("b", "0.75")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "rerank.py").write_text(
            f"async def rerank(question, texts):\n    return [{value} for _ in texts]"
        )
        one = FunctionReranker.load("rerank.py:rerank", folder=folder)
        scores.append((await one.rerank(QUERY, candidates(), limit=1))[0].score)
    assert scores == [0.25, 0.75]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("", "no function 'rerank'"),
        ("def rerank(question): return []", "cannot be called"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_file_that_does_not_do_is_refused_at_the_start(tmp_path: Path, body: str, named: str) -> None:
    (tmp_path / "rerank.py").write_text(body)
    with pytest.raises(ConfigError, match=named):
        FunctionReranker.load("rerank.py:rerank", folder=tmp_path)


@pytest.mark.parametrize("target", ["rerank.py", "missing.py:rerank", ":rerank", "../rerank.py:rerank"])
def test_a_target_that_names_nothing_in_the_folder_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "rerank.py").write_text(OWN)
    (tmp_path / "project").mkdir()
    with pytest.raises(ConfigError, match="names no function"):
        FunctionReranker.load(target, folder=tmp_path / "project")


@pytest.mark.parametrize("said", [None, "text", [0.5], [0.5] * 7, [2.0] * 6, [float("nan")] * 6, [-0.1] * 6])
async def test_what_is_no_score_for_each_text_is_an_error(said: object) -> None:
    with pytest.raises(PermanentModelError, match="returned"):
        await FunctionReranker(name="own", function=lambda _, __: said).rerank(QUERY, candidates(), limit=3)


async def test_what_it_raises_is_told() -> None:
    def broken(question: str, texts: list[str]) -> list[float]:
        raise KeyError("shelf")

    with pytest.raises(PermanentModelError, match="KeyError: 'shelf'"):
        await FunctionReranker(name="own", function=broken).rerank(QUERY, candidates(), limit=3)
