"""An experiment's bench: a source's documents and judged questions, each setting built over them in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from answerable.adapters.embedders.remembered import RememberedEmbedder
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.parsers.sandbox import Sandbox
from answerable.answer.ask import Asker
from answerable.answer.extractive import Extractive
from answerable.answer.ranking import keep, rank, with_parents
from answerable.app.asking import make_asker
from answerable.app.chunking import make_chunker
from answerable.app.embedding import close_embedder, make_embedder, make_tokenizer, token_encoder
from answerable.app.project import Project
from answerable.app.reranking import Rerankers
from answerable.app.sources import make_source
from answerable.app.system import System
from answerable.config import Settings
from answerable.config.edit import Edit
from answerable.config.sources import SourceSection
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk, Document, embedding_text
from answerable.core.errors import ConfigError, ParseError
from answerable.core.identity import sha256_hex
from answerable.core.pairs import Pair
from answerable.core.passage import Passage
from answerable.core.ports import Embedder, FileState
from answerable.core.query import Filter, Principal, Query
from answerable.guards.documents import scan_document
from answerable.ingest.embedding import Embedding
from answerable.ingest.preparation import Prepared
from answerable.ingest.progress import ignore
from answerable.ingest.sentence_vectors import LoopVectors
from answerable.ingest.tally import Tally
from answerable.lab.cuts import Cuts, look_at
from answerable.lab.question import Question, Questions, questions
from answerable.lab.reading import Reading, how_many, read
from answerable.lab.result import Measured

Say = Callable[[str], None]
_TOGETHER = 256  # texts
_PATIENCE_S = 3600.0  # no deadline of an answer counts here


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A project's settings with something changed. `toml` are the lines that put it in place."""

    name: str
    settings: Settings
    toml: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    keep: int | None = None  # passages that may be shown; None: as many as the budget pays for
    cost_per_1000: float | None = None


@dataclass(slots=True, kw_only=True)
class Built:
    """One setting, ready to be asked."""

    setting: Setting
    asker: Asker
    measured: Measured
    query_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Documents parsed once, questions located once; every setting is measured over the same."""

    system: System
    section: SourceSection
    documents: tuple[Document, ...]
    questions: Questions
    budget: int  # tokens
    stack: AsyncExitStack  # closes what the settings needed
    embedders: dict[str, RememberedEmbedder] = field(default_factory=dict)
    indexes: dict[str, tuple[MemoryStore, Measured]] = field(default_factory=dict)

    def asking(self, ids: Collection[str]) -> Bench:
        """The same bench with the questions of these pairs only."""
        kept = self.questions
        usable = tuple(one for one in kept.usable if one.id in ids)
        left_out = tuple(one for one in kept.left_out if one.partition(": ")[0] in ids)
        return replace(self, questions=Questions(usable=usable, left_out=left_out))

    async def build(self, setting: Setting) -> Built:
        """Cut, embed and index the documents as the setting says; settings that differ later share the index."""
        embedder = self._embedder(setting.settings)
        store, shared = await self._index(setting, embedder)
        measured = replace(shared, name=setting.name, toml=setting.toml, cost_per_1000=setting.cost_per_1000)
        project = replace(self.system.project, settings=setting.settings)
        extractive = Extractive(embedder=embedder)
        rerankers = Rerankers(
            project=project,
            embedder=embedder,
            codes=store,
            stack=self.stack,
            llm=self.system.rerankers.llm,
            money=self.system.money,
        )
        asker = make_asker(
            project,
            embedder=embedder,
            store=store,
            reranker=rerankers.bare(setting.settings.retrieval.reranker),  # its time is measured, not limited
            llm=extractive,
            extractive=extractive,
        )
        return Built(setting=setting, asker=asker, measured=measured)

    async def ask(self, built: Built, question: Question) -> Reading:
        """Search and re-rank as the product does; what is read is what the budget pays for."""
        query = self._query(question)
        await built.asker.retriever.embedder.embed([question.text], kind="query")  # not part of the time
        started = time.process_time()
        passages = await self._found(built, query)
        built.query_ms.append((time.process_time() - started) * 1000)
        return read(question, passages, budget=self.budget)

    async def _found(self, built: Built, query: Query) -> list[Passage]:
        """As the main path goes, but with as many passages as the budget pays for in the place of `keep`."""
        asker = built.asker
        limit = built.setting.keep or 2 * asker.retriever.depth
        found = await asker.retriever.find(query, query.text)
        ranked = await rank(asker.reranker, query, found, limit=limit)
        kept = keep(ranked, limit=limit, per_document=asker.limits.per_document)
        paid = how_many(kept, self.budget)
        return [*await with_parents(asker.retriever.store, query, found, kept[:paid]), *kept[paid:]]

    def _query(self, question: Question) -> Query:
        return Query(
            text=question.text,
            tenant=self.documents[0].tenant,
            principal=Principal(groups=tuple(sorted({one for doc in self.documents for one in doc.acl}))),
            filter=Filter(status=()),
            language=question.language,
            deadline=Deadline.after(_PATIENCE_S),
        )

    def _embedder(self, settings: Settings) -> RememberedEmbedder:
        key = repr(settings.embedding)
        if key not in self.embedders:
            own = settings.embedding == self.system.settings.embedding
            self.embedders[key] = RememberedEmbedder(self.system.embedder if own else self._another(settings))
        return self.embedders[key]

    def _another(self, settings: Settings) -> Embedder:
        made = make_embedder(replace(self.system.project, settings=settings), self.system.money)
        self.stack.push_async_callback(close_embedder, made)
        return made

    async def _index(self, setting: Setting, embedder: Embedder) -> tuple[MemoryStore, Measured]:
        section = chunking_of(setting.settings, self.section.id)
        key = f"{section!r} {embedder.model.key}"
        if key not in self.indexes:
            self.indexes[key] = await self._fill(setting, embedder)
        return self.indexes[key]

    async def _fill(self, setting: Setting, embedder: Embedder) -> tuple[MemoryStore, Measured]:
        ledger, tenant = self.system.ledger, self.system.settings.project.tenant
        chunker = make_chunker(
            chunking_of(setting.settings, self.section.id),
            make_tokenizer(self.system.embedder),
            vectors=LoopVectors(embedder=embedder, loop=asyncio.get_running_loop(), ledger=ledger, tenant=tenant),
        )
        started, store = time.process_time(), MemoryStore()
        tally = Tally(source=self.section.id, observe=ignore)
        embedding = Embedding(
            embedder=embedder,
            ledger=ledger,
            tenant=tenant,
            texts=_TOGETHER,
            tally=tally,
            encoder=token_encoder(embedder),
        )
        cut = [(doc, await asyncio.to_thread(_cut, chunker.chunk, doc)) for doc in self.documents]
        prepared = [_prepared(doc, chunks) for doc, chunks in cut]
        for one, found in zip(prepared, await embedding.embed(prepared), strict=True):
            await store.replace(one.document, one.chunks, found.vectors, model=embedder.model, tokens=found.tokens)
        spent = time.process_time() - started
        measured = Measured(
            name=setting.name,
            cuts=self._look(cut),
            index_cpu_s=spent,
            embedded=tally.embedded,
            cached=tally.cached,
        )
        return store, measured

    def _look(self, cut: Sequence[tuple[Document, Sequence[Chunk]]]) -> Cuts:
        return look_at(cut, self.questions.usable)


@asynccontextmanager
async def open_bench(
    system: System, source: str, pairs: Sequence[Pair], *, budget: int, say: Say
) -> AsyncIterator[Bench]:
    """The source's documents, parsed in the sandbox, and the pairs of which every quote is in them.

    Raises ConfigError for a source that is not configured or holds nothing.
    """
    section = section_of(system.settings, source)
    documents = await _parse(system.project, section, say)
    texts = {one.uri: one.text for one in documents}
    async with AsyncExitStack() as stack:
        yield Bench(
            system=system,
            section=section,
            documents=documents,
            questions=questions(pairs, texts, source=source),
            budget=budget,
            stack=stack,
        )


def section_of(settings: Settings, source: str) -> SourceSection:
    """The configured source. Raises ConfigError, naming those that are there."""
    for one in settings.source:
        if one.id == source:
            return one
    known = ", ".join(one.id for one in settings.source) or "none yet: `answerable source add`"
    raise ConfigError(f"there is no source {source!r}", hint=f"configured: {known}")


def chunking_of(settings: Settings, source: str) -> Any:
    """How the source's documents are cut."""
    return section_of(settings, source).chunking or settings.chunking


async def _parse(project: Project, section: SourceSection, say: Say) -> tuple[Document, ...]:
    source = make_source(project, section)
    listed = await asyncio.to_thread(lambda: list(source.list()))
    documents, failed = list[Document](), 0
    async with Sandbox() as sandbox:
        for n, candidate in enumerate(listed, start=1):
            try:
                documents.append(await sandbox.parse(await asyncio.to_thread(source.read, candidate.uri)))
            except ParseError:
                failed += 1
            if n % 200 == 0:
                say(f"{n} of {len(listed)} files read")
    if failed:
        say(f"{failed} files could not be read and are left out: `answerable ingest {section.id}` names them")
    if not documents:
        raise ConfigError(f"source {section.id!r} has no document that can be read")
    return tuple(documents)


def _cut(chunk: Callable[[Document], list[Chunk]], document: Document) -> list[Chunk]:
    found = ",".join(scan_document(document))
    chunks = chunk(document)
    return [replace(one, meta={**one.meta, "suspicion": found}) for one in chunks] if found else chunks


def _prepared(document: Document, chunks: Sequence[Chunk]) -> Prepared:
    return Prepared(
        state=FileState(uri=document.uri, sha256="", document_id=document.id),
        new=True,
        document=document,
        chunks=chunks,
        keys=[sha256_hex(embedding_text(document, one)) for one in chunks],
    )


def measured_of(built: Mapping[str, Built]) -> dict[str, Measured]:
    """Each setting's figures besides its quality, after the questions were asked."""
    return {name: replace(one.measured, query_ms=tuple(one.query_ms)) for name, one in built.items()}
