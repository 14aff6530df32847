"""The program's own fixtures hold this normaliser and this tokenizer to what the program does."""
import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from ..normalise import NORMALIZATIONS, normalize

ROOT = Path(__file__).parents[2]


def rows(name):
    text = (ROOT / "test/fixtures/detector" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


FIXTURES = rows("fixtures.jsonl")
DISGUISED = rows("disguised.jsonl")


@pytest.mark.parametrize("fixture", FIXTURES, ids=range(len(FIXTURES)))
def test_cleans_as_the_program_does(fixture):
    assert normalize(fixture["raw"]) == fixture["normalized"]


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("fixture", DISGUISED, ids=range(len(DISGUISED)))
def test_undoes_disguises_as_the_program_does(fixture, normalization):
    assert normalize(fixture["raw"], normalization) == fixture[normalization]


def test_an_unknown_normaliser_is_told():
    with pytest.raises(ValueError, match="news-v9"):
        normalize("A text.", "news-v9")


@pytest.mark.parametrize("fixture", FIXTURES, ids=range(len(FIXTURES)))
def test_tokenizes_as_the_program_does(fixture):
    tokens = Tokenizer.from_file(str(ROOT / "model/fnd-base/tokenizer.json"))
    tokens.no_padding()
    tokens.enable_truncation(256)
    assert tokens.encode(fixture["normalized"]).ids == fixture["ids"]
