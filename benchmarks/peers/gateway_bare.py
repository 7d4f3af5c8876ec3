"""The baseline: httpx or httpx2 alone, posting the same body, reading the same reply. No retries, fallback, books.

python benchmarks/peers/gateway_bare.py httpx|httpx2
"""

import importlib
import json
import sys
import time
from contextlib import asynccontextmanager

from gateway_load import MAX_TOKENS, MODEL, SYSTEM, USER, run

httpx = importlib.import_module(sys.argv[1])

MESSAGES = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
BODY = {"model": MODEL, "messages": MESSAGES, "max_tokens": MAX_TOKENS, "temperature": 0.1}
STREAMED = {**BODY, "stream": True, "stream_options": {"include_usage": True}}


@asynccontextmanager
async def opened(base):
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=256)
    async with httpx.AsyncClient(base_url=base, timeout=30, limits=limits, trust_env=False) as client:

        async def call(stream):
            return await (streamed(client) if stream else whole(client))

        yield call


async def whole(client):
    reply = (await client.post("/chat/completions", json=BODY)).raise_for_status().json()
    text = reply["choices"][0]["message"]["content"]
    return time.perf_counter(), len(text), reply["usage"]["completion_tokens"]


async def streamed(client):
    first, chars, tokens = 0.0, 0, 0
    async with client.stream("POST", "/chat/completions", json=STREAMED) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if not line.startswith("data: ") or line == "data: [DONE]":
                continue
            chunk = json.loads(line[6:])
            if chunk["usage"]:
                tokens = chunk["usage"]["completion_tokens"]
            for choice in chunk["choices"]:
                text = choice["delta"].get("content") or ""
                first = first or (time.perf_counter() if text else 0.0)
                chars += len(text)
    return first, chars, tokens


run(opened, facts={"version": f"{sys.argv[1]} {httpx.__version__}"})
