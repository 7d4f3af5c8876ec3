"""BM25: what a chunk is indexed by, what a question looks for, and how a match is weighed. Storage is elsewhere.

score(q, d) = Σ over the question's terms of  idf(t) · tf / (tf + k1 · (1 − b + b · |d| / avgdl))
idf(t)      = ln(1 + (N − df + 0.5) / (df + 0.5))

Robertson & Zaragoza, The Probabilistic Relevance Framework (2009), in Lucene's form, which drops the constant
factor k1 + 1: the ranking is the same, and no term can add more than its idf.
"""

from __future__ import annotations

import math
from collections import Counter

from answerable.core.document import Chunk, Document, embedding_text
from answerable.text.stems import term_frequencies
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import terms

K1 = 1.2
B = 0.75


def index_terms(document: Document, chunk: Chunk) -> Counter[str]:
    """How often each term occurs in a chunk with its title and headings, stemmed in the document's language."""
    return term_frequencies(embedding_text(document, chunk), document.language)


def query_terms(text: str, language: str = "en") -> Counter[str]:
    """The question's terms with their weights: its stems, and the plain forms that unstemmed documents keep."""
    wanted = term_frequencies(text, language)
    dropped = STOPWORDS.get(language, frozenset())
    plain = Counter(term[:64] for term in terms(text) if term not in dropped)
    return wanted | plain


def idf(chunks: int, matching: int) -> float:
    """How much a term tells, of which `matching` of all `chunks` have it; above zero."""
    return math.log(1 + (chunks - matching + 0.5) / (matching + 0.5))


def saturation(frequency: int, length: int, average_length: float) -> float:
    """How much of its idf a term that occurs `frequency` times earns in a chunk of `length` terms; in (0, 1)."""
    return frequency / (frequency + K1 * (1 - B + B * length / average_length))
