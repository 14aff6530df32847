"""A bag of n-grams beside the encoder: a linear model of word pieces, pairs and triples, added to its logits.

What the encoder misses (and where it is over-confident on sources that it never saw) a linear model often knows, and
the other way round; the sum is better than both ("wide and deep", Cheng et al. 2016). It costs a table look-up a token.
"""
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from .data import Row, group_weights, one_pass
from .encoder import CLS, SEP
from .measures import balanced
from .reading import ids_of

WORDS = 30522
BUCKETS = 1 << 18
"""Of pairs, and of triples; which one is theirs is told by a hash of their ids."""
FACTOR = 31337
STRENGTH = 12.0
"""Inverse of the L2 penalty."""
SHARES = (0.15, 0.3, 0.5, 0.8)
ROOM = 254
STRIDE = 192


@dataclass(frozen=True)
class Wide:
    words: np.ndarray
    pairs: np.ndarray
    triples: np.ndarray
    bias: float
    share: float
    """How much of it is added."""

    def logits(self, tokens: Tokenizer, texts: list[str]) -> np.ndarray:
        """Its own log-odds of fake, pooled over windows as the program pools the model's; the share is not applied."""
        coefficients = np.concatenate([self.words, self.pairs, self.triples])

        def of(body: list[int]) -> float:
            parts = [body[at : at + ROOM] for at in range(0, max(1, len(body) - ROOM + STRIDE), STRIDE)]
            scores = features(parts) @ coefficients + self.bias
            weights = np.array([max(len(part), 1) for part in parts])
            return float((scores * weights).sum() / weights.sum())

        return np.array([of(body) for body in ids_of(tokens, texts)])


def features(bodies: list[list[int]]) -> sparse.csr_matrix:
    """Counts of word pieces, pairs and triples of each window, over the root of its length; frame included."""
    rows, columns, values = [], [], []
    for row, body in enumerate(bodies):
        ids = np.array([CLS, *body, SEP], np.int64)
        pairs = (ids[:-1] * FACTOR + ids[1:]) % BUCKETS + WORDS
        triples = (ids[:-2] * FACTOR * FACTOR + ids[1:-1] * FACTOR + ids[2:]) % BUCKETS + WORDS + BUCKETS
        found = np.concatenate([ids[1:-1], pairs, triples])
        rows.append(np.full(len(found), row))
        columns.append(found)
        values.append(np.full(len(found), len(ids) ** -0.5))
    shape = (len(bodies), WORDS + 2 * BUCKETS)
    return sparse.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)


def fit_wide(rows: list[Row], tokens: Tokenizer, seed: int, without: tuple[str, ...] = ()) -> Wide:
    """Fitted on one pass of the training mix; small source groups weigh more, by the root of their size."""
    mix = one_pass(rows, seed, 0, without)
    weigh = group_weights(mix, 0.5)
    weights = [weigh[row.group] for row in mix]
    inputs = features([body[:ROOM] for body in ids_of(tokens, [row.text for row in mix])])
    model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=200, random_state=seed)
    model.fit(inputs, [row.label for row in mix], sample_weight=weights)
    # Half precision is what is shipped.
    whole = model.coef_[0].astype(np.float16)
    words, pairs, triples = np.split(whole, [WORDS, WORDS + BUCKETS])
    return Wide(words, pairs, triples, float(model.intercept_[0]), 0.5)


def best_share(deep: np.ndarray, wide: np.ndarray, rows: list[Row]) -> float:
    """The share with the best AUROC on validation rows, each source group weighing the same."""
    return max(SHARES, key=lambda share: balanced(deep + share * wide, rows)["auroc"])


def attach(source: Path, wide: Wide, target: Path) -> None:
    """The model of `source` with the wide part added to its logits."""
    model = onnx.load(str(source))
    graph = model.graph
    for node in graph.node:
        for at, name in enumerate(node.output):
            if name == "logits":
                node.output[at] = "deep_logits"
    constants = {
        "wide_words": wide.words.astype(np.float16),
        "wide_pairs": wide.pairs.astype(np.float16),
        "wide_triples": wide.triples.astype(np.float16),
        "wide_factor": np.array(FACTOR, np.int64),
        "wide_square": np.array(FACTOR * FACTOR, np.int64),
        "wide_buckets": np.array(BUCKETS, np.int64),
        "wide_bias": np.array(wide.bias, np.float32),
        "wide_sides": np.array([-wide.share / 2, wide.share / 2], np.float32),
        "wide_axis": np.array([1], np.int64),
        **{f"wide_{number}": np.array([number], np.int64) for number in (0, 1, 2, -1, -2)},
        "wide_end": np.array([np.iinfo(np.int64).max], np.int64),
    }
    # The frame is no word.
    constants["wide_words"][[CLS, SEP]] = 0
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    nodes = [helper.make_node("Cast", ["attention_mask"], ["wide_mask"], to=TensorProto.FLOAT)]

    def add(kind: str, inputs: list[str], output: str, **attributes) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def summed(table: str, keys: str, mask: str) -> str:
        weights = add("Cast", [add("Gather", [table, keys], f"{table}_half")], f"{table}_full", to=TensorProto.FLOAT)
        masked = add("Mul", [weights, mask], f"{table}_masked")
        return add("ReduceSum", [masked, "wide_axis"], f"{table}_sum", keepdims=1)

    parts = [summed("wide_words", "input_ids", "wide_mask")]
    for table, ends, factors in (
        ("wide_pairs", ("wide_-1", "wide_end"), ("wide_factor", None)),
        ("wide_triples", ("wide_-2", "wide_-1", "wide_end"), ("wide_square", "wide_factor", None)),
    ):
        terms, masks = [], []
        for start, (end, factor) in enumerate(zip(ends, factors)):
            ids = add("Slice", ["input_ids", f"wide_{start}", end, "wide_axis"], f"{table}_ids_{start}")
            terms.append(add("Mul", [ids, factor], f"{table}_term_{start}") if factor else ids)
            masks.append(add("Slice", ["wide_mask", f"wide_{start}", end, "wide_axis"], f"{table}_mask_{start}"))
        total, both = terms[0], masks[0]
        for at in range(1, len(terms)):
            total = add("Add", [total, terms[at]], f"{table}_hash_{at}")
            both = add("Mul", [both, masks[at]], f"{table}_present_{at}")
        parts.append(summed(table, add("Mod", [total, "wide_buckets"], f"{table}_keys"), both))
    length = add("ReduceSum", ["wide_mask", "wide_axis"], "wide_length", keepdims=1)
    found = add("Add", [add("Add", parts[:2], "wide_two"), parts[2]], "wide_three")
    scaled = add("Div", [found, add("Sqrt", [length], "wide_root")], "wide_scaled")
    score = add("Add", [scaled, "wide_bias"], "wide_score")
    add("Add", ["deep_logits", add("Mul", [score, "wide_sides"], "wide_logits")], "logits")
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))
