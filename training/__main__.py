"""`python -m training <step>`: from data to bundle. `all` runs every step; each can be run again at any time.

fit      trains, or goes on from the last checkpoint          -> out/averaged.pt
bundle   calibrates, exports, quantises, compares with fp32   -> out/bundle, out/bundle.json
measure  the figures of the built program, and the card       -> out/figures.json, out/bundle/MODEL_CARD.md
baseline a bag of words on the same rows                      -> out/baseline.json
"""
import argparse
import json
import os
import subprocess
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from . import data, measures
from .baseline import tfidf
from .bundle import seal, write_bundle
from .calibrate import calibrate, calibration_rows, kept_for_calibration
from .card import BGE, MINILM, card
from .encoder import BGE_SMALL, classifier, fetch
from .export import export, quantise, read
from .fit import Recipe, fit
from .wide import attach, best_share, fit_wide

ROOT = Path(__file__).parents[1]
DECIDABLE = ("fakenews_amt", "horne17_random", "horne17_buzzfeed")
"""Unseen sources whose truth can be told from the text at all."""


def main() -> None:
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows = data.load(arguments.data)
    steps = {"fit": _fit, "bundle": _bundle, "measure": _measure, "baseline": _baseline}
    for name in steps if arguments.step == "all" else [arguments.step]:
        _say(f"{name}: {len(rows)} rows")
        steps[name](rows, arguments)


def _fit(rows: list[data.Row], given: argparse.Namespace) -> None:
    recipe = Recipe(seed=given.seed, passes=given.passes, without=tuple(given.without))
    _write(given.out / "recipe.json", {**asdict(recipe), "until": None})
    fit(rows, BGE_SMALL, recipe, given.cache, given.out, _say)


def _bundle(rows: list[data.Row], given: argparse.Namespace) -> None:
    whole, small = given.out / "model.fp32.onnx", given.out / "model.int8.onnx"
    if given.start:
        small, vocabulary = given.start / "model.onnx", given.start / "tokenizer.json"
    else:
        vocabulary = fetch(BGE_SMALL, given.cache) / BGE_SMALL.tokenizer
        model = classifier(BGE_SMALL, given.cache, attention="eager")
        model.load_state_dict(torch.load(given.out / "averaged.pt", weights_only=True))
        export(model.eval(), whole)
        quantise(whole, small)
    tokens = Tokenizer.from_file(str(vocabulary))
    tokens.no_padding()
    tokens.no_truncation()
    trained, unseen = calibration_rows(rows, given.seed)
    texts, labels = [[row.text for row in some] for some in (trained, unseen)], [[row.label for row in some] for some in (trained, unseen)]
    deep = [read(small, tokens, some) for some in texts]
    _say("read by the encoder")
    linear = fit_wide(rows, tokens, given.seed)
    wide = [linear.logits(tokens, some) for some in texts]
    share = best_share(deep[0], wide[0], trained)
    final = given.out / "model.onnx"
    attach(small, replace(linear, share=share), final)
    both = [one + share * other for one, other in zip(deep, wide)]
    apart = float(np.abs(read(final, tokens, texts[0][:40]) - both[0][:40]).max())
    if apart > 0.01:
        raise SystemExit(f"the file gives other log-odds than the parts it was made of: {apart:.3f} apart")
    found = calibrate((both[0], trained), (both[1], unseen))
    told = {"calibration": asdict(found), "share": share, "alone": {"deep": measures.summary(deep[0], labels[0]), "wide": measures.summary(wide[0], labels[0]), "both": measures.summary(both[0], labels[0])}}
    if not given.start:
        told["int8AgainstFp32"] = _compare(read(whole, tokens, texts[0]) + share * wide[0], both[0], labels[0])
    _write(given.out / "bundle.json", told)
    _say(json.dumps(told))
    write_bundle(given.out / "bundle", final, vocabulary, given.name, given.version, found)
    seal(given.out / "bundle")


def _compare(whole: np.ndarray, small: np.ndarray, labels: list[int]) -> dict:
    return {
        "flips": round(float(((whole > 0) != (small > 0)).mean()), 4),
        "fp32": measures.summary(whole, labels),
        "int8": measures.summary(small, labels),
    }


def _measure(rows: list[data.Row], given: argparse.Namespace) -> None:
    figures = {}
    for name, some in _measured(rows).items():
        path = given.out / f"{name}.jsonl"
        path.write_text("".join(json.dumps({"text": row.text[:9900], "label": row.label, "source": source}) + "\n" for source, row in some))
        asked = ["node", "bin/fnd.js", "model", "eval", "--json", "--quiet", "--data", str(path.resolve()), "--model", str(given.bundle.resolve())]
        figures[name] = json.loads(subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout)["data"]
        path.unlink()
        figures[name]["data"]["file"] = path.name
    _write(given.out / "figures.json", figures)
    if given.bundle != given.out / "bundle":
        return
    manifest = json.loads((given.bundle / "manifest.json").read_text())
    (given.bundle / "MODEL_CARD.md").write_text(card(manifest, json.loads((given.out / "bundle.json").read_text()), figures, MINILM if given.start else BGE))
    seal(given.bundle)
    subprocess.run(["node", "scripts/self-test.js", str(given.bundle.resolve())], cwd=ROOT, check=True)


def _measured(rows: list[data.Row]) -> dict[str, list[tuple[str, data.Row]]]:
    """The test splits by source group, and the unseen sources by dataset."""
    bbc = [row for row in rows if row.dataset == "bbc_real" and not kept_for_calibration(row)]
    unseen = [row for row in rows if row.dataset in DECIDABLE] + data.capped(bbc, 400, seed=1)
    return {
        "test": [(row.group, row) for row in data.of(rows, "test")],
        "unseen": [(row.dataset, row) for row in unseen],
    }


def _baseline(rows: list[data.Row], given: argparse.Namespace) -> None:
    model = tfidf(rows, given.seed)
    figures = {}
    for name, some in _measured(rows).items():
        by_source: dict[str, list[data.Row]] = {}
        for source, row in some:
            by_source.setdefault(source, []).append(row)
        if name == "test":
            by_source = {**by_source, "balanced": [row for _, row in some]}
        for source, group in by_source.items():
            logits, labels = model.decision_function([row.text for row in group]), [row.label for row in group]
            figures[f"{name} {source}"] = measures.summary(logits, labels)
            if 0 < sum(labels) < len(labels):
                figures[f"{name} {source}"]["auroc"] = measures.auroc(logits, labels, [row.group for row in group])
    _write(given.out / "baseline.json", figures)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["fit", "bundle", "measure", "baseline", "all"])
    parser.add_argument("--data", type=Path, required=True, help="fnd-data.jsonl.zst")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the bundle, outside the repository")
    parser.add_argument("--cache", type=Path, default=Path(os.environ.get("FND_TRAINING_CACHE", "training-cache")))
    parser.add_argument("--bundle", type=Path, help="with measure: another bundle (default: out/bundle)")
    parser.add_argument("--start", type=Path, help="a finished bundle whose encoder is taken instead of one that was fitted")
    parser.add_argument("--name", default="fnd-base")
    parser.add_argument("--version", default="0.2.0")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--passes", type=float, default=1.8)
    parser.add_argument("--without", nargs="*", default=[], help="source groups to leave out")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    given.bundle = given.bundle or given.out / "bundle"
    return given


def _say(line: str) -> None:
    print(time.strftime("%H:%M:%S"), line, flush=True)


def _write(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    main()
