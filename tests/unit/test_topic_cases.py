"""What topics know of the evaluation's cases."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.app.drift import topic_job
from answerable.app.project import Project


async def test_a_project_without_cases_has_no_vectors_of_them_and_one_with_cases_has(tmp_path: Path) -> None:
    (tmp_path / "answerable.toml").write_text('[project]\nname = "t"\n', encoding="utf-8")
    system = SimpleNamespace(project=Project.open(tmp_path / "answerable.toml"), embedder=HashEmbedder())
    assert len(await topic_job._case_vectors(system)) == 0
    cases = tmp_path / "evals" / "cases"
    cases.mkdir(parents=True)
    (cases / "one.jsonl").write_text(
        '{"id": "one", "question": "How long?", "language": "en", "why": "often", "tags": ["a"],'
        ' "expect": {"outcome": "answered", "must": ["30"]}}\n',
        encoding="utf-8",
    )
    assert len(await topic_job._case_vectors(system)) == 1
