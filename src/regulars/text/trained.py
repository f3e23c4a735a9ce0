"""The classifiers of topics and feeling: shipped for the bundled model, fitted for any other.

`tools/text_weights.py` writes `data/weights.npz` with `prepare` and `save`.
"""

import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from regulars.text import features, latin, learning, seeds
from regulars.text.encoder import Encoder, Vectors
from regulars.text.features import Array, Row
from regulars.text.learning import Remembered, Weights

COARSE = ("delivery", "price", "staff", "quality")
COARSE_OF = {
    "complaint_handling": "staff",
    "communication": "staff",
    "payment": "price",
    "loyalty": "price",
    "choice": "quality",
    "returns": "quality",
    "website": "delivery",
    "waiting": "delivery",
}
"""Where a fine topic goes when only the four coarse ones are asked for; others go nowhere."""
COARSE_HINT = 0.05
FEELINGS = ("positive", "negative", "neutral")
SPREAD, SPREAD_OF_COARSE = 5.0, 10.0
SPREAD_OF_STEP, HOLD = 20.0, 0.05
"""How far corrections may move weights, and how much each third seed holds them back."""
PATTERN_SHARE = 0.3
KERNEL = learning.Kernel(narrow=1.5, lists=0.03, letters=0.3, noise=0.3)
"""Chosen on sentences that had been looked at."""
SHARPNESS = 4.0
"""Log-odds of praise against complaint for each step of what was remembered."""
URGENT_WEIGHT = 10.0
"""How much an urgent sentence counts: there are few of them."""
PARTS = ("topics", "coarse", "feeling", "urgent")


@dataclass(frozen=True)
class Trained:
    """What was learned from the seeds with one encoder."""

    encoder: str
    means: dict[str, Vectors]
    topics: Weights
    coarse: Weights
    feeling: Weights
    urgent: Weights
    memory: Remembered | None
    """The four coarse topics, then praise against complaint, better than `coarse` and `feeling`.

    Only for the encoder whose weights are shipped with it.
    """
    seed_dense: npt.NDArray[np.int8]
    """Dense columns of every third seed in steps of 1/127, for learning corrections."""

    def rows(self, texts: Sequence[str], languages: Sequence[str], vectors: Vectors) -> list[Row]:
        """Features of texts from their plain vectors."""
        return features.rows(texts, languages, features.centred(vectors, languages, self.means))

    def coarse_scores(self, rows: Sequence[Row]) -> Array:
        """One row per text, one column per topic of `COARSE`: the higher the likelier."""
        if self.memory is None:
            return self.coarse.scores(rows)
        return self.memory.scores(rows)[:, : len(COARSE)]

    def gladness(self, rows: Sequence[Row]) -> Array:
        """Log-odds of praise against complaint, one a text."""
        if self.memory is not None:
            remembered: Array = SHARPNESS * self.memory.scores(rows)[:, len(COARSE)]
            return remembered
        odds = self.feeling.scores(rows)
        found: Array = odds[:, 0] - odds[:, 1]
        return found

    @functools.cached_property
    def stiffness(self) -> Array:
        """What holds corrections back from undoing what the seeds taught; made when asked for."""
        return learning.stiffness(
            self.seed_dense / np.float32(127), spread=SPREAD_OF_STEP, hold=HOLD
        )


def prepare(
    encoder: Encoder, every: Sequence[seeds.Seed] | None = None, *, remembering: bool = False
) -> Trained:
    """Learn from the seeds: encodes some thousand sentences, then fits for some seconds.

    `remembering` keeps every seed for the coarse topics and feeling: better, but minutes longer.
    """
    chosen = seeds.load_all() if every is None else every
    urgent = [(code, *each) for code in seeds.languages() for each in seeds.urgent(code)]
    texts = [*map(latin.readable, chosen), *(text for _, _, text in urgent)]
    return learned(encoder.name, chosen, urgent, encoder.encode(texts), remembering=remembering)


def learned(
    name: str,
    every: Sequence[seeds.Seed],
    urgent: Sequence[tuple[str, str, str]],
    vectors: Vectors,
    *,
    remembering: bool = False,
) -> Trained:
    """Learn from seeds and urgent (language, kind, text) sentences whose vectors are known."""
    texts, codes = [latin.readable(seed) for seed in every], [seed.language for seed in every]
    plain = vectors[: len(every)]
    means = {code: plain[[c == code for c in codes]].mean(axis=0) for code in sorted(set(codes))}
    codes += [code for code, _, _ in urgent]
    texts += [text for _, _, text in urgent]
    both = features.rows(texts, codes, features.centred(vectors, codes, means))
    rows = both[: len(every)]
    weight = np.array([share(seed) for seed in every])
    topics = learning.fit(
        rows, topic_targets(every), seeds.TOPICS, spread=SPREAD, importance=weight
    )
    return Trained(
        name,
        means,
        topics,
        _coarse(rows, every),
        _feeling(rows, every),
        _urgent(both, every, [kind for _, kind, _ in urgent]),
        _memory(rows, every, vectors.shape[1]) if remembering else None,
        _stepped(rows[::3]),
    )


def _stepped(rows: Sequence[Row]) -> npt.NDArray[np.int8]:
    return np.round(np.stack([row.dense for row in rows]) * 127).astype(np.int8)


def topic_targets(every: Sequence[seeds.Seed]) -> Array:
    """Seeds x topics, 1 where the seed is about the topic."""
    return np.array([[float(t in seed.topics) for t in seeds.TOPICS] for seed in every])


def share(seed: seeds.Seed) -> float:
    """How much a seed counts: sentences made from patterns less than written ones."""
    return PATTERN_SHARE if seed.kind == seeds.PATTERN else 1.0


def _coarse(rows: Sequence[Row], every: Sequence[seeds.Seed]) -> Weights:
    targets, importance = _coarse_targets(every)
    return learning.fit(rows, targets, COARSE, spread=SPREAD_OF_COARSE, importance=importance)


def _coarse_targets(every: Sequence[seeds.Seed]) -> tuple[Array, Array]:
    """Seeds x coarse topics, 0 or 1, and how much each seed counts; 0 without a coarse topic.

    Sentences that tell what happened teach feeling only: hundreds of them are about quality.
    """
    targets, importance = np.zeros((len(every), len(COARSE))), np.zeros(len(every))
    for number, seed in enumerate(every):
        exact = [t for t in seed.topics if t in COARSE]
        for topic in exact or [COARSE_OF[t] for t in seed.topics if t in COARSE_OF]:
            targets[number, COARSE.index(topic)] = 1.0
            importance[number] = share(seed) if exact else COARSE_HINT
    return targets, np.where([seed.kind == seeds.TOLD for seed in every], 0.0, importance)


def _feeling(rows: Sequence[Row], every: Sequence[seeds.Seed]) -> Weights:
    targets = np.array([[float(seed.feeling == f) for f in FEELINGS] for seed in every])
    known = np.array([float(seed.feeling in FEELINGS) * share(seed) for seed in every])
    return learning.fit(rows, targets, FEELINGS, spread=SPREAD / 3, importance=known)


def _memory(rows: Sequence[Row], every: Sequence[seeds.Seed], width: int) -> Remembered:
    """What written seeds say; patterns would only cost room."""
    kept = [n for n, seed in enumerate(every) if seed.kind != seeds.PATTERN]
    written = [every[n] for n in kept]
    topics, topic_importance = _coarse_targets(written)
    felt = np.array([float(seed.feeling == "positive") for seed in written])
    told = np.array([float(seed.feeling in {"positive", "negative"}) for seed in written])
    return learning.remember(
        [rows[n] for n in kept],
        [(COARSE, 2 * topics - 1, topic_importance), (("glad",), 2 * felt[:, None] - 1, told)],
        width=width,
        kernel=KERNEL,
    )


def _urgent(rows: Sequence[Row], every: Sequence[seeds.Seed], kinds: Sequence[str]) -> Weights:
    """Urgent sentences of a kind against all others.

    Left out are urgent seeds without a kind, and those that tell a mishap: some are nearly urgent.
    """
    unfit = {"urgent", seeds.PATTERN, seeds.TOLD}
    others = [number for number, seed in enumerate(every) if seed.kind not in unfit]
    chosen = [*(rows[number] for number in others), *rows[len(every) :]]
    wanted = np.array([[float(kind == each) for each in seeds.URGENT_KINDS] for kind in kinds])
    targets = np.concatenate([np.zeros((len(others), len(seeds.URGENT_KINDS))), wanted])
    importance = np.concatenate([np.ones(len(others)), np.full(len(kinds), URGENT_WEIGHT)])
    return learning.fit(chosen, targets, seeds.URGENT_KINDS, spread=SPREAD, importance=importance)


def save(path: Path, every: Sequence[Trained]) -> None:
    """Write weights of several encoders to one file."""
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "made_from": np.array(made_from()),
        "encoders": np.array([trained.encoder for trained in every]),
    }
    for number, trained in enumerate(every):
        for part in PARTS:
            arrays |= learning.packed(getattr(trained, part), f"{number}_{part}")
        if trained.memory is not None:
            arrays |= learning.packed_memory(trained.memory, f"{number}_memory")
        arrays[f"{number}_languages"] = np.array(list(trained.means))
        arrays[f"{number}_means"] = np.stack(list(trained.means.values())).astype(np.float16)
        arrays[f"{number}_seed_dense"] = trained.seed_dense
    np.savez_compressed(path, allow_pickle=False, **arrays)


def made_from() -> str:
    """What the stored weights depend on: the seeds and the word lists."""
    from regulars.text import lexicon

    return f"{seeds.fingerprint()} {lexicon.fingerprint()}"


_fitted: dict[str, Trained] = {}
_lock = threading.Lock()


def for_encoder(encoder: Encoder) -> Trained:
    """The shipped weights where there are any for this encoder, else fitted once a process."""
    shipped = _shipped()
    if encoder.name in shipped:
        return shipped[encoder.name]
    with _lock:
        if encoder.name not in _fitted:
            _fitted[encoder.name] = prepare(encoder)
        return _fitted[encoder.name]


@functools.cache
def _shipped() -> dict[str, Trained]:
    source = resources.files("regulars.text") / "data" / "weights.npz"
    with resources.as_file(source) as path, np.load(path) as stored:
        return {
            str(name): Trained(
                str(name),
                dict(
                    zip(
                        map(str, stored[f"{number}_languages"]),
                        stored[f"{number}_means"].astype(np.float32),
                        strict=True,
                    )
                ),
                **{part: learning.unpacked(stored, f"{number}_{part}") for part in PARTS},
                memory=(
                    learning.unpacked_memory(stored, f"{number}_memory")
                    if f"{number}_memory_pulls" in stored
                    else None
                ),
                seed_dense=stored[f"{number}_seed_dense"],
            )
            for number, name in enumerate(stored["encoders"])
        }


def shipped_from() -> str:
    """What the shipped weights were made from; see `made_from`."""
    source = resources.files("regulars.text") / "data" / "weights.npz"
    with resources.as_file(source) as path, np.load(path) as stored:
        return str(stored["made_from"])
