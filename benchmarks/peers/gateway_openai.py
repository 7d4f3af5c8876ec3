"""OpenAI's SDK: retries on (its default, 2), no fallback of its own, usage read, no prices."""

import time
from contextlib import asynccontextmanager

import openai
from gateway_load import MAX_TOKENS, MODEL, SYSTEM, USER, run

MESSAGES = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]


@asynccontextmanager
async def opened(base):
    async with openai.AsyncOpenAI(base_url=base, api_key="scripted", timeout=30) as client:

        async def call(stream):
            return await (streamed(client) if stream else whole(client))

        yield call


async def whole(client):
    reply = await client.chat.completions.create(
        model=MODEL, messages=MESSAGES, max_tokens=MAX_TOKENS, temperature=0.1
    )
    return time.perf_counter(), len(reply.choices[0].message.content), reply.usage.completion_tokens


async def streamed(client):
    first, chars, tokens = 0.0, 0, 0
    stream = await client.chat.completions.create(
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


run(opened, facts={"version": f"openai {openai.__version__}"})
