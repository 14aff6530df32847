"""Texts to ids to logits: padding for training, and scoring many texts at once."""
import numpy as np
import torch
from tokenizers import Tokenizer

from .encoder import CLS, SEP, Classifier

LONGEST = 8000
"""Characters that are tokenized: far more than a window holds."""


def ids_of(tokens: Tokenizer, texts: list[str]) -> list[list[int]]:
    """Ids without the special tokens."""
    return [entry.ids for entry in tokens.encode_batch([text[:LONGEST] for text in texts], add_special_tokens=False)]


def padded(some: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids framed by [CLS] and [SEP] and padded to the longest, and their mask."""
    width = max(map(len, some)) + 2
    ids = torch.zeros(len(some), width, dtype=torch.long)
    mask = torch.zeros(len(some), width, dtype=torch.long)
    for row, body in enumerate(some):
        framed = [CLS, *body, SEP]
        ids[row, : len(framed)] = torch.tensor(framed)
        mask[row, : len(framed)] = 1
    return ids, mask


def batches_by_length(lengths: list[int], budget: int, most: int) -> list[list[int]]:
    """Indices, shortest first, cut into batches of at most `budget` tokens with padding and `most` texts."""
    batches: list[list[int]] = []
    current: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if current and ((len(current) + 1) * (lengths[index] + 2) > budget or len(current) >= most):
            batches.append(current)
            current = []
        current.append(index)
    return [*batches, current] if current else batches


@torch.inference_mode()
def score(model: Classifier, tokens: Tokenizer, texts: list[str], size: int = 256) -> np.ndarray:
    """The log-odds of fake of each text's first window, before calibration."""
    model.eval()
    ids = [body[: size - 2] for body in ids_of(tokens, texts)]
    logits = np.zeros(len(ids))
    for batch in batches_by_length([len(body) for body in ids], budget=6000, most=64):
        out = model(*padded([ids[i] for i in batch]))
        logits[batch] = (out[:, 1] - out[:, 0]).float().numpy()
    return logits
