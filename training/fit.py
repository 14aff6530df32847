"""The training run: linear probe, then fine-tuning with averaged weights; resumable at any time."""
import json
import math
import os
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

from .augment import augmented, names_of
from .data import Row, capped, group_weights, of, one_pass
from .encoder import Classifier, Source, classifier, mean_of, student_of, tokenizer
from .measures import summary
from .reading import batches_by_length, ids_of, padded, score


@dataclass(frozen=True)
class Recipe:
    seed: int = 1
    passes: float = 5.0
    rate: float = 8e-5
    head_rate: float = 1e-3
    smoothing: float = 0.05
    window: int = 256
    """Tokens, [CLS] and [SEP] included."""
    crop: float = 0.5
    """Share of the long texts of which a random stretch is read instead of the start."""
    batch_tokens: int = 4096
    micro_tokens: int = 2048
    average: float = 0.985
    """Decay of the running mean of the weights; what is shipped is the mean."""
    frozen_layers: int = 0
    balance: float = 0.5
    """Texts of a source group weigh by its share of a pass to the power of minus this: 0 not at all, 1 all groups alike."""
    probe_rows: int = 2500
    without: tuple[str, ...] = ()
    """Source groups left out, for leave-one-dataset-out."""
    layers: tuple[int, ...] = ()
    """With a teacher: which of its layers the student begins with."""
    label_share: float = 0.3
    """With a teacher: how much of the target is the label; the rest is what the teacher says."""
    hidden_share: float = 1.0
    """With a teacher: weight of the mean squared distance of the last layer's tokens."""
    until: float = math.inf
    """Unix time by which the learning rate has come down to zero, where the machine is too slow for all passes."""


CHECKPOINT_SECONDS = 300
WARM_UP = 0.06
HALF = torch.cpu._is_avx512_bf16_supported()
"""Products in bfloat16, where the processor has instructions for them: half the time, the same quality."""


class Item(NamedTuple):
    ids: list[int]
    target: float
    weight: float


def fit(rows: list[Row], source: Source, recipe: Recipe, cache: Path, out: Path, say=print, teacher: Classifier | None = None) -> None:
    """
    Trains, or goes on where `out` was left, and writes `out/averaged.pt`: the running mean of the weights.

    With a teacher, a student of `recipe.layers` learns what the teacher says of the same (changed) texts, token by token
    and as a whole, beside their labels.
    """
    _claim(out, {"encoder": source.url, **asdict(recipe)})
    if (out / "averaged.pt").exists():
        say(f"{out.name} is trained")
        return
    random.seed(recipe.seed)
    np.random.seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    run = _Run(rows, source, recipe, cache, out, say, teacher)
    run.start_or_resume()
    run.go()


def _claim(out: Path, run: dict) -> None:
    """Weights of another encoder or recipe fit as well, and would be taken for these: `out/run.json` says whose they are."""
    out.mkdir(parents=True, exist_ok=True)
    path, told = out / "run.json", json.dumps(run, indent=1)
    if not path.exists():
        if (out / "averaged.pt").exists() or (out / "checkpoint.pt").exists():
            raise SystemExit(f"{out} holds weights of an unknown run: name another --out")
        path.write_text(told)
    before, now = json.loads(path.read_text()), json.loads(told)
    differs = [name for name in now if before.get(name) != now[name]]
    if differs:
        raise SystemExit(f"{out} holds a run with another {', '.join(differs)}: name another --out")


def mean_of_runs(folders: list[Path]) -> dict[str, torch.Tensor]:
    """
    The mean of the weights of several runs of one recipe that began at one point ("model soups", Wortsman et al. 2022).
    """
    states = [torch.load(folder / "averaged.pt", weights_only=True) for folder in folders]
    return {name: sum(state[name] for state in states) / len(states) for name in states[0]}


class _Run:
    def __init__(self, rows: list[Row], source: Source, recipe: Recipe, cache: Path, out: Path, say, teacher: Classifier | None) -> None:
        self.rows, self.recipe, self.out, self.say = rows, recipe, out, say
        self.teacher = teacher.eval() if teacher else None
        self.tokens = tokenizer(source, cache)
        self.model = student_of(teacher, source, cache, recipe.layers) if teacher else classifier(source, cache)
        self.names = names_of(of(rows, "train", recipe.without))
        self.watched = capped(of(rows, "val", recipe.without), 120, seed=recipe.seed)
        self._freeze()
        self.optimiser = self._optimiser()
        self.base_rates = [group["lr"] for group in self.optimiser.param_groups]
        self.step = self.pass_number = self.at = 0
        self.steps_a_pass = len(self._pass(0))
        self.total = math.ceil(self.steps_a_pass * recipe.passes)
        self.began = time.time()
        self.mean = {name: value.detach().clone() for name, value in self._trained()}

    def _freeze(self) -> None:
        """Embeddings stay: there are too few texts to move 30,000 words without losing those that are not met."""
        for parameter in self.model.encoder.embeddings.parameters():
            parameter.requires_grad = False
        for layer in self.model.encoder.encoder.layer[: self.recipe.frozen_layers]:
            for parameter in layer.parameters():
                parameter.requires_grad = False

    def _trained(self):
        return [(name, value) for name, value in self.model.named_parameters() if value.requires_grad]

    def _optimiser(self) -> torch.optim.AdamW:
        body = [(name, value) for name, value in self._trained() if not name.startswith("head")]
        recipe = self.recipe
        return torch.optim.AdamW(
            [
                {"params": [v for _, v in body if v.ndim >= 2], "lr": recipe.rate, "weight_decay": 0.01},
                {"params": [v for _, v in body if v.ndim < 2], "lr": recipe.rate, "weight_decay": 0.0},
                {"params": list(self.model.head.parameters()), "lr": recipe.head_rate, "weight_decay": 0.0},
            ],
            fused=True,
        )

    def start_or_resume(self) -> None:
        path = self.out / "checkpoint.pt"
        if not path.exists():
            if not self.teacher:
                self._probe()
            self.mean = {name: value.detach().clone() for name, value in self._trained()}
            self.began = time.time()
            return
        state = torch.load(path, weights_only=False)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.mean, self.step, self.began = state["mean"], state["step"], state["began"]
        self.pass_number, self.at = state["pass"], state["at"]
        torch.set_rng_state(state["random"])
        self.say(f"goes on at step {self.step} of {self.total}")

    def _probe(self) -> None:
        """The head is fitted on the untouched encoder first: a random head would distort features that generalise."""
        some = capped(of(self.rows, "train", self.recipe.without), self.recipe.probe_rows // 7, seed=self.recipe.seed)
        ids = [body[:94] for body in ids_of(self.tokens, [row.text for row in some])]
        features = np.zeros((len(ids), self.model.head.in_features), np.float32)
        self.model.eval()
        with torch.inference_mode():
            for batch in batches_by_length([len(body) for body in ids], budget=6000, most=64):
                ids_and_mask = padded([ids[i] for i in batch])
                features[batch] = mean_of(self.model.hidden(*ids_and_mask), ids_and_mask[1]).numpy()
        probe = LogisticRegression(C=1.0, max_iter=400).fit(features, [row.label for row in some])
        with torch.no_grad():
            half = torch.tensor(probe.coef_[0] / 2, dtype=torch.float32)
            self.model.head.weight.copy_(torch.stack([-half, half]))
            bias = float(probe.intercept_[0]) / 2
            self.model.head.bias.copy_(torch.tensor([-bias, bias]))
        self.say(f"probe on {len(some)} rows: accuracy {probe.score(features, [row.label for row in some]):.3f}")

    def _pass(self, number: int) -> list[list[list[Item]]]:
        """The steps of a pass: each a few micro-batches, texts of like length together."""
        recipe = self.recipe
        dice = random.Random(f"texts {recipe.seed} {number}")
        rows = one_pass(self.rows, recipe.seed, number, recipe.without)
        bodies = ids_of(self.tokens, [augmented(row, self.names, dice) for row in rows])
        weigh = group_weights(rows, recipe.balance)
        items = [Item(self._crop(body, dice), row.target, weigh[row.group]) for body, row in zip(bodies, rows)]
        micro = []
        for start in range(0, len(items), 2048):
            part = items[start : start + 2048]
            for batch in batches_by_length([len(item.ids) for item in part], recipe.micro_tokens, most=48):
                micro.append([part[i] for i in batch])
        dice.shuffle(micro)
        each = max(1, recipe.batch_tokens // recipe.micro_tokens)
        return [micro[i : i + each] for i in range(0, len(micro) - each + 1, each)]

    def _crop(self, ids: list[int], dice: random.Random) -> list[int]:
        room = self.recipe.window - 2
        if len(ids) > 60 and dice.random() < self.recipe.crop:
            length = dice.randint(40, min(room, len(ids)))
            start = dice.randint(0, len(ids) - length)
            return ids[start : start + length]
        return ids[:room]

    def go(self) -> None:
        saved = told = time.time()
        losses: list[float] = []
        steps = self._pass(self.pass_number)
        while (done := self._done()) < 1:
            if self.at >= len(steps):
                self.pass_number, self.at = self.pass_number + 1, 0
                steps = self._pass(self.pass_number)
            losses.append(self._one_step(steps[self.at], done))
            self.at += 1
            self.step += 1
            now = time.time()
            if now - told > 60:
                told = now
                self.say(f"step {self.step}/{self.total} done {done:.3f} loss {np.mean(losses[-50:]):.4f} {now - self.began:.0f} s")
            if now - saved > CHECKPOINT_SECONDS:
                saved = now
                self._save()
        self.say(f"{self.step} steps in {time.time() - self.began:.0f} s")
        self._save()
        torch.save(self.averaged().state_dict(), self.out / "averaged.pt")

    def _done(self) -> float:
        by_time = (time.time() - self.began) / max(1.0, self.recipe.until - self.began)
        return max(self.step / self.total, by_time)

    def _one_step(self, step, done: float) -> float:
        self.model.train()
        factor = min(1.0, (self.step + 1) / (WARM_UP * self.total)) * (1 - done)
        for group, base in zip(self.optimiser.param_groups, self.base_rates):
            group["lr"] = base * factor
        whole = sum(item.weight for batch in step for item in batch)
        loss = 0.0
        for batch in step:
            part = self._loss(batch) / whole
            part.backward()
            loss += float(part)
        torch.nn.utils.clip_grad_norm_([value for _, value in self._trained()], 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        decay = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self._trained():
                self.mean[name].lerp_(value, 1 - decay)
        return loss

    def _loss(self, batch: list[Item]) -> torch.Tensor:
        """The sum of the losses of a micro-batch, each by the weight of its text."""
        ids, mask = padded([item.ids for item in batch])
        weights = torch.tensor([item.weight for item in batch])
        fake = torch.tensor([item.target for item in batch]) * (1 - self.recipe.smoothing) + self.recipe.smoothing / 2
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
            hidden = self.model.hidden(ids, mask)
            logits = self.model.judged(hidden, mask)
        if self.teacher:
            with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
                taught = self.teacher.hidden(ids, mask)
                said = self.teacher.judged(taught, mask).float().softmax(1)[:, 1]
            fake = self.recipe.label_share * fake + (1 - self.recipe.label_share) * said
        losses = F.cross_entropy(logits.float(), torch.stack([1 - fake, fake], 1), reduction="none")
        if self.teacher:
            apart = (hidden.float() - taught.float()).square().mean(-1)
            losses = losses + self.recipe.hidden_share * (apart * mask).sum(1) / mask.sum(1)
        return (losses * weights).sum()

    def averaged(self) -> Classifier:
        """The model with the running mean of its weights."""
        self.model.load_state_dict({**self.model.state_dict(), **self.mean})
        return self.model

    def _save(self) -> None:
        path, draft = self.out / "checkpoint.pt", self.out / "checkpoint.part"
        state = {
            "recipe": asdict(self.recipe),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "mean": self.mean,
            "step": self.step,
            "began": self.began,
            "pass": self.pass_number,
            "at": self.at,
            "random": torch.get_rng_state(),
        }
        torch.save(state, draft)
        os.replace(draft, path)
        logits = score(self.model, self.tokens, [row.text for row in self.watched])
        self.say(f"validation at step {self.step}: {summary(logits, [row.label for row in self.watched])}")
