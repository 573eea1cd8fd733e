from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.speech.plain import plain_text
from mynah.speech.sentences import LONGEST_CHARACTERS, ClauseSplitter


def split(*pieces):
    splitter = ClauseSplitter()
    clauses = [clause for piece in pieces for clause in splitter.push(piece)]
    return clauses + splitter.flush()


def letters(text):
    return [letter for letter in text if letter.isalnum()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there, how are you?", ["Hello there,", "how are you?"]),
        ("Oh, I see. That is good.", ["Oh, I see. That is good."]),
        ("Yes.", ["Yes."]),
        ("", []),
        (" \n ", []),
        (
            "I was thinking about your day and it seems long. Rest now.",
            ["I was thinking about your day", "and it seems long.", "Rest now."],
        ),
        (
            "one two three four five six seven eight nine ten",
            ["one two three four five six seven eight", "nine ten"],
        ),
    ],
    ids=["comma", "short starts wait", "one word", "nothing", "white", "conjunction", "words"],
)
def test_the_first_clause_is_short(text, expected):
    assert split(text) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Then Mr. Smith and Dr. Jones met the U.S. team, e.g. the coach.",
        "It costs 3.50 dollars, or 1,000 yen today.",
        "Well... I am not sure of that.",
        "He said \u201cgo home now!\u201d",
        "J. R. R. Tolkien wrote that book.",
        "1. Open the window and breathe.",
    ],
)
def test_a_later_sentence_stays_whole(sentence):
    assert split(f"This is the start. {sentence} And this the end.") == [
        "This is the start.",
        sentence,
        "And this the end.",
    ]


def test_a_later_clause_ends_at_a_comma_only_when_it_is_long():
    long = "the river ran down from the mountains through the green valley to the sea,"

    assert split(f"This is the start. Yes, {long} and slept.") == [
        "This is the start.",
        f"Yes, {long}",
        "and slept.",
    ]


def test_lines_end_clauses():
    assert split("Here is my list:\n- milk\n- bread and butter\n") == [
        "Here is my list:",
        "milk",
        "bread and butter",
    ]


def test_chinese_needs_no_spaces():
    assert split("你好。我今天很高兴见到你、我们去散步吧。天气真好") == [
        "你好。我今天很高兴见到你、",
        "我们去散步吧。",
        "天气真好",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Really**, _yes_ and `code`", "Really, yes and code"),
        ("# Title", "Title"),
        ("good 😀👍🏽 morning ❤️ to 👨‍👩‍👧 you 🇫🇷", "good morning to you"),
        ("see [the docs](https://example.org/a/b?c=d).", "see the docs."),
        ("![a bird](bird.png)", "a bird"),
        ("go to https://www.example.org/x/y?z, please", "go to example.org, please"),
        ("bell\x07 and \x1b[31mred", "bell and 31mred"),
        ("20 °C is 68 °F", "20 °C is 68 °F"),
        ("[[h@'loU]]", "h@'loU"),
        ("snake_case stays", "snake_case stays"),
        ("- item\n---\n> quote", "item quote"),
    ],
)
def test_what_can_not_be_read_aloud_is_taken_out(text, expected):
    assert plain_text(text) == expected


def test_a_clause_is_spoken_as_soon_as_the_next_word_begins():
    splitter = ClauseSplitter()

    assert splitter.push("I am very glad.") == []
    assert splitter.push(" ") == ["I am very glad."]


texts = st.text(
    st.sampled_from("aB7 .,!?\n…-*_[]()#'\"。、我好é😀") | st.characters(), max_size=400
)


@given(st.text(st.sampled_from("aB7é .,!?\n…-#'\"。、好我"), max_size=900))
def test_no_word_is_lost(text):
    assert letters("".join(split(text))) == letters(text)


@given(st.text(st.sampled_from("aB7 .!\n-*_[]()`|:/😀\x07"), max_size=LONGEST_CHARACTERS - 1))
def test_only_what_can_not_be_read_aloud_is_lost(text):
    assert letters("".join(split(text))) == letters(plain_text(text))


@given(texts, st.data())
def test_it_does_not_matter_how_the_text_arrives(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    edges = [0, *cuts, len(text)]
    pieces = [text[start:end] for start, end in pairwise(edges)]

    assert split(*pieces) == split(text)


@given(texts)
def test_every_clause_has_something_to_say_and_is_bounded(text):
    for clause in split(text):
        assert letters(clause)
        assert len(clause) <= LONGEST_CHARACTERS


@pytest.mark.parametrize("endless", ["a", "well ", "好", "-", "a,", "😀"])
def test_nothing_is_held_without_bound(endless):
    splitter = ClauseSplitter()
    for _ in range(20):
        splitter.push(endless * 1000)

    assert len("".join(splitter.flush())) <= 2 * LONGEST_CHARACTERS
