"""`python -m services.intake.category.train`: the training, in a process of its own that ends and gives memory back.

It learns from the questions that ship with the product and from the cases that staff corrected, checks itself on
questions it has not seen, and stores an artefact that intake picks up. `--base` writes the one that ships.
"""

import argparse
import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from chassis.settings import Settings
from services.intake.category import material
from services.intake.category.classifier import Classifier, dump, softmax, version_of
from services.intake.category.features import features
from services.intake.category.material import Question
from services.intake.category.store import Corrections, save
from services.intake.text.findings import find

FOLDS, REGULARISATION = 5, 1.0
WEIGHT_OF_A_CORRECTION = 3.0
_SCALES = np.geomspace(0.5, 12.0, 60)


def learn(questions: Sequence[Question], corrections: Sequence[Question] = ()) -> tuple[Classifier, dict[str, Any]]:
    """A classifier and what is known about it: counts, and how well it did on questions it had not seen."""
    everything = [*questions, *corrections]
    weights = np.array([1.0] * len(questions) + [WEIGHT_OF_A_CORRECTION] * len(corrections))
    told = [features(q.text, find(q.text)) for q in everything]
    truth = np.array([q.category for q in everything])
    scores, categories = _scores_unseen(told, truth, [q.group for q in everything], weights)
    scale = _scale(scores, truth, categories)
    vectoriser, model = _fit(told, truth, weights)
    idf = vectoriser.idf_.astype(np.float32)
    classifier = Classifier(
        tuple(str(c) for c in model.classes_),  # type: ignore[misc]
        {f: int(row) for f, row in sorted(vectoriser.vocabulary_.items(), key=lambda item: item[1])},
        idf,
        (model.coef_.T * idf[:, None]).astype(np.float16).astype(np.float32),
        model.intercept_.astype(np.float32),
        scale,
    )
    counts = {"written": len(questions), "corrections": len(corrections), "by_category": dict(Counter(truth.tolist()))}
    return classifier, {**counts, "metrics": _metrics(scores, truth, categories, scale)}


def _fit(told: list[list[str]], truth: Any, weights: Any) -> tuple[TfidfVectorizer, LinearSVC]:
    vectoriser = TfidfVectorizer(analyzer=_as_is, sublinear_tf=True)
    model = LinearSVC(C=REGULARISATION, class_weight="balanced", random_state=0)
    model.fit(vectoriser.fit_transform(told), truth, sample_weight=weights)
    return vectoriser, model


def _scores_unseen(told: list[list[str]], truth: Any, groups: list[str], weights: Any) -> tuple[Any, Any]:
    """Every question's scores by a model that saw neither it nor a variant of it."""
    categories = np.unique(truth)
    scores = np.full((len(told), len(categories)), -2.0)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for seen, unseen in folds.split(told, truth, groups):
        vectoriser, model = _fit([told[i] for i in seen], truth[seen], weights[seen])
        columns = np.searchsorted(categories, model.classes_)
        scores[np.ix_(unseen, columns)] = model.decision_function(vectoriser.transform([told[i] for i in unseen]))
    return scores, categories


def _scale(scores: Any, truth: Any, categories: Any) -> float:
    """The factor that makes probabilities of scores: the one under which the truth was least surprising."""
    right = np.arange(len(truth)), np.searchsorted(categories, truth)
    surprise = [-np.log(softmax(scores * s)[right] + 1e-12).mean() for s in _SCALES]
    return float(_SCALES[int(np.argmin(surprise))])


def _metrics(scores: Any, truth: Any, categories: Any, scale: float) -> dict[str, float]:
    """On unseen questions; `calibration_error` is how far confidence is from being right, on average."""
    shares = softmax(scores * scale)
    guess, sure = categories[shares.argmax(axis=1)], shares.max(axis=1)
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = [abs((guess == truth)[bins == b].mean() - sure[bins == b].mean()) * (bins == b).mean() for b in set(bins)]
    figures = {
        "macro_f1": f1_score(truth, guess, average="macro"),
        "accuracy": accuracy_score(truth, guess),
        "calibration_error": sum(gaps),
    }
    return {name: round(float(value), 4) for name, value in figures.items()}


def _as_is(told: list[str]) -> list[str]:
    return told


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.intake.category.train", description=__doc__)
    parser.add_argument("--base", action="store_true", help="write the model that ships, from written questions alone")
    base = parser.parse_args().base
    os.nice(10)  # whoever waits for an answer comes first
    settings = Settings()
    corrections = [] if base else Corrections.of(settings).read()
    classifier, about = learn(material.written(), corrections)
    about |= {"version": version_of(classifier), "trained_at": datetime.now(UTC).isoformat(timespec="seconds")}
    about["material"] = material.digest()
    artefact = dump(classifier, about)
    if base:
        material.BASE.write_bytes(artefact)
    else:
        save(settings, about, artefact)
    print(f"{about['version']}: {about['metrics']}, {len(artefact):,} bytes")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
