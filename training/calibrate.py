"""Temperature and thresholds, chosen on texts whose figures are never reported."""
import hashlib
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from .data import Row, capped, of
from .measures import sigmoid

RIGHT = 0.942
"""Share of the verdicts given that shall be right on trained sources: a little above what is promised."""
REAL_CALLED_FAKE = {"fnd-base": 0.01, "fnd-fast": 0.025}
"""At most this share of the verdicts on real articles of a source never seen may say Fake; the small one knows less."""
MIN_WORDS, HEADLINE_WORDS = 8, 15
HEADLINE_EXTRA = 0.03


@dataclass(frozen=True)
class Calibration:
    temperature: float
    trained: float
    """The temperature that fits trained sources alone."""
    unseen: float
    """The temperature that fits unseen sources alone."""
    accept: float
    """The confidence that a verdict asks for."""
    fake: float
    """The confidence that a verdict of Fake asks for: to call real news fake is the worse error."""
    headline: float


def kept_for_calibration(row: Row) -> bool:
    """Half of the BBC's articles, by their id; the other half is for the figures."""
    return hashlib.sha256(row.id.encode()).digest()[0] < 128


UNSEEN = ("golbeck18", "fa_kes")
"""Never trained on nor reported: one that is easily told from news, one that the model can hardly tell."""


def calibration_rows(rows: list[Row], seed: int) -> tuple[list[Row], list[Row], list[Row]]:
    """
    Rows of trained sources (validation), of sources that nobody trained on and nobody reports on, and real articles of
    such a source.
    """
    news = [row for row in rows if row.dataset == "bbc_real" and kept_for_calibration(row)]
    unseen = [row for row in rows if row.dataset in UNSEEN] + news
    return capped(of(rows, "val"), 300, seed), capped(unseen, 120, seed, lambda row: row.dataset), news


def calibrate(trained: tuple[np.ndarray, list[Row]], unseen: tuple[np.ndarray, list[Row]], news: np.ndarray, most: float) -> Calibration:
    """
    From the log-odds of rows of both kinds of sources, and of real articles, of which `most` may be called Fake. The temperature is the geometric mean of the two that fit: what
    comes in is of either kind, and nobody can tell which. Thresholds keep both promises: right where it was trained,
    and real articles of a source never seen are not called Fake.
    """
    fits = [temperature(logits, labels_of(some)) for logits, some in (trained, unseen)]
    middle = round(float(np.sqrt(fits[0] * fits[1])), 2)
    accept, fake = thresholds(middle, (trained[0], labels_of(trained[1])), news, most)
    return Calibration(middle, fits[0], fits[1], accept, fake, round(accept + HEADLINE_EXTRA, 2))


def labels_of(rows: list[Row]) -> list[int]:
    return [row.label for row in rows]


def temperature(logits: np.ndarray, labels: list[int]) -> float:
    """What the log-odds must be divided by for the least log-loss (Guo et al. 2017), between 1/4 and 8."""
    truth = np.asarray(labels)

    def loss(log_temperature: float) -> float:
        fake = np.clip(sigmoid(logits / np.exp(log_temperature)), 1e-6, 1 - 1e-6)
        return float(-(truth * np.log(fake) + (1 - truth) * np.log(1 - fake)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.25), np.log(8)), method="bounded").x))


def thresholds(at: float, trained: tuple[np.ndarray, list[int]], news: np.ndarray, most: float) -> tuple[float, float]:
    """
    The confidences for Real and for Fake that keep both promises and give the most verdicts on trained sources.
    `news`: log-odds of real articles, of which `most` may be called Fake.
    """
    fake, truth = sigmoid(trained[0] / at), np.asarray(trained[1]) == 1
    best = (0.0, 0.95, 0.95)
    for accept in np.arange(0.60, 0.951, 0.01):
        for stricter in np.arange(accept, 0.951, 0.01):
            given = _given(fake, accept, stricter)
            calm = _given(sigmoid(news / at), accept, stricter)
            if not given.any() or ((fake > 0.5) == truth)[given].mean() < RIGHT:
                continue
            if calm.any() and (news > 0)[calm].mean() > most:
                continue
            best = max(best, (float(given.mean()), accept, stricter))
    return round(float(best[1]), 2), round(float(best[2]), 2)


def _given(fake: np.ndarray, accept: float, stricter: float) -> np.ndarray:
    return np.where(fake > 0.5, fake >= stricter, 1 - fake >= accept)
