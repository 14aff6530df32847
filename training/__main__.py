"""`python -m training <step>`: from data to bundles. `all` runs every step; each can be run again at any time.

fit      one run for each seed, or goes on from the last checkpoint      -> out/seed-N/averaged.pt
distil   the student of the first run                                    -> out/fast/averaged.pt
bundle   exports, quantises, compares with fp32, calibrates              -> out/fnd-base, out/fnd-fast
measure  the figures of the built program, the card and the references   -> out/fnd-*.figures.json
baseline a bag of words on the same rows                                 -> out/baseline.json
runs     each run on validation rows and unseen sources                  -> out/runs.json
leave    each source group left out of training: encoder, bag of words   -> out/leave.json (not part of `all`)
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
from .calibrate import REAL_CALLED_FAKE, calibrate, calibration_rows, kept_for_calibration
from .card import card
from .encoder import E5_SMALL, Classifier, classifier, fetch, student_of, tokenizer
from .export import export, quantise, read
from .fit import Recipe, fit, mean_of_runs
from .reading import score
from .wide import Wide, attach, best_share, fit_wide

ROOT = Path(__file__).parents[1]
DECIDABLE = ("fakenews_amt", "horne17_random", "horne17_buzzfeed")
"""Unseen sources whose truth can be told from the text at all."""

STUDENT = Recipe(passes=3.0, rate=2e-4, layers=(1, 4, 8, 11))
"""A third of the teacher's layers; a higher rate, as a student has further to go."""

TIERS = ("fnd-base", "fnd-fast")


def main() -> None:
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    rows = data.load(arguments.data)
    steps = {"fit": _fit, "distil": _distil, "bundle": _bundle, "measure": _measure, "baseline": _baseline, "runs": _runs}
    for name in steps if arguments.step == "all" else [arguments.step]:
        _say(f"{name}: {len(rows)} rows")
        {**steps, "leave": _leave}[name](rows, arguments)


def _fit(rows: list[data.Row], given: argparse.Namespace) -> None:
    for seed in given.seeds:
        recipe = Recipe(seed=seed, passes=given.passes)
        fit(rows, E5_SMALL, recipe, given.cache, given.out / f"seed-{seed}", _say)


def _trained(given: argparse.Namespace, seeds: list[int]) -> Classifier:
    """The mean of these runs."""
    model = classifier(E5_SMALL, given.cache)
    model.load_state_dict(mean_of_runs([given.out / f"seed-{seed}" for seed in seeds]))
    return model.eval()


def _student(given: argparse.Namespace) -> Classifier:
    model = student_of(_trained(given, given.seeds[:1]), E5_SMALL, given.cache, STUDENT.layers)
    model.load_state_dict(torch.load(given.out / "fast" / "averaged.pt", weights_only=True))
    return model.eval()


def _distil(rows: list[data.Row], given: argparse.Namespace) -> None:
    """Taught by the first run alone: it can learn while the others still run."""
    recipe, teacher = replace(STUDENT, seed=given.seeds[0]), _trained(given, given.seeds[:1])
    fit(rows, E5_SMALL, recipe, given.cache, given.out / "fast", _say, teacher=teacher)


def _bundle(rows: list[data.Row], given: argparse.Namespace) -> None:
    tokens = tokenizer(E5_SMALL, given.cache)
    linear = fit_wide(rows, tokens, given.seeds[0])
    for tier in given.tiers:
        model = _student(given) if tier == "fnd-fast" else _trained(given, given.seeds[:1])
        whole, small, final = (given.out / f"{tier}.{kind}.onnx" for kind in ("fp32", "int8", "final"))
        export(model, whole)
        quantise(whole, small)
        told, found = _calibrated(rows, tokens, linear, whole, small, final, given.seeds[0], REAL_CALLED_FAKE[tier])
        _write(given.out / f"{tier}.json", told)
        _say(json.dumps(told))
        write_bundle(given.out / tier, final, fetch(E5_SMALL, given.cache) / E5_SMALL.tokenizer, tier, given.version, found)
        seal(given.out / tier)


def _calibrated(rows: list[data.Row], tokens: Tokenizer, linear: Wide, whole: Path, small: Path, final: Path, seed: int, most: float):
    """Writes the final file with the n-grams beside the encoder; what was found about it, and its calibration."""
    trained, unseen, news = calibration_rows(rows, seed)
    texts, labels = [[row.text for row in some] for some in (trained, unseen, news)], [row.label for row in trained]
    deep = [read(small, tokens, some) for some in texts]
    _say(f"{small.name} has read {sum(map(len, texts))} texts")
    wide = [linear.logits(tokens, some) for some in texts]
    share = best_share(deep[0], wide[0], trained)
    attach(small, replace(linear, share=share), final)
    both = [one + share * other for one, other in zip(deep, wide)]
    apart = float(np.abs(read(final, tokens, texts[0][:40]) - both[0][:40]).max())
    if apart > 0.01:
        raise SystemExit(f"the file gives other log-odds than the parts it was made of: {apart:.3f} apart")
    found = calibrate((both[0], trained), (both[1], unseen), both[2], most)
    alone = {"deep": deep[0], "wide": wide[0], "both": both[0]}
    fp32 = read(whole, tokens, texts[0]) + share * wide[0]
    return {
        "calibration": asdict(found),
        "share": share,
        "alone": {name: measures.balanced(logits, trained) for name, logits in alone.items()},
        "int8AgainstFp32": {
            "flips": round(float(((fp32 > 0) != (both[0] > 0)).mean()), 4),
            "fp32": measures.summary(fp32, labels),
            "int8": measures.summary(both[0], labels),
        },
    }, found


def _runs(rows: list[data.Row], given: argparse.Namespace) -> None:
    """Each run alone and the mean of their weights, in fp32 without n-grams, on validation rows and on unseen sources."""
    tokens = tokenizer(E5_SMALL, given.cache)
    runs = {f"seed {seed}": [seed] for seed in given.seeds}
    if len(given.seeds) > 1:
        runs["mean of the weights"] = given.seeds
    _write(given.out / "runs.json", {name: _judged(_trained(given, seeds), tokens, rows) for name, seeds in runs.items()})


def _judged(model: Classifier, tokens: Tokenizer, rows: list[data.Row]) -> dict:
    trained = data.capped(data.of(rows, "val"), 350, seed=1)
    answer = {"validation": measures.balanced(score(model, tokens, [row.text for row in trained]), trained)}
    for name in DECIDABLE:
        some = [row for row in rows if row.dataset == name]
        answer[name] = measures.summary(score(model, tokens, [row.text for row in some]), [row.label for row in some])
    answer["unseen"] = round(float(np.mean([answer[name]["auroc"] for name in DECIDABLE])), 4)
    return answer


def _measure(rows: list[data.Row], given: argparse.Namespace) -> None:
    for folder in [given.bundle] if given.bundle else [given.out / tier for tier in given.tiers]:
        figures = {}
        for name, some in _measured(rows).items():
            lines = given.out / f"{name}.jsonl"
            _write_lines(lines, [{"text": row.text[:9900], "label": row.label, "source": source} for source, row in some])
            asked = ["node", "bin/fnd.js", "model", "eval", "--json", "--quiet", "--data", str(lines.resolve()), "--model", str(folder.resolve())]
            figures[name] = json.loads(subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout)["data"]
            lines.unlink()
            figures[name]["data"]["file"] = lines.name
        _write(given.out / f"{folder.name}.figures.json", figures)
        _say(f"{folder.name}: {json.dumps(figures['test']['balanced'])}")
        if not given.bundle:
            _describe(rows, folder, figures, given)


def _describe(rows: list[data.Row], folder: Path, figures: dict, given: argparse.Namespace) -> None:
    """The card, the reference answers for the self-test, and what the model answers on texts like those it is for."""
    manifest = json.loads((folder / "manifest.json").read_text())
    told = json.loads((given.out / f"{folder.name}.json").read_text())
    (folder / "MODEL_CARD.md").write_text(card(manifest, told, figures), encoding="utf-8")
    seal(folder)
    lines = given.out / "validation.jsonl"
    _write_lines(lines, [{"text": row.text[:9900]} for row in data.of(rows, "val")])
    source = "the validation split of the training sources"
    for script, more in (("self-test.js", []), ("reference-distribution.js", [str(lines.resolve()), source])):
        subprocess.run(["node", f"scripts/{script}", str(folder.resolve()), *more], cwd=ROOT, check=True)
    lines.unlink()


def _measured(rows: list[data.Row]) -> dict[str, list[tuple[str, data.Row]]]:
    """The test splits by source group, and the unseen sources by dataset."""
    bbc = [row for row in rows if row.dataset == "bbc_real" and not kept_for_calibration(row)]
    unseen = [row for row in rows if row.dataset in DECIDABLE] + data.capped(bbc, 400, seed=1)
    return {
        "test": [(row.group, row) for row in data.of(rows, "test")],
        "unseen": [(row.dataset, row) for row in unseen],
    }


def _baseline(rows: list[data.Row], given: argparse.Namespace) -> None:
    model = tfidf(rows, given.seeds[0])
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


def _leave(rows: list[data.Row], given: argparse.Namespace) -> None:
    """The recipe with each source group left out in turn, on the test rows of that group; a group that is done is kept."""
    path = given.out / "leave.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    tokens = tokenizer(E5_SMALL, given.cache)
    for group in sorted(set(data.GROUP_OF.values()) - set(figures)):
        folder = given.out / f"without-{group}"
        recipe = Recipe(seed=given.seeds[0], passes=given.passes, without=(group,))
        fit(rows, E5_SMALL, recipe, given.cache, folder, _say)
        model = classifier(E5_SMALL, given.cache)
        model.load_state_dict(mean_of_runs([folder]))
        some = [row for row in data.of(rows, "test") if row.group == group]
        texts, labels, groups = [row.text for row in some], [row.label for row in some], [group] * len(some)
        words = tfidf(rows, recipe.seed, recipe.without)
        figures[group] = {
            name: {**measures.summary(logits, labels), "auroc": measures.auroc(logits, labels, groups)}
            for name, logits in (("encoder", score(model, tokens, texts)), ("bag of words", words.decision_function(texts)))
        }
        _write(path, figures)
        _say(f"without {group}: {json.dumps(figures[group])}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["fit", "distil", "bundle", "measure", "baseline", "runs", "leave", "all"])
    parser.add_argument("--data", type=Path, required=True, help="fnd-data.jsonl.zst")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and bundles, outside the repository")
    parser.add_argument("--cache", type=Path, default=Path(os.environ.get("FND_TRAINING_CACHE", "training-cache")))
    parser.add_argument("--bundle", type=Path, help="with measure: another bundle than those of --out")
    parser.add_argument("--tiers", nargs="+", default=TIERS, choices=TIERS, help="with bundle and measure")
    parser.add_argument("--version", default="1.1.0", help="of the bundles, with bundle; the default is the one that ships")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--passes", type=float, default=Recipe.passes)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def _say(line: str) -> None:
    print(time.strftime("%H:%M:%S"), line, flush=True)


def _write(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n")


def _write_lines(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
