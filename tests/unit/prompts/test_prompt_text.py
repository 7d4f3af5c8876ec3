"""No text for a model stands outside of prompt files; a literal that is added anywhere is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.unit.prompts.prompt_text import faults, reads_like_a_prompt

import answerable
from answerable.prompts.collection import load_library, shipped

PACKAGE = Path(answerable.__file__).parent
# testing/ holds what users test with: scripted models, recorded attacks, prompts for tests.
MODULES = [
    path for path in sorted(PACKAGE.rglob("*.py")) if not path.is_relative_to(PACKAGE / "testing")
]  # fmt: skip
LITERALS = [
    'PROMPT = "You are a helpful customer support agent for TechCorp. Answer questions about our products."',
    'x = f"You are the assistant of {name}. Be polite."',
    'x = "You are an " + "expert in law. " + question',
    'x = "Answer only from the following context. Do not make up facts. Context: %s" % context',
    'ask("Du bist ein hilfreicher Assistent der Firma.")',
    'x = {"q": "Beantworte die Frage. Antworte nur mit Ja oder Nein."}',
    'x = "Eres un asistente amable. Responde en español."',
    'x = "Tu es un assistant utile. Réponds en français."',
    'x = "你是一个客服助手,请回答问题。"',
    'x = "あなたは親切なアシスタントです。質問に答えてください。"',
    'def judge(text):\n    return f"Rate the answer from 1 to 5. Return only a number. {text}"',
    'def summary(turns):\n    return "Summarize the conversation. Reply with a JSON object." + turns',
    'x = ("Translate this question. "\n     "Give only the translation, never answer it.")',
]
MADE = [
    ('x = Rendered(prompt_id="a", version="1", sha256="0", system=s, user=u)', "Rendered"),
    ("x = Seal(system, user)", "Seal"),
    ('x = prompt.Prompt(id="a", body=text)', "Prompt"),
    ("x = replace(rendered, user=rendered.user + more)", "replace"),
    ("x = dataclasses.replace(rendered, system=text)", "replace"),
    ('x = parse("---\\nid: a\\n---\\nHello", where="here")', "literal"),
]
SENT = [
    'x = {"role": "user", "content": "Be kind. " + rendered.user}',
    'x = {"role": "system", "content": f"Note: {rendered.system}"}',
    'x = {"messages": [{"role": "user", "content": "hello there"}]}',
    'body["messages"] = f"{rendered.system} please"',
]
PLACES = [
    "answer/phrasing.py",
    "app/judging.py",
    "llm/chain.py",
    "evals/judges/rendering.py",
    "adapters/rerankers/llm.py",
]


def test_there_is_none_in_the_whole_package():
    found = [one for path in MODULES for one in faults(path.read_text(encoding="utf-8"), _name(path))]
    assert len(MODULES) > 700
    assert [str(one) for one in found] == []


@pytest.mark.parametrize("place", PLACES)
def test_a_prompt_that_is_added_to_a_module_is_found(place: str):
    """Each is enough to make a module suspect; all at the end of one are found, each at its line."""
    source = (PACKAGE / place).read_text(encoding="utf-8")
    added = [*((literal, "reads like") for literal in LITERALS), *MADE]
    for text, what in added:
        assert any(what in one.what for one in faults(text, place)), text
    found = faults("\n".join([source, *(text for text, _ in added)]), place)
    line = source.count("\n") + 2
    for text, what in added:
        behind = line + text.count("\n") + 1
        assert any(what in one.what and line <= one.line < behind for one in found), text
        line = behind


@pytest.mark.parametrize("place", ["adapters/models/openai_compatible.py", "adapters/models/anthropic.py"])
def test_an_adapter_that_adds_words_of_its_own_is_found(place: str):
    source = (PACKAGE / place).read_text(encoding="utf-8")
    for sent in SENT:
        assert faults(f"{source}\n{sent}\n", place), sent


def test_every_shipped_prompt_would_be_found_as_a_literal():
    for name in shipped():
        prompt = load_library(name)
        if name == "probe":  # five words
            continue
        assert reads_like_a_prompt(prompt.system), name


def test_what_says_something_to_people_is_no_prompt():
    for text in (
        "no model is configured for 'judge'",
        "check the path, or make a project with `answerable init DIR`",
        "the answer is not in the language of the question",
        "You are signed out.",
    ):
        assert not reads_like_a_prompt(text)


def test_prompt_files_lie_in_one_folder_and_nothing_else_that_models_read():
    """Files beside the code: no template of another kind reads like a prompt."""
    kinds = (".md", ".txt", ".j2", ".jinja", ".prompt", ".yaml", ".toml", ".json", ".sql")
    library = PACKAGE / "prompts" / "library"
    role = re.compile(r"\byou are (?:a|an|the) (?:\w+ ){0,4}(?:assistant|agent|bot|expert)\b", re.I)
    told = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*")
        if path.suffix in kinds
        and not path.is_relative_to(library)
        and not path.is_relative_to(PACKAGE / "testing")
        if role.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert told == []


COLUMN = re.compile(r"^\s+(\w*(?:prompt|template)\w*)\s+(?:text|json|bytea|varchar)", re.M | re.I)
KNOWN = {"prompt", "prompt_id", "prompt_version", "prompt_sha256", "prompt_commit"}  # names, hashes; no text


def test_no_column_of_the_database_holds_the_text_of_a_prompt():
    files = [path for path in PACKAGE.rglob("*.sql") if "migrations" in path.parts]
    columns = {match[1] for path in files for match in COLUMN.finditer(path.read_text(encoding="utf-8"))}
    assert "prompt_sha256" in columns
    assert columns <= KNOWN


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()
