"""LiteLLM's Router in-process: two deployments, one the other's fallback, a retry, cooldown, its cost map."""

import os
import time
from contextlib import asynccontextmanager
from importlib.metadata import version

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # nothing is fetched

import litellm
from gateway_load import MAX_TOKENS, MODEL, SYSTEM, USER, run

litellm.telemetry = False
MESSAGES = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]


@asynccontextmanager
async def opened(base):
    given = {"model": f"openai/{MODEL}", "api_base": base, "api_key": "scripted", "timeout": 30}
    router = litellm.Router(
        model_list=[
            {"model_name": "main", "litellm_params": given},
            {"model_name": "backup", "litellm_params": given},
        ],
        fallbacks=[{"main": ["backup"]}],
        num_retries=1,
    )

    async def call(stream):
        return await (streamed(router) if stream else whole(router))

    yield call


async def whole(router):
    reply = await router.acompletion(model="main", messages=MESSAGES, max_tokens=MAX_TOKENS, temperature=0.1)
    assert reply._hidden_params["response_cost"] > 0
    return time.perf_counter(), len(reply.choices[0].message.content), reply.usage.completion_tokens


async def streamed(router):
    first, chars, tokens = 0.0, 0, 0
    stream = await router.acompletion(
        model="main", messages=MESSAGES, max_tokens=MAX_TOKENS, temperature=0.1,
        stream=True, stream_options={"include_usage": True},
    )  # fmt: skip
    async for chunk in stream:
        if usage := getattr(chunk, "usage", None):
            tokens = usage.completion_tokens
        for choice in chunk.choices:
            text = choice.delta.content or ""
            first = first or (time.perf_counter() if text else 0.0)
            chars += len(text)
    return first, chars, tokens


run(opened, facts={"version": f"litellm {version('litellm')}"})
