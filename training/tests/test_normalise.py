"""The program's own fixtures hold this normaliser and this tokenizer to what the program does."""
import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from ..normalise import normalize

ROOT = Path(__file__).parents[2]
FIXTURES = [
    json.loads(line)
    for line in (ROOT / "test/fixtures/detector/fixtures.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]


@pytest.mark.parametrize("fixture", FIXTURES, ids=range(len(FIXTURES)))
def test_cleans_as_the_program_does(fixture):
    assert normalize(fixture["raw"]) == fixture["normalized"]


@pytest.mark.parametrize("fixture", FIXTURES, ids=range(len(FIXTURES)))
def test_tokenizes_as_the_program_does(fixture):
    tokens = Tokenizer.from_file(str(ROOT / "model/fnd-minilm/tokenizer.json"))
    tokens.no_padding()
    tokens.enable_truncation(256)
    assert tokens.encode(fixture["normalized"]).ids == fixture["ids"]
