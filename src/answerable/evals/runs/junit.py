"""A report as JUnit XML, which every CI shows: a category is a suite, a row a test, unmeasured an error."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def to_junit(report: Mapping[str, Any]) -> str:
    """The document, with its declaration. A failed case is a failure, an unmeasured or unasked one an error."""
    run, overall = report["run"], report["overall"]
    root = ET.Element("testsuites", name=f"answerable {_clean(run['suite'])}", tests="0")
    cases = sorted(report["cases"], key=lambda one: (one["category"], one["case"], one["repeat"]))
    suites = [
        _suite(root, name, list(several), run)
        for name, several in groupby(cases, key=lambda c: str(c["category"]))
    ]
    if report["not_asked"]:
        suites.append(_not_asked(root, report["not_asked"], run))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    _properties(root, report, overall)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _properties(root: ET.Element, report: Mapping[str, Any], overall: Mapping[str, Any]) -> None:
    """On the first suite, where readers of the format look for them."""
    first = root.find("testsuite")
    if first is None:
        return
    found = {"run": report["run"]["id"], "passed": overall["text"], "commit": report["run"]["commit"]}
    found |= {f"fingerprint.{part}": value for part, value in report["fingerprint"].items()}
    listed = ET.Element("properties")
    for name, value in found.items():
        ET.SubElement(listed, "property", name=_clean(name), value=_clean(str(value)))
    first.insert(0, listed)


def _suite(root: ET.Element, name: str, cases: Sequence[Mapping[str, Any]], run: Mapping[str, Any]) -> ET.Element:
    states = [one["state"] for one in cases]
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_clean(name),
        tests=str(len(cases)),
        failures=str(states.count("failed")),
        errors=str(states.count("unmeasured")),
        skipped="0",
        time=f"{sum(one['latency_ms'] for one in cases) / 1000:.3f}",
        timestamp=_clean(str(run["started_at"])[:19]),
    )
    for one in cases:
        _test(suite, name, one)
    return suite


def _test(suite: ET.Element, category: str, one: Mapping[str, Any]) -> None:
    name = one["case"] if not one["repeat"] else f"{one['case']} #{one['repeat'] + 1}"
    seconds = f"{one['latency_ms'] / 1000:.3f}"
    test = ET.SubElement(suite, "testcase", classname=_clean(category), name=_clean(name), time=seconds)
    if one["state"] == "passed":
        return
    kind = "failure" if one["state"] == "failed" else "error"
    said = "; ".join(one["reasons"])
    found = ET.SubElement(test, kind, type=_clean(one["cause"]), message=_clean(f"{one['cause_title']}: {said}"))
    found.text = _clean(
        f"question: {one['question']}\nexpected: {one['expected']['outcome'] or 'no outcome'}\n"
        f"got: {one['outcome']}\nanswer: {one['text']}\n{said}"
    )


def _not_asked(root: ET.Element, cases: Sequence[str], run: Mapping[str, Any]) -> ET.Element:
    number = str(len(cases))
    suite = ET.SubElement(
        root, "testsuite", name="not asked", tests=number, failures="0", errors=number, skipped="0", time="0",
        timestamp=_clean(str(run["started_at"])[:19]),
    )  # fmt: skip
    for case in cases:
        test = ET.SubElement(suite, "testcase", classname="not asked", name=_clean(case), time="0")
        ET.SubElement(test, "error", type="unmeasured", message="the run stopped before this case")
    return suite


def _clean(text: str) -> str:
    """Without what XML cannot hold, even escaped."""
    return _FORBIDDEN.sub("\ufffd", text)
