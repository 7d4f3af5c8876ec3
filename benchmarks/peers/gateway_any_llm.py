"""any-llm over the OpenAI SDK: the SDK's retries, no fallback of its own, usage read, no prices."""

import time
from contextlib import asynccontextmanager
from importlib.metadata import version

from any_llm import AnyLLM
from gateway_load import MAX_TOKENS, MODEL, SYSTEM, USER, run

MESSAGES = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]


@asynccontextmanager
async def opened(base):
    llm = AnyLLM.create("openai", api_key="scripted", api_base=base)

    async def call(stream):
        return await (streamed(llm) if stream else whole(llm))

    yield call


async def whole(llm):
    reply = await llm.acompletion(model=MODEL, messages=MESSAGES, max_tokens=MAX_TOKENS, temperature=0.1)
    return time.perf_counter(), len(reply.choices[0].message.content), reply.usage.completion_tokens


async def streamed(llm):
    first, chars, tokens = 0.0, 0, 0
    stream = await llm.acompletion(
        model=MODEL, messages=MESSAGES, max_tokens=MAX_TOKENS, temperature=0.1,
        stream=True, stream_options={"include_usage": True},
    )  # fmt: skip
    async for chunk in stream:
        if chunk.usage:
            tokens = chunk.usage.completion_tokens
        for choice in chunk.choices:
            text = choice.delta.content or ""
            first = first or (time.perf_counter() if text else 0.0)
            chars += len(text)
    return first, chars, tokens


run(opened, facts={"version": f"any-llm-sdk {version('any-llm-sdk')}"})
