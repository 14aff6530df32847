"""What a pass of training sees, on rows that were made up."""
import random

import pytest

from ..augment import augmented, louder, names_of, shuffle_sentences, swap_names, with_typos
from ..data import Row, compose_clean, group_weights, one_pass


def row(number, dataset="liar", group="liar", split="train", title="", body=""):
    return Row(str(number), dataset, group, split, number % 2, 0.5, title, body or f"Statement number {number}.")


ROWS = [row(i) for i in range(9000)] + [row(i, "isot_sub", "isot") for i in range(50)] + [row(1, "liar", split="test")]


def test_a_pass_is_the_same_every_time_and_the_next_one_differs():
    ids = lambda number: [r.id for r in one_pass(ROWS, 1, number)]
    assert ids(0) == ids(0)
    assert ids(0) != ids(1)


def test_two_passes_meet_every_row_of_a_large_dataset_and_all_of_a_small_one_twice():
    seen = [(r.dataset, r.id) for number in (0, 1) for r in one_pass(ROWS, 1, number)]
    assert {id for name, id in seen if name == "liar"} == {str(i) for i in range(9000)}
    assert sum(name == "isot_sub" for name, _ in seen) == 100


def test_a_pass_never_shows_test_rows_nor_groups_left_out():
    assert all(r.split == "train" and r.group != "isot" for r in one_pass(ROWS, 1, 0, ("isot",)))


def test_a_body_that_begins_with_its_title_stands_alone():
    assert compose_clean("A vote", "A vote was held.") == "A vote was held."
    assert compose_clean("A vote", "It was held.") == "A vote. It was held."
    assert compose_clean("A vote?", "It was held.") == "A vote? It was held."


ARTICLE = "The bill was read by Anna Miller on Monday. Later, critics of Anna Miller spoke. Nobody in Springfield listened. " * 4


def test_a_name_becomes_the_same_other_name_throughout():
    swapped = swap_names(ARTICLE, ["Otto Weber"], random.Random(1))
    assert "Anna Miller" not in swapped
    assert swapped.count("Otto Weber") == ARTICLE.count("Anna Miller") + ARTICLE.count("Springfield")


def test_shuffling_keeps_every_sentence():
    shuffled = shuffle_sentences(ARTICLE.strip(), random.Random(1))
    assert sorted(shuffled.split()) == sorted(ARTICLE.split())
    assert shuffled != ARTICLE.strip()


def test_typos_are_few():
    spoilt = with_typos(ARTICLE, random.Random(1))
    changed = sum(a != b for a, b in zip(ARTICLE.split(), spoilt.split()))
    assert 0 < changed < len(ARTICLE.split()) / 8


def test_shouting_changes_nothing_but_the_ends_of_sentences():
    loud = [louder(ARTICLE.strip(), random.Random(seed)) for seed in range(30)]
    assert any("!!!" in text for text in loud)
    assert all(text.replace("!!!", ".").replace("!!", ".").replace("!", ".") == ARTICLE.strip() for text in loud)
    assert louder("No end", random.Random(3)).rstrip("!") == "No end"


def test_small_groups_weigh_more_and_the_mean_is_one():
    some = [row(i) for i in range(900)] + [row(i, "isot_sub", "isot") for i in range(100)]
    weigh = group_weights(some, 0.5)
    assert weigh["isot"] / weigh["liar"] == pytest.approx(3)
    assert sum(weigh[r.group] for r in some) / len(some) == pytest.approx(1)
    assert group_weights(some, 0) == {"liar": 1, "isot": 1}


def test_augmentation_repeats_with_its_dice_and_never_empties_a_text():
    some = row(1, title="A vote", body=ARTICLE.strip())
    names = names_of([some])
    texts = [augmented(some, names, random.Random(seed)) for seed in range(200)]
    assert texts == [augmented(some, names, random.Random(seed)) for seed in range(200)]
    assert all(texts)
    assert len(set(texts)) > 30
