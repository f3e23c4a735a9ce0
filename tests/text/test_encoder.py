import json
import sys
import threading
import types
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from regulars.text import encoder


class Counting:
    name = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> encoder.Vectors:
        self.asked += texts
        return np.array([[1.0, 0.0] for _ in texts], np.float32)


def test_the_cache_asks_once_for_each_text() -> None:
    model = Counting()
    cached = encoder.CachedEncoder(model, encoder.MemoryCache())

    first = cached.encode(["a", "b", "a"])
    second = cached.encode(["b", "c"])

    assert model.asked == ["a", "b", "c"]
    assert first.tolist() == [[1, 0]] * 3
    assert second.shape == (2, 2)


def test_the_cache_forgets_beyond_its_limit() -> None:
    cache = encoder.MemoryCache(limit=2)

    cache.keep({"a": b"1", "b": b"2"})
    cache.find(["a"])
    cache.keep({"c": b"3"})

    assert cache.find(["a", "b", "c"]) == {"a": b"1", "c": b"3"}


def test_keys_differ_by_model_and_text() -> None:
    keys = {encoder.cache_key(m, t) for m in ("one", "two") for t in ("a", "b")}

    assert len(keys) == 4


class Answering(BaseHTTPRequestHandler):
    broken = False

    def do_POST(self) -> None:  # the name that http.server calls
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        items = [{"index": i, "embedding": [3, 4]} for i in range(len(body["input"]))]
        answer = json.dumps({"oops": 1} if self.broken else {"data": items[::-1]}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answering) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/v1"
        listening.shutdown()
        thread.join()


def test_an_openai_compatible_server(server: str) -> None:
    found = encoder.HttpEncoder(server, model="m", key="k").encode(["a", "b"])

    assert found.round(3).tolist() == [[0.6, 0.8], [0.6, 0.8]] or np.allclose(found, [[0.6, 0.8]])


def test_a_server_that_answers_nonsense(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "broken", True)

    with pytest.raises(OSError, match="did not answer with embeddings"):
        encoder.HttpEncoder(server, model="m").encode(["a"])


def test_settings_choose_the_encoder() -> None:
    kinds = {
        "": encoder.BundledEncoder,
        "none": encoder.LettersEncoder,
        "https://x.example/v1": encoder.HttpEncoder,
        "shipped": encoder.BundledEncoder,
        "st:some-model": encoder.SentenceTransformersEncoder,
    }

    assert {k: type(encoder.chosen_encoder(k, model="m")) for k in kinds} == kinds
    with pytest.raises(ValueError, match="not an encoder"):
        encoder.chosen_encoder("magic")


def test_a_model_of_sentence_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Model:
        def __init__(self, name: str) -> None:
            assert name == "some-model"

        def encode(self, texts: list[str]) -> list[list[float]]:
            return [[3.0, 4.0] for _ in texts]

    package = types.ModuleType("sentence_transformers")
    package.SentenceTransformer = Model  # type: ignore[attr-defined]  # a stand-in for the package
    monkeypatch.setitem(sys.modules, "sentence_transformers", package)

    found = encoder.chosen_encoder("st:some-model").encode(["a", "b"])

    assert np.allclose(found, [[0.6, 0.8], [0.6, 0.8]])


def test_letters_know_spelling() -> None:
    one, other, far = encoder.LettersEncoder().encode(["deliveries", "delivery", "soup"])

    assert one @ other > 0.3 > one @ far
