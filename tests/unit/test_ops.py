"""The rules and the dashboard that ship: every figure in them exists, every rule has a page, and all are right."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from answerable.core.figures import BOUNDS, NAMED
from tests.docs.dashboard import FILE, text
from tests.docs.reference import ROOT

OPS = FILE.parent
_METRIC = re.compile(r"\banswerable_\w+")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")


def known(name):
    """The figure that a series is of."""
    bare = re.sub(r"_(bucket|sum|count)$", "", name)
    return NAMED.get(name) or (NAMED.get(bare) if bare in NAMED and NAMED[bare].kind == "histogram" else None)


def rules():
    return [one for group in yaml.safe_load((OPS / "alerts.yaml").read_text())["groups"] for one in group["rules"]]


def queries():
    panels = json.loads(FILE.read_text())["panels"]
    return [one["expr"] for panel in panels for one in panel.get("targets", ())]


def faults(expression):
    """Figures that there are not, and labels that a figure does not have."""
    found = [name for name in _METRIC.findall(expression) if known(name) is None]
    for name, matchers in re.findall(r"(answerable_\w+)\{([^}]*)\}", expression):
        figure = known(name)
        labels = {*figure.labels, "le"} if figure else set()
        found += [f"{name}{{{one}}}" for one in _MATCHER.findall(matchers) if one not in labels]
    for labels in re.findall(r"\bby \(([^)]*)\)", expression):
        found += [one for one in re.split(r",\s*", labels) if one not in {*BOUNDS, "le"}]
    return found


def test_the_repository_shows_them_where_people_look():
    assert (ROOT / "ops").resolve() == OPS.resolve()


def test_the_dashboard_is_what_its_list_makes_and_asks_for_figures_that_exist():
    assert FILE.read_text() == text()
    assert len(queries()) > 25
    assert not [fault for query in queries() for fault in faults(query)]


def test_a_query_of_a_figure_that_is_gone_would_be_seen():
    assert faults("sum(answerable_gone_total)") == ["answerable_gone_total"]
    assert faults('answerable_answers_total{tenant="x"}') == ["answerable_answers_total{tenant}"]
    assert faults("sum by (person) (answerable_answers_total)") == ["person"]
    assert faults("answerable_answers_total_bucket") == ["answerable_answers_total_bucket"]


def test_every_rule_has_a_severity_a_time_a_page_and_figures_that_exist():
    found = rules()
    assert len(found) >= 12
    assert len({one["alert"] for one in found}) == len(found)
    for one in found:
        assert one["labels"]["severity"] in ("page", "ticket", "note")
        assert re.fullmatch(r"\d+m", one["for"])
        assert one["annotations"]["runbook_url"] == f"docs/runbooks/{one['labels']['rule']}.md"
        assert one["annotations"]["summary"].endswith(".")
        assert not faults(one["expr"]), one["alert"]


@pytest.mark.parametrize("page", sorted({one["annotations"]["runbook_url"] for one in rules()}))
def test_the_page_of_a_rule_is_there(page):
    assert (ROOT / page).is_file()


def test_every_rule_is_tried_on_a_case_of_its_own_and_all_on_a_clean_day():
    tried = [
        one for name in ("alerts_test.yaml", "alerts_week_test.yaml")
        for one in yaml.safe_load((OPS / name).read_text())["tests"]
    ]  # fmt: skip
    names = [one["name"] for one in tried]
    assert sorted(names) == sorted([*(one["alert"] for one in rules()), *names[:2]])
    assert names[0] == "a clean day is silent"
    for one in tried:
        for series in one["input_series"]:
            assert not faults(series["series"])


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool")
def test_prometheus_itself_finds_that_each_fires_on_its_case_and_is_silent_on_the_clean_day():
    said = subprocess.run(
        ["promtool", "test", "rules", "alerts_test.yaml", "alerts_week_test.yaml"],
        cwd=OPS, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr


def test_a_project_gets_the_rules_and_the_dashboard(tmp_path):
    from answerable.cli.scaffold import _ops

    written = _ops(tmp_path)
    assert {Path(one).name for one in written} == {
        "alerts.yaml", "alerts_test.yaml", "alerts_week_test.yaml", "dashboard.json"
    }  # fmt: skip
    assert (tmp_path / "ops" / "dashboard.json").read_text() == FILE.read_text()
    assert _ops(tmp_path) == []
