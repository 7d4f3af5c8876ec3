"""Whatever a secret gets into, it does not come out of a log, a trace, a reply, a spool, a crash or a figure."""

from __future__ import annotations

import io
import json
import logging
import sys
from types import SimpleNamespace

import pytest

from answerable.adapters.entry import Keeping, make_entry
from answerable.adapters.log_lines import LogLines
from answerable.adapters.models.failure import Complaint, reported_error, status_error
from answerable.adapters.postgres.happenings import PostgresHappenings
from answerable.answer.record import answer_record
from answerable.api.problems import problem_of
from answerable.cli import main
from answerable.core import trace as tracing
from answerable.core.answer import Answer
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError, ModelError
from answerable.core.outcome import Outcome
from answerable.core.ports import Happening
from answerable.core.query import Principal, Query
from answerable.core.trace import Trace, step
from answerable.guards.leaks import LeakGuard
from answerable.guards.pii import PiiGuard
from answerable.guards.secrets import without_secrets

# Published forms, none of them real: a key, tokens, a password in an address, a header, a link with a token.
SECRETS = {
    "openai": "sk-proj-Zz9" + "aB3dE5fG7h" * 2 + "T3BlbkFJ" + "aB3dE5fG7h" * 2,
    "github": "ghp_" + "aB3dE5fG7h" * 3 + "Zz9Q1x",
    "aws": "AKIA" + "QZ7EXAMPLE4KEY42"[:16],
    "own": "ans_" + "aB3dE5fG7h" * 4 + "Zz9",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jRqnnNaQZ7xPqKWzLXo1uCb0aVwZ3fY",
    "dsn": "postgresql://app:Zz9hunter2Qx@db.example:5432/answers",
    "slack": "xoxb-" + "123456789012-1234567890123-" + "aB3dE5fG7h" * 2 + "Zz9Q",
    "bearer": "Authorization: Bearer " + "aB3dE5fG7h" * 4,
    "link": "https://docs.example/page?access_token=" + "aB3dE5fG7hZz9" * 2,
}
SHOWN = {"dsn": "Zz9hunter2Qx", "bearer": "aB3dE5fG7h" * 4, "link": "aB3dE5fG7hZz9" * 2}


def said(name: str) -> str:
    return f"the request failed: {SECRETS[name]} was refused"


def question(text: str) -> Query:
    return Query(text=text, tenant="acme", principal=Principal(id="p"), language="en", deadline=Deadline.after(60))


def logged(name: str) -> str:
    out, lines = io.StringIO(), []
    for form in ("text", "json"):
        handler = logging.StreamHandler(out)
        handler.setFormatter(LogLines(form=form, bare=without_secrets))
        logger = logging.Logger("answerable.test")
        logger.addHandler(handler)
        try:
            raise RuntimeError(said(name))
        except RuntimeError:
            logger.warning("it said %s", said(name), exc_info=True)
        lines.append(out.getvalue())
    return "".join(lines)


def traced(name: str) -> str:
    """A step that failed, as the journal and its spool keep it."""
    trace = Trace(tenant="acme")
    token = tracing.current.set(trace)
    try:
        with step("failure") as one:
            one.detail.update(message=said(name), attempts=[{"reason": said(name)}])
    finally:
        tracing.current.reset(token)
    answer = Answer(id="an", trace_id=trace.id, text="I don't know.", outcome=Outcome.FAILED)
    entry = make_entry(trace, question("?"), answer, None, answer_record, Keeping(bare=without_secrets))
    return json.dumps([entry.steps, entry.record, entry.detail])


def happened(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    kept: list[Happening] = []
    port = PostgresHappenings.__new__(PostgresHappenings)
    port._database, port._home, port._bare = None, "acme", without_secrets
    port._writer = SimpleNamespace(write=kept.append)
    port.write(Happening(name="breaker.opened", props={"reason": said(name), "calls": 1}))
    return json.dumps([dict(one.props) for one in kept])


def on_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.delenv("ANSWERABLE_DEBUG", raising=False)
    main._explain(AnswerableError(said(name), hint=said(name)))
    try:
        raise RuntimeError(said(name))
    except RuntimeError as error:
        main.tell_crash(RuntimeError, error, error.__traceback__)
    return out.getvalue()


def replied(name: str) -> str:
    problem = problem_of(ModelError(said(name), hint=said(name)))
    return json.dumps(vars(problem), default=str) + str(problem)


async def asked(name: str) -> str:
    """A question with a secret, as it goes on to search, model, cache and journal."""
    verdict = await PiiGuard(question="mask").check(question(f"Why does {SECRETS[name]} not work?"), None)
    assert verdict.action == "mask"
    return str(verdict.replacement)


async def answered(name: str) -> str:
    """A document with a secret that a model repeats."""
    one = Answer(id="", trace_id="", text=f"Use {SECRETS[name]} [1].", outcome=Outcome.ANSWERED)
    verdict = await LeakGuard().check(question("?"), one)
    assert verdict.action == "mask"
    return str(verdict.replacement)


@pytest.mark.parametrize("name", SECRETS)
async def test_a_planted_secret_comes_out_of_no_sink(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sinks = {
        "log": logged(name),
        "trace and spool": traced(name),
        "happening": happened(name, monkeypatch),
        "command line and crash": on_terminal(name, monkeypatch),
        "error reply": replied(name),
        "question": await asked(name),
        "answer": await answered(name),
    }
    secret = SHOWN.get(name, SECRETS[name])
    assert [sink for sink, text in sinks.items() if secret in text] == []
    assert all(sinks.values())


@pytest.mark.parametrize("key", ["Zz9 no published form 7", *SECRETS.values()])
def test_a_provider_that_repeats_our_key_is_not_repeated(key: str) -> None:
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {key}"}}).encode()
    errors = [
        status_error("main", 401, {"x-request": key}, body, key=key),
        reported_error("main", Complaint(message=f"bad key {key}"), key=key),
    ]
    assert [one for one in errors if key in f"{one}{one.hint}{one!r}"] == []
