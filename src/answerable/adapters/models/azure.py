"""Models deployed on Azure OpenAI: chat completions with a deployment in the path and a key of its own."""

from __future__ import annotations

from urllib.parse import quote

from answerable.adapters.models.http_model import HTTPModel, Observer
from answerable.adapters.models.openai_compatible import ChatCompletions
from answerable.adapters.models.provider import AZURE_API_VERSION, Provider


class Azure(HTTPModel):
    """An LLM over `POST {base_url}/openai/deployments/{model}/chat/completions`; `model` names the deployment.

    Its content filter answers 400 with the code content_filter (a refusal), and its streams begin with a chunk
    that has no choices. The newer /openai/v1 takes OpenAI's protocol as it is: kind openai-compatible serves it.
    """

    def __init__(self, provider: Provider, *, on_rate: Observer | None = None) -> None:
        deployment, version = quote(provider.model, safe=""), quote(provider.api_version or AZURE_API_VERSION)
        protocol = ChatCompletions(
            provider,
            path=f"/openai/deployments/{deployment}/chat/completions?api-version={version}",
            headers={"api-key": provider.api_key} if provider.api_key else {},
        )
        super().__init__(provider, protocol, on_rate=on_rate)
