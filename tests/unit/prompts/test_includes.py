"""Parts of prompts: found, put in, counted into the hash, and kept to their folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.prompts.collection import Prompts, load_library
from answerable.prompts.file import load, parse
from answerable.prompts.include import shipped_part

FILE = """---
id: greet
version: 1.0.0
owner: me
purpose: Greet.
inputs: {name: user}
---
# Rules
%s
Be kind.

--- user ---
{{ name }}
"""


def including(name: str) -> str:
    return FILE % f'{{% include "{name}" %}}'


def with_parts(**parts: str):
    texts = {f"{name.replace('__', '/')}.md": text for name, text in parts.items()}
    return texts.get


def test_a_part_stands_where_its_line_stood():
    prompt = parse(including("a.md"), where="greet.md", read=with_parts(a="One.\n\nTwo.\n"))
    assert prompt.system == "# Rules\nOne.\n\nTwo.\nBe kind."
    assert prompt.includes == {"a.md": sha256_hex("One.\n\nTwo.")}
    assert prompt.source == including("a.md")


def test_the_hash_is_of_the_text_with_its_parts_so_a_changed_part_is_another_prompt():
    one, other = (parse(including("a.md"), where="x", read=with_parts(a=text)) for text in ("One.", "One!"))
    assert one.sha256 != other.sha256
    assert one.sha256 == sha256_hex(one.text)
    plain = parse(FILE % "One.", where="x")
    assert plain.sha256 == sha256_hex(plain.source)
    assert plain.sha256 == one.sha256  # the same words for a model, wherever they stand


def test_a_projects_part_comes_before_the_shipped_one(tmp_path: Path):
    (tmp_path / "parts").mkdir()
    own, shipped = tmp_path / "greet.md", including("parts/marked.md")
    own.write_text(shipped, encoding="utf-8")
    assert shipped_part("parts/marked.md").splitlines()[0] in load(own).system
    (tmp_path / "parts" / "marked.md").write_text("Ours.", encoding="utf-8")
    assert "Ours." in load(own).system
    assert Prompts(folder=tmp_path).ids() == sorted({*Prompts().ids(), "greet"})


def test_shipped_prompts_share_the_paragraph_about_marked_lines():
    sharing = [name for name in Prompts().ids() if "parts/marked.md" in load_library(name).includes]
    assert len(sharing) >= 5
    assert all(shipped_part("parts/marked.md").strip() in load_library(name).system for name in sharing)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('{% include "nowhere.md" %}', r"greet.md:10 includes nowhere.md, which is neither"),
        ('{% include "../secret.md" %}', r"greet.md:10 includes '../secret.md', which is no name"),
        ('{% include "/etc/passwd" %}', r"greet.md:10 includes '/etc/passwd', which is no name"),
        ('{% include "a.txt" %}', "no name of a part"),
        ("{% include name %}", "greet.md:10 includes in a way"),
        ('Be {% include "a.md" %}', "includes in a way"),
        ('{% import "a.md" as x %}', "includes in a way"),
        ('{% include "round.md" %}', r"round.md:2 includes round.md, which holds this line: round.md > round.md"),
        ('{% include "two.md" %}', "three.md:1 includes two.md, which holds this line"),
        ('{% include "deep/1.md" %}', "more than 4 deep"),
        ('{% include "front.md" %}', "front matter"),
        ('{% include "long.md" %}', "more than 100,000 characters"),
    ],
)
def test_a_wrong_include_is_an_error_with_file_and_line(line: str, cause: str):
    deep = {f"deep__{n}": f'{{% include "deep/{n + 1}.md" %}}' for n in range(1, 9)}
    read = with_parts(
        a="One.",
        round='One.\n{% include "round.md" %}',
        two='{% include "three.md" %}',
        three='{% include "two.md" %}',
        front="---\nid: x\n---\nText",
        long="x" * 100_001,
        **deep,
    )
    with pytest.raises(ConfigError, match=cause):
        parse(FILE % f"\n{line}", where="greet.md", read=read)


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path):
    (tmp_path / "outside.md").write_text("secret", encoding="utf-8")
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "inside.md").symlink_to(tmp_path / "outside.md")
    (folder / "greet.md").write_text(including("inside.md"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"greet\.md:9 includes inside\.md, which is neither"):
        load(folder / "greet.md")


def test_what_a_part_uses_is_an_input_like_any_other():
    with pytest.raises(ConfigError, match="uses tone"):
        parse(including("a.md"), where="x", read=with_parts(a="Be {{ tone }}."))
