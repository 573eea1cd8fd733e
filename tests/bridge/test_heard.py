import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.turn.heard import CHARACTER_SAMPLES, HEARD, USUAL_CHARACTERS, Clauses

WORDS = "one two three four five"
texts = st.lists(st.text("abc.", min_size=1, max_size=9), min_size=1, max_size=9).map(" ".join)
lengths = st.integers(0, 90_000)


def reply(*clauses, being_made=None):
    """Clauses with how many samples each has; of the last one they may be all that there is yet."""
    whole = Clauses()
    for text, samples in clauses:
        whole.begin(text)
        whole.made(samples)
        whole.end()
    if being_made is not None:
        whole.begin(being_made[0])
        whole.made(being_made[1])
    return whole


def length(text):
    """In samples, at the usual pace."""
    return (len(text) + 1) * CHARACTER_SAMPLES


def until(text):
    """To where the last word of a clause's beginning counts."""
    word = text.split()[-1]
    return length(text) - math.floor((1 - HEARD) * length(word))


@pytest.mark.parametrize("text", ["one", "one two", "one two three"])
def test_a_word_counts_when_three_quarters_of_it_sounded(text):
    clauses = reply((WORDS, length(WORDS)))

    assert clauses.words(until(text)) == text
    assert clauses.words(until(text) - 1) == text.rpartition(" ")[0]


@pytest.mark.parametrize("made", [0, 1, until("one two"), length(WORDS)])
def test_an_unfinished_clause_is_taken_to_be_spoken_at_the_usual_pace(made):
    clauses = reply(being_made=(WORDS, made))

    assert clauses.words(min(made, until("one two"))) == ("one two" if made > 1 else "")


def test_an_unfinished_clause_is_at_least_as_long_as_what_was_made_of_it():
    clauses = reply(being_made=(WORDS, 2 * length(WORDS)))

    assert clauses.words(length(WORDS)) == "one two"


def test_a_voice_that_speaks_slowly_is_known_by_the_clauses_before():
    before = "a" * (9 * USUAL_CHARACTERS - 1)
    clauses = reply((before, 2 * length(before)), being_made=(WORDS, 1))

    began = 2 * length(before)
    assert clauses.words(began + round(1.85 * until("one two"))) == f"{before} one"
    assert clauses.words(began + round(1.95 * until("one two"))) == f"{before} one two"


def test_nothing_was_heard_of_a_reply_that_has_not_begun():
    assert Clauses().words(0) == ""


@given(st.lists(st.tuples(texts, lengths), max_size=4), st.tuples(texts, lengths), lengths, lengths)
def test_what_was_heard_is_a_beginning_that_grows(clauses, last, played, later):
    made = reply(*clauses, being_made=last)
    text = " ".join([*(text for text, _ in clauses), last[0]])
    first, second = made.words(played), made.words(played + later)

    assert f"{text} ".startswith(f"{second} ") or not second
    assert f"{second} ".startswith(f"{first} ") or not first


@given(st.lists(st.tuples(texts, lengths), min_size=1, max_size=4))
def test_what_was_played_to_its_end_was_heard_whole(clauses):
    made = reply(*clauses)

    assert made.words(sum(samples for _, samples in clauses)) == " ".join(
        text for text, _ in clauses
    )


def test_half_of_a_chinese_clause_is_half_of_its_signs():
    made = reply(("今天天气很好。", 7000))

    assert made.words(3600) == "今天天"
    assert made.words(7000) == "今天天气很好。"


SIGNS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "spoken_signs.json").read_text(encoding="utf-8")
)["replies"]
WORD_OR_SIGN = re.compile(r"[\u4e00-\u9fff]|[^\s\u4e00-\u9fff]+")


def test_of_chinese_and_mixed_text_all_but_one_sign_is_known():
    near = []
    for reply_ in SIGNS:
        made = reply((reply_["text"], reply_["ms"] * 16))
        ends = [word.end() for word in WORD_OR_SIGN.finditer(reply_["text"])]
        for at_ms in range(0, reply_["ms"], 20):
            begun = max((place for place, ms in reply_["starts"] if ms <= at_ms), default=0)
            told = len(made.words(at_ms * 16))
            near.append(abs(sum(begun < end <= told or told < end <= begun for end in ends)) <= 1)

    assert sum(near) / len(near) > 0.9


def test_between_chinese_clauses_there_is_no_space():
    made = reply(("好的，", 1000), ("我明白了。", 2000), ("See you.", 2000), ("Bye, then.", 500))

    assert made.words(5500) == "好的，我明白了。See you. Bye, then."
