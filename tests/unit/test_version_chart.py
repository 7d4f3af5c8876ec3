"""A chart by version: what is drawn, what is said to those who do not see it, and nothing that could run."""

import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.app.metrics.measured_parts import share
from answerable.monitor.definitions import REFUSALS
from answerable.monitor.marks import PARTS, changed, mark_of
from answerable.monitor.measured import Mark, MeasuredRow, MetricTable
from answerable.monitor.page import Section, to_html
from answerable.monitor.version_chart import Chart, Series, chart, ticks

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SINCE = NOON - timedelta(days=7)
PART = REFUSALS.part("abstained")


def series(name, *numbers, start=date(2026, 11, 16)):
    return Series(name=name, points=tuple((start + timedelta(days=n), one) for n, one in numbers))


def drawn(*lines, marks=()):
    return chart(Chart(title="refusals", part=PART, series=lines, marks=marks, since=SINCE, until=NOON))


def shapes(svg, kind):
    return ElementTree.fromstring(svg).findall(f".//{{http://www.w3.org/2000/svg}}{kind}")


def test_a_line_goes_over_days_with_enough_and_stops_where_a_day_is_missing():
    enough, few = share("abstained", 10, 100), share("abstained", 3, 9)
    svg = drawn(series("answer@1.0.0", (0, enough), (1, enough), (3, enough), (4, few), (5, enough)))
    assert [len(one.get("points").split()) for one in shapes(svg, "polyline")] == [2, 1, 1]
    hollow = [one for one in shapes(svg, "circle") if one.get("fill") == "none"]
    assert len(hollow) == 1
    assert "2026-11-20: 3 of 9" in svg
    assert "33.3" not in svg


def test_marks_stand_where_they_happened_and_are_said_in_words():
    marks = (Mark(at=SINCE + timedelta(days=1), kind="deploy", label="first deploy"),
             Mark(at=NOON - timedelta(days=1), kind="rollout", label="back answer@1.1.0"))  # fmt: skip
    svg = drawn(series("answer@1.0.0", (0, share("abstained", 10, 100))), marks=marks)
    lines = [float(one.get("x1")) for one in shapes(svg, "line") if one.get("stroke-dasharray") == "3 3"]
    assert len(lines) == 2
    assert lines[0] < lines[1]
    (said,) = shapes(svg, "desc")
    assert "Mark 2, 2026-11-21 12:00: back answer@1.1.0." in said.text
    assert "10.0 % [5.5–17.4] n=100" in said.text


def test_without_a_number_there_is_a_chart_that_says_so():
    assert "nothing measured" in drawn(Series(name="answer@1.0.0", points=()))
    assert shapes(drawn(), "polyline") == []


@settings(max_examples=20)
@given(st.text(max_size=40))
def test_a_name_is_a_text_whatever_it_holds(name):
    name = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "", name)
    mark = Mark(at=NOON - timedelta(days=1), kind="deploy", label=name)
    tree = ElementTree.fromstring(drawn(series(name, (0, share("abstained", 10, 100))), marks=(mark,)))
    kinds = {one.tag.rpartition("}")[2] for one in tree.iter()}
    assert kinds <= {"svg", "title", "desc", "line", "text", "circle", "polyline", "polygon", "rect"}


def test_a_page_runs_nothing_and_holds_the_table_behind_its_chart():
    row = MeasuredRow(key={"prompt.version": "<script>x</script>"}, n=100, numbers=(share("abstained", 10, 100),))
    hidden = MeasuredRow(key={"prompt.version": "answer@2.0.0"}, n=4, withheld=True)
    table = MetricTable(definition=REFUSALS, since=SINCE, until=NOON, by=("prompt.version",), rows=(row, hidden),
                        total=None, notes=("1 of 2 rows",))  # fmt: skip
    page = to_html("refusals", [Section(definition=REFUSALS, charts=[drawn()], tables={"all": table})],
                   since=SINCE, until=NOON)  # fmt: skip
    assert "<script" not in page
    assert "fewer than 5 persons" in page
    assert "default-src 'none'" in page.replace("&#39;", "'")


@given(st.floats(0, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_few_and_inside(low, span):
    found = ticks(low, low + span)
    assert len(found) <= 8
    assert all(low - span * 1e-6 <= one <= low + span * 1.000001 for one in found)


def test_what_changed_between_two_deploys_is_said_by_part():
    before = {"prompts": "answer@1.0.0 aaa, rewrite@1.0.0 ccc", "models": "main=m-1",
              "config": "answer=1, guard=2", "index": "e5, no reranker", "code": "0.5+a"}  # fmt: skip
    after = {"prompts": "answer@1.1.0 bbb, rewrite@1.0.0 ddd", "models": "main=m-2",
             "config": "answer=1, guard=3", "index": "e5, no reranker", "code": "0.5+b"}  # fmt: skip
    assert changed(before, after) == [
        "prompt answer@1.0.0 → answer@1.1.0",
        "prompt rewrite@1.0.0 ccc → rewrite@1.0.0 ddd",
        "model main=m-1 → main=m-2",
        "config [guard]",
        "code 0.5+b",
    ]
    assert changed(before, before) == []
    assert changed({}, after) == []
    assert set(before) == set(PARTS)


def test_each_kind_of_mark_has_a_label_that_fits():
    what = "prompt answer@1.0.0 → answer@1.1.0; config [guard]"
    one = mark_of(NOON, "deploy.marked", {"what": what, "commit": "abc+"})
    assert (one.label, one.detail) == ("prompt answer@1.0.0 → answer@1.1.0 (+1)", f"{what} · commit abc+")
    assert mark_of(NOON, "deploy.marked", {"first": True, "what": ""}).label == "first deploy"
    props = {
        "what": "back",
        "prompt": "answer",
        "from": "answer@1.1.0",
        "to": "answer@1.0.0",
        "share": 0.0,
        "metric": "harmful",
    }
    assert mark_of(NOON, "rollout.changed", props).label == "back answer@1.0.0"
    assert mark_of(NOON, "rollout.changed", props).detail == "0 % · harmful"
    assert mark_of(NOON, "model.changed", {"old": "a", "new": "b", "provider": "main"}).label == "a → b"
    assert mark_of(NOON, "index.switched", {"name": "default#2", "note": "index build"}).label == "index default#2"
