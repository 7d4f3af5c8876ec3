"""promptfoo: a configuration with tests, a list of tests, or the results that `promptfoo eval -o` writes.

What promptfoo has no word for travels in each test's `metadata.answerable`, and what a case has none for in its
`origin.promptfoo`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from answerable.core.evaluation import EvalCase
from answerable.evals.cases.exchange.brought import Bringing, Note, Written
from answerable.evals.cases.exchange.promptfoo_asserts import read_asserts, write_asserts
from answerable.evals.cases.schema import to_mapping

_QUESTIONS = ("question", "query", "user_input", "input", "prompt", "message", "text")
_REFERENCES = ("reference", "expected", "ground_truth", "answer", "expected_answer")
_OWN = "answerable"
_RESULTS = "run `promptfoo eval -o results.json` and import that"
_SHAPES: Mapping[str, type] = {"metadata": Mapping, "options": Mapping, "assert": list}
_MERGEABLE: Mapping[str, type] = {**_SHAPES, "vars": Mapping}  # so that two can be joined
_UNCHECKED = ("outcome", "cites", "spans", "criteria", "filters", "groups", "history")


def is_promptfoo(given: Any) -> bool:
    """Whether this looks like one of promptfoo's files."""
    if isinstance(given, list):
        return bool(given) and all(
            isinstance(one, Mapping) and ("vars" in one or "assert" in one) for one in given
        )
    return isinstance(given, Mapping) and ("tests" in given or isinstance(given.get("results"), Mapping))


def read_promptfoo(given: Any, bringing: Bringing, *, question: str = "") -> None:
    """Every test as a case. `question`: the variable with the question, where its name does not tell."""
    for number, test in enumerate(_tests(given, bringing)):
        if isinstance(test, Mapping):
            _read_test(test, bringing, number, question)
        else:
            bringing.refuse(f"is no test but {str(test)[:60]!r}", key=f"tests.{number}", fix=_RESULTS)


def write_promptfoo(cases: Sequence[EvalCase], *, criteria: Mapping[str, str]) -> Written:
    """A configuration that `promptfoo eval` runs once a provider is put in the place of `echo`."""
    config = {
        "description": "Cases of an answerable project; put your provider in the place of echo",
        "prompts": ["{{question}}"],
        "providers": ["echo"],
        "tests": [_test(one, criteria) for one in cases],
    }
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False, width=100)
    return Written(text=text, notes=tuple(note for one in cases for note in _notes(one, criteria)))


def _tests(given: Any, bringing: Bringing) -> list[Any]:
    if isinstance(given, list):
        return given
    results = given.get("results")
    if isinstance(results, Mapping):
        bringing.note(bringing.path.name, "outputs and grades are results, not cases: left where they are")
        tested = results.get("results")
        return _tested(tested if isinstance(tested, list) else [])
    tests, shared = given.get("tests"), given.get("defaultTest") or {}
    if isinstance(tests, str) or not isinstance(tests, list):
        bringing.refuse("has its tests elsewhere", key="tests", fix=f"import that file: {tests}")
        return []
    if not isinstance(shared, Mapping):
        bringing.note(bringing.path.name, f"defaultTest {shared!r} is another file and is not read")
        shared = {}
    if wrong := _misshapen(shared, _MERGEABLE):
        bringing.refuse("is in another file or form", key=f"defaultTest.{wrong}", fix=_RESULTS)
        return []
    return [_merged(shared, one) if _can_merge(one) else one for one in tests]


def _misshapen(test: Mapping[str, Any], shapes: Mapping[str, type]) -> str:
    """The first key whose value has not the form that it has in a test; or nothing."""
    return next((key for key in shapes if test.get(key) and not isinstance(test[key], shapes[key])), "")


def _can_merge(test: Any) -> bool:
    return isinstance(test, Mapping) and not _misshapen(test, _MERGEABLE)


def _tested(results: Sequence[Any]) -> list[Any]:
    """The test of each result, once: prompts and providers repeat them."""
    found: dict[str, Any] = {}
    for one in results:
        test = one.get("testCase") if isinstance(one, Mapping) else None
        if isinstance(test, Mapping):
            key = str(one.get("testIdx", json.dumps(test, sort_keys=True, default=str)))
            found.setdefault(key, test)
    return list(found.values())


def _merged(shared: Mapping[str, Any], test: Mapping[str, Any]) -> dict[str, Any]:
    """As promptfoo does it: variables and metadata by key, assertions of both."""
    merged = {**shared, **test}
    for key in ("vars", "metadata", "options"):
        both = {**(shared.get(key) or {}), **(test.get(key) or {})}
        merged[key] = both
    merged["assert"] = [*(shared.get("assert") or []), *(test.get("assert") or [])]
    return merged


def _read_test(test: Mapping[str, Any], bringing: Bringing, number: int, question: str) -> None:
    place = f"tests.{number}"
    if wrong := _misshapen(test, _SHAPES):
        bringing.refuse("is in another file or form", key=f"{place}.{wrong}", fix=_RESULTS)
        return
    if not _is_ours((test.get("metadata") or {}).get(_OWN)):
        bringing.refuse("is no case of ours", key=f"{place}.metadata.{_OWN}", fix="export again, or take it out")
        return
    given = test.get("vars")
    name = _question_in(given, question)
    if not isinstance(given, Mapping) or not name:
        fix = "name the variable: --question-var NAME"
        bringing.refuse("has no variable with the question", key=f"{place}.vars", fix=fix)
        return
    if not isinstance(given[name], str):
        fix = "promptfoo makes several tests of it: run `promptfoo eval -o results.json` and import that"
        bringing.refuse("is no single text", key=f"{place}.vars.{name}", fix=fix)
        return
    mapping, notes = _mapping(test, name)
    bringing.take(mapping)
    label = str(mapping.get("id") or mapping["question"][:60])
    for note in notes:
        bringing.note(label, note)


def _is_ours(own: Any) -> bool:
    """Whether it can be joined with what the test says; its values are checked with the case."""
    if not isinstance(own, Mapping):
        return True  # somebody else's: left out
    expect, origin = own.get("expect") or {}, own.get("origin") or {}
    if not isinstance(expect, Mapping) or not isinstance(origin, Mapping):
        return False
    criteria = expect.get("criteria") or []
    return isinstance(criteria, list) and all(isinstance(one, str) for one in criteria)


def _mapping(test: Mapping[str, Any], name: str) -> tuple[dict[str, Any], list[str]]:
    metadata = dict(test.get("metadata") or {})
    own = metadata.pop(_OWN, None)
    own = dict(own) if isinstance(own, Mapping) else {}
    expected = read_asserts(test.get("assert") or [])
    variables = {key: value for key, value in test["vars"].items() if key != name}
    reference = next((variables.pop(key) for key in _REFERENCES if isinstance(variables.get(key), str)), "")
    expect = dict(own.pop("expect", None) or {})
    expect |= {
        "must": expected.must,
        "must_not": expected.must_not,
        "reference": reference or expected.reference,
        "criteria": list(dict.fromkeys([*(expect.get("criteria") or []), *expected.criteria])),
        "outcome": expect.get("outcome") or expected.outcome or None,
    }
    mapping = {**own, "question": test["vars"][name], "expect": _filled(expect)}
    mapping["accept_also"] = own.get("accept_also") or expected.accept_also
    rest = _rest(test, expected.kept, variables, metadata)
    if rest:
        mapping["origin"] = {**(own.get("origin") or {}), "promptfoo": rest}
    if not own:
        mapping.setdefault("origin", {"promptfoo": {}})
        mapping["why"] = str(test.get("description") or "")
    notes = expected.notes + [f"variable {key}: kept in origin.promptfoo" for key in variables]
    return mapping, notes


def _rest(
    test: Mapping[str, Any], kept: list[Any], variables: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """What a case has no word for, to be given back as it came."""
    other = {
        key: value
        for key, value in test.items()
        if key not in ("vars", "assert", "metadata", "description") and not key.startswith("_")
    }
    return _filled({**other, "assert": kept, "vars": dict(variables), "metadata": dict(metadata)})


def _question_in(given: Any, wanted: str) -> str:
    if not isinstance(given, Mapping):
        return ""
    if wanted:
        return wanted if wanted in given else ""
    named = [one for one in _QUESTIONS if one in given]
    return named[0] if named else str(next(iter(given))) if len(given) == 1 else ""


def _test(case: EvalCase, criteria: Mapping[str, str]) -> dict[str, Any]:
    whole = to_mapping(case)
    origin = dict(whole.pop("origin"))
    foreign = dict(origin.pop("promptfoo", None) or {})
    expect = {
        key: value for key, value in whole.pop("expect").items() if key not in ("must", "must_not", "reference")
    }
    expect["criteria"] = [one for one in expect["criteria"] if one not in criteria]
    question = whole.pop("question")
    own = _filled({**whole, "expect": _filled(expect), "origin": _plain(origin)})
    variables = {"question": question} | ({"reference": case.expect.reference} if case.expect.reference else {})
    rest = {key: value for key, value in foreign.items() if key not in ("assert", "vars", "metadata")}
    return {
        "description": case.why or case.id,
        "vars": {**foreign.get("vars", {}), **variables},
        "assert": [*write_asserts(case, criteria), *foreign.get("assert", [])],
        "metadata": {**foreign.get("metadata", {}), _OWN: _plain(own)},
        **rest,
    }


def _notes(case: EvalCase, criteria: Mapping[str, str]) -> list[Note]:
    whole = to_mapping(case)
    given = {**whole, **whole["expect"]}
    given["criteria"] = [one for one in case.expect.criteria if one not in criteria]
    notes = [f"{key}: kept in metadata, promptfoo does not check it" for key in _UNCHECKED if given[key]]
    if any(mark in case.question for mark in ("{{", "{%")) or case.question.startswith("file://"):
        notes.append("question: promptfoo takes a part of it for a template or a file")
    return [Note(where=case.id, what=one) for one in notes]


def _filled(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value not in (None, "", [], {})}


def _plain(value: Any) -> Any:
    """JSON-able: a date becomes its text."""
    return json.loads(json.dumps(value, ensure_ascii=False, default=str))
