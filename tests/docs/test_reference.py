"""The generated pages are what the code and the benchmarks' results say now."""

from __future__ import annotations

import re

import pytest

from answerable.config.explain import keys
from tests.docs.figures import PAGE, RESULTS, TABLES, filled
from tests.docs.reading import code
from tests.docs.reference import FOLDER, PAGES, ROOT, commands


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_up_to_date(name):
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run: python -m tests.docs.reference --write"


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_comes_out_the_same_twice(name):
    page = PAGES[name]()
    assert page == PAGES[name]()
    assert " at 0x" not in page, "an address of this process stands in the page"


def test_every_key_and_every_command_has_its_row():
    configuration, cli = (PAGES[name]() for name in ("configuration.md", "cli.md"))
    for key in keys():
        assert f"| `{key.name}` |" in configuration
        assert key.meaning, f"{key.name} is not explained"
    for name, command in commands():
        assert f"\n## answerable {name}\n" in cli
        assert command.help, f"answerable {name} is not explained"
        for parameter in command.params:
            assert parameter.help, f"answerable {name}: {parameter.name} is not explained"


def test_the_figures_are_those_of_the_results():
    page = PAGE.read_text(encoding="utf-8")
    assert page == filled(page), "run: python -m tests.docs.figures --write"
    kept = [name for name in TABLES if (RESULTS / f"{name}.json").exists()]
    assert sorted(re.findall(r"<!-- made from ([\w-]+) -->", page)) == sorted(kept)
    assert page.count("<!-- end -->") == len(kept)


def test_every_benchmark_and_every_result_is_among_the_figures():
    named = " ".join(code(PAGE.read_text(encoding="utf-8")))
    results = {path.name for path in (ROOT / "benchmarks" / "results").glob("*.json")}
    assert {name for name in results if f"benchmarks/results/{name}" not in named} == set()
    for program in re.findall(r"benchmarks/(\w+\.py)", named):
        assert (ROOT / "benchmarks" / program).is_file(), program
