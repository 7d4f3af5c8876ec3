"""Which file a prompt of a project is: one function says it, and all who speak of a prompt mean the same one."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.app.behavior.run import _prompt as put_to_the_test
from answerable.app.branches.branch import _read as compared
from answerable.app.project import Project
from answerable.app.prompts.files import every_current
from answerable.app.prompts.history import text_of
from answerable.app.prompts.linting import lint_prompts
from answerable.app.prompts.sandbox import draft_of
from answerable.app.reranker_key import reranker_key
from answerable.core.errors import ConfigError
from answerable.prompts.collection import load_library

CONFIG = """[answer]
prompt = "house/answers.md"
[retrieval]
reranker = "own"
[reranker.own]
kind = "llm"
prompt = "house/order.md"
[reranker.other]
kind = "llm"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two files that the configuration names; files of the same ids in the folder, which nobody is served."""
    (tmp_path / "answerable.toml").write_text(CONFIG, encoding="utf-8")
    for id_, name in (("answer", "answers"), ("rerank", "order")):
        stock = load_library(id_)
        for place, version in ((f"house/{name}.md", "9.9.0"), (f"prompts/{id_}.md", "8.8.0")):
            path = tmp_path / place
            path.parent.mkdir(exist_ok=True)
            text = stock.text.replace(f"version: {stock.version}", f"version: {version}")
            path.write_text(text, encoding="utf-8")
    return Project.open(tmp_path / "answerable.toml")


@pytest.mark.parametrize("id_", ["answer", "rerank"])
def test_what_the_configuration_names_is_served_tested_compared_and_told(project: Project, id_: str) -> None:
    served = project.prompts.get(id_)
    assert served.ref == f"{id_}@9.9.0"
    assert put_to_the_test(project, id_) == served
    assert compared(project)[0][id_] == served
    assert text_of(project, id_).sha256 == served.sha256
    assert draft_of(project, id_, served.source).now == served
    assert [one for one in every_current(project) if one.id == id_] == [served]
    assert lint_prompts(project, [id_]).files == (f"house/{'answers' if id_ == 'answer' else 'order'}.md",)


def test_a_reranker_that_names_no_prompt_has_the_folders_and_not_that_of_another(project: Project) -> None:
    other = project.settings.model_copy(
        update={"retrieval": project.settings.retrieval.model_copy(update={"reranker": "other"})}
    )
    assert project.prompt_folder.get("rerank").version == "8.8.0"
    assert reranker_key(project) != reranker_key(Project(settings=other, base=project.base))


def test_a_named_file_that_is_not_there_is_an_error_and_no_other_prompt(project: Project) -> None:
    (project.base / "house" / "answers.md").unlink()
    with pytest.raises(ConfigError, match=r"answers\.md cannot be read"):
        project.prompts.get("answer")
