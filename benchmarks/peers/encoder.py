"""The same embedding for every peer: the one graph and the one tokenizer, on one thread; or vectors from a hash.

What it costs is counted apart (`cpu_s`), so that the rest is the peer's own work.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

DIM = 384
BATCH = 16  # texts of like length go through together


class Encoder:
    """Unit vectors of texts; what was embedded once is read from `cache`."""

    def __init__(self, graph: Path, tokenizer: Path, cache: Path) -> None:
        self.cpu_s = 0.0
        self.texts = 0
        self._session = None
        if graph == Path():
            return
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(256)
        self._kept = sqlite3.connect(cache, check_same_thread=False)
        self._kept.execute("CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, vector BLOB)")

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (n, 384), float32."""
        begin = time.thread_time()
        self.texts += len(texts)
        found = self._hashed(texts) if self._session is None else self._embedded(texts)
        self.cpu_s += time.thread_time() - begin
        return found

    def _hashed(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.empty((len(texts), DIM), dtype=np.float32)
        for number, text in enumerate(texts):
            seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
            rows[number] = np.random.default_rng(seed).standard_normal(DIM, dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def _embedded(self, texts: Sequence[str]) -> np.ndarray:
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        rows = np.empty((len(texts), DIM), dtype=np.float32)
        missing = []
        for number, key in enumerate(keys):
            kept = self._kept.execute("SELECT vector FROM vector WHERE key = ?", (key,)).fetchone()
            if kept is None:
                missing.append(number)
            else:
                rows[number] = np.frombuffer(kept[0], dtype=np.float32)
        tokens = {number: self._tokenizer.encode(texts[number]).ids for number in missing}
        missing.sort(key=lambda number: len(tokens[number]))
        for first in range(0, len(missing), BATCH):
            batch = missing[first : first + BATCH]
            rows[batch] = self._run([tokens[number] for number in batch])
        self._kept.executemany(
            "INSERT OR IGNORE INTO vector VALUES (?, ?)", [(keys[n], rows[n].tobytes()) for n in missing]
        )
        self._kept.commit()
        return rows

    def _run(self, rows: Sequence[Sequence[int]]) -> np.ndarray:
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int32)
        mask = np.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, : len(row)], mask[number, : len(row)] = row, 1
        assert self._session is not None
        return self._session.run(["vectors"], {"ids": ids, "mask": mask})[0]
