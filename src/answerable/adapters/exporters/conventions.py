"""OpenTelemetry's names that we use, all of them here: the GenAI conventions change, and then this file does.

Read in November 2026 from github.com/open-telemetry/semantic-conventions-genai, where they moved from the main
repository; everything named `gen_ai.` has the status Development. Names of our own begin with `answerable.`.
"""

from __future__ import annotations

from typing import Final

GEN_AI_VERSION: Final = "1.42.0"
SCHEMA_URL: Final = f"https://opentelemetry.io/schemas/gen-ai/{GEN_AI_VERSION}"
SCOPE: Final = "answerable"  # the instrumentation's

# --- of the resource, and general --------------------------------------------------------------------------
SERVICE_NAME: Final = "service.name"
SERVICE_VERSION: Final = "service.version"
SERVICE_INSTANCE: Final = "service.instance.id"
ERROR_TYPE: Final = "error.type"
SERVER_ADDRESS: Final = "server.address"
HTTP_STATUS: Final = "http.response.status_code"
EXCEPTION_STACK: Final = "exception.stacktrace"

# --- operations, values of gen_ai.operation.name -----------------------------------------------------------
OPERATION: Final = "gen_ai.operation.name"
WORKFLOW: Final = "invoke_workflow"  # one answer
CHAT: Final = "chat"
EMBEDDINGS: Final = "embeddings"
RETRIEVAL: Final = "retrieval"

# --- attributes --------------------------------------------------------------------------------------------
WORKFLOW_NAME: Final = "gen_ai.workflow.name"
CONVERSATION: Final = "gen_ai.conversation.id"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
REQUEST_TEMPERATURE: Final = "gen_ai.request.temperature"
REQUEST_STREAM: Final = "gen_ai.request.stream"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_ID: Final = "gen_ai.response.id"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"  # seconds
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"  # with those read from and written to a cache
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = "gen_ai.usage.cache_write.input_tokens"  # was cache_creation
DATA_SOURCE: Final = "gen_ai.data_source.id"
RETRIEVAL_TOP_K: Final = "gen_ai.retrieval.top_k"  # was gen_ai.request.top_k
RETRIEVAL_QUERY: Final = "gen_ai.retrieval.query.text"  # content
RETRIEVAL_DOCUMENTS: Final = "gen_ai.retrieval.documents"
PROMPT_NAME: Final = "gen_ai.prompt.name"
PROMPT_VERSION: Final = "gen_ai.prompt.version"
SYSTEM_INSTRUCTIONS: Final = "gen_ai.system_instructions"  # content
INPUT_MESSAGES: Final = "gen_ai.input.messages"  # content
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"  # content

# --- the event of a judgment -------------------------------------------------------------------------------
EVALUATION_RESULT: Final = "gen_ai.evaluation.result"
EVALUATION_NAME: Final = "gen_ai.evaluation.name"
EVALUATION_SCORE: Final = "gen_ai.evaluation.score.value"
EVALUATION_LABEL: Final = "gen_ai.evaluation.score.label"
EVALUATION_EXPLANATION: Final = "gen_ai.evaluation.explanation"  # content

# --- metrics -----------------------------------------------------------------------------------------------
OPERATION_DURATION: Final = "gen_ai.client.operation.duration"
FIRST_CHUNK_DURATION: Final = "gen_ai.client.operation.time_to_first_chunk"
USED_INPUT: Final = "gen_ai.client.inference.usage.input_tokens"
USED_OUTPUT: Final = "gen_ai.client.inference.usage.output_tokens"
USED_CACHE_READ: Final = "gen_ai.client.inference.usage.cache_read.input_tokens"
USED_CACHE_WRITE: Final = "gen_ai.client.inference.usage.cache_write.input_tokens"
TOKEN_MODALITY: Final = "gen_ai.token.modality"  # noqa: S105 - no password
TEXT: Final = "text"
DURATION_BUCKETS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)

# --- ours --------------------------------------------------------------------------------------------------
TRACE: Final = "answerable.trace.id"  # for `answerable trace show`
ANSWER: Final = "answerable.answer.id"
TENANT: Final = "answerable.tenant"
OUTCOME: Final = "answerable.outcome"
LANGUAGE: Final = "answerable.language"
CONFIDENCE: Final = "answerable.confidence"
DEGRADED: Final = "answerable.degraded"
CACHE: Final = "answerable.cache"
INDEX: Final = "answerable.index"
ROLLOUT: Final = "answerable.rollout.arm"
CLAIMS: Final = "answerable.claims"
WITHHELD: Final = "answerable.claims.withheld"
CITATIONS: Final = "answerable.citations"
FIRST_TEXT: Final = "answerable.first_text_s"
COST: Final = "answerable.usage.cost.amount"  # of a call: the conventions have no name for money
CURRENCY: Final = "answerable.usage.cost.currency"
ANSWER_COST: Final = "answerable.answer.cost.amount"  # of all its calls: who adds up spans must not count twice
ANSWER_CURRENCY: Final = "answerable.answer.cost.currency"
USE: Final = "answerable.use"  # answer, rewrite, judge, …
CALL_OUTCOME: Final = "answerable.call.outcome"  # ok, transient, permanent, cancelled, hit
ENDPOINT: Final = "answerable.endpoint"
FINGERPRINT: Final = "answerable.response.fingerprint"
PROMPT_SHA256: Final = "answerable.prompt.sha256"
EVALUATOR: Final = "answerable.evaluation.source"  # llm, human
EVALUATOR_VERSION: Final = "answerable.evaluation.version"
SEVERITY: Final = "answerable.evaluation.severity"
STRATUM: Final = "answerable.evaluation.stratum"
FIGURES_OF_STEPS: Final = {
    "candidates": "answerable.retrieval.candidates",
    "kept": "answerable.retrieval.kept",
    "probability": "answerable.answerable.probability",
    "threshold": "answerable.answerable.threshold",
    "verdicts": "answerable.guard.verdicts",
    "rules": "answerable.guard.rules",
    "sentences": "answerable.sentences",
    "withheld": "answerable.sentences.withheld",
    "attempts": "answerable.attempts",
    "turns": "answerable.history.turns",
    "batch": "answerable.rerank.batch",
}
