"""The classifier as intake runs it: a table of weights, numpy and nothing else.

A score per category is the sum of its weights over the features of the text (TF-IDF, unit length); the scores,
scaled by a factor that was fitted on questions the training had not seen, give a probability for each.
"""

import io
import json
import math
from collections import Counter
from hashlib import sha256
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from contracts.case import Category, Findings
from services.intake.category.features import features

Floats = NDArray[np.float32]


class Unusable(Exception):
    """Not an artefact of this version, or damaged."""


class Classifier(NamedTuple):
    """`weights` has a row per feature, its IDF multiplied in already, and a column per category."""

    categories: tuple[Category, ...]
    vocabulary: dict[str, int]
    idf: Floats
    weights: Floats
    bias: Floats
    scale: float

    def predict(self, text: str, findings: Findings) -> tuple[Category, float]:
        """The likeliest category and its probability, to two places."""
        shares = self.probabilities(text, findings)
        best = int(shares.argmax())
        return self.categories[best], round(float(shares[best]), 2)

    def probabilities(self, text: str, findings: Findings) -> Floats:
        known = self.vocabulary
        counts = Counter(known[f] for f in features(text, findings) if f in known)
        scores = self.bias
        if counts:
            rows = list(counts)
            tf = np.array([1 + math.log(n) for n in counts.values()], dtype=np.float32)
            length = float(np.linalg.norm(tf * self.idf[rows]))
            scores = tf @ self.weights[rows] / np.float32(length) + self.bias
        return softmax(scores * np.float32(self.scale))


def softmax(scores: Floats) -> Floats:
    """Along the last axis."""
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return cast(Floats, e / e.sum(axis=-1, keepdims=True))


def dump(model: Classifier, about: dict[str, Any]) -> bytes:
    """The artefact: arrays and JSON in a npz, nothing in it can be executed. Weights in half precision."""
    head = {"categories": model.categories, "features": list(model.vocabulary), "scale": model.scale, "about": about}
    words, weights = np.frombuffer(json.dumps(head).encode(), np.uint8), model.weights.astype(np.float16)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, head=words, idf=model.idf, weights=weights, bias=model.bias)
    return file.getvalue()


def load(artefact: bytes) -> tuple[Classifier, dict[str, Any]]:
    """The classifier and what is said about it. Raises Unusable."""
    try:
        with np.load(io.BytesIO(artefact), allow_pickle=False) as file:
            head = json.loads(file["head"].tobytes())
            vocabulary = {feature: row for row, feature in enumerate(head["features"])}
            model = Classifier(
                tuple(head["categories"]), vocabulary, file["idf"], file["weights"].astype(np.float32), file["bias"],
                float(head["scale"]),
            )  # fmt: skip
    except Exception as error:
        raise Unusable(f"分类模型无法读取: {type(error).__name__}") from None
    if model.weights.shape != (len(vocabulary), len(model.categories)) or not np.isfinite(model.weights).all():
        raise Unusable("分类模型不完整: 请重新训练")
    return model, head["about"]


def version_of(model: Classifier) -> str:
    """Twelve digits; the same material gives the same version."""
    told = json.dumps([model.categories, list(model.vocabulary), round(model.scale, 4)]).encode()
    return sha256(told + model.weights.astype(np.float16).tobytes() + model.bias.tobytes()).hexdigest()[:12]
