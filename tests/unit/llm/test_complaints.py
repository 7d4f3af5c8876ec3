"""What providers say went wrong becomes the right kind of error."""

from __future__ import annotations

import json

import pytest

from answerable.adapters.models.complaint import read_complaint
from answerable.adapters.models.failure import reported_error, status_error
from answerable.adapters.models.fields import Fields
from answerable.core.errors import PermanentModelError, TransientModelError

TOO_LONG = "This model's maximum context length is 8192 tokens."
GEMINI = [
    {
        "error": {
            "code": 429,
            "message": "You exceeded your current quota.",
            "status": "RESOURCE_EXHAUSTED",
            "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}],
        }
    }
]


def error(status: int, body: object, headers: dict[str, str] | None = None):
    return status_error("main", status, headers or {}, json.dumps(body).encode(), key="")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": {"message": "x", "code": "context_length_exceeded"}}, "too_long"),
        (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9"}},
         "too_long"),
        (400, {"object": "error", "message": TOO_LONG, "type": "BadRequestError", "code": 400}, "too_long"),
        (500, {"error": {"message": "the request exceeds the available context size"}}, "too_long"),
        (413, {"error": {"message": "too big"}}, "too_long"),
        (400, {"error": {"message": "filtered", "code": "content_filter",
                         "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, "refusal"),
        (400, [{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}], "key"),
        (401, {"message": "Unauthorized"}, "key"),
        (403, {"error": "no"}, "key"),
        (404, {"error": {"code": "DeploymentNotFound", "message": "no such deployment"}}, "model"),
        (400, {"error": {"message": "x", "code": "model_not_found"}}, "model"),
        (422, {"detail": [{"type": "missing", "loc": ["body"], "msg": "field required"}]}, "request"),
    ],
)  # fmt: skip
def test_permanent_errors_say_why(status, body, reason):
    made = error(status, body)
    assert isinstance(made, PermanentModelError)
    assert (made.reason, made.status) == (reason, status)
    assert made.hint


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}),
        (402, {"error": {"message": "Insufficient Balance"}}),
        (400, {"type": "error", "error": {"type": "invalid_request_error",
                                          "message": "Your credit balance is too low to access the API."}}),
    ],
)  # fmt: skip
def test_an_account_that_is_used_up_is_for_another_endpoint(status, body):
    made = error(status, body)
    assert isinstance(made, TransientModelError)
    assert made.exhausted


def test_gemini_says_in_its_body_when_to_come_again_and_its_rate_is_no_used_up_account():
    made = error(429, GEMINI)
    assert isinstance(made, TransientModelError)
    assert (made.retry_after_s, made.exhausted) == (34.5, False)
    assert "exceeded your current quota" in str(made)
    assert error(429, GEMINI, {"retry-after": "2"}).retry_after_s == 2.0


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ({"error": {"message": "x", "type": "server_error"}}, TransientModelError, None),
        ({"error": {"message": "x", "code": 502}}, TransientModelError, 502),
        ({"error": {"message": "x", "code": 429}}, TransientModelError, 429),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "x"}}, TransientModelError, 529),
        ({"type": "error", "error": {"type": "authentication_error", "message": "x"}}, PermanentModelError, 401),
        ({"error": "CUDA out of memory"}, TransientModelError, None),
        ({"error": {"message": "x", "code": "content_filter"}}, PermanentModelError, None),
        ({"object": "error", "message": TOO_LONG, "type": "BadRequestError"}, PermanentModelError, 400),
    ],
)
def test_an_error_inside_a_reply_is_judged_by_what_it_names(body, kind, status):
    made = reported_error("main", read_complaint(json.dumps(body)), key="")
    assert type(made) is kind
    assert made.status == status


def refused(message: str, status: int = 400) -> PermanentModelError:
    return PermanentModelError(message, status=status)


def test_a_field_that_is_refused_is_not_sent_again():
    fields = Fields()
    body = {"max_tokens": 9, "stream_options": {}, "temperature": 0.1}
    assert fields.learns(refused("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'."), body)
    assert fields.limit("max_tokens") == "max_completion_tokens"
    mistral = '{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"]}]}'
    assert fields.learns(refused(mistral, 422), body)
    assert not fields.take("stream_options")
    assert fields.take("temperature")


@pytest.mark.parametrize(
    "error",
    [
        refused("max_tokens is too large: 5000"),
        refused("Unsupported parameter: 'top_k'"),
        refused("unknown temperature", status=404),
        PermanentModelError("unsupported temperature", status=400, reason="refusal"),
        TransientModelError("unsupported temperature", status=500),
    ],
)
def test_nothing_is_learned_from_another_error(error):
    assert not Fields().learns(error, {"max_tokens": 9, "temperature": 0.1})


def test_learning_ends():
    fields = Fields()
    assert fields.learns(refused("unknown field max_tokens"), {"max_tokens": 9})
    assert not fields.learns(refused("unknown field max_completion_tokens"), {"max_completion_tokens": 9})
