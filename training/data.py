"""The rows: loading, source groups, and the mix that a pass of training sees."""
import json
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import zstandard

from .normalise import normalize

NORMALIZATION = "news-v2"
"""Of the rows, and what the bundle tells the program to do with every text."""

GROUP_OF = {
    "isot_sub": "isot",
    "fnn_politifact": "politifact",
    "fnn_politifact_old": "politifact",
    "fnn_buzzfeed": "politifact",
    "fnn_politifact_titles": "politifact",
    "coaid_news": "coaid",
    "coaid_claims": "coaid",
    "constraint21": "constraint21",
    "liar": "liar",
    "fnn_gossipcop_titles": "gossipcop",
    "onion_or_not": "onion",
}
"""Datasets that share sources, topic and style; balance and leave-one-out go by these."""

ROWS_A_PASS = {"liar": 4500, "constraint21": 3500, "onion_or_not": 3500, "isot_sub": 1000}
"""Large datasets are drawn from anew in each pass, so that none drowns the others and every row is met in the end."""

GRADES = {
    "pants-fire": 0.97,
    "false": 0.90,
    "barely-true": 0.70,
    "half-true": 0.38,
    "mostly-true": 0.20,
    "true": 0.12,
}
"""LIAR's six grades as probabilities of fake: the grade says more than the binary label made of it."""


@dataclass(frozen=True)
class Row:
    id: str
    dataset: str
    group: str
    split: str
    label: int
    target: float
    """Probability of fake to train towards; the label but for LIAR."""
    title: str
    body: str

    @property
    def text(self) -> str:
        """What the model reads: title and body as one."""
        return compose_clean(self.title, self.body)


def compose_clean(title: str, body: str) -> str:
    """Title and body, normalised already, as one text; a body that begins with its title stands alone."""
    if title and body:
        if body.lower().startswith(title.lower()):
            return body
        return title + (" " if title[-1:] in ".!?:" else ". ") + body
    return title or body


def load(path: Path) -> list[Row]:
    """The rows of `fnd-data.jsonl.zst`, normalised. Lines end with \\n alone: texts hold other separators."""
    with open(path, "rb") as file:
        lines = zstandard.ZstdDecompressor().stream_reader(file).read().decode().split("\n")
    return [_row(json.loads(line)) for line in lines if line]


def _row(raw: dict) -> Row:
    dataset, label = raw["dataset"], int(raw["label"])
    grade = GRADES.get(str(raw["notes"]).removeprefix("6way=")) if dataset == "liar" else None
    return Row(
        id=raw["id"],
        dataset=dataset,
        group=GROUP_OF.get(dataset, dataset),
        split=raw["split"],
        label=label,
        target=float(label) if grade is None else grade,
        title=normalize(raw["title"], NORMALIZATION),
        body=normalize(raw["text"], NORMALIZATION),
    )


def of(rows: list[Row], split: str, without: tuple[str, ...] = ()) -> list[Row]:
    return [row for row in rows if row.split == split and row.group not in without]


def one_pass(rows: list[Row], seed: int, number: int, without: tuple[str, ...] = ()) -> list[Row]:
    """The training rows of a pass, in random order: all of the small datasets, a fresh draw of the large ones."""
    dice = random.Random(f"pass {seed} {number}")
    by_dataset: dict[str, list[Row]] = {}
    for row in of(rows, "train", without):
        by_dataset.setdefault(row.dataset, []).append(row)
    drawn = [row for name, some in sorted(by_dataset.items()) for row in _draw(some, ROWS_A_PASS.get(name), seed, number)]
    dice.shuffle(drawn)
    return drawn


def _draw(rows: list[Row], count: int | None, seed: int, number: int) -> list[Row]:
    """Pass after pass walks through one fixed shuffle of the dataset."""
    if count is None or count >= len(rows):
        return rows
    order = rows[:]
    random.Random(f"draw {seed}").shuffle(order)
    start = number * count
    return [order[(start + i) % len(order)] for i in range(count)]


def group_weights(rows: list[Row], power: float) -> dict[str, float]:
    """What a row of each source group weighs: small groups more, by their size to the power of minus `power`; the mean over the rows is 1."""
    sizes = Counter(row.group for row in rows)
    raw = {group: size**-power for group, size in sizes.items()}
    mean = sum(raw[group] * size for group, size in sizes.items()) / len(rows)
    return {group: weight / mean for group, weight in raw.items()}


def capped(rows: list[Row], most: int, seed: int, by=lambda row: row.group) -> list[Row]:
    """At most so many of each group, so that a mean is not one group's."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(by(row), []).append(row)
    return [row for name, some in sorted(groups.items()) for row in random.Random(f"cap {seed} {name}").sample(some, min(most, len(some)))]
