"""The folder that the program loads: model, tokenizer, settings, manifest and card."""
import hashlib
import json
import shutil
from pathlib import Path

from .calibrate import HEADLINE_WORDS, MIN_WORDS, Calibration
from .data import NORMALIZATION

LICENCE = "MIT (encoder); weights trained on research datasets"


def write_bundle(folder: Path, model: Path, tokenizer: Path, name: str, version: str, found: Calibration) -> None:
    """Writes everything but the card, and the manifest that lists it; call {@link seal} after adding files."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(model, folder / "model.onnx")
    settings = json.loads(tokenizer.read_text(encoding="utf-8"))
    # The program cuts windows itself.
    settings["padding"] = settings["truncation"] = None
    (folder / "tokenizer.json").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    _write(folder / "config.json", _config(found))
    _write(folder / "manifest.json", {"schema": 1, "name": name, "version": version, "files": []})
    (folder / "MODEL_CARD.md").write_text(f"# {name} {version}\n", encoding="utf-8")


def seal(folder: Path, **more) -> None:
    """Brings the manifest up to date with the files beside it, keeping what else it says."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    files = [_entry(folder / name) for name in ("model.onnx", "tokenizer.json", "config.json", "MODEL_CARD.md")]
    common = {"task": "text-classification", "language": "en", "licence": LICENCE, "batchInvariant": False}
    _write(folder / "manifest.json", {**manifest, **common, **more, "files": files})


def _config(found: Calibration) -> dict:
    return {
        "schema": 1,
        "task": "text-classification",
        "labels": ["real", "fake"],
        "inputs": ["input_ids", "attention_mask"],
        "outputs": {"logits": "logits", "tokenLogits": "token_logits"},
        "maxTokens": 256,
        "windowStride": 192,
        "pooling": "mean of window logits, weighted by tokens",
        "temperature": found.temperature,
        "thresholds": {
            "accept": found.accept,
            "fake": found.fake,
            "headline": found.headline,
            "headlineMaxWords": HEADLINE_WORDS,
            "minWords": MIN_WORDS,
        },
        "languages": ["en"],
        "batchInvariant": False,
        "normalization": NORMALIZATION,
        "minChars": 10,
        "maxChars": 10000,
    }


def _entry(path: Path) -> dict:
    return {"path": path.name, "size": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _write(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
