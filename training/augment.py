"""Changes to a training text that keep its label but take away what the model should not lean on.

Nothing here rewrites a sentence. The encoder is uncased, so case needs no augmentation.
"""
import random
import re

from .data import Row, compose_clean

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")
SENTENCE_END = re.compile(r"(?<=\w)[.!?]+(?=\s|$)|(?<=\w)$")
DATES = "(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December)"
NAME = re.compile(rf"(?<=[a-z,;] )(?!{DATES}\b)[A-Z][a-z]+(?: [A-Z][a-z]+){{0,2}}")
"""A run of capitalised words within a sentence: mostly people, places and organisations."""
HANDLE = re.compile(r"[#@](?=\w)")
PUNCTUATION = re.compile(r"[!?*_~|]+|\.{2,}|(?<=\w)[.,;:](?=\s|$)")
BOILERPLATE = (
    "Sign up for our newsletter.",
    "Share this article with your friends.",
    "Read more on our website.",
    "All rights reserved.",
    "This story was updated on Monday.",
    "Follow us for more.",
)


def names_of(rows: list[Row], most: int = 4000) -> list[str]:
    """Names met in the training articles, to be swapped for each other."""
    found = {name for row in rows for name in NAME.findall(row.body[:1500])}
    return sorted(found)[:: max(1, len(found) // most)]


def augmented(row: Row, names: list[str], dice: random.Random) -> str:
    """The text of a row, changed in about half of the cases."""
    title, body = row.title, row.body
    if title and body and len(body) > 120 and dice.random() < 0.3:
        title = ""
    text = compose_clean(title, body)
    if len(text) > 300 and dice.random() < 0.25:
        text = swap_names(text, names, dice)
    if len(text) > 400 and dice.random() < 0.1:
        text = shuffle_sentences(text, dice)
    if dice.random() < 0.15:
        text = HANDLE.sub("", text)
    if dice.random() < 0.15:
        text = text.replace("!", ".")
    if dice.random() < 0.1:
        text = " ".join(PUNCTUATION.sub(" ", text).split())
    if dice.random() < 0.12:
        text = louder(text, dice)
    if dice.random() < 0.08:
        text = with_typos(text, dice)
    if dice.random() < 0.04:
        text = f"{text} {dice.choice(BOILERPLATE)}"
    return text or row.text


def louder(text: str, dice: random.Random) -> str:
    """Exclamation marks behind some or all sentences, real or fake: shouting alone shall not make a text fake."""
    rate, mark = dice.choice((0.2, 0.5, 1.0)), dice.choice(("!", "!", "!!", "!!!"))
    return SENTENCE_END.sub(lambda match: mark if dice.random() < rate else match[0], text)


def swap_names(text: str, names: list[str], dice: random.Random) -> str:
    """Each name becomes another one, the same throughout the text."""
    chosen: dict[str, str] = {}
    return NAME.sub(lambda match: chosen.setdefault(match[0], dice.choice(names)), text)


def shuffle_sentences(text: str, dice: random.Random) -> str:
    sentences = SENTENCE.split(text)
    dice.shuffle(sentences)
    return " ".join(sentences)


def with_typos(text: str, dice: random.Random, rate: float = 0.05) -> str:
    """Two neighbouring letters swapped, one dropped or one doubled, in about one word of twenty."""

    def spoilt(word: str) -> str:
        if len(word) < 4 or not word.isalpha() or dice.random() > rate:
            return word
        at = dice.randrange(1, len(word) - 2)
        how = dice.randrange(3)
        if how == 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + word[at + 1 :] if how == 1 else word[: at + 1] + word[at:]

    return " ".join(spoilt(word) for word in text.split(" "))
