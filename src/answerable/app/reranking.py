"""Which reranker the configuration names."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from answerable.adapters.account import Account
from answerable.adapters.models.provider import Provider, Times
from answerable.adapters.rerankers.budget import Budgeted
from answerable.adapters.rerankers.cross_encoder import DEPTH as READ
from answerable.adapters.rerankers.cross_encoder import CrossEncoder, PairScorer
from answerable.adapters.rerankers.function import FunctionReranker
from answerable.adapters.rerankers.http import HttpReranker
from answerable.adapters.rerankers.late import LateInteraction
from answerable.adapters.rerankers.learned import Learned
from answerable.adapters.rerankers.llm import DEPTH as LISTED
from answerable.adapters.rerankers.llm import LLMReranker
from answerable.adapters.rerankers.onnx_pairs import OnnxPairs
from answerable.adapters.rerankers.proximity import KeepOrder, Proximity
from answerable.adapters.rerankers.scoring import DEPTH
from answerable.adapters.rerankers.shapes import SHAPES
from answerable.adapters.rerankers.transformer_pairs import TransformerPairs
from answerable.adapters.rerankers.weights_file import WeightsFile
from answerable.app.embedding import token_encoder
from answerable.app.hub import pinned_files
from answerable.app.paying import Money
from answerable.app.project import Project
from answerable.app.rerank_prompt import rerank_renderer
from answerable.config.reranking import RerankerSection
from answerable.core.errors import ConfigError
from answerable.core.ports import LLM, Embedder, Reranker, TokenCodes

SHIPPED = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerankers:
    """Makes each reranker once, within the configured budget, and closes it with `stack`."""

    project: Project
    embedder: Embedder
    codes: TokenCodes
    stack: AsyncExitStack
    llm: LLM | None = None  # of the route for rerank
    money: Money | None = None  # pays for those behind an API
    made: dict[str, Reranker] = field(default_factory=dict)

    def named(self, name: str = "") -> Reranker:
        """The reranker called `name`; without a name the configured one. Raises ConfigError for an unknown one."""
        name = name or self.project.settings.retrieval.reranker
        if name not in self.made:
            bare = self.bare(name)
            seconds = self.project.settings.retrieval.rerank_budget
            self.made[name] = bare if name == "none" else Budgeted(reranker=bare, seconds=seconds)
        return self.made[name]

    def bare(self, name: str) -> Reranker:
        """The same without a budget: what fails is raised."""
        section = self.project.settings.reranker.get(name)
        return make_shipped(name, embedder=self.embedder, codes=self.codes) if section is None else self._own(
            name, section
        )  # fmt: skip

    def _own(self, name: str, section: RerankerSection) -> Reranker:
        depth = section.depth or DEPTH
        match section.kind:
            case "cross-encoder":
                encoder = CrossEncoder(scorer=self._pairs(name, section), depth=section.depth or READ)
                self.stack.callback(encoder.close)
                return encoder
            case "http":
                provider, shape = self._provider(name, section), SHAPES[section.shape or ""]
                account = self._account(provider)
                client = HttpReranker.open(provider, shape, depth=depth, account=account)
                self.stack.push_async_callback(client.aclose)
                return client
            case "llm":
                return self._listwise(name, section)
            case "learned":
                return self._learned(section)
            case "function":
                folder = self.project.base
                return FunctionReranker.load(section.target or "", folder=folder, depth=depth)

    def _pairs(self, name: str, section: RerankerSection) -> PairScorer:
        if section.engine == "sentence-transformers":
            return TransformerPairs(self.project.path(section.path or ""), max_tokens=section.max_tokens)
        if section.path:
            folder, sha256 = self.project.path(section.path), {}
            model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        else:
            pinned = pinned_files(name, section)
            model, tokenizer = pinned.path(".onnx"), pinned.path("tokenizer.json")
            sha256 = {pinned.folder / file: digest for file, digest in pinned.files.items()}
        return OnnxPairs(
            model=model,
            tokenizer=tokenizer,
            max_tokens=section.max_tokens,
            workers=section.workers,
            sha256=sha256,
        )

    def _provider(self, name: str, section: RerankerSection) -> Provider:
        return Provider(
            name=name,
            kind="openai-compatible",
            model=section.model or "",
            base_url=section.base_url or SHAPES[section.shape or ""].base_url,
            api_key=self.project.secret(section.api_key) or "",
            times=Times(connect_s=section.timeout, total_s=section.timeout),
        )

    def _account(self, provider: Provider) -> Account | None:
        if self.money is None:
            return None
        return self.money.account("rerank", provider=provider.name, model=provider.model, url=provider.url)

    def _listwise(self, name: str, section: RerankerSection) -> Reranker:
        if self.llm is None:
            raise ConfigError(
                f"reranker {name!r} has no model",
                hint='add [[route]] with use = "rerank" and chain = ["NAME"], and [provider.NAME]',
            )
        render = rerank_renderer(self.project, section.prompt)
        return LLMReranker(llm=self.llm, render=render, depth=section.depth or LISTED)

    def _learned(self, section: RerankerSection) -> Reranker:
        found = WeightsFile.read(self.project.path(section.path or ""))
        base = self.project.settings.reranker.get(found.base)
        if base is not None and base.kind == "learned":
            raise ConfigError(f"{section.path} was learned on top of another learned reranker, {found.base!r}")
        return Learned(base=self.bare(found.base), weights=found.weights)


def make_shipped(name: str, *, embedder: Embedder, codes: TokenCodes) -> Reranker:
    """One that needs no configuration. Raises ConfigError for an unknown name.

    `late` needs an embedding model that runs here: with one behind an endpoint it is `proximity`.
    """
    match name:
        case "late":
            encoder = token_encoder(embedder)
            return LateInteraction(encoder=encoder, codes=codes) if encoder else Proximity()
        case "proximity":
            return Proximity()
        case "none":
            return KeepOrder()
        case other:
            raise ConfigError(
                f"no reranker is called {other!r}", hint="late, proximity, none, or the NAME of a [reranker.NAME]"
            )
