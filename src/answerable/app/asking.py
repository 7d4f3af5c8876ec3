"""The main path from the configuration's parts."""

from __future__ import annotations

from answerable.adapters.stores.tripwire import Tripwire
from answerable.answer.abstention import Answerability
from answerable.answer.ask import Asker, AskLimits
from answerable.answer.deadlines import Plan
from answerable.answer.extractive import NAME, Extractive
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.rendering import Renderer
from answerable.answer.retrieval import Retriever
from answerable.answer.texts import Texts
from answerable.app.guarding import make_guards, scope_book, scope_text
from answerable.app.project import Project
from answerable.config import Settings
from answerable.config.retrieval import RetrievalSection
from answerable.core.ports import LLM, Conflicts, Embedder, Journal, Reranker, Store


def make_asker(
    project: Project,
    *,
    embedder: Embedder,
    store: Store,
    reranker: Reranker,
    llm: LLM,
    extractive: Extractive,
    journal: Journal | None = None,
    conflicts: Conflicts | None = None,
) -> Asker:
    """Everything a question passes through; without a journal no trace of it is kept, without
    `conflicts` none that was recorded is shown.

    Raises ConfigError for prompts and guards that do not fit.
    """
    settings = project.settings
    answer = settings.answer
    by_hand = settings.abstain.threshold
    return Asker(
        retriever=_retriever(settings.retrieval, embedder, store),
        reranker=reranker,
        llm=llm,
        renderer=Renderer(
            prompt=project.prompts.get("answer"),
            scope=scope_text(project),
            temperature=answer.temperature,
            max_output_tokens=answer.max_output_tokens,
        ),
        extractive=extractive,
        guards=make_guards(project),
        answerability=Answerability() if by_hand is None else Answerability(threshold=by_hand),
        non_answers=NonAnswers(
            texts=Texts(), contact=settings.project.contact, about=scope_book(project).subjects
        ),
        journal=journal,
        limits=_limits(settings),
        languages=settings.project.languages,
        default_language=settings.project.default_language,
        timezone=settings.project.timezone,
        on_conflict=answer.on_conflict,
        source_priority=answer.source_priority,
        conflicts=conflicts,
        verify=answer.verify == "claims",
        two_sources=answer.two_sources,
        quotes=_quotes(settings),
        plan=Plan(first_text_s=answer.first_text),
    )


def _quotes(settings: Settings) -> bool:
    """Whether the chain for answers ends in the sources' own sentences; without a chain they are all there is."""
    chain = next((one.chain for one in settings.route if one.use == "answer"), (NAME,))
    return NAME in chain


def _retriever(section: RetrievalSection, embedder: Embedder, store: Store) -> Retriever:
    return Retriever(
        embedder=embedder,
        store=Tripwire(inner=store),
        mode=section.mode,
        dense_weight=section.dense_weight,
        typo_tolerance=section.typo_tolerance,
        decompose=section.decompose == "auto",
        smoothing=section.smoothing,
    )


def _limits(settings: Settings) -> AskLimits:
    retrieval, answer = settings.retrieval, settings.answer
    return AskLimits(
        top_k=retrieval.top_k,
        keep=retrieval.keep,
        per_document=retrieval.per_document,
        context_tokens=answer.context_tokens,
        citations_per_sentence=answer.cite_max_per_sentence,
        input_chars=settings.limits.input_chars,
    )
