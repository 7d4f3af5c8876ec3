"""A semantic cache is switched on by a lock that fits, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from answerable.app.lab_cache import judge
from answerable.app.project import Project
from answerable.app.semantic_lock import LOCK, CacheLock, check_semantic, write_lock
from answerable.config.load import load
from answerable.core.errors import ConfigError
from answerable.core.ports import Kind, Vectors
from answerable.lab.cache import CacheReport, Judged, by_kind, by_threshold, to_html
from answerable.lab.near_misses import QuestionPair
from answerable.llm.sameness import VERSION

GOOD = CacheLock(threshold=0.97, guards=VERSION, embedding="e@1", suite="s", n=1050, wrong=0, upper=0.0029)


def a_project(folder: Path, *, enabled: bool = True, threshold: float = 0.97) -> Project:
    config = folder / "answerable.toml"
    config.write_text(f"[cache.semantic]\nenabled = {str(enabled).lower()}\nthreshold = {threshold}\n")
    return Project(settings=load(config), base=folder, config=config)


def test_off_needs_no_lock_and_on_needs_one_that_fits(tmp_path: Path) -> None:
    check_semantic(a_project(tmp_path, enabled=False), "e@1")
    with pytest.raises(ConfigError, match="there is no") as raised:
        check_semantic(a_project(tmp_path), "e@1")
    assert "answerable lab cache" in raised.value.hint
    write_lock(tmp_path / LOCK, GOOD)
    check_semantic(a_project(tmp_path), "e@1")
    check_semantic(a_project(tmp_path, threshold=0.99), "e@1")  # finds less, errs no more


@pytest.mark.parametrize(
    ("lock", "threshold", "why"),
    [
        (GOOD, 0.9, "threshold of 0.9"),
        (GOOD.model_copy(update={"embedding": "e@2"}), 0.97, "e@1, not e@2"),
        (GOOD.model_copy(update={"guards": "0"}), 0.97, f"rules {VERSION}"),
    ],
)
def test_a_lock_of_another_model_threshold_or_rules_is_void(
    tmp_path: Path, lock: CacheLock, threshold: float, why: str
) -> None:
    write_lock(tmp_path / LOCK, lock)
    with pytest.raises(ConfigError, match=why):
        check_semantic(a_project(tmp_path, threshold=threshold), "e@1")


@pytest.mark.parametrize("text", ["{}", "not json", GOOD.model_copy(update={"upper": 0.02}).model_dump_json()])
def test_a_file_that_is_no_lock_or_proves_too_little_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / LOCK).write_text(text)
    with pytest.raises(ConfigError, match="is no cache lock"):
        check_semantic(a_project(tmp_path), "e@1")


def a_pair(n: int, *, same: bool = False, half: str = "held-out", kind: str = "k") -> QuestionPair:
    return QuestionPair(one=f"a{n}", other=f"b{n}", same=same, kind=kind, half=half)


def test_the_report_counts_wrong_and_right_hits_with_the_rules_and_without() -> None:
    near = [Judged(pair=a_pair(n), cosine=0.9 + n / 100, alike=n == 9) for n in range(10)]
    same = [Judged(pair=a_pair(n, same=True, kind="p"), cosine=0.98, alike=n < 3) for n in range(5)]
    tuned = Judged(pair=a_pair(99, half="dev", kind="d"), cosine=1.0, alike=True)
    report = CacheReport(threshold=0.97, judged=(*near, *same, tuned))
    assert (report.held_out.k, report.held_out.n) == (1, 10)
    assert report.held_out.upper == pytest.approx(0.394, abs=1e-3)  # of 1 in 10, one-sided at 95 %
    assert (report.wrong(guarded=False).k, report.wrong().n) == (4, 11)
    assert (report.right().k, report.right(guarded=False).k) == (3, 5)
    assert [row["hits"] for row in by_kind(report)] == [1, 1, 3]
    at_99 = next(row for row in by_threshold(report) if row["threshold"] == 0.99)
    assert (at_99["wrong"], at_99["right"], at_99["wrong_by_likeness"]) == (2, 0, 2)
    page = to_html(report, verdict="a <b>verdict</b>")
    assert "a &lt;b&gt;verdict" in page
    assert "<script" not in page


async def test_pairs_are_judged_by_the_vectors_of_questions() -> None:
    class Told:
        async def embed(self, texts: list[str], *, kind: Kind) -> Vectors:
            assert kind == "query"
            return np.array([[1, 0] if text.startswith("a") else [0.6, 0.8] for text in texts], dtype=np.float32)

    (one,) = await judge([replace(a_pair(1), other="b, please")], Told())  # type: ignore[arg-type]
    assert (round(one.cosine, 5), one.alike) == (0.6, False)
