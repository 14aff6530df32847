"""The few measures that training looks at; the figures of the model card come from `fnd model eval`."""
import numpy as np
from sklearn.metrics import f1_score, roc_auc_score


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def summary(logits: np.ndarray, labels: list[int]) -> dict[str, float]:
    """Accuracy, macro-F1 and, where both classes are there, AUROC."""
    said, true = np.asarray(logits) > 0, np.asarray(labels)
    answer = {
        "n": len(true),
        "accuracy": round(float((said == true).mean()), 4),
        "macroF1": round(float(f1_score(true, said, average="macro")), 4),
    }
    if 0 < true.mean() < 1:
        answer["auroc"] = round(float(roc_auc_score(true, logits)), 4)
    return answer


def balanced(logits: np.ndarray, rows: list) -> dict[str, float]:
    """The same, with an AUROC in which each source group weighs the same."""
    labels, groups = [row.label for row in rows], [row.group for row in rows]
    weights = _alike(np.asarray(groups))
    return {**summary(logits, labels), "auroc": round(float(roc_auc_score(labels, logits, sample_weight=weights)), 4)}


def _alike(groups: np.ndarray) -> np.ndarray:
    """Weights with which each group counts the same."""
    _, at, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return 1 / sizes[at]


def auroc(logits: np.ndarray, labels: list[int], groups: list[str], resamples: int = 1000) -> dict[str, float]:
    """AUROC with each group weighing the same, and its 95 % interval (percentile bootstrap)."""
    true, names = np.asarray(labels), np.asarray(groups)
    weight = _alike(names)
    dice = np.random.default_rng(20261122)
    drawn = []
    for _ in range(resamples):
        some = dice.integers(0, len(true), len(true))
        if 0 < true[some].mean() < 1:
            drawn.append(roc_auc_score(true[some], logits[some], sample_weight=weight[some]))
    low, high = np.quantile(drawn, [0.025, 0.975]) if drawn else (np.nan, np.nan)
    value = roc_auc_score(true, logits, sample_weight=weight)
    return {"value": round(float(value), 4), "low": round(float(low), 4), "high": round(float(high), 4)}
