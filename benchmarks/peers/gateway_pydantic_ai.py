"""pydantic-ai's direct requests through a FallbackModel of two: the SDK's retries, usage read, no prices."""

import time
from contextlib import asynccontextmanager
from importlib.metadata import version

from gateway_load import MAX_TOKENS, MODEL, SYSTEM, USER, run
from openai import AsyncOpenAI
from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.messages import (
    ModelRequest,
    PartDeltaEvent,
    PartStartEvent,
    SystemPromptPart,
    TextPart,
    TextPartDelta,
    UserPromptPart,
)
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

MESSAGES = [ModelRequest(parts=[SystemPromptPart(content=SYSTEM), UserPromptPart(content=USER)])]
SETTINGS = {"max_tokens": MAX_TOKENS, "temperature": 0.1}


@asynccontextmanager
async def opened(base):
    async with AsyncOpenAI(base_url=base, api_key="scripted", timeout=30) as client:
        provider = OpenAIProvider(openai_client=client)
        main, backup = (OpenAIChatModel(MODEL, provider=provider) for _ in range(2))
        model = FallbackModel(main, backup)

        async def call(stream):
            return await (streamed(model) if stream else whole(model))

        yield call


async def whole(model):
    reply = await model_request(model, MESSAGES, model_settings=SETTINGS)
    chars = sum(len(part.content) for part in reply.parts if isinstance(part, TextPart))
    return time.perf_counter(), chars, reply.usage.output_tokens


async def streamed(model):
    first, chars = 0.0, 0
    async with model_request_stream(model, MESSAGES, model_settings=SETTINGS) as stream:
        async for event in stream:
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                text = event.part.content
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                text = event.delta.content_delta
            else:
                continue
            first = first or (time.perf_counter() if text else 0.0)
            chars += len(text)
    return first, chars, stream.usage().output_tokens if callable(stream.usage) else stream.usage.output_tokens


run(opened, facts={"version": f"pydantic-ai-slim {version('pydantic-ai-slim')}"})
